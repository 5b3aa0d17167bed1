#pragma once
// What goes over the wire with Azure Relay Hybrid Connections: addresses, signatures and the messages of the control
// channel. Pure. Source: learn.microsoft.com/azure/azure-relay/relay-hybrid-connections-protocol; signatures:
// learn.microsoft.com/azure/azure-relay/relay-authentication-and-authorization.

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

#include "bot/base/result.hpp"
#include "bot/net/url.hpp"
#include "integrations/teams/activity_taker.hpp"
#include "integrations/teams/options.hpp"

namespace vedette::teams {

constexpr size_t kRelayText = 128 << 10;      // of a message; the service keeps header data below 32 kB
constexpr size_t kRelayInControl = 64 << 10;  // of an answer on the control channel; more goes over the rendezvous

// Addresses derived from the options, checked once.
struct RelayAddress {
  net::Url service;        // of the namespace, https (http on loopback)
  std::string connection;  // as configured, without slashes at its ends
  std::string resource;    // "http://contoso.servicebus.windows.net/name": what a signature is for
};
// Errors: invalid_input with a sentence about the setting that is wrong.
Result<RelayAddress> relay_address(const RelayOptions& options);
// wss://NAMESPACE/$hc/NAME?sb-hc-action=listen&sb-hc-id=TRACE
std::string relay_listen_url(const RelayAddress& address, std::string_view trace);

// "SharedAccessSignature sr=…&sig=…&se=…&skn=…". The key is used as it is written, although it looks like base64.
std::string shared_access_signature(std::string_view resource, std::string_view key_name, std::string_view key,
                                    std::chrono::sys_seconds until);

// The service tells where to meet it for one request. Only an address of the namespace's own service is dialled: the same
// scheme and port, a path below /$hc/, no user name, and a host that is the namespace's or lies in the domain above it
// (contoso.servicebus.windows.net: any host in servicebus.windows.net, because the service names one of its nodes). A
// namespace on an address or in a domain of fewer than three labels is met at its own host alone. Errors: forbidden.
Status check_rendezvous(const RelayAddress& address, std::string_view met_at);
// The address that turns a WebSocket of a sender away.
std::string rejection_url(std::string_view met_at, int status, std::string_view why);

struct RelayRequest {
  std::string id;
  std::string met_at;  // the rendezvous address
  // False: the request is fetched from `met_at`, and what follows is empty.
  bool here = false;
  std::string method;
  std::string target;
  std::string authorization;
  bool ambiguous = false;  // more than one Authorization header, or one that is not text
  bool body = false;       // a binary message with the body follows
};
struct RelayAccept {  // a sender wants a WebSocket
  std::string id;
  std::string met_at;
};
struct RelayOther {};  // of a kind that came later than this program
using RelayMessage = std::variant<RelayRequest, RelayAccept, RelayOther>;
// Errors: invalid_input, too_large.
Result<RelayMessage> parse_relay_message(std::string_view text);

// 0: it is for us; else the status to answer with.
int misdirected(const RelayRequest& request, std::string_view connection);

// The text message of an answer; the body, where there is one, follows as a binary message. 502 and 504, which the service
// keeps to itself, become 503; what is no status of an answer becomes 500.
std::string relay_response(std::string_view request_id, const ActivityAnswer& answer);
std::string relay_renewal(std::string_view token);

}  // namespace vedette::teams

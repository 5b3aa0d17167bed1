#pragma once
// From a geography's name to an open Socket Mode WebSocket: our token is shown to the service, SignalR negotiated, its
// redirects followed. Nothing is kept or tried again here.
//
// An activity that comes in by a socket carries no token of its own: that it is Microsoft's follows from TLS and from who
// told us the address. So every address is looked at before anything is sent there, and a redirect's as the first one's:
// - https and wss alone. Plain http and ws go to loopback, and only where the config itself names a loopback service.
// - The service is asked at a host of Microsoft's for bots: *.skype.com (botapi.skype.com and its canary),
// *.botframework.com,
//   *.teams.microsoft.com, or a host of the cloud's `trusted_hosts`.
// - SignalR is at one of those, or in Azure SignalR Service, *.service.signalr.net (learn.microsoft.com/azure/azure-signalr/
//   signalr-concept-client-negotiation), or elsewhere in Microsoft's own *.microsoft.com and *.cloud.microsoft. Anybody can
//   rent a name under service.signalr.net: what counts is that an authenticated answer of the service names it.
// The public pages do not say which hosts Socket Mode uses. A host that is refused is named in the error, and
// `trusted_hosts` takes it.

#include <memory>
#include <string>

#include "bot/net/http_client.hpp"
#include "bot/net/url.hpp"
#include "bot/net/websocket.hpp"
#include "integrations/teams/options.hpp"
#include "integrations/teams/tokens.hpp"

namespace vedette::teams {

struct OpenSocket {
  std::unique_ptr<net::WebSocket> socket;
  SteadyTime issued;                      // when the ticket was given
  std::chrono::milliseconds lifetime{0};  // of the ticket; 0: not said
};

// Each step gets `call_wait`. Errors beside those of the token source and net: unauthenticated (401 of the service; the
// token source was told), forbidden (403, or an address that is not Microsoft's), upstream (an answer that makes no sense).
// None holds a token or an address with one.
Async<OpenSocket> open_socket(net::HttpClient& http, TokenSource& tokens, const TeamsOptions& options,
                              std::string geography);

// {socket_url}{geography}/v3/websockets/connect; an empty geography leaves its part out.
std::string connect_address(const TeamsOptions& options, const std::string& geography);

enum class SocketHost { service, signalr };
// The address in its usual form, if a token may be sent there; forbidden (the message names the host) or invalid_input.
Result<std::string> accept_address(std::string_view text, SocketHost role, const TeamsOptions& options);

}  // namespace vedette::teams

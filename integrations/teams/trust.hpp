#pragma once
// Who may tell us something: the check of the token that comes with an activity. Lives as long as the app; io thread only.
//
// RS256 alone; issuer, audience, exp and nbf required; the key must be Microsoft's and endorse the activity's channel; the
// claim `serviceurl` must be the activity's (case and a trailing slash do not matter); the tenant must be allowed.
// learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication

#include <string>

#include "bot/base/async.hpp"
#include "bot/net/http_client.hpp"
#include "bot/net/url.hpp"
#include "integrations/teams/options.hpp"

namespace vedette::teams {

// What of an activity its token has to fit.
struct ClaimedOrigin {
  std::string channel;      // channelId: "msteams"
  std::string service_url;  // serviceUrl
  std::string tenant;       // channelData.tenant.id, else conversation.tenantId; empty: it names none
};

class Trust {
 public:
  virtual ~Trust() = default;
  // Errors: unauthenticated (no token, or not a good one: 401), forbidden (a good token that does not endorse this channel,
  // or a foreign tenant, or a service address that is not Microsoft's: 403), unavailable (the keys cannot be fetched and
  // none are known). The message is for our log; it never holds a token.
  virtual Async<void> check(std::string authorization, ClaimedOrigin origin, Deadline deadline) = 0;
  // The rules for what the connection itself vouches for: tenant and service address.
  virtual Status check_origin(const ClaimedOrigin& origin) const = 0;
};

// `http` and `clock` outlive it.
std::unique_ptr<Trust> make_trust(Executor executor, net::HttpClient& http, const Clock& clock, const TeamsOptions& options);

// Whether an entry of a list of hosts names this address: "smba.trafficmanager.net", "*.botframework.com" (names below it,
// not itself), "127.0.0.1", each with ":port" or without; without one the port is 443, on loopback any.
bool names_host(std::string_view entry, const net::Url& url);
// Whether our token may be sent to this address: https (plain only on loopback, where the config itself names it) and a
// host of the cloud's list.
bool is_trusted(const net::Url& url, const TeamsOptions& options);

}  // namespace vedette::teams

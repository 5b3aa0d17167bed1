#pragma once
// How an access token is asked for: with a client secret, with a certificate, or at the machine's identity service. No state
// but the credentials; io thread only.

#include <memory>
#include <string>

#include "bot/base/clock.hpp"
#include "bot/net/http.hpp"
#include "integrations/teams/options.hpp"

namespace vedette::teams {

class Grantor {
 public:
  virtual ~Grantor() = default;
  virtual Result<net::HttpRequest> request(const std::string& scope, Time now) = 0;
  // Of an answer that is no token: unauthenticated where a person has to act, unavailable or rate_limited where time will
  // do.
  virtual Error refusal(const net::HttpResponse& answer) const = 0;
};

// Reads what the credentials name. Errors: invalid_input.
Result<std::unique_ptr<Grantor>> make_grantor(const TeamsOptions& options, Time now);

}  // namespace vedette::teams

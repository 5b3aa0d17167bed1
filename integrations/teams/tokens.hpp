#pragma once
// Our own access tokens, for calls to Microsoft. Lives as long as the app; io thread only.

#include <memory>
#include <string>

#include "bot/base/async.hpp"
#include "bot/base/secret.hpp"
#include "bot/net/http_client.hpp"
#include "integrations/teams/options.hpp"

namespace vedette::teams {

class TokenSource {
 public:
  virtual ~TokenSource() = default;
  // A token for this scope ("https://api.botframework.com/.default"), from memory while it is good for at least
  // `token_early`. Callers who ask at the same moment share one request. Errors: unauthenticated (Microsoft refuses our
  // credentials: a person has to act; asked again at most every `refused_probe`), unavailable, rate_limited, timeout. While
  // Microsoft cannot be reached, a token that is still valid is given although it should have been renewed.
  virtual Async<std::string> token(std::string scope, Deadline deadline) = 0;
  // A server did not take this one (401): the next caller gets another.
  virtual void refused(const std::string& scope, const std::string& token) = 0;
};

// Client credentials (learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow) by secret or
// certificate, or the machine's managed identity. `http` and `clock` outlive it. invalid_input when the credentials cannot
// be read.
Result<std::unique_ptr<TokenSource>> make_token_source(Executor executor, net::HttpClient& http, const Clock& clock,
                                                       const TeamsOptions& options);

}  // namespace vedette::teams

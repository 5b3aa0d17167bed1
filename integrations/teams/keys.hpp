#pragma once
// The keys that sign tokens from Microsoft, kept in memory: OpenID metadata tells where they are. Lives as long as the app;
// io thread only.
//
// Fetched when first asked for, again after `key_age`, and for a key id that is not known at most every `key_floor`; one
// fetch at a time, whoever asks. While it fails, the keys that are known are used on, however old, and between two failures
// is a pause that doubles from a second to `key_floor`. Nothing is fetched from a host that is neither the metadata's own
// nor of the cloud's list.

#include <memory>
#include <string>

#include "bot/base/async.hpp"
#include "bot/net/http_client.hpp"
#include "integrations/teams/flight.hpp"
#include "integrations/teams/options.hpp"
#include "integrations/teams/token_wire.hpp"

namespace vedette::teams {

class Keys {
 public:
  // `http` and `clock` outlive it.
  Keys(Executor executor, net::HttpClient& http, const Clock& clock, const TeamsOptions& options, std::string openid_url);

  // The key with this id. Errors: not_found (Microsoft does not know it either), unavailable (the keys cannot be fetched and
  // none are known, or not in time).
  Async<SigningKeyPtr> find(std::string kid, Deadline deadline);

 private:
  using KeySet = std::shared_ptr<const SigningKeys>;
  bool may_fetch(bool unknown) const;
  Async<SigningKeys> fetch(Deadline deadline);
  Async<std::string> get(std::string url, Deadline deadline);
  Async<void> refresh(Deadline deadline);

  net::HttpClient& http_;
  const Clock& clock_;
  TeamsOptions options_;
  std::string openid_url_;
  KeySet keys_;  // null: none yet
  SteadyTime fetched_{};
  SteadyTime quiet_until_{};  // after a failure
  Duration pause_{0};
  std::string trouble_;  // of the latest fetch; empty: none
  Flight flight_;
};

}  // namespace vedette::teams

#include "integrations/teams/tokens.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "bot/base/log.hpp"
#include "integrations/teams/flight.hpp"
#include "integrations/teams/grants.hpp"
#include "integrations/teams/token_wire.hpp"

namespace vedette::teams {
namespace {

constexpr size_t kMostScopes = 16;
constexpr Duration kFirstPause = std::chrono::seconds(1);
constexpr Duration kLongestPause = std::chrono::seconds(30);

// What is held for one scope.
struct Held {
  explicit Held(const Executor& executor) : flight(executor) {}
  Secret token;  // empty: none
  SteadyTime renew_at{};
  SteadyTime ends{};
  SteadyTime quiet_until{};  // after a failure
  Duration pause{0};
  std::optional<Error> trouble;  // of the latest request
  Flight flight;
};

class CachedTokens final : public TokenSource {
 public:
  CachedTokens(Executor executor, net::HttpClient& http, const Clock& clock, const TeamsOptions& options,
               std::unique_ptr<Grantor> grantor)
      : executor_(std::move(executor)), http_(http), clock_(clock), options_(options), grantor_(std::move(grantor)) {}

  Async<std::string> token(std::string scope, Deadline deadline) override;
  void refused(const std::string& scope, const std::string& token) override;

 private:
  Async<GrantedToken> ask(std::string scope, Deadline deadline);
  Async<void> renew(std::string scope, std::shared_ptr<Held> held, Deadline deadline);
  void remember_failure(Held& held, const Error& error);

  Executor executor_;
  net::HttpClient& http_;
  const Clock& clock_;
  TeamsOptions options_;
  std::unique_ptr<Grantor> grantor_;
  std::map<std::string, std::shared_ptr<Held>> held_;
};

Async<GrantedToken> CachedTokens::ask(std::string scope, Deadline deadline) {
  auto request = grantor_->request(scope, clock_.now());
  if (!request) co_return std::move(request).error();
  auto answer = co_await http_.send(std::move(*request), deadline);
  if (!answer) {
    Error error = std::move(answer).error();
    // Asking again for a token does no harm, even when the first one was given out.
    if (error.code == Code::unknown_outcome) error = Error(Code::unavailable, error.message, true);
    co_return error;
  }
  if (answer->status != 200) co_return grantor_->refusal(*answer);
  auto granted = read_grant(answer->body, clock_.now());
  if (!granted) co_return Error(Code::unavailable, granted.error().message, true);
  co_return granted;
}

void CachedTokens::remember_failure(Held& held, const Error& error) {
  const auto now = clock_.steady_now();
  held.pause = std::min(kLongestPause, held.pause == Duration(0) ? kFirstPause : held.pause * 2);
  Duration quiet = held.pause;
  if (error.code == Code::unauthenticated) quiet = options_.refused_probe;
  if (error.retry_after) quiet = std::max<Duration>(quiet, std::min<Duration>(*error.retry_after, options_.refused_probe));
  held.quiet_until = now + quiet;
  if (!held.trouble || held.trouble->message != error.message) {
    log::warning("teams", "no access token from Microsoft: {}", error.message);
  }
  held.trouble = error;
}

Async<void> CachedTokens::renew(std::string scope, std::shared_ptr<Held> held, Deadline deadline) {
  const Flight::Lead lead(held->flight);
  const auto until = deadline.earlier_of(Deadline::after(options_.call_wait));
  auto granted = co_await ask(std::move(scope), until);
  if (!granted) {
    // One that went away or came with too little time says nothing about Microsoft: the next one asks again.
    const bool stop = co_await cancelled();
    if (stop) co_return Error(Code::cancelled, "Vedette is stopping.");
    if (!deadline.passed()) remember_failure(*held, granted.error());
    co_return std::move(granted).error();
  }
  const auto now = clock_.steady_now();
  const auto life = std::chrono::duration_cast<Duration>(granted->life);
  // A short token is used for half of its life, whatever `token_early` says.
  const Duration early = std::min<Duration>(options_.token_early, life / 2);
  held->token.renew(std::move(granted->token));
  held->ends = now + life;
  held->renew_at = held->ends - early;
  held->quiet_until = {};
  held->pause = Duration(0);
  if (held->trouble) log::info("teams", "Microsoft gives access tokens again");
  held->trouble.reset();
  co_return Status();
}

Async<std::string> CachedTokens::token(std::string scope, Deadline deadline) {
  auto& place = held_[scope];
  if (place == nullptr && held_.size() > kMostScopes) {
    held_.erase(scope);
    co_return Error(Code::internal, "Vedette asks for more kinds of tokens than it has.");
  }
  if (place == nullptr) place = std::make_shared<Held>(executor_);
  const std::shared_ptr<Held> held = place;
  while (true) {
    const auto now = clock_.steady_now();
    const bool valid = !held->token.empty() && now < held->ends;
    if (valid && now < held->renew_at) co_return held->token.reveal();
    const bool quiet = now < held->quiet_until;
    if (valid && (quiet || held->flight.busy())) co_return held->token.reveal();
    if (quiet) co_return *held->trouble;
    if (held->flight.busy()) {
      CO_TRY_VOID(held->flight.wait(deadline));
      continue;
    }
    if (deadline.passed()) co_return Error(Code::timeout, "There was no time left to ask Microsoft for a token.", true);
    auto renewed = co_await renew(scope, held, deadline);
    if (!renewed && !(valid && clock_.steady_now() < held->ends)) co_return std::move(renewed).error();
    if (!renewed) co_return held->token.reveal();
  }
}

void CachedTokens::refused(const std::string& scope, const std::string& token) {
  const auto found = held_.find(scope);
  if (found == held_.end() || found->second->token.reveal() != token) return;  // it has been renewed since
  found->second->token.renew({});
}

}  // namespace

Result<std::unique_ptr<TokenSource>> make_token_source(Executor executor, net::HttpClient& http, const Clock& clock,
                                                       const TeamsOptions& options) {
  TRY(auto grantor, make_grantor(options, clock.now()));
  return std::unique_ptr<TokenSource>(
      std::make_unique<CachedTokens>(std::move(executor), http, clock, options, std::move(grantor)));
}

}  // namespace vedette::teams

#include "integrations/teams/keys.hpp"

#include <algorithm>

#include "bot/base/log.hpp"
#include "bot/net/url.hpp"
#include "integrations/teams/trust.hpp"

namespace vedette::teams {
namespace {

constexpr size_t kLongestDocument = 1 << 20;
constexpr Duration kFirstPause = std::chrono::seconds(1);

// Where the old keys will do if need be, time is left for what comes after.
Deadline half_of(Deadline deadline) {
  const std::chrono::milliseconds most = std::chrono::seconds(5);
  return Deadline::after(std::min(most, deadline.left() / 2));
}

}  // namespace

Keys::Keys(Executor executor, net::HttpClient& http, const Clock& clock, const TeamsOptions& options, std::string openid_url)
    : http_(http), clock_(clock), options_(options), openid_url_(std::move(openid_url)), flight_(std::move(executor)) {}

bool Keys::may_fetch(bool unknown) const {
  const auto now = clock_.steady_now();
  if (now < quiet_until_) return false;
  if (keys_ == nullptr || now - fetched_ >= options_.key_age) return true;
  return unknown && now - fetched_ >= options_.key_floor;
}

Async<std::string> Keys::get(std::string url, Deadline deadline) {
  net::HttpRequest request("GET", url);
  request.headers.set("Accept", "application/json");
  CO_TRY(auto answer, http_.send(std::move(request), deadline));
  auto good = net::require_success(std::move(answer), "the request for Microsoft's signing keys");
  if (!good) co_return std::move(good).error();
  if (good->body.size() > kLongestDocument) co_return Error(Code::too_large, "The document with signing keys is too long.");
  co_return std::move(good->body);
}

Async<SigningKeys> Keys::fetch(Deadline deadline) {
  CO_TRY(const std::string metadata, get(openid_url_, deadline));
  const auto address = read_keys_address(metadata);
  if (!address) co_return address.error();
  const auto home = net::parse_url(openid_url_);
  const auto url = net::parse_url(*address);
  const bool at_home = home && url && url->scheme == home->scheme && url->host == home->host && url->port == home->port;
  if (!url || (!at_home && !is_trusted(*url, options_))) {
    co_return Error(Code::upstream, "The OpenID metadata sends us to a host that is not Microsoft's for the keys.");
  }
  CO_TRY(const std::string document, get(url->text(), deadline));
  co_return read_keys(document);
}

Async<void> Keys::refresh(Deadline deadline) {
  const Flight::Lead lead(flight_);
  const auto until = deadline.earlier_of(Deadline::after(options_.call_wait));
  auto fetched = co_await fetch(until);
  const auto now = clock_.steady_now();
  if (fetched) {
    keys_ = std::make_shared<const SigningKeys>(std::move(*fetched));
    fetched_ = now;
    quiet_until_ = {};
    pause_ = Duration(0);
    if (!trouble_.empty()) log::info("teams", "Microsoft's signing keys are fetched again");
    trouble_.clear();
    co_return Status();
  }
  const Error error = std::move(fetched).error();
  // One that went away says nothing about Microsoft: the next one asks again.
  const bool stop = co_await cancelled();
  if (stop) co_return Error(Code::cancelled, "Vedette is stopping.");
  const Duration most = std::max<Duration>(options_.key_floor, std::chrono::milliseconds(1));
  pause_ = std::min(most, pause_ == Duration(0) ? kFirstPause : pause_ * 2);
  quiet_until_ = now + pause_;
  if (trouble_ != error.message) {
    trouble_ = error.message;
    log::warning("teams", "Microsoft's signing keys cannot be fetched{}: {}",
                 keys_ ? ", those that are known are used on" : "", trouble_);
  }
  co_return error;
}

Async<std::shared_ptr<const SigningKey>> Keys::find(std::string kid, Deadline deadline) {
  bool asked = false;  // by us, now: what is still unknown then is unknown to Microsoft
  while (true) {
    const KeySet keys = keys_;
    std::shared_ptr<const SigningKey> known;
    if (keys) {
      const auto found = keys->find(kid);
      if (found != keys->end()) known = std::shared_ptr<const SigningKey>(keys, &found->second);
    }
    if (flight_.busy()) {
      if (known != nullptr) co_return known;
      auto waited = co_await flight_.wait(deadline);
      if (!waited) co_return Error(Code::unavailable, "Microsoft's signing keys were not there in time.", true);
      continue;
    }
    if (asked || !may_fetch(known == nullptr)) {
      if (known != nullptr) co_return known;
      if (keys) co_return Error(Code::not_found, "The token is signed with a key that Microsoft does not publish.");
      co_return Error(Code::unavailable, "Microsoft's signing keys cannot be fetched: " + trouble_, true);
    }
    asked = true;
    const auto until = known != nullptr ? half_of(deadline) : deadline;
    auto refreshed = co_await refresh(until);
    if (!refreshed && known == nullptr && refreshed.error().code == Code::cancelled) co_return std::move(refreshed).error();
  }
}

}  // namespace vedette::teams

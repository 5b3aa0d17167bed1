// Rate limits of the fake Slack (docs.slack.dev/apis/web-api/rate-limits): per method, told by 429 with Retry-After; and the
// dead connections that Slack takes for living ones.

#include <cmath>

#include "tests/fakes/fake_slack.hpp"

namespace vedette::test {
namespace {
// What was on its way when the first 429 was answered is nobody's impatience.
constexpr auto kOnItsWay = std::chrono::milliseconds(100);
}  // namespace

net::HttpResponse FakeSlack::too_many(const std::string& method, int retry_after) {
  const auto now = std::chrono::steady_clock::now();
  const auto [held, first] = held_.try_emplace(method);
  if (first || held->second.until <= now) held->second.told = now;
  held->second.until = now + std::chrono::seconds(retry_after);
  net::HttpResponse response(429, "application/json; charset=utf-8", R"({"ok":false,"error":"ratelimited"})");
  response.headers.set("Retry-After", std::to_string(retry_after));
  return response;
}

// Counts the call; where it is one too many, the seconds to wait.
std::optional<int> FakeSlack::over_limit(const std::string& method) {
  const auto now = std::chrono::steady_clock::now();
  const auto held = held_.find(method);
  if (held != held_.end() && now >= held->second.told + kOnItsWay && now < held->second.until) ++impatient_;
  const auto found = rates_.find(method);
  if (found == rates_.end()) return std::nullopt;
  auto& [calls, window, taken] = found->second;
  while (!taken.empty() && now - taken.front() >= window) taken.pop_front();
  if (taken.size() < static_cast<size_t>(calls)) {
    taken.push_back(now);
    return std::nullopt;
  }
  const std::chrono::duration<double> left = taken.front() + window - now;
  return std::max(1, static_cast<int>(std::ceil(left.count())));
}

bool FakeSlack::taken_by_ghost() {
  if (!ghosts_swallow_ || ghosts_ <= 0) return false;
  std::uniform_int_distribution<size_t> any(1, socket_ids().size() + static_cast<size_t>(ghosts_));
  return any(random_) <= static_cast<size_t>(ghosts_);
}

}  // namespace vedette::test

#include "integrations/teams/rate_budget.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "bot/base/crypto.hpp"

namespace vedette::teams {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Window {
  size_t calls;
  seconds length;
};
constexpr std::array kPosts = {Window{7, seconds(1)}, Window{8, seconds(2)}, Window{60, seconds(30)},
                               Window{1800, seconds(3600)}};
constexpr std::array kLookUps = {Window{14, seconds(1)}, Window{16, seconds(2)}, Window{120, seconds(30)},
                                 Window{3600, seconds(3600)}};
constexpr std::array kTenant = {Window{50, seconds(1)}};
// Calls that left with a window between them may arrive a little closer together.
constexpr milliseconds kSlack(100);
constexpr seconds kFirstWait(1);
constexpr seconds kLongestWait(30);
constexpr seconds kMemory(3600);

// How long until one more call fits into every window. `calls` is in order.
milliseconds wait_for(const std::deque<SteadyTime>& calls, std::span<const Window> windows, SteadyTime now) {
  SteadyTime free = now;
  for (const Window& window : windows) {
    if (calls.size() < window.calls) continue;
    free = std::max(free, calls[calls.size() - window.calls] + window.length + kSlack);
  }
  return std::chrono::ceil<milliseconds>(free - now);
}

void note(std::deque<SteadyTime>& calls, std::span<const Window> windows, SteadyTime now) {
  calls.push_back(now);
  if (calls.size() > windows.back().calls) calls.pop_front();
}

// Somewhere between the wait and five quarters of it.
milliseconds jittered(milliseconds wait) {
  const auto byte = static_cast<unsigned char>(crypto::random_bytes(1)[0]);
  return wait + wait * byte / 1024;
}

}  // namespace

milliseconds RateBudget::take(const std::string& tenant, const std::string& conversation, Call call, bool windows) {
  const auto now = clock_.steady_now();
  forget_old(now);
  if (const auto known = conversations_.find(conversation); known != conversations_.end()) {
    if (known->second.not_before > now) return std::chrono::ceil<milliseconds>(known->second.not_before - now);
  }
  if (!windows) return milliseconds(0);
  auto& all = tenants_[tenant];
  Conversation& there = conversations_[conversation];
  milliseconds wait = wait_for(all, kTenant, now);
  if (call == Call::post) wait = std::max(wait, wait_for(there.posts, kPosts, now));
  if (call == Call::look_up) wait = std::max(wait, wait_for(there.look_ups, kLookUps, now));
  if (wait.count() > 0) return wait;
  note(all, kTenant, now);
  if (call == Call::post) note(there.posts, kPosts, now);
  if (call == Call::look_up) note(there.look_ups, kLookUps, now);
  there.used = now;
  return milliseconds(0);
}

milliseconds RateBudget::hold_back(const std::string& conversation, std::optional<milliseconds> told) {
  const auto now = clock_.steady_now();
  Conversation& there = conversations_[conversation];
  const int doublings = std::min(there.refusals, 5);
  ++there.refusals;
  const milliseconds own = std::min<milliseconds>(kFirstWait * (1 << doublings), kLongestWait);
  const milliseconds wait = jittered(told.value_or(own));
  there.not_before = std::max(there.not_before, now + wait);
  there.used = now;
  return wait;
}

void RateBudget::succeeded(const std::string& conversation) {
  if (const auto known = conversations_.find(conversation); known != conversations_.end()) known->second.refusals = 0;
}

void RateBudget::forget_old(SteadyTime now) {
  if (size() < tidy_at_) return;
  std::erase_if(conversations_,
                [&](const auto& entry) { return entry.second.used + kMemory < now && entry.second.not_before < now; });
  std::erase_if(tenants_, [&](const auto& entry) { return entry.second.empty() || entry.second.back() + kMemory < now; });
  tidy_at_ = std::max<size_t>(256, 2 * size());
}

}  // namespace vedette::teams

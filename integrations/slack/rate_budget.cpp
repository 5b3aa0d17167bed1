#include "integrations/slack/rate_budget.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace vedette::slack {
namespace {

struct Tier {
  std::string_view method;
  int per_minute;
};

// From the method pages of docs.slack.dev/reference/methods. chat.postMessage has no tier: about one a second into a
// channel, which Delivery keeps, and "several hundred" a minute into a workspace.
constexpr std::array kTiers = {
    Tier{"chat.postMessage", 240},     Tier{"chat.update", 50},           Tier{"chat.startStream", 20},
    Tier{"chat.stopStream", 20},       Tier{"chat.appendStream", 100},    Tier{"conversations.history", 50},
    Tier{"conversations.replies", 50}, Tier{"usergroups.users.list", 20}, Tier{"views.publish", 100},
};

// Half a minute's calls may be made at once, so that no minute sees more than one and a half times the tier.
double most(int per_minute) { return per_minute / 2.0; }

}  // namespace

std::chrono::milliseconds RateBudget::take(const std::string& method) {
  const auto* tier = std::find_if(kTiers.begin(), kTiers.end(), [&](const Tier& item) { return item.method == method; });
  if (!tiers_) tier = kTiers.end();
  auto found = states_.find(method);
  if (found == states_.end() && tier == kTiers.end()) return std::chrono::milliseconds(0);
  const auto now = clock_.steady_now();
  if (found == states_.end()) found = states_.emplace(method, State{most(tier->per_minute), now, now}).first;
  State& state = found->second;
  if (state.not_before > now) return std::chrono::ceil<std::chrono::milliseconds>(state.not_before - now);
  if (tier == kTiers.end()) {
    states_.erase(found);
    return std::chrono::milliseconds(0);
  }
  const double per_second = tier->per_minute / 60.0;
  const double passed = std::chrono::duration<double>(now - state.counted).count();
  state.calls = std::min(most(tier->per_minute), state.calls + passed * per_second);
  state.counted = now;
  if (state.calls >= 1) {
    state.calls -= 1;
    return std::chrono::milliseconds(0);
  }
  return std::chrono::milliseconds(static_cast<int64_t>(std::ceil((1 - state.calls) / per_second * 1000)));
}

void RateBudget::hold_back(const std::string& method, std::chrono::milliseconds wait) {
  const auto now = clock_.steady_now();
  State& state = states_.try_emplace(method, State{0, now, now}).first->second;
  state.not_before = std::max(state.not_before, now + std::chrono::duration_cast<SteadyTime::duration>(wait));
}

}  // namespace vedette::slack

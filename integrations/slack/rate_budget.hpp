#pragma once
// How often each method of the Web API may be called: the tiers, which Slack documents per method and workspace
// (docs.slack.dev/apis/web-api/rate-limits), and what a 429 answer said. Nothing here waits: it tells how long to.
//
// Only methods that work in the background calls by the dozen have a tier here. What a person waits for (views.open,
// users.info) is always tried: Slack's tiers are what it grants at least, and its own 429 is the last word.
// Used on the io thread only; `clock` outlives it.

#include <chrono>
#include <map>
#include <string>

#include "bot/base/clock.hpp"

namespace vedette::slack {

class RateBudget {
 public:
  // Without tiers only hold_back() counts: emulators have none.
  RateBudget(const Clock& clock, bool tiers) : clock_(clock), tiers_(tiers) {}

  // Zero: call now, it is counted. Else: how long to wait before asking again.
  std::chrono::milliseconds take(const std::string& method);
  // Slack said so: not before this time has passed.
  void hold_back(const std::string& method, std::chrono::milliseconds wait);

 private:
  struct State {
    double calls = 0;  // that may be made at `counted`
    SteadyTime counted;
    SteadyTime not_before;
  };
  const Clock& clock_;
  bool tiers_;
  std::map<std::string, State> states_;
};

}  // namespace vedette::slack

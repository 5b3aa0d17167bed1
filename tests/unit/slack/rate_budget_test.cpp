// The tiers of Slack's methods, on a clock that stands still until it is moved.

#include "integrations/slack/rate_budget.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace vedette::slack {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Calls as long as it may, for so long; answers how many calls that were.
int calls_within(RateBudget& budget, test::FakeClock& clock, const std::string& method, seconds time) {
  int calls = 0;
  for (milliseconds passed{0}; passed < time;) {
    const auto wait = budget.take(method);
    if (wait.count() == 0) {
      ++calls;
      continue;
    }
    clock.advance(wait);
    passed += wait;
  }
  return calls;
}

TEST(SlackRateBudget, a_minute_never_sees_more_than_one_and_a_half_times_the_tier) {
  for (const auto& [method, tier] : std::vector<std::pair<std::string, int>>{
           {"chat.update", 50}, {"conversations.replies", 50}, {"usergroups.users.list", 20}, {"chat.postMessage", 240}}) {
    test::FakeClock clock;
    RateBudget budget(clock, true);
    const int first = calls_within(budget, clock, method, seconds(60));
    EXPECT_LE(first, tier * 3 / 2 + 1) << method;
    EXPECT_GE(first, tier) << method;
    EXPECT_NEAR(calls_within(budget, clock, method, seconds(60)), tier, 2) << method << ": and then the tier";
  }
}

TEST(SlackRateBudget, methods_have_budgets_of_their_own) {
  test::FakeClock clock;
  RateBudget budget(clock, true);
  while (budget.take("chat.update").count() == 0) {
  }
  EXPECT_EQ(budget.take("chat.postMessage").count(), 0);
  EXPECT_EQ(budget.take("views.open").count(), 0);
}

TEST(SlackRateBudget, what_a_person_waits_for_is_always_tried) {
  test::FakeClock clock;
  RateBudget budget(clock, true);
  for (int call = 0; call < 1000; ++call) ASSERT_EQ(budget.take("views.open").count(), 0);
}

TEST(SlackRateBudget, slacks_own_word_holds_every_method_back) {
  for (const bool tiers : {true, false}) {
    test::FakeClock clock;
    RateBudget budget(clock, tiers);
    for (const char* method : {"chat.update", "views.open"}) {
      budget.hold_back(method, seconds(30));
      budget.hold_back(method, seconds(5));  // does not shorten it
      clock.advance(seconds(10));
      EXPECT_EQ(budget.take(method), seconds(20)) << method;
      clock.advance(seconds(20));
      EXPECT_EQ(budget.take(method).count(), 0) << method;
      EXPECT_EQ(budget.take(method).count(), 0) << method << ": waiting has refilled it";
    }
  }
}

TEST(SlackRateBudget, emulators_have_no_tiers) {
  test::FakeClock clock;
  RateBudget budget(clock, false);
  for (int call = 0; call < 1000; ++call) ASSERT_EQ(budget.take("chat.update").count(), 0);
}

}  // namespace
}  // namespace vedette::slack

#include "integrations/teams/rate_budget.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace vedette::teams {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeClock;

// How many calls are let through now.
int burst(RateBudget& budget, const std::string& conversation, Call call, const std::string& tenant = "t") {
  int calls = 0;
  while (calls < 10'000 && budget.take(tenant, conversation, call, true).count() == 0) ++calls;
  return calls;
}

TEST(TeamsRateBudget, keeps_the_windows_of_a_conversation) {
  FakeClock clock;
  RateBudget budget(clock);
  EXPECT_EQ(burst(budget, "19:a", Call::post), 7);
  const auto wait = budget.take("t", "19:a", Call::post, true);
  EXPECT_GE(wait, seconds(1));
  EXPECT_LE(wait, milliseconds(1200));
  EXPECT_EQ(burst(budget, "19:b", Call::post), 7) << "another conversation has windows of its own";
  clock.advance(wait);
  EXPECT_EQ(burst(budget, "19:a", Call::post), 1) << "eight in two seconds";
  clock.advance(seconds(3));
  EXPECT_EQ(burst(budget, "19:a", Call::post), 7);
}

TEST(TeamsRateBudget, keeps_the_long_windows_too) {
  FakeClock clock;
  RateBudget budget(clock);
  int posts = 0;
  int in_half_a_minute = 0;
  for (int tick = 0; tick < 3600 * 2; ++tick) {
    posts += budget.take("t", "19:a", Call::post, true).count() == 0 ? 1 : 0;
    if (tick == 59) in_half_a_minute = posts;
    clock.advance(milliseconds(500));
  }
  EXPECT_EQ(in_half_a_minute, 60);
  EXPECT_EQ(posts, 1800);
}

TEST(TeamsRateBudget, asks_for_members_more_often_and_counts_edits_for_the_tenant_alone) {
  FakeClock clock;
  RateBudget budget(clock);
  EXPECT_EQ(burst(budget, "19:a", Call::look_up), 14);
  EXPECT_EQ(burst(budget, "19:a", Call::post), 7) << "looking up takes nothing from posting";
  EXPECT_EQ(burst(budget, "19:a", Call::edit), 50 - 21);
  EXPECT_EQ(burst(budget, "19:b", Call::post), 0) << "the tenant's 50 are used up";
  EXPECT_EQ(burst(budget, "19:b", Call::post, "another"), 7);
  clock.advance(milliseconds(1100));
  EXPECT_EQ(burst(budget, "19:b", Call::edit), 50);
}

TEST(TeamsRateBudget, keeps_no_windows_where_there_are_none) {
  FakeClock clock;
  RateBudget budget(clock);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(budget.take("t", "19:a", Call::post, false).count(), 0);
  (void)budget.hold_back("19:a", seconds(5));
  EXPECT_GE(budget.take("t", "19:a", Call::post, false), seconds(5)) << "what an answer told holds everywhere";
}

TEST(TeamsRateBudget, holds_back_as_told_and_a_little) {
  FakeClock clock;
  RateBudget budget(clock);
  for (int i = 0; i < 100; ++i) {
    const auto wait = budget.hold_back("19:x" + std::to_string(i), seconds(8));
    EXPECT_GE(wait, seconds(8));
    EXPECT_LE(wait, seconds(10));
  }
  const auto wait = budget.hold_back("19:a", seconds(8));
  EXPECT_EQ(budget.take("t", "19:a", Call::edit, true), wait) << "edits wait too";
  EXPECT_EQ(budget.take("t", "19:b", Call::edit, true).count(), 0);
  clock.advance(wait);
  EXPECT_EQ(budget.take("t", "19:a", Call::edit, true).count(), 0);
}

TEST(TeamsRateBudget, waits_longer_the_more_often_it_is_refused) {
  FakeClock clock;
  RateBudget budget(clock);
  for (const int expected : {1, 2, 4, 8, 16, 30, 30}) {
    const auto wait = budget.hold_back("19:a", std::nullopt);
    EXPECT_GE(wait, seconds(expected));
    EXPECT_LE(wait, milliseconds(expected * 1250));
    clock.advance(wait);
  }
  budget.succeeded("19:a");
  EXPECT_LE(budget.hold_back("19:a", std::nullopt), milliseconds(1250)) << "from the beginning after a success";
}

TEST(TeamsRateBudget, comes_back_at_different_times) {
  FakeClock clock;
  RateBudget budget(clock);
  const auto first = budget.hold_back("19:0", seconds(30));
  int other = 0;
  for (int i = 1; i < 50; ++i) other += budget.hold_back("19:" + std::to_string(i), seconds(30)) != first ? 1 : 0;
  EXPECT_GT(other, 30);
}

TEST(TeamsRateBudget, forgets_conversations_nobody_speaks_in) {
  FakeClock clock;
  RateBudget budget(clock);
  for (int i = 0; i < 5000; ++i) {
    (void)budget.take("t" + std::to_string(i % 200), "19:" + std::to_string(i), Call::post, true);
    clock.advance(seconds(20));
  }
  EXPECT_LT(budget.size(), 1000u);
}

}  // namespace
}  // namespace vedette::teams

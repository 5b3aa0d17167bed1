// The short form of the kill campaign in tests/slow/path, for every run.

#include <gtest/gtest.h>

#include "tests/fakes/kill_campaign.hpp"
#include "tests/support/async_test.hpp"

namespace vedette::test {
namespace {

Job short_campaign(Executor io) {
  CampaignPlan plan;
  plan.kills = 12;
  plan.alerts = 40;
  plan.quiet = std::chrono::milliseconds(1500);
  return kill_campaign(io, plan);
}

TEST(KillCampaign, a_dozen_kills_lose_nothing_and_repeat_nothing) { run_async(short_campaign, std::chrono::minutes(3)); }

}  // namespace
}  // namespace vedette::test

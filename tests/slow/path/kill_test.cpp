// The long kill campaign; tests/e2e/path has a short one. VEDETTE_KILLS changes the number of kills (200), VEDETTE_SEED the
// moments, VEDETTE_ALERTS the number of alerts (300) spread over them. 1,000 kills are for docs/performance.md.

#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/fakes/kill_campaign.hpp"
#include "tests/support/async_test.hpp"

namespace vedette::test {
namespace {

int number_from(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::atoi(text);
}

Job long_campaign(Executor io) {
  CampaignPlan plan;
  plan.kills = number_from("VEDETTE_KILLS", plan.kills);
  plan.alerts = number_from("VEDETTE_ALERTS", plan.alerts);
  plan.seed = static_cast<uint32_t>(number_from("VEDETTE_SEED", 1));
  return kill_campaign(io, plan);
}

TEST(KillCampaign, nothing_is_lost_and_nothing_comes_twice) { run_async(long_campaign, std::chrono::minutes(40)); }

}  // namespace
}  // namespace vedette::test

// The long kill campaign, each way in; tests/e2e/teams has a short one. VEDETTE_KILLS changes the number of kills (100 a
// way), VEDETTE_SEED the moments.

#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/fakes/teams_campaign.hpp"
#include "tests/support/async_test.hpp"

namespace vedette::test {
namespace {

int number_from(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::atoi(text);
}

Job long_campaign(Executor io, teams::Way way) {
  TeamsCampaignPlan plan;
  plan.way = way;
  plan.kills = number_from("VEDETTE_KILLS", plan.kills);
  plan.seed = static_cast<uint32_t>(number_from("VEDETTE_SEED", 1));
  return teams_campaign(io, plan);
}

class TeamsKills : public testing::TestWithParam<teams::Way> {};
TEST_P(TeamsKills, lose_nothing_and_repeat_nothing_unmarked) {
  run_async([](Executor io) { return long_campaign(io, GetParam()); }, std::chrono::minutes(20));
}
INSTANTIATE_TEST_SUITE_P(Ways, TeamsKills, testing::Values(teams::Way::https, teams::Way::relay, teams::Way::socket));

}  // namespace
}  // namespace vedette::test

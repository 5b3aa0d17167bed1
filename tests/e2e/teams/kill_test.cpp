// The short form of the kill campaign in tests/slow/teams, for every run and each way in.

#include <gtest/gtest.h>

#include "tests/fakes/teams_campaign.hpp"
#include "tests/support/async_test.hpp"

namespace vedette::test {
namespace {

Job short_campaign(Executor io, teams::Way way) {
  TeamsCampaignPlan plan;
  plan.way = way;
  plan.kills = 6;
  return teams_campaign(io, plan);
}

TEST(TeamsKillCampaign, nothing_is_lost_by_https) {
  run_async([](Executor io) { return short_campaign(io, teams::Way::https); }, std::chrono::minutes(3));
}
TEST(TeamsKillCampaign, nothing_is_lost_by_relay) {
  run_async([](Executor io) { return short_campaign(io, teams::Way::relay); }, std::chrono::minutes(3));
}
TEST(TeamsKillCampaign, nothing_is_lost_by_socket) {
  run_async([](Executor io) { return short_campaign(io, teams::Way::socket); }, std::chrono::minutes(3));
}

}  // namespace
}  // namespace vedette::test

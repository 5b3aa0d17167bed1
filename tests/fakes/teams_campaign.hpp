#pragma once
// Vedette is killed at random moments while alerts come in and people speak to it in Teams, by whichever way in. Whatever
// was answered 200 must have been done, once; every message that Vedette meant to post must stand in Teams; and where one
// stands there twice, because Teams' answer to the first was lost, the second says so. Run by a short test and by a long
// one.

#include <chrono>
#include <cstdint>

#include "bot/base/async.hpp"
#include "integrations/teams/options.hpp"

namespace vedette::test {

struct TeamsCampaignPlan {
  teams::Way way = teams::Way::https;
  int kills = 100;
  uint32_t seed = 1;  // of the moments
  std::chrono::milliseconds longest_life{400};
};

// Fails the running test where anything was lost, done twice or posted twice unmarked. Prints the counts.
Job teams_campaign(Executor io, TeamsCampaignPlan plan);

}  // namespace vedette::test

#pragma once
// Vedette is killed at random moments while alerts come in, people speak to it and messages go out. Whatever was accepted
// must have a case with a verdict, what people asked for must have been done once, and each message that Vedette meant to
// post must stand in Slack exactly once. Run by a short test and by a long one.

#include <chrono>
#include <cstdint>

#include "bot/base/async.hpp"

namespace vedette::test {

struct CampaignPlan {
  int kills = 200;
  int alerts = 300;
  uint32_t seed = 1;  // of the moments
  std::chrono::milliseconds longest_life{350};
  std::chrono::milliseconds quiet{5000};  // Slack hears nothing new for so long: it is over
};

// Fails the running test where anything was lost or came twice, or where too few kills fell while alerts came in. Prints the
// counts.
Job kill_campaign(Executor io, CampaignPlan plan);

}  // namespace vedette::test

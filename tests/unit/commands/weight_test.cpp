// Slack checks a person anew before a decision; it must know every word that decides.

#include <gtest/gtest.h>

#include "commands/registry.hpp"
#include "integrations/slack/people.hpp"

namespace vedette::commands {
namespace {

TEST(Weight, every_name_of_a_deciding_command_decides) {
  size_t deciding = 0;
  for (const auto& spec : all_commands()) {
    if (spec.effect != Effect::decides_action) continue;
    ++deciding;
    EXPECT_EQ(slack::weight_of(std::string(spec.name) + " R-9"), slack::Weight::decide) << spec.name;
    for (const auto alias : spec.aliases)
      EXPECT_EQ(slack::weight_of(std::string(alias) + " R-9"), slack::Weight::decide) << alias;
  }
  EXPECT_GE(deciding, 3u);
}

}  // namespace
}  // namespace vedette::commands

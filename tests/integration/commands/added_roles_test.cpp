// Roles that a platform adds to a person for one command, such as those of a user group.

#include "tests/integration/commands/company.hpp"

namespace vedette::test {
namespace {

boost::asio::awaitable<commands::AddedRoles> added_roles(bool member, std::string doubt) {
  commands::AddedRoles added;
  if (member) added.roles.push_back("approver");
  added.doubt = std::move(doubt);
  co_return added;
}

ASYNC_TEST(Commands, roles_that_the_platform_adds_count_for_this_command_and_no_other) {
  Company company(io);
  CO_ASSERT_OK(co_await company.investigated_case());
  CO_ASSERT_OK(co_await company.press("ben", "request R-1"));
  const std::string platform = company.person("ann")->identities.front().platform;
  bool member = false;
  std::string doubt = "Slack did not tell me who is in the group.";
  std::vector<commands::Effect> asked;
  company.runner->add_roles_of(platform, [&](Identity, commands::Effect effect) {
    asked.push_back(effect);
    return added_roles(member, doubt);
  });
  auto reply = co_await company.say("ann", "approve R-1");
  EXPECT_SAYS(reply, "Slack did not tell me who is in the group.");
  EXPECT_SAYS(reply, "takes the role");
  member = true;
  doubt.clear();
  CO_ASSERT_OK(co_await company.say("ann", "approve R-1"));
  auto action = co_await company.store->actions().get(ActionId(1));
  CO_ASSERT_OK(action);
  CO_ASSERT_TRUE(action->votes.size() == 1u);
  EXPECT_EQ(action->votes[0].person, "ann");
  EXPECT_EQ(asked.back(), commands::Effect::decides_action);
  EXPECT_FALSE(company.person("ann")->has_role("approver")) << "the directory is as it was";
}

}  // namespace
}  // namespace vedette::test

// User groups as roles: asked at the right moments, and granting nothing that Slack did not say.

#include "integrations/slack/groups.hpp"

#include <gtest/gtest.h>

#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/unit/slack/scripted_http.hpp"

namespace vedette::slack {
namespace {

using Roles = std::vector<std::string>;

SlackOptions with_groups() {
  SlackOptions result = options();
  result.groups = {{"S1", {"approver"}}};
  return result;
}

constexpr const char* kMembers = R"({"ok":true,"users":["U7","U8"]})";
constexpr const char* kNobody = R"({"ok":true,"users":[]})";

struct GroupWorld {
  explicit GroupWorld(Executor io) : api(http, clock, with_groups()), groups(io, api, clock, with_groups()) {}
  Scripted http;
  test::FakeClock clock;
  WebApi api;
  Groups groups;
};

ASYNC_TEST(SlackGroups, members_have_the_roles_and_nobody_else) {
  GroupWorld world(io);
  world.http.json(kMembers);
  auto roles = co_await world.groups.roles_of("U7", false, soon());
  EXPECT_EQ(roles.roles, Roles{"approver"});
  EXPECT_EQ(roles.doubt, "");
  roles = co_await world.groups.roles_of("U9", false, soon());
  EXPECT_TRUE(roles.roles.empty());
  CO_ASSERT_TRUE(world.http.requests.size() == 1u);
  EXPECT_TRUE(world.http.requests[0].target.ends_with("usergroups.users.list"));
  EXPECT_EQ(world.http.requests[0].body, "usergroup=S1");
}

ASYNC_TEST(SlackGroups, looking_uses_what_was_asked_minutes_ago_and_deciding_does_not) {
  GroupWorld world(io);
  world.http.json(kMembers);
  auto roles = co_await world.groups.roles_of("U7", true, soon());
  EXPECT_EQ(roles.roles.size(), 1u);
  world.clock.advance(std::chrono::seconds(4));  // the second press of a button, not the second call
  roles = co_await world.groups.roles_of("U7", true, soon());
  EXPECT_EQ(world.http.requests.size(), 1u);
  world.clock.advance(std::chrono::seconds(56));
  roles = co_await world.groups.roles_of("U7", false, soon());
  EXPECT_EQ(roles.roles.size(), 1u);
  EXPECT_EQ(world.http.requests.size(), 1u);
  world.http.json(kNobody);
  roles = co_await world.groups.roles_of("U7", true, soon());
  EXPECT_TRUE(roles.roles.empty()) << "taken out of the group a moment ago";
  EXPECT_EQ(roles.doubt, "");
}

ASYNC_TEST(SlackGroups, a_group_that_slack_does_not_tell_about_grants_nothing_and_says_so) {
  GroupWorld world(io);
  world.http.json(kMembers);
  auto roles = co_await world.groups.roles_of("U7", true, soon());
  EXPECT_EQ(roles.roles.size(), 1u);
  world.clock.advance(std::chrono::seconds(6));
  for (const char* answer : {R"({"ok":false,"error":"no_such_subteam"})", R"({"ok":true})", "nonsense"}) {
    world.http.json(answer);
    roles = co_await world.groups.roles_of("U7", true, soon());
    EXPECT_TRUE(roles.roles.empty()) << answer;
    EXPECT_NE(roles.doubt.find("user group S1"), std::string::npos) << answer;
  }
  world.http.error(Code::unavailable);
  roles = co_await world.groups.roles_of("U7", true, soon());
  EXPECT_TRUE(roles.roles.empty());
  roles = co_await world.groups.roles_of("U7", false, soon());
  EXPECT_EQ(roles.roles.size(), 1u) << "for looking, what Slack said seconds ago will do";
  world.clock.advance(std::chrono::minutes(6));
  world.http.error(Code::unavailable);
  roles = co_await world.groups.roles_of("U7", false, soon());
  EXPECT_TRUE(roles.roles.empty());
  EXPECT_NE(roles.doubt, "");
}

}  // namespace
}  // namespace vedette::slack

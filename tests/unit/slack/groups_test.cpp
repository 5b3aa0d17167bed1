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
    world.clock.advance(std::chrono::seconds(4));
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

ASYNC_TEST(SlackGroups, after_a_failed_call_nothing_is_asked_for_a_moment) {
  GroupWorld world(io);
  world.http.error(Code::unavailable);
  for (int press = 0; press < 3; ++press) {
    const auto roles = co_await world.groups.roles_of("U7", true, soon());
    EXPECT_NE(roles.doubt, "");
  }
  EXPECT_EQ(world.http.requests.size(), 1u);
  world.clock.advance(std::chrono::seconds(4));
  world.http.json(kMembers);
  const auto roles = co_await world.groups.roles_of("U7", true, soon());
  EXPECT_EQ(roles.roles.size(), 1u);
}

ASYNC_TEST(SlackGroups, while_slack_asks_to_wait_what_it_said_within_a_minute_decides) {
  GroupWorld world(io);
  world.http.json(kMembers);
  auto roles = co_await world.groups.roles_of("U7", true, soon());
  world.clock.advance(std::chrono::seconds(30));
  world.http.json(R"({"ok":false,"error":"ratelimited"})");
  roles = co_await world.groups.roles_of("U7", true, soon());
  EXPECT_EQ(roles.roles.size(), 1u) << "a busy incident must not take the approvers' roles away";
  EXPECT_EQ(roles.doubt, "");
  roles = co_await world.groups.roles_of("U9", true, soon());
  EXPECT_TRUE(roles.roles.empty());
  EXPECT_NE(roles.doubt.find("within the last minute"), std::string::npos) << "they may have joined it a moment ago";
  world.clock.advance(std::chrono::seconds(29));
  roles = co_await world.groups.roles_of("U7", true, soon());
  EXPECT_EQ(roles.roles.size(), 1u);
  world.clock.advance(std::chrono::seconds(10));
  world.http.json(R"({"ok":false,"error":"ratelimited"})");
  roles = co_await world.groups.roles_of("U7", true, soon());
  EXPECT_TRUE(roles.roles.empty()) << "more than a minute old";
  world.clock.advance(std::chrono::seconds(31));
  world.http.error(Code::unavailable);
  roles = co_await world.groups.roles_of("U7", true, soon());
  EXPECT_TRUE(roles.roles.empty());
}

// Breaks off once, as a bug of ours would.
class ThrowingHttp final : public net::HttpClient {
 public:
  Async<net::HttpResponse> send(net::HttpRequest, Deadline) override {
    if (calls++ == 0) throw std::runtime_error("a bug");
    co_return net::HttpResponse(200, "application/json", kMembers);
  }
  int calls = 0;
};

ASYNC_TEST(SlackGroups, a_question_that_breaks_off_is_asked_again) {
  ThrowingHttp http;
  test::FakeClock clock;
  WebApi api(http, clock, with_groups());
  Groups groups(io, api, clock, with_groups());
  auto roles = co_await groups.roles_of("U7", true, soon());
  EXPECT_TRUE(roles.roles.empty());
  clock.advance(std::chrono::seconds(4));
  roles = co_await groups.roles_of("U7", true, soon());
  EXPECT_EQ(roles.roles.size(), 1u);
}

// Answers after a moment.
class SlowHttp final : public net::HttpClient {
 public:
  Async<net::HttpResponse> send(net::HttpRequest, Deadline) override {
    ++calls;
    co_await sleep_for(std::chrono::milliseconds(20));
    co_return net::HttpResponse(200, "application/json", kMembers);
  }
  int calls = 0;
};

Job question(Groups& groups, std::string user, int& granted) {
  const Deadline deadline = soon();
  const auto roles = co_await groups.roles_of(std::move(user), true, deadline);
  granted += static_cast<int>(roles.roles.size());
}

ASYNC_TEST(SlackGroups, questions_at_the_same_time_share_one_call) {
  SlowHttp http;
  test::FakeClock clock;
  WebApi api(http, clock, with_groups());
  Groups groups(io, api, clock, with_groups());
  TaskGroup jobs(io, "questions");
  int granted = 0;
  for (const char* user : {"U7", "U8", "U7", "U9"}) jobs.spawn("question", question(groups, user, granted));
  co_await jobs.drain();
  EXPECT_EQ(granted, 3);
  EXPECT_EQ(http.calls, 1);
}

}  // namespace
}  // namespace vedette::slack

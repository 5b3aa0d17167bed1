// One case in Slack and in Teams at once: both copies say the same, whoever acts where; nothing is posted twice; and one
// person with an account in each is one person.

#include "integrations/slack/slack.hpp"
#include "tests/integration/slack/slack_bench.hpp"
#include "tests/integration/teams/teams_world.hpp"

namespace vedette::test {
namespace {

Person with_both(const Person& person, const std::string& slack_user) {
  Person result = person;
  result.identities.emplace_back("slack", kFakeTeam, slack_user);
  return result;
}

struct Mirror {
  explicit Mirror(Executor io) : teams(io, teams::Way::https), slack(io), jobs(io, "mirror") {
    teams.directory =
        Directory({with_both(*teams.directory.find("ann"), "U7"), with_both(*teams.directory.find("ben"), "U8")});
    in_slack = std::make_unique<slack::Slack>(io, *slack.http, system_clock(), slack.options, *teams.router);
    in_slack->offer(teams.forms);
    slack_delivery = std::make_unique<chat::Delivery>(io, *teams.store, in_slack->platform(), system_clock());
    std::vector<chat::Route> routes(2);
    routes[0].platform = "teams";
    routes[0].channel = teams.room;
    routes[1].platform = "slack";
    routes[1].channel = "C1";
    teams.presenter =
        std::make_unique<chat::Presenter>(io, *teams.store, std::move(routes), [](const ActionPlan&) { return false; });
  }

  boost::asio::awaitable<bool> start() {
    in_slack->start();
    jobs.spawn("slack delivery", slack_delivery->run());
    const bool sockets = co_await slack.fake.wait_sockets(2, milliseconds(3000));
    if (!sockets) co_return false;
    co_return co_await teams.start();
  }
  boost::asio::awaitable<void> stop() {
    const Deadline deadline = in_time(5000);
    co_await in_slack->stop(deadline);
    co_await jobs.stop(deadline);
    co_await slack.fake.stop();
    co_await teams.stop();
  }

  // Our messages in Slack, and in Teams, that hold these words.
  int in_slack_seen(const std::string& words) const {
    int count = 0;
    for (const auto& message : slack.fake.messages()) {
      count += !message.bot_id.empty() && message.blocks.dump().find(words) != std::string::npos ? 1 : 0;
    }
    return count;
  }
  // Until both say it, without anything more being done; prints how far apart they were.
  boost::asio::awaitable<bool> both_say(std::string words) {
    std::optional<SteadyTime> first;
    for (int tries = 0; tries < 2000; ++tries) {
      (void)co_await teams.router->work_off();
      (void)co_await teams.presenter->present_changed();
      const bool there = teams.seen(teams.room, words) > 0;
      const bool here = in_slack_seen(words) > 0;
      const SteadyTime now = system_clock().steady_now();
      if ((there || here) && !first) first = now;
      if (there && here) {
        const auto apart = std::chrono::duration_cast<milliseconds>(now - *first).count();
        std::printf("“%s” was in both within %lld ms\n", words.c_str(), static_cast<long long>(apart));
        co_return true;
      }
      co_await sleep_for(milliseconds(5));
    }
    co_return false;
  }

  TeamsWorld teams;
  SlackBench slack;
  std::unique_ptr<slack::Slack> in_slack;
  std::unique_ptr<chat::Delivery> slack_delivery;
  TaskGroup jobs;
};

int slack_roots(const Mirror& mirror) {
  int count = 0;
  for (const auto& message : mirror.slack.fake.messages()) {
    count += !message.bot_id.empty() && message.thread_ts.empty() && message.only_for.empty() ? 1 : 0;
  }
  return count;
}

int teams_roots(Mirror& mirror) {
  int count = 0;
  for (const auto& message : mirror.teams.fake.in_room(mirror.teams.room)) {
    count += message.root == message.id && message.only_for.empty() ? 1 : 0;
  }
  return count;
}

ASYNC_TEST(Mirror, what_is_done_in_one_is_seen_in_the_other) {
  Mirror mirror(io);
  CO_ASSERT_TRUE(co_await mirror.start());
  const std::string root = co_await mirror.teams.shown_case();
  CO_ASSERT_TRUE(!root.empty());
  EXPECT_TRUE(co_await mirror.both_say("Something was wrong"));
  (void)co_await mirror.teams.fake.press("ann", mirror.teams.room, root, "ack C-1");
  EXPECT_TRUE(co_await mirror.both_say("Owner"));
  (void)mirror.slack.fake.slash("U8", "C1", "note C-1 seen from the other side");
  EXPECT_TRUE(co_await mirror.both_say("seen from the other side"));
  (void)mirror.slack.fake.slash("U7", "C1", "close C-1 fp known scanner");
  EXPECT_TRUE(co_await mirror.both_say("Closed"));
  CO_ASSERT_TRUE(co_await mirror.teams.quiet());
  EXPECT_EQ(slack_roots(mirror), 1) << "one message for the case, edited";
  EXPECT_EQ(teams_roots(mirror), 1);
  co_await mirror.stop();
}

// R-1, which waits for its approval; asked for by ann.
Async<Action> awaited_action(Store& store) {
  ActionPlan plan;
  plan.verb = "block_ip";
  plan.provider = "network";
  plan.target = Entity(EntityType::ip, "203.0.113.7");
  AuditEntry audit;
  audit.actor = "vedette";
  audit.action = "action.propose";
  audit.detail = "{}";
  AuditEntry asked = audit;
  asked.action = "action.request";
  CO_TRY(const auto action, store.actions().propose(CaseId(1), std::move(plan), "", "vedette", 1, std::move(audit)));
  std::string digest = action.plan.digest(CaseId(1));
  const Time expires = system_clock().now() + std::chrono::minutes(30);
  co_return co_await store.actions().request(action.id, std::move(digest), "ann", 1, expires, std::move(asked));
}

ASYNC_TEST(Mirror, one_person_with_two_accounts_is_one_person) {
  Mirror mirror(io);
  CO_ASSERT_TRUE(co_await mirror.start());
  const std::string shown = co_await mirror.teams.shown_case();
  CO_ASSERT_TRUE(!shown.empty());
  auto& store = *mirror.teams.store;
  const auto action = co_await awaited_action(store);
  CO_ASSERT_OK(action);
  EXPECT_TRUE(co_await mirror.both_say("R-1"));
  // She asked for it in Slack; in Teams she is the same.
  (void)co_await mirror.teams.fake.say("ann", mirror.teams.room, "approve R-1");
  CO_ASSERT_TRUE(co_await mirror.teams.quiet());
  auto now = co_await store.actions().get(ActionId(1));
  CO_ASSERT_OK(now);
  EXPECT_EQ(to_string(now->state), "awaiting");
  (void)co_await mirror.teams.fake.say("ben", mirror.teams.room, "approve R-1");
  EXPECT_TRUE(co_await mirror.both_say("ben")) << mirror.teams.fake.in_room(mirror.teams.room).back().activity.dump();
  now = co_await store.actions().get(ActionId(1));
  CO_ASSERT_OK(now);
  EXPECT_EQ(to_string(now->state), "approved");
  // His second account has no second vote, and none to take it back with.
  (void)mirror.slack.fake.slash("U8", "C1", "approve R-1");
  CO_ASSERT_TRUE(co_await mirror.teams.quiet());
  now = co_await store.actions().get(ActionId(1));
  CO_ASSERT_OK(now);
  EXPECT_EQ(now->votes.size(), 1u);
  co_await mirror.stop();
}

}  // namespace
}  // namespace vedette::test

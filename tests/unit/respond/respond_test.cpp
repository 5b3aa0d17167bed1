#include <gtest/gtest.h>

#include "bot/base/json.hpp"
#include "bot/respond/action_audit.hpp"
#include "bot/respond/action_service.hpp"
#include "bot/respond/providers.hpp"
#include "integrations/simulated/simulated_provider.hpp"
#include "tests/support/async_test.hpp"

namespace vedette::respond {
namespace {

ActionPlan plan(std::string verb, Entity target) {
  ActionPlan result;
  result.verb = std::move(verb);
  result.provider = "simulated";
  result.target = std::move(target);
  return result;
}

Action action_in(ActionState state) {
  Action action;
  action.id = ActionId(9);
  action.case_id = CaseId(3);
  action.plan = plan("block_ip", Entity(EntityType::ip, "203.0.113.7"));
  action.plan.parameters = {{"duration", "4h"}};
  action.state = state;
  action.requester = "ann";
  action.expires = *parse_time("2026-11-24T03:40:00Z");
  Vote vote;
  vote.person = "ben";
  vote.approve = state != ActionState::denied;
  action.votes = {vote};
  action.result = "It is blocked.";
  return action;
}

TEST(ActionAudit, names_the_plan_and_who_did_it) {
  const auto action = action_in(ActionState::awaiting);
  const auto entry = action_audit(action, "action.approve", Actor("ben", "slack:T1/U2", "click-7"), "looks right");
  EXPECT_EQ(entry.actor, "ben");
  EXPECT_EQ(entry.identity, "slack:T1/U2");
  EXPECT_EQ(entry.subject, "R-9");
  EXPECT_EQ(entry.cause, "click-7");
  const auto detail = Json::parse(entry.detail);
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ((*detail)["case"].string(), "C-3");
  EXPECT_EQ((*detail)["target"].string(), "ip:203.0.113.7");
  EXPECT_EQ((*detail)["digest"].string(), action.plan.digest(CaseId(3)));
  EXPECT_EQ((*detail)["note"].string(), "looks right");
}

TEST(ActionAudit, the_execution_key_is_bound_to_the_plan) {
  const auto action = action_in(ActionState::approved);
  auto other = action;
  other.plan.parameters["duration"] = "5h";
  EXPECT_EQ(execution_key(action), execution_key(action));
  EXPECT_NE(execution_key(action), execution_key(other));
  EXPECT_TRUE(execution_key(action).starts_with("R-9/"));
}

TEST(Standing, says_where_an_action_stands_and_what_to_do) {
  const auto says = [](ActionState state) { return standing(action_in(state)); };
  EXPECT_EQ(says(ActionState::proposed), "R-9 is only proposed so far: 'request R-9' asks for its approval.");
  EXPECT_EQ(says(ActionState::awaiting),
            "R-9 waits for approval: @ann asked for it, 1 of 1 approvals are in, it runs out at 03:40 UTC.");
  EXPECT_EQ(says(ActionState::denied), "R-9 was denied by @ben. 'request R-9' asks for it again.");
  EXPECT_EQ(says(ActionState::succeeded), "R-9 is done: It is blocked.");
  EXPECT_NE(says(ActionState::unknown).find("will not repeat it"), std::string::npos);
}

TEST(DescribePlan, is_defanged_and_safe_to_show) {
  auto action = action_in(ActionState::awaiting);
  EXPECT_EQ(describe_plan(action.plan), "Block IP 203[.]0[.]113[.]7 with simulated (duration 4h)");
  action.plan.target = Entity(EntityType::url, "https://evil.example/\u202Ea");
  action.plan.verb = "block_url";
  EXPECT_EQ(describe_plan(action.plan), "Block URL hxxps://evil[.]example/a with simulated (duration 4h)");
}

TEST(Providers, are_found_by_name_and_verb) {
  Providers providers;
  ASSERT_TRUE(providers.add(simulated::make_simulated_provider({})).has_value());
  EXPECT_FALSE(providers.add(simulated::make_simulated_provider({})).has_value()) << "the name is taken";
  EXPECT_NE(providers.for_verb("isolate_host"), nullptr);
  EXPECT_EQ(providers.for_verb("launch"), nullptr);
  EXPECT_EQ(providers.find("crowdsec"), nullptr);
  EXPECT_TRUE(providers.check(plan("block_ip", Entity(EntityType::ip, "203.0.113.7"))).has_value());
  EXPECT_FALSE(providers.check(plan("block_ip", Entity(EntityType::ip, "10.0.0.1"))).has_value()) << "inside the network";
  EXPECT_FALSE(providers.check(plan("block_ip", Entity(EntityType::host, "web01"))).has_value());
  EXPECT_FALSE(providers.check(plan("launch", Entity(EntityType::host, "web01"))).has_value());
  auto elsewhere = plan("block_ip", Entity(EntityType::ip, "203.0.113.7"));
  elsewhere.provider = "crowdsec";
  EXPECT_FALSE(providers.check(elsewhere).has_value());
}

ASYNC_TEST(Simulated, keeps_what_was_done) {
  simulated::SimulatedOptions options;
  options.latency = std::chrono::milliseconds(1);
  simulated::SimulatedProvider provider(options);
  for (const auto& verb : provider.verbs()) EXPECT_NE(verb.find('_'), std::string::npos);
  const Entity host(EntityType::host, "web01");
  const auto deadline = Deadline::after(std::chrono::seconds(5));
  auto before = co_await provider.look_up(plan("isolate_host", host), "R-1/0", deadline);
  CO_ASSERT_OK(before);
  EXPECT_EQ(before->outcome, Outcome::not_done);
  auto isolated = co_await provider.execute(plan("isolate_host", host), "R-1/0", deadline);
  CO_ASSERT_OK(isolated);
  EXPECT_EQ(isolated->outcome, Outcome::done);
  EXPECT_EQ(isolated->message, "Simulated endpoint protection: web01 is isolated (receipt 1, R-1/0).");
  EXPECT_TRUE(provider.in_force("isolated", host));
  auto after = co_await provider.look_up(plan("isolate_host", host), "R-1/0", deadline);
  CO_ASSERT_OK(after);
  EXPECT_EQ(after->outcome, Outcome::done);
  auto released = co_await provider.execute(plan("release_host", host), "R-2/0", deadline);
  CO_ASSERT_OK(released);
  EXPECT_FALSE(provider.in_force("isolated", host));
  auto again = co_await provider.execute(plan("release_host", host), "R-3/0", deadline);
  CO_ASSERT_OK(again);
  EXPECT_NE(again->message.find("as it was before"), std::string::npos);
  const auto over = Deadline::after(std::chrono::milliseconds(0));
  auto late = co_await provider.execute(plan("isolate_host", host), "R-4/0", over);
  EXPECT_FALSE(late.has_value());
  EXPECT_FALSE(provider.in_force("isolated", host)) << "nothing happens after the deadline";
}

}  // namespace
}  // namespace vedette::respond

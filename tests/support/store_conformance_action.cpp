#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

Vote vote_of(const std::string& person, bool approve) {
  Vote vote;
  vote.person = person;
  vote.approve = approve;
  return vote;
}

Job approves_and_runs(StoreEnv& env) {
  MUST(const Action proposed, proposed_action(env.s(), sample_plan()));
  EXPECT_EQ(proposed.state, ActionState::proposed);
  EXPECT_EQ(proposed.proposer, "ann");
  EXPECT_EQ(proposed.reason, "seen in [E1]");
  EXPECT_EQ(proposed.plan.target, sample_plan().target);
  EXPECT_EQ(proposed.plan.parameters, sample_plan().parameters);
  EXPECT_FALSE(proposed.expires);
  const std::string digest = proposed.plan.digest(proposed.case_id);
  const Time expires = env.clock.now() + std::chrono::minutes(30);
  auto& actions = env.s().actions();
  MUST(const Action asked, actions.request(proposed.id, digest, "ann", 2, expires, sample_audit("action.request", "R-1")));
  EXPECT_EQ(asked.state, ActionState::awaiting);
  EXPECT_EQ(asked.requester, "ann");
  EXPECT_EQ(asked.approvals_needed, 2);
  EXPECT_EQ(asked.expires, expires);
  MUST(const auto pending, actions.pending(10));
  EXPECT_EQ(pending.size(), 1u);
  const Time now = env.clock.now();
  MUST(const Action one, actions.vote(asked.id, digest, vote_of("bob", true), now, sample_audit("action.approve", "R-1")));
  EXPECT_EQ(one.state, ActionState::awaiting);
  MUST(const Action two, actions.vote(asked.id, digest, vote_of("eve", true), now, sample_audit("action.approve", "R-1")));
  EXPECT_EQ(two.state, ActionState::approved);
  CO_ASSERT_TRUE(two.votes.size() == 2);
  EXPECT_EQ(two.votes[0].person, "bob");
  EXPECT_EQ(two.votes[0].at, now);
  MUST(const Action begun, actions.begin(asked.id, sample_audit("action.execute", "R-1")));
  EXPECT_EQ(begun.state, ActionState::executing);
  MUST_FAIL(Code::conflict, actions.begin(asked.id, sample_audit("action.execute", "R-1")));
  MUST(const Action open, actions.finish(asked.id, ActionState::unknown, "no answer", sample_audit("action.result", "R-1")));
  EXPECT_EQ(open.state, ActionState::unknown);
  MUST(const Action over, actions.finish(asked.id, ActionState::succeeded, "blocked", sample_audit("action.result", "R-1")));
  EXPECT_EQ(over.state, ActionState::succeeded);
  EXPECT_EQ(over.result, "blocked");
  MUST_FAIL(Code::conflict, actions.finish(asked.id, ActionState::failed, "x", sample_audit("action.result", "R-1")));
  env.reopen();
  MUST(const Action kept, env.s().actions().get(asked.id));
  EXPECT_EQ(kept.state, ActionState::succeeded);
  MUST(const auto rows, env.s().audit().rows(0, 20));
  EXPECT_EQ(rows.size(), 7u);  // proposed, asked, two votes, begun, unknown, done
}

Job every_step_shows_in_the_case(StoreEnv& env) {
  MUST(const Action action, proposed_action(env.s(), sample_plan()));
  MUST(const CaseView before, env.s().cases().view(action.case_id));
  const std::string digest = action.plan.digest(action.case_id);
  const Time expires = env.clock.now() + std::chrono::minutes(30);
  MUST(const Action asked, env.s().actions().request(action.id, digest, "ann", 1, expires, sample_audit("action.request")));
  MUST(const CaseView after, env.s().cases().view(action.case_id));
  EXPECT_EQ(asked.case_id, action.case_id);
  EXPECT_GT(after.record.version, before.record.version);
  EXPECT_EQ(after.notes.size(), before.notes.size() + 1);
  EXPECT_EQ(after.notes.back().kind, "action");
  EXPECT_EQ(after.notes.back().author, "ann");
  CO_ASSERT_TRUE(after.actions.size() == 1);
  EXPECT_EQ(after.actions[0].state, ActionState::awaiting);
}

Job one_denial_is_enough(StoreEnv& env) {
  MUST(const Action action, proposed_action(env.s(), sample_plan()));
  const std::string digest = action.plan.digest(action.case_id);
  const Time now = env.clock.now();
  auto& actions = env.s().actions();
  MUST(const Action asked, actions.request(action.id, digest, "ann", 3, now + std::chrono::minutes(30), sample_audit("r")));
  MUST(const Action one, actions.vote(asked.id, digest, vote_of("bob", true), now, sample_audit("v")));
  MUST(const Action denied, actions.vote(one.id, digest, vote_of("eve", false), now, sample_audit("v")));
  EXPECT_EQ(denied.state, ActionState::denied);
  MUST_FAIL(Code::conflict, actions.vote(asked.id, digest, vote_of("joe", true), now, sample_audit("v")));
  MUST_FAIL(Code::conflict, actions.begin(asked.id, sample_audit("x")));
}

Job nobody_votes_twice_or_on_their_own(StoreEnv& env) {
  MUST(const Action action, proposed_action(env.s(), sample_plan()));
  const std::string digest = action.plan.digest(action.case_id);
  const Time now = env.clock.now();
  auto& actions = env.s().actions();
  MUST_FAIL(Code::conflict, actions.vote(action.id, digest, vote_of("bob", true), now, sample_audit("v")));  // not asked for
  MUST(const Action asked, actions.request(action.id, digest, "ann", 2, now + std::chrono::minutes(30), sample_audit("r")));
  MUST_FAIL(Code::conflict, actions.vote(asked.id, digest, vote_of("ann", true), now, sample_audit("v")));
  MUST(const Action one, actions.vote(asked.id, digest, vote_of("bob", true), now, sample_audit("v")));
  MUST_FAIL(Code::conflict, actions.vote(asked.id, digest, vote_of("bob", true), now, sample_audit("v")));
  MUST_FAIL(Code::conflict, actions.vote(asked.id, digest, vote_of("bob", false), now, sample_audit("v")));
  MUST(const Action still, actions.get(asked.id));
  EXPECT_EQ(still.state, ActionState::awaiting);
  EXPECT_EQ(still.votes.size(), one.votes.size());
}

Job digest_binds(StoreEnv& env) {
  MUST(const Action action, proposed_action(env.s(), sample_plan()));
  const std::string digest = action.plan.digest(action.case_id);
  const std::string other = sample_plan("203.0.113.99").digest(action.case_id);
  const Time now = env.clock.now();
  const Time expires = now + std::chrono::minutes(30);
  auto& actions = env.s().actions();
  MUST_FAIL(Code::conflict, actions.request(action.id, other, "ann", 1, expires, sample_audit("r")));
  MUST_FAIL(Code::conflict, actions.request(action.id, "", "ann", 1, expires, sample_audit("r")));
  MUST(const Action asked, actions.request(action.id, digest, "ann", 1, expires, sample_audit("r")));
  MUST_FAIL(Code::conflict, actions.request(action.id, digest, "bob", 1, expires, sample_audit("r")));  // asked for already
  MUST_FAIL(Code::conflict, actions.vote(asked.id, other, vote_of("bob", true), now, sample_audit("v")));
  MUST(const Action still, actions.get(action.id));
  EXPECT_EQ(still.state, ActionState::awaiting);
  EXPECT_EQ(still.requester, "ann");
  MUST_FAIL(Code::not_found, actions.get(ActionId(99)));
  MUST_FAIL(Code::not_found, actions.request(ActionId(99), digest, "ann", 1, expires, sample_audit("r")));
  MUST_FAIL(Code::not_found, actions.of_case(CaseId(99)));
}

Job approvals_run_out(StoreEnv& env) {
  MUST(const Action action, proposed_action(env.s(), sample_plan("203.0.113.1")));
  MUST(const Action later, proposed_action(env.s(), sample_plan("203.0.113.2")));
  const std::string digest = action.plan.digest(action.case_id);
  const std::string later_digest = later.plan.digest(later.case_id);
  const Time expires = env.clock.now() + std::chrono::minutes(30);
  auto& actions = env.s().actions();
  MUST(const Action asked, actions.request(action.id, digest, "ann", 1, expires, sample_audit("r")));
  MUST(const Action also,
       actions.request(later.id, later_digest, "ann", 1, expires + std::chrono::hours(1), sample_audit("r")));
  const Time before = expires - Duration(1);
  MUST(const auto none, actions.expire(before));
  EXPECT_TRUE(none.empty());
  MUST_FAIL(Code::expired, actions.vote(asked.id, digest, vote_of("bob", true), expires, sample_audit("v")));
  MUST(const auto over, actions.expire(expires));
  CO_ASSERT_TRUE(over.size() == 1);
  EXPECT_EQ(over[0].id, action.id);
  EXPECT_EQ(over[0].state, ActionState::expired);
  MUST_FAIL(Code::expired, actions.vote(asked.id, digest, vote_of("bob", true), before, sample_audit("v")));
  MUST_FAIL(Code::conflict, actions.begin(asked.id, sample_audit("x")));
  MUST(const auto again, actions.expire(expires));
  EXPECT_TRUE(again.empty());
  MUST(const Action waiting, actions.get(also.id));
  EXPECT_EQ(waiting.state, ActionState::awaiting);
  MUST(const auto rows, env.s().audit().rows(0, 20));
  EXPECT_EQ(rows.back().entry.action, "action.expire");
  EXPECT_EQ(rows.back().entry.subject, to_string(action.id));
}

Job same_open_plan_is_one_action(StoreEnv& env) {
  MUST(const Action first, proposed_action(env.s(), sample_plan()));
  auto& actions = env.s().actions();
  MUST(const Action same,
       actions.propose(first.case_id, sample_plan(), "again", "bob", 1, sample_audit("action.propose", "")));
  EXPECT_EQ(same.id, first.id);
  EXPECT_EQ(same.proposer, "ann");
  MUST(const Action other,
       actions.propose(first.case_id, sample_plan("203.0.113.8"), "b", "bob", 1, sample_audit("action.propose", "")));
  EXPECT_NE(other.id, first.id);
  // Once it is over, the same may be proposed anew.
  const std::string digest = first.plan.digest(first.case_id);
  const Time now = env.clock.now();
  MUST(const Action asked, actions.request(first.id, digest, "ann", 1, now + std::chrono::minutes(5), sample_audit("r")));
  MUST(const Action denied, actions.vote(asked.id, digest, vote_of("bob", false), now, sample_audit("v")));
  EXPECT_EQ(denied.state, ActionState::denied);
  MUST(const Action anew, actions.propose(first.case_id, sample_plan(), "c", "bob", 1, sample_audit("action.propose", "")));
  EXPECT_NE(anew.id, first.id);
  MUST(const auto all, actions.of_case(first.case_id));
  EXPECT_EQ(all.size(), 3u);
  MUST(const auto proposed, actions.in_state(ActionState::proposed, 10));
  CO_ASSERT_TRUE(proposed.size() == 2);
  EXPECT_LT(proposed[0].id, proposed[1].id);
  MUST(const auto rows, env.s().audit().rows(0, 1));
  EXPECT_EQ(rows[0].entry.subject, to_string(first.id));  // the store names what it numbered
  MUST_FAIL(Code::not_found, actions.propose(CaseId(99), sample_plan(), "x", "bob", 1, sample_audit("p", "")));
}

Job redelivered_press_changes_nothing(StoreEnv& env) {
  MUST(const Action action, proposed_action(env.s(), sample_plan()));
  const std::string digest = action.plan.digest(action.case_id);
  const Time now = env.clock.now();
  auto& actions = env.s().actions();
  AuditEntry used = sample_audit("action.approve", "R-1", "slack:Ev9");
  MUST_VOID(env.s().audit().append(used));
  MUST(const Action asked, actions.request(action.id, digest, "ann", 1, now + std::chrono::minutes(5), sample_audit("r")));
  MUST_FAIL(Code::conflict, actions.vote(asked.id, digest, vote_of("bob", true), now, used));
  MUST(const Action still, actions.get(action.id));
  EXPECT_EQ(still.state, ActionState::awaiting);
  EXPECT_TRUE(still.votes.empty());
}

Job only_real_endings(StoreEnv& env) {
  MUST(const Action action, proposed_action(env.s(), sample_plan()));
  auto& actions = env.s().actions();
  MUST_FAIL(Code::conflict, actions.begin(action.id, sample_audit("x")));
  MUST_FAIL(Code::conflict, actions.finish(action.id, ActionState::succeeded, "x", sample_audit("x")));
  MUST_FAIL(Code::invalid_input, actions.finish(action.id, ActionState::approved, "x", sample_audit("x")));
  const std::string digest = action.plan.digest(action.case_id);
  const Time expires = env.clock.now() + std::chrono::minutes(5);
  // Where nobody else is needed, asking is enough.
  MUST(const Action asked, actions.request(action.id, digest, "ann", 0, expires, sample_audit("r")));
  EXPECT_EQ(asked.state, ActionState::approved);
}

Job a_changed_plan_takes_the_place_of_the_old_one(StoreEnv& env) {
  MUST(const Action action, proposed_action(env.s(), sample_plan()));
  const CaseId id = action.case_id;
  const std::string digest = action.plan.digest(id);
  const Time now = env.clock.now();
  const Time expires = now + std::chrono::minutes(30);
  auto& actions = env.s().actions();
  ActionPlan longer = sample_plan();
  longer.parameters["duration"] = "8h";
  MUST_FAIL(Code::conflict, actions.replace(action.id, longer.digest(id), longer, "bob", 2, expires, sample_audit("e")));
  MUST_FAIL(Code::conflict, actions.replace(action.id, digest, sample_plan(), "bob", 2, expires, sample_audit("e")));
  MUST(const Action asked, actions.request(action.id, digest, "ann", 2, expires, sample_audit("r")));
  MUST(const Action voted, actions.vote(asked.id, digest, vote_of("eve", true), now, sample_audit("v")));
  EXPECT_EQ(voted.votes.size(), 1u);
  env.clock.advance(std::chrono::minutes(10));
  const Time anew = env.clock.now() + std::chrono::minutes(30);
  const AuditEntry press = sample_audit("action.edit", "R-1", "slack:Ev7");
  MUST(const Action changed, actions.replace(action.id, digest, longer, "bob", 2, anew, press));
  EXPECT_NE(changed.id, action.id);
  EXPECT_EQ(changed.state, ActionState::awaiting);
  EXPECT_EQ(changed.plan.parameters.at("duration"), "8h");
  EXPECT_EQ(changed.reason, action.reason);
  EXPECT_EQ(changed.requester, "bob");
  EXPECT_EQ(changed.expires, anew);
  EXPECT_TRUE(changed.votes.empty());  // what was approved was another plan
  MUST(const Action old, actions.get(action.id));
  EXPECT_EQ(old.state, ActionState::withdrawn);
  EXPECT_EQ(old.replaced_by, changed.id);
  MUST_FAIL(Code::conflict, actions.vote(action.id, digest, vote_of("joe", true), now, sample_audit("v")));
  MUST_FAIL(Code::conflict, actions.replace(action.id, digest, longer, "bob", 2, anew, press));
  MUST_FAIL(Code::conflict, actions.vote(changed.id, digest, vote_of("eve", true), now, sample_audit("v")));
  const std::string bound = changed.plan.digest(id);
  MUST(const Action one, actions.vote(changed.id, bound, vote_of("eve", true), now, sample_audit("v")));
  MUST(const Action two, actions.vote(one.id, bound, vote_of("joe", true), now, sample_audit("v")));
  EXPECT_EQ(two.state, ActionState::approved);
  MUST_FAIL(Code::conflict, actions.replace(two.id, bound, sample_plan(), "bob", 2, anew, sample_audit("e")));
  MUST(const CaseView view, env.s().cases().view(id));
  bool told = false;
  for (const auto& note : view.notes) told = told || note.text.find("R-2 stands in its place") != std::string::npos;
  EXPECT_TRUE(told);
}

}  // namespace

std::vector<StoreCase> action_store_cases() {
  return {
      {"Actions", "approves_and_runs", approves_and_runs},
      {"Actions", "every_step_shows_in_the_case", every_step_shows_in_the_case},
      {"Actions", "one_denial_is_enough", one_denial_is_enough},
      {"Actions", "nobody_votes_twice_or_on_their_own", nobody_votes_twice_or_on_their_own},
      {"Actions", "digest_binds", digest_binds},
      {"Actions", "approvals_run_out", approvals_run_out},
      {"Actions", "same_open_plan_is_one_action", same_open_plan_is_one_action},
      {"Actions", "redelivered_press_changes_nothing", redelivered_press_changes_nothing},
      {"Actions", "a_changed_plan_takes_the_place_of_the_old_one", a_changed_plan_takes_the_place_of_the_old_one},
      {"Actions", "only_real_endings", only_real_endings},
  };
}

}  // namespace vedette::test

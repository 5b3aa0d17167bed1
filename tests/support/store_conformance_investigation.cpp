#include <algorithm>

#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

constexpr std::chrono::seconds kLease(60);

Async<InvestigationLease> claimed(Store& store) {
  CO_TRY(const auto lease, store.investigations().claim("worker", kLease));
  if (!lease) co_return Error(Code::not_found, "nothing to claim");
  co_return *lease;
}

Evidence evidence_of(const std::string& question, const std::string& answer) {
  Evidence evidence;
  evidence.question = question;
  evidence.title = "Who else signed in from 203.0.113.7?";
  evidence.source = "event log";
  evidence.query = "source.ip = \"203.0.113.7\"";
  evidence.from = *parse_time("2026-11-23T03:00:00Z");
  evidence.to = *parse_time("2026-11-24T03:00:00Z");
  evidence.answer = answer;
  evidence.total = 41;
  evidence.records = list_of<std::string>("{\"user\":\"ann\"}", "{\"user\":\"bob\"}");
  evidence.link = "https://log.example/q";
  evidence.taken = *parse_time("2026-11-24T03:00:01.5Z");
  return evidence;
}

InvestigationStep step_of(const std::string& text, bool done) {
  InvestigationStep step;
  step.text = text;
  step.done = done;
  return step;
}

std::vector<ProposedAction> proposals_of(std::vector<std::string> addresses) {
  std::vector<ProposedAction> proposals;
  for (const auto& address : addresses) {
    ProposedAction proposal;
    proposal.plan = sample_plan(address);
    proposal.reason = "it attacks [E1]";
    proposal.approvals_needed = 2;
    proposals.push_back(std::move(proposal));
  }
  return proposals;
}

Job claims_the_most_urgent(StoreEnv& env) {
  const Severity severities[] = {Severity::medium, Severity::critical, Severity::medium, Severity::critical};
  std::vector<CaseId> ids;
  for (int i = 0; i < 4; ++i) {
    Alert alert = sample_alert(std::to_string(i));
    alert.severity = severities[i];
    MUST(const CaseId id, opened_case(env.s(), std::move(alert)));
    ids.push_back(id);
    env.clock.advance(std::chrono::seconds(1));
  }
  for (const size_t expected : {1, 3, 0, 2}) {
    MUST(const auto lease, claimed(env.s()));
    EXPECT_EQ(lease.case_id, ids[expected]);
    EXPECT_EQ(lease.attempt, 1);
    EXPECT_EQ(lease.round, 1);
    MUST(const Case record, env.s().cases().get(lease.case_id));
    EXPECT_EQ(record.investigation, InvestigationState::running);
  }
  MUST(const auto none, env.s().investigations().claim("worker", kLease));
  EXPECT_FALSE(none);
}

Job takes_over_what_was_abandoned(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  MUST(const auto first, claimed(env.s()));
  env.clock.advance(std::chrono::seconds(50));
  std::vector<InvestigationStep> steps =
      list_of<InvestigationStep>(step_of("Who else?", true), step_of("What came before?", false));
  MUST_VOID(env.s().investigations().progress(first, steps));  // holds for another minute
  env.clock.advance(std::chrono::seconds(50));
  MUST(const auto none, env.s().investigations().claim("other", kLease));
  EXPECT_FALSE(none);
  env.clock.advance(std::chrono::seconds(11));
  MUST(const auto second, claimed(env.s()));
  EXPECT_EQ(second.case_id, id);
  EXPECT_GT(second.fence, first.fence);
  EXPECT_EQ(second.attempt, 2);
  EXPECT_EQ(second.round, 1);
  // The one that lost it may write nothing any more.
  MUST_FAIL(Code::conflict, env.s().investigations().progress(first, steps));
  MUST_FAIL(Code::conflict, env.s().investigations().add_evidence(first, evidence_of("q", "a")));
  MUST_FAIL(Code::conflict,
            env.s().investigations().finish(first, sample_verdict(), proposals_of(list_of<std::string>("203.0.113.7"))));
  MUST_FAIL(Code::conflict, env.s().investigations().fail(first, "late"));
  MUST(const CaseView view, env.s().cases().view(id));
  EXPECT_TRUE(view.evidence.empty());
  EXPECT_TRUE(view.actions.empty());
  EXPECT_FALSE(view.record.verdict);
  CO_ASSERT_TRUE(view.record.progress.size() == 2);
  EXPECT_EQ(view.record.progress[0].text, "Who else?");
  EXPECT_TRUE(view.record.progress[0].done);
  MUST_VOID(env.s().investigations().finish(second, sample_verdict(), proposals_of(list_of<std::string>())));
}

Job resumes_after_a_restart(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  MUST(const auto first, claimed(env.s()));
  MUST(const int number, env.s().investigations().add_evidence(first, evidence_of("who_else", "41")));
  EXPECT_EQ(number, 1);
  env.reopen();  // the process ended: nobody waits for its lease
  MUST(const auto second, claimed(env.s()));
  EXPECT_EQ(second.case_id, id);
  EXPECT_EQ(second.attempt, 2);
  MUST(const int again, env.s().investigations().add_evidence(second, evidence_of("who_else", "42")));
  EXPECT_EQ(again, 1);
  MUST(const int next, env.s().investigations().add_evidence(second, evidence_of("before", "nothing")));
  EXPECT_EQ(next, 2);
  MUST(const auto evidence, env.s().investigations().evidence(id));
  CO_ASSERT_TRUE(evidence.size() == 2);
  EXPECT_EQ(evidence[0].answer, "42");
}

Job keeps_everything_of_evidence(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  MUST(const Case before, env.s().cases().get(id));
  MUST(const auto lease, claimed(env.s()));
  Evidence sent = evidence_of("who_else", "41 sign-ins by ann and bob");
  MUST(const int number, env.s().investigations().add_evidence(lease, sent));
  MUST(const auto all, env.s().investigations().evidence(id));
  CO_ASSERT_TRUE(all.size() == 1);
  const Evidence& kept = all[0];
  EXPECT_EQ(kept.case_id, id);
  EXPECT_EQ(kept.number, number);
  EXPECT_EQ(kept.question, sent.question);
  EXPECT_EQ(kept.title, sent.title);
  EXPECT_EQ(kept.source, sent.source);
  EXPECT_EQ(kept.query, sent.query);
  EXPECT_EQ(kept.from, sent.from);
  EXPECT_EQ(kept.to, sent.to);
  EXPECT_EQ(kept.answer, sent.answer);
  EXPECT_EQ(kept.total, sent.total);
  EXPECT_EQ(kept.records, sent.records);
  EXPECT_EQ(kept.link, sent.link);
  EXPECT_EQ(kept.taken, sent.taken);
  for (const auto& hostile : hostile_texts()) {
    Evidence evil = evidence_of(hostile.text, hostile.text);
    evil.records = list_of<std::string>(hostile.text);
    MUST(const int n, env.s().investigations().add_evidence(lease, evil));
    MUST(const int same, env.s().investigations().add_evidence(lease, evil));
    EXPECT_EQ(n, same) << hostile.what;
    MUST(const auto stored, env.s().investigations().evidence(id));
    CO_ASSERT_TRUE(static_cast<int>(stored.size()) == n);
    if (hostile.exact) {
      EXPECT_TRUE(stored.back().records == evil.records) << hostile.what;
    }
  }
  MUST(const Case after, env.s().cases().get(id));
  EXPECT_GT(after.version, before.version);
  MUST_FAIL(Code::not_found, env.s().investigations().evidence(CaseId(50)));
}

Job finishes_with_a_verdict(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  MUST(const auto lease, claimed(env.s()));
  MUST_VOID(env.s().investigations().finish(lease, sample_verdict(),
                                            proposals_of(list_of<std::string>("203.0.113.7", "203.0.113.8"))));
  env.reopen();
  MUST(const CaseView view, env.s().cases().view(id));
  EXPECT_EQ(view.record.investigation, InvestigationState::done);
  EXPECT_EQ(view.record.severity, Severity::high);
  CO_ASSERT_TRUE(view.record.verdict.has_value());
  const Verdict& verdict = *view.record.verdict;
  const Verdict sent = sample_verdict();
  EXPECT_EQ(verdict.label, sent.label);
  EXPECT_EQ(verdict.confidence, sent.confidence);
  EXPECT_EQ(verdict.probability, sent.probability);
  EXPECT_EQ(verdict.headline, sent.headline);
  CO_ASSERT_TRUE(verdict.claims.size() == 1);
  EXPECT_EQ(verdict.claims[0].evidence, sent.claims[0].evidence);
  EXPECT_EQ(verdict.claims[0].quoted, sent.claims[0].quoted);
  EXPECT_EQ(verdict.not_checked, sent.not_checked);
  EXPECT_EQ(verdict.decided, sent.decided);
  EXPECT_EQ(view.alerts[0].state, AlertState::investigated);
  CO_ASSERT_TRUE(view.actions.size() == 2);
  EXPECT_EQ(view.actions[0].state, ActionState::proposed);
  EXPECT_EQ(view.actions[0].proposer, "vedette");
  EXPECT_EQ(view.actions[0].approvals_needed, 2);
  EXPECT_EQ(view.actions[0].reason, "it attacks [E1]");
  MUST(const auto rows, env.s().audit().rows(0, 10));
  CO_ASSERT_TRUE(rows.size() == 1);
  EXPECT_EQ(rows[0].entry.actor, "vedette");
  EXPECT_EQ(rows[0].entry.action, "verdict");
  EXPECT_EQ(rows[0].entry.subject, to_string(id));
  bool told = false;
  for (const auto& note : view.notes) told = told || note.kind == "verdict";
  EXPECT_TRUE(told);
  MUST_FAIL(Code::conflict, env.s().investigations().finish(lease, sample_verdict(), proposals_of(list_of<std::string>())));
  MUST(const auto none, env.s().investigations().claim("worker", kLease));
  EXPECT_FALSE(none);
}

Job goes_another_round_for_a_new_alert(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  MUST(const auto first, claimed(env.s()));
  std::vector<Alert> more = list_of<Alert>(sample_alert("b"));
  MUST(const auto accepted, env.s().alerts().accept(std::move(more)));
  MUST_VOID(env.s().alerts().join_case(accepted[0].id, id));
  MUST(const auto none, env.s().investigations().claim("worker", kLease));
  EXPECT_FALSE(none);  // it is running
  MUST_VOID(env.s().investigations().finish(first, sample_verdict(), proposals_of(list_of<std::string>("203.0.113.7"))));
  MUST(const Case queued, env.s().cases().get(id));
  EXPECT_EQ(queued.investigation, InvestigationState::queued);
  EXPECT_TRUE(queued.verdict);
  MUST(const auto second, claimed(env.s()));
  EXPECT_EQ(second.round, 2);
  EXPECT_EQ(second.attempt, 1);
  MUST_VOID(env.s().investigations().finish(second, sample_verdict(),
                                            proposals_of(list_of<std::string>("203.0.113.7", "203.0.113.9"))));
  MUST(const CaseView view, env.s().cases().view(id));
  EXPECT_EQ(view.record.investigation, InvestigationState::done);
  EXPECT_EQ(view.actions.size(), 2u);  // the same plan is one action
  MUST(const Coverage coverage, env.s().alerts().coverage());
  EXPECT_EQ(coverage.investigated, 1);
  EXPECT_EQ(coverage.merged, 1);
  // A person asks again; the case is done, so it is a third round.
  MUST_VOID(env.s().investigations().requeue(id));
  MUST_VOID(env.s().investigations().requeue(id));
  MUST(const auto third, claimed(env.s()));
  EXPECT_EQ(third.round, 3);
  MUST_FAIL(Code::not_found, env.s().investigations().requeue(CaseId(70)));
}

Job abandoned_round_sees_the_new_alert(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  MUST(const auto first, claimed(env.s()));
  EXPECT_EQ(first.round, 1);
  std::vector<Alert> more = list_of<Alert>(sample_alert("b"));
  MUST(const auto accepted, env.s().alerts().accept(std::move(more)));
  MUST_VOID(env.s().alerts().join_case(accepted[0].id, id));
  env.clock.advance(std::chrono::seconds(61));
  MUST(const auto second, claimed(env.s()));
  EXPECT_EQ(second.round, 2);
  EXPECT_EQ(second.attempt, 1);
  MUST_VOID(env.s().investigations().finish(second, sample_verdict(), proposals_of(list_of<std::string>())));
  MUST(const Case done, env.s().cases().get(id));
  EXPECT_EQ(done.investigation, InvestigationState::done);
}

Job withdraws_what_is_no_longer_proposed(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  MUST(const auto first, claimed(env.s()));
  MUST_VOID(env.s().investigations().finish(first, sample_verdict(),
                                            proposals_of(list_of<std::string>("203.0.113.7", "203.0.113.8"))));
  MUST(const auto proposed, env.s().actions().of_case(id));
  CO_ASSERT_TRUE(proposed.size() == 2);
  const std::string digest = proposed[0].plan.digest(id);
  const Time expires = env.clock.now() + std::chrono::minutes(30);
  MUST(const Action asked,
       env.s().actions().request(proposed[0].id, digest, "ann", 1, expires, sample_audit("action.request")));
  EXPECT_EQ(asked.state, ActionState::awaiting);
  MUST_VOID(env.s().investigations().requeue(id));
  MUST(const auto second, claimed(env.s()));
  MUST_VOID(env.s().investigations().finish(second, sample_verdict(Label::benign), proposals_of(list_of<std::string>())));
  MUST(const auto after, env.s().actions().of_case(id));
  EXPECT_EQ(after[0].state, ActionState::withdrawn);  // what people would approve it on is no longer so
  EXPECT_EQ(after[1].state, ActionState::withdrawn);
  MUST(const CaseView view, env.s().cases().view(id));
  const auto tells = [](const CaseNote& note) { return note.text.find("approval that was asked for") != std::string::npos; };
  EXPECT_EQ(std::count_if(view.notes.begin(), view.notes.end(), tells), 1);
  Vote vote;
  vote.person = "ben";
  MUST_FAIL(Code::conflict, env.s().actions().vote(asked.id, digest, vote, env.clock.now(), sample_audit("action.approve")));
  MUST_VOID(env.s().investigations().requeue(id));
  MUST(const auto third, claimed(env.s()));
  MUST_VOID(env.s().investigations().finish(third, sample_verdict(), proposals_of(list_of<std::string>("203.0.113.8"))));
  MUST(const auto last, env.s().actions().of_case(id));
  CO_ASSERT_TRUE(last.size() == 3);
  EXPECT_EQ(last[2].state, ActionState::proposed);
}

Job gives_up_and_can_be_asked_again(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  MUST(const auto first, claimed(env.s()));
  MUST_VOID(env.s().investigations().fail(first, "the event log did not answer"));
  MUST(const CaseView view, env.s().cases().view(id));
  EXPECT_EQ(view.record.investigation, InvestigationState::failed);
  EXPECT_EQ(view.record.failure, "the event log did not answer");
  EXPECT_EQ(view.record.status, CaseStatus::open);
  EXPECT_EQ(view.alerts[0].state, AlertState::failed);
  MUST_VOID(env.s().investigations().requeue(id));
  MUST(const Coverage waiting, env.s().alerts().coverage());
  EXPECT_EQ(waiting.queued, 1);
  EXPECT_EQ(waiting.failed, 0);
  MUST(const auto second, claimed(env.s()));
  EXPECT_EQ(second.round, 2);
  MUST_VOID(env.s().investigations().finish(second, sample_verdict(), proposals_of(list_of<std::string>())));
  MUST(const CaseView after, env.s().cases().view(id));
  EXPECT_EQ(after.record.failure, "");
  EXPECT_EQ(after.alerts[0].state, AlertState::investigated);
}

}  // namespace

std::vector<StoreCase> investigation_store_cases() {
  return {
      {"Investigations", "claims_the_most_urgent", claims_the_most_urgent},
      {"Investigations", "takes_over_what_was_abandoned", takes_over_what_was_abandoned},
      {"Investigations", "resumes_after_a_restart", resumes_after_a_restart},
      {"Investigations", "keeps_everything_of_evidence", keeps_everything_of_evidence},
      {"Investigations", "finishes_with_a_verdict", finishes_with_a_verdict},
      {"Investigations", "goes_another_round_for_a_new_alert", goes_another_round_for_a_new_alert},
      {"Investigations", "abandoned_round_sees_the_new_alert", abandoned_round_sees_the_new_alert},
      {"Investigations", "withdraws_what_is_no_longer_proposed", withdraws_what_is_no_longer_proposed},
      {"Investigations", "gives_up_and_can_be_asked_again", gives_up_and_can_be_asked_again},
  };
}

}  // namespace vedette::test

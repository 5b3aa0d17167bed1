// Cases that are put aside for a while, and what brings them back.

#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

constexpr std::chrono::hours kHour(1);

Snooze snooze_until(Time until, const std::string& reason = "waiting for the owner") {
  Snooze snooze;
  snooze.until = until;
  snooze.by = "ann";
  snooze.reason = reason;
  return snooze;
}

CaseNote snooze_note(const std::string& text = "snoozed") {
  CaseNote note;
  note.kind = "snooze";
  note.author = "ann";
  note.text = text;
  return note;
}

Async<Case> snoozed(StoreEnv& env, CaseId id, Time until) {
  Snooze snooze = snooze_until(until);
  CaseNote note = snooze_note();
  AuditEntry audit = sample_audit("case.snooze", to_string(id));
  co_return co_await env.s().cases().snooze(id, std::move(snooze), std::move(note), std::move(audit));
}

Async<std::vector<std::string>> awakenings(StoreEnv& env, CaseId id) {
  CO_TRY(const auto view, env.s().cases().view(id));
  std::vector<std::string> texts;
  for (const auto& note : view.notes) {
    if (note.kind == "awake") texts.push_back(note.text);
  }
  co_return texts;
}

Async<size_t> listed(StoreEnv& env, bool asleep) {
  CaseFilter filter;
  filter.only_open = true;
  filter.snoozed = asleep;
  CO_TRY(const auto found, env.s().cases().list(std::move(filter)));
  co_return found.size();
}

Job snoozes_and_wakes_in_time(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  MUST(const Case before, env.s().cases().get(id));
  EXPECT_FALSE(before.snooze);
  const Time until = env.clock.now() + 4 * kHour;
  MUST(const Case quiet, snoozed(env, id, until));
  CO_ASSERT_TRUE(quiet.snooze.has_value());
  EXPECT_EQ(quiet.snooze->until, until);
  EXPECT_EQ(quiet.snooze->by, "ann");
  EXPECT_EQ(quiet.snooze->reason, "waiting for the owner");
  EXPECT_GT(quiet.version, before.version);
  MUST(const size_t out_of_the_way, listed(env, false));
  MUST(const size_t aside, listed(env, true));
  EXPECT_EQ(out_of_the_way, 0u);
  EXPECT_EQ(aside, 1u);
  MUST(const auto all, env.s().cases().list(CaseFilter()));
  EXPECT_EQ(all.size(), 1u);
  env.reopen();
  MUST(const auto next, env.s().cases().next_wake());
  EXPECT_EQ(next, until);
  env.clock.advance(4 * kHour - std::chrono::seconds(1));
  MUST(const auto early, env.s().cases().wake_due(env.clock.now(), 10));
  EXPECT_TRUE(early.empty());
  env.clock.advance(std::chrono::seconds(1));
  // From its time on it is in the lists, whether or not its end was recorded.
  MUST(const size_t due, listed(env, false));
  EXPECT_EQ(due, 1u);
  MUST(const auto woken, env.s().cases().wake_due(env.clock.now(), 10));
  EXPECT_EQ(woken, list_of<CaseId>(id));
  MUST(const auto again, env.s().cases().wake_due(env.clock.now(), 10));
  EXPECT_TRUE(again.empty());
  MUST(const Case back, env.s().cases().get(id));
  EXPECT_FALSE(back.snooze);
  EXPECT_GT(back.version, quiet.version);
  MUST(const auto said, awakenings(env, id));
  CO_ASSERT_TRUE(said.size() == 1);
  EXPECT_EQ(said[0], "ann, your snooze is over: its time has come. You had put it aside for: waiting for the owner");
  MUST(const auto none, env.s().cases().next_wake());
  EXPECT_FALSE(none);
  MUST(const auto rows, env.s().audit().rows(0, 10));
  CO_ASSERT_TRUE(rows.size() == 2);
  EXPECT_EQ(rows[1].entry.action, "case.awake");
  EXPECT_EQ(rows[1].entry.actor, "system");
}

Job woken_by_hand(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  MUST_FAIL(Code::conflict, env.s().cases().wake(id, snooze_note(), sample_audit("case.wake")));
  MUST(const Case first, snoozed(env, id, env.clock.now() + kHour));
  MUST(const Case longer, snoozed(env, id, env.clock.now() + 2 * kHour));
  EXPECT_LT(first.snooze->until, longer.snooze->until);
  MUST(const Case awake, env.s().cases().wake(id, snooze_note("ended"), sample_audit("case.wake")));
  EXPECT_FALSE(awake.snooze);
  MUST(const auto said, awakenings(env, id));
  EXPECT_TRUE(said.empty());  // whoever ends it knows
  MUST_FAIL(Code::not_found, env.s().cases().wake(CaseId(77), snooze_note(), sample_audit("x")));
}

Job delivered_again_it_changes_nothing(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  const AuditEntry press = sample_audit("case.snooze", "C-1", "slack:Ev1");
  const Time until = env.clock.now() + kHour;
  MUST(const Case quiet, env.s().cases().snooze(id, snooze_until(until), snooze_note(), press));
  MUST_FAIL(Code::conflict, env.s().cases().snooze(id, snooze_until(until + kHour), snooze_note(), press));
  MUST(const Case still, env.s().cases().get(id));
  EXPECT_EQ(still.snooze->until, until);
  EXPECT_EQ(still.version, quiet.version);
}

Job a_closed_case_does_not_sleep(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  MUST(const Case quiet, snoozed(env, id, env.clock.now() + kHour));
  EXPECT_TRUE(quiet.snooze.has_value());
  CaseChange close;
  close.status = CaseStatus::closed;
  close.disposition = Disposition::fp;
  MUST(const Case closed, env.s().cases().change(id, std::move(close), sample_audit("case.close")));
  EXPECT_FALSE(closed.snooze);
  MUST_FAIL(Code::conflict,
            env.s().cases().snooze(id, snooze_until(env.clock.now() + kHour), snooze_note(), sample_audit("case.snooze")));
  MUST(const auto none, env.s().cases().next_wake());
  EXPECT_FALSE(none);
}

Async<void> join_with(StoreEnv& env, CaseId id, const std::string& key, Severity severity, std::string rule = "") {
  Alert alert = sample_alert(key);
  if (!rule.empty()) alert.rule = std::move(rule);
  alert.severity = severity;
  std::vector<Alert> alerts;
  alerts.push_back(std::move(alert));
  CO_TRY(const auto accepted, env.s().alerts().accept(std::move(alerts)));
  co_return co_await env.s().alerts().join_case(accepted.front().id, id);
}

Job a_more_severe_alert_wakes_it(StoreEnv& env) {
  Alert first = sample_alert("a");
  first.severity = Severity::medium;
  MUST(const CaseId id, opened_case(env.s(), std::move(first)));
  MUST(const Case quiet, snoozed(env, id, env.clock.now() + kHour));
  EXPECT_EQ(quiet.severity, Severity::medium);
  MUST_VOID(join_with(env, id, "b", Severity::medium));
  MUST(const Case asleep, env.s().cases().get(id));
  EXPECT_TRUE(asleep.snooze.has_value());  // one more of the same is what it was put aside for
  MUST_VOID(join_with(env, id, "c", Severity::high));
  MUST(const Case awake, env.s().cases().get(id));
  EXPECT_FALSE(awake.snooze);
  MUST(const auto said, awakenings(env, id));
  CO_ASSERT_TRUE(said.size() == 1);
  EXPECT_NE(said[0].find("a more severe alert joined. It was medium and is high now."), std::string::npos) << said[0];
}

// However grave the case is already: another kind of grave alert is news.
Job a_grave_alert_of_another_rule_wakes_it(StoreEnv& env) {
  Alert first = sample_alert("a");
  first.severity = Severity::critical;
  MUST(const CaseId id, opened_case(env.s(), std::move(first)));
  MUST(const Case quiet, snoozed(env, id, env.clock.now() + kHour));
  EXPECT_TRUE(quiet.snooze.has_value());
  MUST_VOID(join_with(env, id, "b", Severity::critical));
  MUST_VOID(join_with(env, id, "c", Severity::medium, "another-rule"));
  MUST(const Case asleep, env.s().cases().get(id));
  EXPECT_TRUE(asleep.snooze.has_value());
  MUST_VOID(join_with(env, id, "d", Severity::high, "a-third-rule"));
  MUST(const Case awake, env.s().cases().get(id));
  EXPECT_FALSE(awake.snooze);
  MUST(const auto said, awakenings(env, id));
  CO_ASSERT_TRUE(said.size() == 1);
  EXPECT_NE(said[0].find("a high alert of another rule joined."), std::string::npos) << said[0];
}

Job a_failed_investigation_wakes_it(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  MUST(const Case quiet, snoozed(env, id, env.clock.now() + kHour));
  EXPECT_TRUE(quiet.snooze.has_value());
  MUST(const auto lease, env.s().investigations().claim("worker", std::chrono::seconds(60)));
  CO_ASSERT_TRUE(lease.has_value());
  MUST_VOID(env.s().investigations().fail(*lease, "the source is down"));
  MUST(const Case awake, env.s().cases().get(id));
  EXPECT_FALSE(awake.snooze);
  MUST(const auto said, awakenings(env, id));
  CO_ASSERT_TRUE(said.size() == 1);
  EXPECT_NE(said[0].find("it could not be investigated."), std::string::npos) << said[0];
}

Async<void> judge(StoreEnv& env, Label label, Severity severity) {
  CO_TRY(const auto lease, env.s().investigations().claim("worker", std::chrono::seconds(60)));
  if (!lease) co_return Error(Code::not_found, "nothing to claim");
  Verdict verdict = sample_verdict(label);
  verdict.severity = severity;
  InvestigationLease held = *lease;
  std::vector<ProposedAction> proposals;
  co_return co_await env.s().investigations().finish(held, std::move(verdict), std::move(proposals));
}

Job a_worse_verdict_wakes_it(StoreEnv& env) {
  Alert first = sample_alert("a");
  first.severity = Severity::high;
  MUST(const CaseId id, opened_case(env.s(), std::move(first)));
  MUST(const Case quiet, snoozed(env, id, env.clock.now() + kHour));
  MUST_VOID(judge(env, Label::benign, Severity::high));
  MUST(const Case asleep, env.s().cases().get(id));
  EXPECT_TRUE(quiet.snooze && asleep.snooze);
  MUST_VOID(env.s().investigations().requeue(id));
  MUST_VOID(judge(env, Label::suspicious, Severity::high));
  MUST(const Case suspicious, env.s().cases().get(id));
  EXPECT_FALSE(suspicious.snooze);
  MUST(const Case again, snoozed(env, id, env.clock.now() + kHour));
  EXPECT_TRUE(again.snooze.has_value());
  MUST_VOID(env.s().investigations().requeue(id));
  MUST_VOID(judge(env, Label::malicious, Severity::high));
  MUST(const Case awake, env.s().cases().get(id));
  EXPECT_FALSE(awake.snooze);
  MUST(const auto said, awakenings(env, id));
  CO_ASSERT_TRUE(said.size() == 2);
  EXPECT_NE(said[0].find("the verdict is suspicious now"), std::string::npos) << said[0];
  EXPECT_NE(said[1].find("the verdict is malicious now"), std::string::npos) << said[1];
  // Put aside all the same, the same verdict once more does not wake it; a higher severity does.
  MUST(const Case aside, snoozed(env, id, env.clock.now() + kHour));
  MUST_VOID(env.s().investigations().requeue(id));
  MUST_VOID(judge(env, Label::malicious, Severity::high));
  MUST(const Case same, env.s().cases().get(id));
  EXPECT_TRUE(aside.snooze && same.snooze);
  MUST_VOID(env.s().investigations().requeue(id));
  MUST_VOID(judge(env, Label::malicious, Severity::critical));
  MUST(const Case up, env.s().cases().get(id));
  EXPECT_FALSE(up.snooze);
  MUST(const Case third, snoozed(env, id, env.clock.now() + kHour));
  EXPECT_TRUE(third.snooze.has_value());
  CaseChange lower;
  lower.severity = Severity::low;
  MUST(const Case low, env.s().cases().change(id, std::move(lower), sample_audit("case.sev")));
  EXPECT_TRUE(low.snooze.has_value());
  CaseChange raise;
  raise.severity = Severity::high;
  MUST(const Case high, env.s().cases().change(id, std::move(raise), sample_audit("case.sev")));
  EXPECT_FALSE(high.snooze);
}

Job hostile_text_in_snoozes(StoreEnv& env) {
  for (const auto& hostile : hostile_texts()) {
    MUST(const CaseId id, opened_case(env.s(), sample_alert(hostile.what)));
    const Time until = env.clock.now() + kHour;
    MUST(const Case quiet, env.s().cases().snooze(id, snooze_until(until, hostile.text), snooze_note(hostile.text),
                                                  sample_audit("case.snooze")));
    if (hostile.exact) {
      EXPECT_TRUE(quiet.snooze && quiet.snooze->reason == hostile.text) << hostile.what;
    }
  }
  env.clock.advance(kHour);
  MUST(const auto woken, env.s().cases().wake_due(env.clock.now(), 100));
  EXPECT_EQ(woken.size(), hostile_texts().size());
  MUST(const auto check, env.s().audit().verify());
  EXPECT_TRUE(check.intact) << check.reason;
}

}  // namespace

std::vector<StoreCase> snooze_store_cases() {
  return {
      {"Snoozes", "snoozes_and_wakes_in_time", snoozes_and_wakes_in_time},
      {"Snoozes", "woken_by_hand", woken_by_hand},
      {"Snoozes", "delivered_again_it_changes_nothing", delivered_again_it_changes_nothing},
      {"Snoozes", "a_closed_case_does_not_sleep", a_closed_case_does_not_sleep},
      {"Snoozes", "a_more_severe_alert_wakes_it", a_more_severe_alert_wakes_it},
      {"Snoozes", "a_grave_alert_of_another_rule_wakes_it", a_grave_alert_of_another_rule_wakes_it},
      {"Snoozes", "a_failed_investigation_wakes_it", a_failed_investigation_wakes_it},
      {"Snoozes", "a_worse_verdict_wakes_it", a_worse_verdict_wakes_it},
      {"Snoozes", "hostile_text_in_snoozes", hostile_text_in_snoozes},
  };
}

}  // namespace vedette::test

#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

CaseChange change_of(CaseStatus status, const std::string& note = "") {
  CaseChange change;
  change.status = status;
  change.note.kind = "status";
  change.note.author = "ann";
  change.note.text = note;
  return change;
}

Job changes_a_case(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  MUST(const Case before, env.s().cases().get(id));
  env.clock.advance(std::chrono::minutes(2));
  CaseChange ack = change_of(CaseStatus::acknowledged, "taken");
  ack.owner = "ann";
  MUST(const Case acked, env.s().cases().change(id, std::move(ack), sample_audit("case.ack")));
  EXPECT_EQ(acked.status, CaseStatus::acknowledged);
  EXPECT_EQ(acked.owner, "ann");
  EXPECT_GT(acked.version, before.version);
  EXPECT_EQ(acked.updated, env.clock.now());
  EXPECT_EQ(acked.severity, before.severity);
  CaseChange close = change_of(CaseStatus::closed, "a scanner of ours");
  close.disposition = Disposition::btp;
  close.closing_reason = "a scanner of ours";
  close.severity = Severity::low;
  MUST(const Case closed, env.s().cases().change(id, std::move(close), sample_audit("case.close")));
  EXPECT_EQ(closed.disposition, Disposition::btp);
  EXPECT_EQ(closed.closing_reason, "a scanner of ours");
  EXPECT_EQ(closed.severity, Severity::low);
  EXPECT_EQ(closed.owner, "ann");
  env.reopen();
  MUST(const CaseView view, env.s().cases().view(id));
  CO_ASSERT_TRUE(view.notes.size() == 3);
  EXPECT_EQ(view.notes[1].text, "taken");
  EXPECT_EQ(view.notes[1].author, "ann");
  EXPECT_EQ(view.notes[1].at, env.clock.now());
  EXPECT_EQ(view.notes[2].text, "a scanner of ours");
  // Opened again it is not closed for any reason.
  MUST(const Case again, env.s().cases().change(id, change_of(CaseStatus::open), sample_audit("case.open")));
  EXPECT_FALSE(again.disposition);
  EXPECT_EQ(again.closing_reason, "");
  MUST(const auto rows, env.s().audit().rows(0, 10));
  CO_ASSERT_TRUE(rows.size() == 3);
  EXPECT_EQ(rows[1].entry.action, "case.close");
  MUST_FAIL(Code::not_found, env.s().cases().change(CaseId(77), change_of(CaseStatus::open), sample_audit("x")));
}

Job second_to_change_gets_a_conflict(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  CaseChange mine = change_of(CaseStatus::acknowledged);
  mine.owner = "ann";
  MUST(const Case acked, env.s().cases().change(id, std::move(mine), sample_audit("case.ack")));
  CaseChange yours = change_of(CaseStatus::acknowledged);
  yours.owner = "bob";
  MUST_FAIL(Code::conflict, env.s().cases().change(id, std::move(yours), sample_audit("case.ack")));
  MUST(const Case still, env.s().cases().get(id));
  EXPECT_EQ(still.owner, "ann");
  EXPECT_EQ(still.version, acked.version);
  CaseChange same_owner;
  same_owner.owner = "ann";
  MUST_FAIL(Code::conflict, env.s().cases().change(id, std::move(same_owner), sample_audit("case.assign")));
  CaseChange to_nobody;
  to_nobody.owner = "";
  MUST(const Case free, env.s().cases().change(id, std::move(to_nobody), sample_audit("case.assign")));
  EXPECT_EQ(free.owner, "");
  MUST(const auto rows, env.s().audit().rows(0, 10));
  EXPECT_EQ(rows.size(), 2u);  // refused changes leave no row
}

Job redelivered_change_is_undone_whole(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  AuditEntry first = sample_audit("case.note", "C-1", "slack:Ev1");
  CaseChange note;
  note.note.kind = "note";
  note.note.author = "ann";
  note.note.text = "seen";
  CaseChange same = note;
  MUST(const Case noted, env.s().cases().change(id, std::move(note), first));
  MUST_FAIL(Code::conflict, env.s().cases().change(id, std::move(same), first));
  MUST(const CaseView view, env.s().cases().view(id));
  EXPECT_EQ(view.notes.size(), 2u);
  EXPECT_EQ(view.record.version, noted.version);
}

Job lists_by_filter(StoreEnv& env) {
  std::vector<CaseId> ids;
  for (int i = 0; i < 6; ++i) {
    Alert alert = sample_alert(std::to_string(i), list_of<Entity>(Entity(EntityType::user, "u" + std::to_string(i))));
    alert.severity = static_cast<Severity>(i % 5);
    MUST(const CaseId id, opened_case(env.s(), std::move(alert)));
    ids.push_back(id);
    env.clock.advance(std::chrono::hours(1));
  }
  CaseChange close = change_of(CaseStatus::closed);
  MUST(const Case closed, env.s().cases().change(ids[1], std::move(close), sample_audit("case.close")));
  CaseChange ack = change_of(CaseStatus::acknowledged);
  ack.owner = "ann";
  MUST(const Case acked, env.s().cases().change(ids[2], std::move(ack), sample_audit("case.ack")));
  EXPECT_NE(closed.id, acked.id);
  MUST(const auto all, env.s().cases().list(CaseFilter()));
  CO_ASSERT_TRUE(all.size() == 6);
  EXPECT_EQ(all[0].id, ids[5]);
  EXPECT_EQ(all[5].id, ids[0]);
  EXPECT_EQ(all[0].entities, (list_of<Entity>(Entity(EntityType::user, "u5"))));
  CaseFilter filter;
  filter.only_open = true;
  MUST(const auto open, env.s().cases().list(filter));
  EXPECT_EQ(open.size(), 5u);
  filter.owner = "";
  MUST(const auto unowned, env.s().cases().list(filter));
  EXPECT_EQ(unowned.size(), 4u);
  filter = CaseFilter();
  filter.owner = "ann";
  MUST(const auto anns, env.s().cases().list(filter));
  CO_ASSERT_TRUE(anns.size() == 1);
  EXPECT_EQ(anns[0].id, ids[2]);
  filter = CaseFilter();
  filter.status = CaseStatus::closed;
  MUST(const auto over, env.s().cases().list(filter));
  CO_ASSERT_TRUE(over.size() == 1);
  EXPECT_EQ(over[0].id, ids[1]);
  filter = CaseFilter();
  filter.at_least = Severity::high;
  MUST(const auto urgent, env.s().cases().list(filter));
  EXPECT_EQ(urgent.size(), 2u);
  filter = CaseFilter();
  filter.since = env.clock.now() - std::chrono::hours(2);
  MUST(const auto recent, env.s().cases().list(filter));
  EXPECT_EQ(recent.size(), 2u);
  filter = CaseFilter();
  filter.limit = 2;
  MUST(const auto first_page, env.s().cases().list(filter));
  CO_ASSERT_TRUE(first_page.size() == 2);
  filter.before = first_page[1].id.number;
  MUST(const auto second_page, env.s().cases().list(filter));
  CO_ASSERT_TRUE(second_page.size() == 2);
  EXPECT_EQ(second_page[0].id, ids[3]);
}

Job finds_past_cases(StoreEnv& env) {
  const Entity address(EntityType::ip, "203.0.113.7");
  const Entity ann(EntityType::user, "ann");
  Alert by_address = sample_alert("1", list_of<Entity>(address));
  by_address.rule = "other";
  MUST(const CaseId closed, opened_case(env.s(), std::move(by_address)));
  Alert by_rule = sample_alert("2", list_of<Entity>(ann));
  MUST(const CaseId decided, opened_case(env.s(), std::move(by_rule)));
  MUST(const CaseId undecided, opened_case(env.s(), sample_alert("3", list_of<Entity>(address))));
  MUST(const CaseId now, opened_case(env.s(), sample_alert("4", list_of<Entity>(address))));
  CaseChange close = change_of(CaseStatus::closed);
  close.disposition = Disposition::fp;
  close.closing_reason = "printer";
  MUST(const Case done, env.s().cases().change(closed, std::move(close), sample_audit("case.close")));
  std::optional<bool> good = false;
  MUST(const Case thumbed, env.s().cases().feedback(closed, "bob", good, "too loud", sample_audit("case.bad")));
  EXPECT_EQ(done.id, thumbed.id);
  while (true) {
    MUST(const auto lease, env.s().investigations().claim("w", std::chrono::seconds(60)));
    CO_ASSERT_TRUE(lease.has_value());
    if (lease->case_id != decided) continue;
    MUST_VOID(env.s().investigations().finish(*lease, sample_verdict(Label::benign), std::vector<ProposedAction>()));
    break;
  }
  PastCaseQuery query;
  query.except = now;
  query.entities = list_of<Entity>(address);
  MUST(const auto by_entity, env.s().cases().past(query));
  CO_ASSERT_TRUE(by_entity.size() == 1);
  EXPECT_EQ(by_entity[0].id, closed);
  EXPECT_EQ(by_entity[0].disposition, Disposition::fp);
  EXPECT_EQ(by_entity[0].closing_reason, "printer");
  EXPECT_EQ(by_entity[0].bad, 1);
  EXPECT_FALSE(by_entity[0].label);
  query.rule = "5712";
  MUST(const auto either, env.s().cases().past(query));
  CO_ASSERT_TRUE(either.size() == 2);
  EXPECT_EQ(either[0].id, decided);  // newest first
  EXPECT_EQ(either[0].label, Label::benign);
  query.limit = 1;
  MUST(const auto one, env.s().cases().past(query));
  EXPECT_EQ(one.size(), 1u);
  query = PastCaseQuery();
  query.except = closed;
  query.entities = list_of<Entity>(address);
  MUST(const auto others, env.s().cases().past(query));
  EXPECT_TRUE(others.empty());  // neither the case itself nor one that is open and undecided
  EXPECT_NE(undecided, now);
}

Job counts_thumbs(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a")));
  const std::optional<bool> up = true;
  const std::optional<bool> down = false;
  const std::optional<bool> none;
  MUST(const Case one, env.s().cases().feedback(id, "ann", up, "", sample_audit("case.good")));
  EXPECT_EQ(one.good, 1);
  MUST(const Case two, env.s().cases().feedback(id, "bob", down, "missed the mail", sample_audit("case.bad")));
  EXPECT_EQ(two.good, 1);
  EXPECT_EQ(two.bad, 1);
  EXPECT_GT(two.version, one.version);
  MUST(const Case changed, env.s().cases().feedback(id, "ann", down, "on second thought", sample_audit("case.bad")));
  EXPECT_EQ(changed.good, 0);
  EXPECT_EQ(changed.bad, 2);
  MUST(const Case back, env.s().cases().feedback(id, "bob", none, "", sample_audit("case.feedback")));
  EXPECT_EQ(back.bad, 1);
  MUST(const CaseView view, env.s().cases().view(id));
  EXPECT_EQ(view.notes.back().kind, "feedback");
  EXPECT_EQ(view.notes.back().author, "bob");
  MUST_FAIL(Code::not_found, env.s().cases().feedback(CaseId(9), "ann", up, "", sample_audit("x")));
  // Only the very thumb that is there.
  MUST_FAIL(Code::conflict, env.s().cases().take_back(id, "ann", true, sample_audit("case.retract")));
  MUST_FAIL(Code::conflict, env.s().cases().take_back(id, "bob", false, sample_audit("case.retract")));
  MUST(const Case unchanged, env.s().cases().get(id));
  EXPECT_EQ(unchanged.version, back.version);
  MUST(const Case taken, env.s().cases().take_back(id, "ann", false, sample_audit("case.retract")));
  EXPECT_EQ(taken.bad, 0);
  EXPECT_GT(taken.version, back.version);
}

Job remembers_what_was_presented(StoreEnv& env) {
  MUST(const CaseId one, opened_case(env.s(), sample_alert("a")));
  MUST(const CaseId two, opened_case(env.s(), sample_alert("b")));
  MUST(const auto both, env.s().cases().unpresented(10));
  EXPECT_EQ(both.size(), 2u);
  MUST(const auto limited, env.s().cases().unpresented(1));
  EXPECT_EQ(limited.size(), 1u);
  MUST(const Case record, env.s().cases().get(one));
  std::vector<OutboxMessage> messages = list_of<OutboxMessage>(sample_message("case/1/root"));
  MUST_VOID(env.s().cases().presented(one, record.version, std::move(messages)));
  MUST(const auto left, env.s().cases().unpresented(10));
  CO_ASSERT_TRUE(left.size() == 1);
  EXPECT_EQ(left[0], two);
  MUST(const auto due, env.s().outbox().due("slack", env.clock.now(), 10));
  EXPECT_EQ(due.size(), 1u);
  MUST(const Case same, env.s().cases().get(one));
  EXPECT_EQ(same.version, record.version);  // showing a case is no change of it
  // A change brings it back; an older version does not hide that.
  MUST(const Case acked, env.s().cases().change(one, change_of(CaseStatus::acknowledged), sample_audit("case.ack")));
  MUST_VOID(env.s().cases().presented(one, record.version, std::vector<OutboxMessage>()));
  MUST(const auto again, env.s().cases().unpresented(10));
  EXPECT_EQ(again.size(), 2u);
  MUST_VOID(env.s().cases().presented(one, acked.version, std::vector<OutboxMessage>()));
  MUST_VOID(env.s().cases().presented(one, record.version, std::vector<OutboxMessage>()));
  env.reopen();
  MUST(const auto after, env.s().cases().unpresented(10));
  EXPECT_EQ(after.size(), 1u);
  MUST_FAIL(Code::not_found, env.s().cases().presented(CaseId(99), 1, std::vector<OutboxMessage>()));
}

Job shows_fifty_alerts_of_many(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("first")));
  std::vector<Alert> alerts;
  for (int i = 0; i < 60; ++i) alerts.push_back(sample_alert(std::to_string(i)));
  MUST(const auto accepted, env.s().alerts().accept(std::move(alerts)));
  for (const auto& one : accepted) MUST_VOID(env.s().alerts().join_case(one.id, id));
  MUST(const CaseView view, env.s().cases().view(id));
  EXPECT_EQ(view.record.alerts, 61);
  CO_ASSERT_TRUE(view.alerts.size() == 50);
  EXPECT_EQ(view.alerts[0].dedup_key, "first");
  EXPECT_LT(view.alerts[0].id, view.alerts[49].id);
}

Job hostile_text_in_cases(StoreEnv& env) {
  for (const auto& hostile : hostile_texts()) {
    MUST(const CaseId id, opened_case(env.s(), sample_alert(hostile.what)));
    CaseChange change = change_of(CaseStatus::closed, hostile.text);
    change.owner = hostile.text;
    change.closing_reason = hostile.text;
    AuditEntry audit = sample_audit("case.close", hostile.text, hostile.text);
    audit.actor = audit.identity = hostile.text;
    MUST(const Case closed, env.s().cases().change(id, std::move(change), std::move(audit)));
    if (hostile.exact) {
      EXPECT_TRUE(closed.owner == hostile.text && closed.closing_reason == hostile.text) << hostile.what;
      CaseFilter filter;
      filter.owner = hostile.text;
      MUST(const auto found, env.s().cases().list(filter));
      EXPECT_EQ(found.size(), 1u) << hostile.what;
    }
    const std::optional<bool> up = true;
    MUST(const Case liked, env.s().cases().feedback(id, hostile.text, up, hostile.text, sample_audit("case.good")));
    EXPECT_EQ(liked.good, 1);
  }
  MUST(const auto check, env.s().audit().verify());
  EXPECT_TRUE(check.intact) << check.reason;
}

}  // namespace

std::vector<StoreCase> case_store_cases() {
  return {
      {"Cases", "changes_a_case", changes_a_case},
      {"Cases", "second_to_change_gets_a_conflict", second_to_change_gets_a_conflict},
      {"Cases", "redelivered_change_is_undone_whole", redelivered_change_is_undone_whole},
      {"Cases", "lists_by_filter", lists_by_filter},
      {"Cases", "finds_past_cases", finds_past_cases},
      {"Cases", "counts_thumbs", counts_thumbs},
      {"Cases", "remembers_what_was_presented", remembers_what_was_presented},
      {"Cases", "shows_fifty_alerts_of_many", shows_fifty_alerts_of_many},
      {"Cases", "hostile_text_in_cases", hostile_text_in_cases},
  };
}

}  // namespace vedette::test

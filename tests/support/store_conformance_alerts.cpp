#include <algorithm>

#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

const Entity kAddress(EntityType::ip, "203.0.113.7");
const Entity kAnn(EntityType::user, "ann");
const Entity kHost(EntityType::host, "ws-12");

Job keeps_everything_of_an_alert(StoreEnv& env) {
  std::vector<Alert> alerts = list_of<Alert>(sample_alert("a", list_of<Entity>(kAddress, kAnn)));
  const Alert sent = alerts[0];
  MUST(const auto accepted, env.s().alerts().accept(std::move(alerts)));
  CO_ASSERT_TRUE(accepted.size() == 1);
  EXPECT_FALSE(accepted[0].duplicate);
  env.reopen();
  MUST(const Alert kept, env.s().alerts().get(accepted[0].id));
  EXPECT_EQ(kept.id, accepted[0].id);
  EXPECT_EQ(kept.source, sent.source);
  EXPECT_EQ(kept.format, sent.format);
  EXPECT_EQ(kept.dedup_key, sent.dedup_key);
  EXPECT_EQ(kept.title, sent.title);
  EXPECT_EQ(kept.description, sent.description);
  EXPECT_EQ(kept.rule, sent.rule);
  EXPECT_EQ(kept.rule_name, sent.rule_name);
  EXPECT_EQ(kept.category, sent.category);
  EXPECT_EQ(kept.severity, sent.severity);
  EXPECT_EQ(kept.time, sent.time);
  EXPECT_EQ(kept.received, sent.received);
  EXPECT_EQ(kept.entities, sent.entities);
  EXPECT_EQ(kept.techniques, sent.techniques);
  EXPECT_EQ(kept.fields, sent.fields);
  EXPECT_EQ(kept.link, sent.link);
  EXPECT_EQ(kept.raw, sent.raw);
  EXPECT_EQ(kept.state, AlertState::queued);
  EXPECT_FALSE(kept.case_id);
}

Job gives_numbers_in_order(StoreEnv& env) {
  std::vector<Alert> alerts = list_of<Alert>(sample_alert("a"), sample_alert("b"), sample_alert("a"), sample_alert("c"));
  MUST(const auto accepted, env.s().alerts().accept(std::move(alerts)));
  CO_ASSERT_TRUE(accepted.size() == 4);
  EXPECT_LT(accepted[0].id, accepted[1].id);
  EXPECT_EQ(accepted[2].id, accepted[0].id);
  EXPECT_TRUE(accepted[2].duplicate);
  EXPECT_LT(accepted[1].id, accepted[3].id);
  MUST(const auto coverage, env.s().alerts().coverage());
  EXPECT_EQ(coverage.received, 3);
  EXPECT_EQ(coverage.queued, 3);
}

Job same_alert_twice_is_one(StoreEnv& env) {
  std::vector<Alert> first = list_of<Alert>(sample_alert("same"));
  MUST(const auto one, env.s().alerts().accept(std::move(first)));
  env.reopen();
  std::vector<Alert> again = list_of<Alert>(sample_alert("same"));
  again[0].title = "other words";
  MUST(const auto two, env.s().alerts().accept(std::move(again)));
  EXPECT_EQ(two[0].id, one[0].id);
  EXPECT_TRUE(two[0].duplicate);
  MUST(const Alert kept, env.s().alerts().get(one[0].id));
  EXPECT_EQ(kept.title, "Many failed sign-ins");
  // The key counts within its source only.
  std::vector<Alert> elsewhere = list_of<Alert>(sample_alert("same"));
  elsewhere[0].source = "suricata";
  MUST(const auto three, env.s().alerts().accept(std::move(elsewhere)));
  EXPECT_FALSE(three[0].duplicate);
  EXPECT_NE(three[0].id, one[0].id);
}

Job nothing_accepted_is_nothing(StoreEnv& env) {
  std::vector<Alert> none;
  MUST(const auto accepted, env.s().alerts().accept(std::move(none)));
  EXPECT_TRUE(accepted.empty());
  MUST(const auto coverage, env.s().alerts().coverage());
  EXPECT_EQ(coverage.received, 0);
}

Job coverage_of_the_latest_alerts(StoreEnv& env) {
  const Time start = env.clock.now();
  MUST(const auto none, env.s().alerts().coverage_since(start));
  EXPECT_EQ(none.received, 0);
  for (int at = 0; at < 5; ++at) {
    Alert alert = sample_alert("n" + std::to_string(at));
    alert.received = start + std::chrono::hours(at);
    std::vector<Alert> alerts = list_of<Alert>(std::move(alert));
    MUST(const auto accepted, env.s().alerts().accept(std::move(alerts)));
    if (at == 3) MUST_VOID(env.s().alerts().suppress(accepted[0].id, "known scanner"));
  }
  for (int since = 0; since <= 5; ++since) {
    MUST(const auto covered, env.s().alerts().coverage_since(start + std::chrono::hours(since)));
    EXPECT_EQ(covered.received, 5 - since);
    EXPECT_EQ(covered.suppressed, since <= 3 ? 1 : 0);
    EXPECT_EQ(covered.queued, covered.received - covered.suppressed);
  }
}

Job survives_hostile_text(StoreEnv& env) {
  for (const auto& hostile : hostile_texts()) {
    Alert alert = sample_alert(hostile.text);
    alert.source = alert.title = alert.description = alert.rule = alert.rule_name = alert.category = hostile.text;
    alert.link = alert.raw = hostile.text;
    alert.entities = list_of<Entity>(Entity(EntityType::user, hostile.text));
    alert.techniques = list_of<std::string>(hostile.text);
    alert.fields = {{hostile.text, hostile.text}};
    const Alert sent = alert;
    std::vector<Alert> alerts = list_of<Alert>(alert, alert);
    MUST(const auto accepted, env.s().alerts().accept(std::move(alerts)));
    EXPECT_TRUE(accepted[1].duplicate) << hostile.what;
    MUST(const Alert kept, env.s().alerts().get(accepted[0].id));
    if (!hostile.exact) continue;
    EXPECT_TRUE(kept.source == sent.source && kept.title == sent.title && kept.raw == sent.raw) << hostile.what;
    EXPECT_TRUE(kept.dedup_key == sent.dedup_key && kept.rule == sent.rule && kept.link == sent.link) << hostile.what;
    EXPECT_TRUE(kept.entities == sent.entities) << hostile.what;
    EXPECT_TRUE(kept.techniques == sent.techniques) << hostile.what;
    EXPECT_TRUE(kept.fields == sent.fields) << hostile.what;
    MUST(const CaseId id, env.s().alerts().open_case(accepted[0].id));
    std::vector<Entity> shared = sent.entities;
    MUST(const auto joinable, env.s().alerts().joinable(std::move(shared), Time()));
    CO_ASSERT_TRUE(joinable.size() == 1);
    EXPECT_EQ(joinable[0].id, id) << hostile.what;
  }
  MUST(const auto coverage, env.s().alerts().coverage());
  EXPECT_EQ(coverage.received, static_cast<int64_t>(hostile_texts().size()));
}

Job unplaced_are_oldest_first(StoreEnv& env) {
  std::vector<Alert> alerts = list_of<Alert>(sample_alert("a"), sample_alert("b"), sample_alert("c"), sample_alert("d"));
  MUST(const auto accepted, env.s().alerts().accept(std::move(alerts)));
  MUST(const CaseId opened, env.s().alerts().open_case(accepted[1].id));
  MUST_VOID(env.s().alerts().suppress(accepted[2].id, "known scanner"));
  EXPECT_TRUE(opened);
  MUST(const auto unplaced, env.s().alerts().unplaced(10));
  CO_ASSERT_TRUE(unplaced.size() == 2);
  EXPECT_EQ(unplaced[0].id, accepted[0].id);
  EXPECT_EQ(unplaced[1].id, accepted[3].id);
  MUST(const auto one, env.s().alerts().unplaced(1));
  EXPECT_EQ(one.size(), 1u);
}

Job opens_a_case(StoreEnv& env) {
  Alert alert = sample_alert("a", list_of<Entity>(kAddress, kAnn));
  alert.severity = Severity::high;
  MUST(const CaseId id, opened_case(env.s(), std::move(alert)));
  MUST(const CaseView view, env.s().cases().view(id));
  EXPECT_EQ(view.record.title, "Many failed sign-ins");
  EXPECT_EQ(view.record.severity, Severity::high);
  EXPECT_EQ(view.record.status, CaseStatus::open);
  EXPECT_EQ(view.record.investigation, InvestigationState::queued);
  EXPECT_EQ(view.record.created, env.clock.now());
  EXPECT_EQ(view.record.last_alert, *parse_time("2026-11-24T02:58:00.123456Z"));
  EXPECT_EQ(view.record.alerts, 1);
  EXPECT_EQ(view.record.entities, (list_of<Entity>(kAddress, kAnn)));
  EXPECT_FALSE(view.record.verdict);
  CO_ASSERT_TRUE(view.alerts.size() == 1);
  EXPECT_EQ(view.alerts[0].state, AlertState::queued);
  EXPECT_EQ(view.alerts[0].case_id, id);
  CO_ASSERT_TRUE(view.notes.size() == 1);
  EXPECT_EQ(view.notes[0].kind, "alert");
  EXPECT_EQ(view.notes[0].at, env.clock.now());
  MUST(const auto unpresented, env.s().cases().unpresented(10));
  CO_ASSERT_TRUE(unpresented.size() == 1);
  EXPECT_EQ(unpresented[0], id);
  MUST_FAIL(Code::conflict, env.s().alerts().open_case(view.alerts[0].id));
  MUST_FAIL(Code::conflict, env.s().alerts().join_case(view.alerts[0].id, id));
  MUST_FAIL(Code::conflict, env.s().alerts().suppress(view.alerts[0].id, "late"));
}

Job joins_a_case(StoreEnv& env) {
  Alert first = sample_alert("a", list_of<Entity>(kAddress, kAnn));
  MUST(const CaseId id, opened_case(env.s(), std::move(first)));
  MUST(const Case before, env.s().cases().get(id));
  std::vector<Alert> more = list_of<Alert>(sample_alert("b", list_of<Entity>(kAnn, kHost)));
  more[0].severity = Severity::critical;
  more[0].time += std::chrono::minutes(5);
  const Time newest = more[0].time;
  MUST(const auto accepted, env.s().alerts().accept(std::move(more)));
  MUST_VOID(env.s().alerts().join_case(accepted[0].id, id));
  MUST(const CaseView view, env.s().cases().view(id));
  EXPECT_EQ(view.record.alerts, 2);
  EXPECT_EQ(view.record.severity, Severity::critical);
  EXPECT_EQ(view.record.last_alert, newest);
  EXPECT_EQ(view.record.entities, (list_of<Entity>(kAddress, kAnn, kHost)));
  EXPECT_GT(view.record.version, before.version);
  CO_ASSERT_TRUE(view.alerts.size() == 2);
  EXPECT_EQ(view.alerts[1].state, AlertState::merged);
  // A milder and older one raises nothing.
  std::vector<Alert> mild = list_of<Alert>(sample_alert("c", list_of<Entity>(kHost)));
  mild[0].severity = Severity::low;
  mild[0].time -= std::chrono::hours(1);
  MUST(const auto third, env.s().alerts().accept(std::move(mild)));
  MUST_VOID(env.s().alerts().join_case(third[0].id, id));
  MUST(const Case after, env.s().cases().get(id));
  EXPECT_EQ(after.severity, Severity::critical);
  EXPECT_EQ(after.last_alert, newest);
  EXPECT_EQ(after.alerts, 3);
}

Job joins_no_closed_case(StoreEnv& env) {
  Alert first = sample_alert("a", list_of<Entity>(kAddress));
  MUST(const CaseId id, opened_case(env.s(), std::move(first)));
  CaseChange change;
  change.status = CaseStatus::closed;
  change.disposition = Disposition::fp;
  MUST(const Case closed, env.s().cases().change(id, std::move(change), sample_audit("case.close")));
  EXPECT_EQ(closed.status, CaseStatus::closed);
  std::vector<Alert> more = list_of<Alert>(sample_alert("b", list_of<Entity>(kAddress)));
  MUST(const auto accepted, env.s().alerts().accept(std::move(more)));
  MUST_FAIL(Code::conflict, env.s().alerts().join_case(accepted[0].id, id));
  MUST_FAIL(Code::not_found, env.s().alerts().join_case(accepted[0].id, CaseId(999)));
  MUST(const Alert still, env.s().alerts().get(accepted[0].id));
  EXPECT_EQ(still.state, AlertState::queued);
  EXPECT_FALSE(still.case_id);
}

Job finds_joinable_cases(StoreEnv& env) {
  const Time now = *parse_time("2026-11-24T02:00:00Z");
  std::vector<CaseId> ids;
  for (int i = 0; i < 4; ++i) {
    std::vector<Entity> entities = list_of<Entity>(kAddress);
    if (i == 3) entities = list_of<Entity>(kAnn);
    Alert alert = sample_alert(std::to_string(i), std::move(entities));
    alert.time = now - std::chrono::hours(i);
    MUST(const CaseId id, opened_case(env.s(), std::move(alert)));
    ids.push_back(id);
  }
  const auto joinable = [&](std::vector<Entity> entities, std::chrono::minutes back) {
    return env.s().alerts().joinable(std::move(entities), now - back);
  };
  MUST(const auto recent, joinable(list_of<Entity>(kAddress), std::chrono::minutes(90)));
  CO_ASSERT_TRUE(recent.size() == 2);
  EXPECT_EQ(recent[0].id, ids[1]);  // the newest case first
  EXPECT_EQ(recent[1].id, ids[0]);
  EXPECT_EQ(recent[0].entities, (list_of<Entity>(kAddress)));
  MUST(const auto exact, joinable(list_of<Entity>(kAddress), std::chrono::minutes(60)));
  EXPECT_EQ(exact.size(), 2u);  // no older than `since` itself
  std::vector<Entity> either = list_of<Entity>(kAnn, kAddress, kHost);
  MUST(const auto both, joinable(either, std::chrono::minutes(300)));
  EXPECT_EQ(both.size(), 4u);
  // The same value of another type is another thing.
  std::vector<Entity> other = list_of<Entity>(Entity(EntityType::host, "203.0.113.7"));
  MUST(const auto none, joinable(other, std::chrono::minutes(300)));
  EXPECT_TRUE(none.empty());
  CaseChange change;
  change.status = CaseStatus::closed;
  MUST(const Case closed, env.s().cases().change(ids[0], std::move(change), sample_audit("case.close")));
  EXPECT_EQ(closed.id, ids[0]);
  MUST(const auto open, joinable(list_of<Entity>(kAddress), std::chrono::minutes(90)));
  EXPECT_EQ(open.size(), 1u);
  // A newer alert makes the old case joinable again.
  std::vector<Alert> more = list_of<Alert>(sample_alert("again", list_of<Entity>(kAddress)));
  more[0].time = now;
  MUST(const auto accepted, env.s().alerts().accept(std::move(more)));
  MUST_VOID(env.s().alerts().join_case(accepted[0].id, ids[2]));
  MUST(const auto again, joinable(list_of<Entity>(kAddress), std::chrono::minutes(30)));
  CO_ASSERT_TRUE(again.size() == 1);
  EXPECT_EQ(again[0].id, ids[2]);
}

Job ledger_adds_up(StoreEnv& env) {
  std::vector<Alert> alerts;
  for (int i = 0; i < 12; ++i) alerts.push_back(sample_alert(std::to_string(i)));
  MUST(const auto accepted, env.s().alerts().accept(std::move(alerts)));
  MUST(const CaseId solved, env.s().alerts().open_case(accepted[0].id));
  MUST_VOID(env.s().alerts().join_case(accepted[1].id, solved));
  MUST_VOID(env.s().alerts().suppress(accepted[2].id, "test network"));
  MUST(const auto lease, env.s().investigations().claim("worker", std::chrono::seconds(60)));
  CO_ASSERT_TRUE(lease.has_value());
  MUST_VOID(env.s().investigations().finish(*lease, sample_verdict(), std::vector<ProposedAction>()));
  MUST(const CaseId failed, env.s().alerts().open_case(accepted[3].id));
  EXPECT_TRUE(failed);
  MUST(const auto second, env.s().investigations().claim("worker", std::chrono::seconds(60)));
  CO_ASSERT_TRUE(second.has_value());
  MUST_VOID(env.s().investigations().fail(*second, "no answer from anyone"));
  MUST(const Coverage c, env.s().alerts().coverage());
  EXPECT_EQ(c.received, 12);
  EXPECT_EQ(c.investigated, 1);
  EXPECT_EQ(c.merged, 1);
  EXPECT_EQ(c.suppressed, 1);
  EXPECT_EQ(c.failed, 1);
  EXPECT_EQ(c.queued, 8);
  EXPECT_EQ(c.received, c.investigated + c.merged + c.suppressed + c.queued + c.failed);
}

Job unknown_alert_is_not_found(StoreEnv& env) {
  MUST_FAIL(Code::not_found, env.s().alerts().get(AlertId(1)));
  MUST_FAIL(Code::not_found, env.s().alerts().open_case(AlertId(1)));
  MUST_FAIL(Code::not_found, env.s().alerts().join_case(AlertId(1), CaseId(1)));
  MUST_FAIL(Code::not_found, env.s().alerts().suppress(AlertId(1), "x"));
}

}  // namespace

std::vector<StoreCase> alert_store_cases() {
  return {
      {"Alerts", "keeps_everything_of_an_alert", keeps_everything_of_an_alert},
      {"Alerts", "gives_numbers_in_order", gives_numbers_in_order},
      {"Alerts", "same_alert_twice_is_one", same_alert_twice_is_one},
      {"Alerts", "nothing_accepted_is_nothing", nothing_accepted_is_nothing},
      {"Alerts", "coverage_of_the_latest_alerts", coverage_of_the_latest_alerts},
      {"Alerts", "survives_hostile_text", survives_hostile_text},
      {"Alerts", "unplaced_are_oldest_first", unplaced_are_oldest_first},
      {"Alerts", "opens_a_case", opens_a_case},
      {"Alerts", "joins_a_case", joins_a_case},
      {"Alerts", "joins_no_closed_case", joins_no_closed_case},
      {"Alerts", "finds_joinable_cases", finds_joinable_cases},
      {"Alerts", "ledger_adds_up", ledger_adds_up},
      {"Alerts", "unknown_alert_is_not_found", unknown_alert_is_not_found},
  };
}

}  // namespace vedette::test

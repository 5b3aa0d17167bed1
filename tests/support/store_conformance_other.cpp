// Inbox, audit, sessions, and the store as a whole.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

InboxItem item_of(const std::string& key, const std::string& payload = "{}") {
  InboxItem item;
  item.platform = "slack";
  item.key = key;
  item.kind = "interaction";
  item.payload = payload;
  return item;
}

Job inbox_takes_a_key_once(StoreEnv& env) {
  MUST(const bool first, env.s().inbox().accept(item_of("Ev1", "{\"a\":1}")));
  EXPECT_TRUE(first);
  env.reopen();
  MUST(const bool again, env.s().inbox().accept(item_of("Ev1", "{\"a\":2}")));
  EXPECT_FALSE(again);
  InboxItem other = item_of("Ev1");
  other.platform = "teams";
  MUST(const bool elsewhere, env.s().inbox().accept(std::move(other)));
  EXPECT_TRUE(elsewhere);
  MUST(const auto pending, env.s().inbox().pending(10));
  CO_ASSERT_TRUE(pending.size() == 2);
  EXPECT_EQ(pending[0].payload, "{\"a\":1}");
  EXPECT_EQ(pending[0].kind, "interaction");
  EXPECT_EQ(pending[0].platform, "slack");
  EXPECT_EQ(pending[0].received, env.clock.now());
}

Job inbox_items_are_found_whatever_became_of_them(StoreEnv& env) {
  MUST(const bool first, env.s().inbox().accept(item_of("Ev1", "{\"a\":1}")));
  EXPECT_TRUE(first);
  MUST(const auto pending, env.s().inbox().pending(10));
  CO_ASSERT_TRUE(pending.size() == 1);
  const int64_t id = pending[0].id;
  MUST_VOID(env.s().inbox().done(id));
  MUST(const auto found, env.s().inbox().find(id));
  CO_ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->payload, "{\"a\":1}");
  EXPECT_EQ(found->received, pending[0].received);
  MUST(const auto none, env.s().inbox().find(id + 1));
  EXPECT_FALSE(none.has_value());
}

Job inbox_knows_keys_between_two(StoreEnv& env) {
  for (const char* key : {"a/1.5/x", "a/2.5/y", "b/1.0"}) {
    MUST(const bool added, env.s().inbox().accept(item_of(key)));
    EXPECT_TRUE(added);
  }
  const auto between = [&](std::string after, std::string before) {
    return env.s().inbox().any_between("slack", std::move(after), std::move(before));
  };
  MUST(const bool later, between("a/1.5/~", "a/~"));
  EXPECT_TRUE(later);
  MUST(const bool none, between("a/2.5/~", "a/~"));
  EXPECT_FALSE(none);
  MUST(const bool itself, between("a/2.5/y", "b/1.0"));
  EXPECT_FALSE(itself) << "neither end is included";
  MUST(const auto pending, env.s().inbox().pending(10));
  for (const auto& item : pending) {
    MUST_VOID(env.s().inbox().done(item.id));
  }
  MUST(const bool done, between("a/1.5/~", "a/~"));
  EXPECT_TRUE(done) << "whatever became of it";
  MUST(const bool elsewhere, env.s().inbox().any_between("teams", "", "~"));
  EXPECT_FALSE(elsewhere);
}

Job inbox_works_off_in_order(StoreEnv& env) {
  for (int i = 0; i < 5; ++i) {
    MUST(const bool added, env.s().inbox().accept(item_of(std::to_string(i))));
    EXPECT_TRUE(added);
  }
  MUST(const auto two, env.s().inbox().pending(2));
  CO_ASSERT_TRUE(two.size() == 2);
  EXPECT_EQ(two[0].key, "0");
  EXPECT_EQ(two[1].key, "1");
  EXPECT_EQ(two[0].attempts, 0);
  MUST_VOID(env.s().inbox().done(two[0].id));
  MUST_VOID(env.s().inbox().failed(two[1].id, "makes no sense"));
  MUST(const auto rest, env.s().inbox().pending(10));
  CO_ASSERT_TRUE(rest.size() == 3);
  EXPECT_EQ(rest[0].key, "2");
  // Looking is not starting.
  MUST(const int once, env.s().inbox().started(rest[0].id));
  MUST(const int twice, env.s().inbox().started(rest[0].id));
  EXPECT_EQ(once, 1);
  EXPECT_EQ(twice, 2);
  MUST(const auto again, env.s().inbox().pending(10));
  EXPECT_EQ(again.at(0).attempts, 2);
  // What waits stands in nobody's way.
  MUST_VOID(env.s().inbox().later(rest[0].id, env.clock.now() + std::chrono::seconds(5)));
  MUST(const auto next, env.s().inbox().pending(1));
  EXPECT_EQ(next.at(0).key, "3");
  env.clock.advance(std::chrono::seconds(5));
  MUST(const auto back, env.s().inbox().pending(1));
  EXPECT_EQ(back.at(0).key, "2");
  MUST_FAIL(Code::not_found, env.s().inbox().started(4711));
  MUST_FAIL(Code::not_found, env.s().inbox().later(4711, env.clock.now()));
  MUST_FAIL(Code::not_found, env.s().inbox().done(4711));
  MUST_FAIL(Code::not_found, env.s().inbox().failed(4711, "x"));
}

Job inbox_remembers_for_a_day(StoreEnv& env) {
  MUST(const bool added, env.s().inbox().accept(item_of("old")));
  EXPECT_TRUE(added);
  MUST(const auto pending, env.s().inbox().pending(1));
  MUST_VOID(env.s().inbox().done(pending.at(0).id));
  env.clock.advance(std::chrono::hours(24));
  MUST(const bool other, env.s().inbox().accept(item_of("new")));
  MUST(const bool seen, env.s().inbox().accept(item_of("old")));
  EXPECT_TRUE(other);
  EXPECT_FALSE(seen);
  // Numbers are never given twice, however long nothing comes: replies are named after them.
  MUST(const auto second, env.s().inbox().pending(1));
  MUST_VOID(env.s().inbox().done(second.at(0).id));
  env.clock.advance(std::chrono::hours(24 * 365));
  MUST(const bool third, env.s().inbox().accept(item_of("newest")));
  EXPECT_TRUE(third);
  MUST(const auto last, env.s().inbox().pending(1));
  EXPECT_GT(last.at(0).id, second.at(0).id);
}

Job inbox_survives_hostile_text(StoreEnv& env) {
  for (const auto& hostile : hostile_texts()) {
    MUST(const bool added, env.s().inbox().accept(item_of(hostile.text, hostile.text)));
    MUST(const bool again, env.s().inbox().accept(item_of(hostile.text, hostile.text)));
    EXPECT_TRUE(added && !again) << hostile.what;
    MUST(const auto pending, env.s().inbox().pending(1));
    CO_ASSERT_TRUE(pending.size() == 1);
    if (hostile.exact) {
      EXPECT_TRUE(pending[0].payload == hostile.text) << hostile.what;
    }
    MUST_VOID(env.s().inbox().failed(pending[0].id, hostile.text));
  }
}

Job audit_is_a_chain(StoreEnv& env) {
  MUST_VOID(env.s().audit().append(sample_audit("one")));
  MUST_VOID(env.s().audit().append(sample_audit("two")));
  env.reopen();  // the chain goes on
  env.clock.advance(std::chrono::milliseconds(1500));
  MUST_VOID(env.s().audit().append(sample_audit("three")));
  MUST(const auto rows, env.s().audit().rows(0, 10));
  CO_ASSERT_TRUE(rows.size() == 3);
  EXPECT_EQ(rows[0].previous, std::string(64, '0'));
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].sequence, static_cast<int64_t>(i) + 1);
    EXPECT_EQ(rows[i].hash, audit_hash(rows[i]));
    EXPECT_EQ(rows[i].hash.size(), 64u);
    if (i > 0) {
      EXPECT_EQ(rows[i].previous, rows[i - 1].hash);
    }
  }
  EXPECT_EQ(rows[2].at, env.clock.now());
  EXPECT_EQ(rows[2].entry.actor, "ann");
  EXPECT_EQ(rows[2].entry.identity, "console:ann");
  EXPECT_EQ(rows[2].entry.detail, "{\"why\":\"test\"}");
  MUST(const auto later, env.s().audit().rows(2, 10));
  EXPECT_EQ(later.size(), 1u);
  MUST(const AuditCheck check, env.s().audit().verify());
  EXPECT_TRUE(check.intact);
  EXPECT_EQ(check.rows, 3);
}

Job audit_refuses_the_same_cause(StoreEnv& env) {
  MUST_VOID(env.s().audit().append(sample_audit("case.ack", "C-1", "slack:Ev1")));
  MUST_FAIL(Code::conflict, env.s().audit().append(sample_audit("case.ack", "C-1", "slack:Ev1")));
  MUST_VOID(env.s().audit().append(sample_audit("case.ack", "C-2", "slack:Ev1")));
  MUST_VOID(env.s().audit().append(sample_audit("case.note", "C-1", "slack:Ev1")));
  MUST_VOID(env.s().audit().append(sample_audit("case.ack", "C-1", "")));
  MUST_VOID(env.s().audit().append(sample_audit("case.ack", "C-1", "")));
  MUST(const AuditCheck check, env.s().audit().verify());
  EXPECT_TRUE(check.intact);
  EXPECT_EQ(check.rows, 5);  // a refused one leaves no gap
}

Job audit_detail_is_json(StoreEnv& env) {
  AuditEntry bad = sample_audit("x");
  bad.detail = "not json";
  MUST_FAIL(Code::invalid_input, env.s().audit().append(bad));
  bad.detail = "[1]";
  MUST_FAIL(Code::invalid_input, env.s().audit().append(bad));
  bad.detail = "";
  MUST_VOID(env.s().audit().append(bad));
  MUST(const auto rows, env.s().audit().rows(0, 10));
  CO_ASSERT_TRUE(rows.size() == 1);
  EXPECT_EQ(rows[0].entry.detail, "{}");
}

Job append_step(Store& store, int number, int* done) {
  AuditEntry entry = sample_audit("step", std::to_string(number));
  const auto appended = co_await store.audit().append(std::move(entry));
  if (appended) ++*done;
}

Job audit_verifies_long_chains(StoreEnv& env) {
  int done = 0;
  for (int i = 0; i < 1101; ++i) boost::asio::co_spawn(env.io, append_step(env.s(), i, &done), boost::asio::detached);
  for (int i = 0; i < 2000 && done < 1101; ++i) co_await sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(done, 1101);
  MUST(const AuditCheck check, env.s().audit().verify());
  EXPECT_TRUE(check.intact) << check.reason;
  EXPECT_EQ(check.rows, 1101);
}

Job sessions_end(StoreEnv& env) {
  const Time now = env.clock.now();
  auto& sessions = env.s().sessions();
  MUST_VOID(sessions.create("hash1", "ann", now + std::chrono::hours(1)));
  MUST_VOID(sessions.create("hash2", "bob", now + std::chrono::hours(2)));
  MUST(const auto ann, sessions.person("hash1", now));
  EXPECT_EQ(ann, "ann");
  MUST(const auto over, sessions.person("hash1", now + std::chrono::hours(1)));
  EXPECT_FALSE(over);
  MUST(const auto unknown, sessions.person("hash3", now));
  EXPECT_FALSE(unknown);
  MUST_VOID(sessions.remove("hash2"));
  MUST(const auto removed, sessions.person("hash2", now));
  EXPECT_FALSE(removed);
  MUST_VOID(sessions.remove("hash2"));  // gone is gone
  env.reopen();
  MUST(const auto kept, env.s().sessions().person("hash1", now));
  EXPECT_EQ(kept, "ann");
}

Job tells_listeners_after_the_commit(StoreEnv& env) {
  using Topic = Store::Topic;
  int told[6] = {};
  for (const Topic topic :
       {Topic::alerts, Topic::investigations, Topic::cases, Topic::inbox, Topic::outbox, Topic::actions}) {
    env.s().on_commit(topic, [&told, topic] { ++told[static_cast<int>(topic)]; });
  }
  const auto count = [&](Topic topic) { return told[static_cast<int>(topic)]; };
  std::vector<Alert> alerts = list_of<Alert>(sample_alert("a"));
  MUST(const auto accepted, env.s().alerts().accept(std::move(alerts)));
  std::vector<Alert> same = list_of<Alert>(sample_alert("a"));
  MUST(const auto again, env.s().alerts().accept(std::move(same)));
  MUST(const auto read, env.s().alerts().unplaced(10));
  EXPECT_EQ(accepted[0].id, again[0].id);
  EXPECT_EQ(read.size(), 1u);
  EXPECT_EQ(count(Topic::alerts), 1);  // a repeat is no news
  EXPECT_EQ(count(Topic::investigations), 0);
  MUST(const CaseId id, env.s().alerts().open_case(accepted[0].id));
  MUST(const bool added, env.s().inbox().accept(item_of("k")));
  EXPECT_TRUE(added);
  std::vector<OutboxMessage> messages = list_of<OutboxMessage>(sample_message("m"));
  MUST_VOID(env.s().outbox().put(std::move(messages)));
  MUST(const Action action, env.s().actions().propose(id, sample_plan(), "r", "ann", 1, sample_audit("p", "")));
  EXPECT_EQ(action.state, ActionState::proposed);
  MUST(const auto last, env.s().cases().list(CaseFilter()));  // listeners of the write before have run by now
  EXPECT_EQ(last.size(), 1u);
  EXPECT_EQ(count(Topic::investigations), 1);
  EXPECT_EQ(count(Topic::cases), 2);
  EXPECT_EQ(count(Topic::inbox), 1);
  EXPECT_EQ(count(Topic::outbox), 1);
  EXPECT_EQ(count(Topic::actions), 1);
  MUST_FAIL(Code::conflict, env.s().alerts().open_case(accepted[0].id));
  MUST(const auto after, env.s().cases().list(CaseFilter()));
  EXPECT_EQ(after.size(), 1u);
  EXPECT_EQ(count(Topic::cases), 2);  // a refused change is none
}

Job tenants_do_not_meet(StoreEnv& env) {
  MUST(const CaseId id, opened_case(env.s(), sample_alert("a", list_of<Entity>(Entity(EntityType::ip, "203.0.113.7")))));
  MUST_VOID(env.s().audit().append(sample_audit("one", "C-1", "cause")));
  std::vector<OutboxMessage> messages = list_of<OutboxMessage>(sample_message("m"));
  MUST_VOID(env.s().outbox().put(std::move(messages)));
  std::vector<Event> events = list_of<Event>(sample_event("e", env.clock.now()));
  MUST(const int64_t stored, env.s().events().append(std::move(events)));
  EXPECT_EQ(stored, 1);
  MUST_VOID(env.s().sessions().create("hash", "ann", env.clock.now() + std::chrono::hours(1)));
  env.reopen("other");
  MUST_FAIL(Code::not_found, env.s().cases().get(id));
  MUST(const auto cases, env.s().cases().list(CaseFilter()));
  EXPECT_TRUE(cases.empty());
  MUST(const auto due, env.s().outbox().due("slack", env.clock.now(), 10));
  EXPECT_TRUE(due.empty());
  MUST(const auto rows, env.s().audit().rows(0, 10));
  EXPECT_TRUE(rows.empty());
  MUST(const auto person, env.s().sessions().person("hash", env.clock.now()));
  EXPECT_FALSE(person);
  MUST(const auto found, env.s().events().query(EventQuery(), Deadline::never()));
  EXPECT_EQ(found.total, 0);
  EventQuery words;
  words.text = "failed";
  MUST(const auto by_words, env.s().events().query(std::move(words), Deadline::never()));
  EXPECT_EQ(by_words.total, 0);
  // The same keys are free here, and numbers begin anew.
  MUST(const CaseId own, opened_case(env.s(), sample_alert("a", list_of<Entity>(Entity(EntityType::ip, "203.0.113.7")))));
  EXPECT_EQ(own, CaseId(1));
  MUST_VOID(env.s().audit().append(sample_audit("one", "C-1", "cause")));
  MUST(const AuditCheck check, env.s().audit().verify());
  EXPECT_TRUE(check.intact);
  EXPECT_EQ(check.rows, 1);
}

Job closed_store_cancels(StoreEnv& env) {
  env.s().close();
  env.s().close();
  MUST_FAIL(Code::cancelled, env.s().alerts().coverage());
  MUST_FAIL(Code::cancelled, env.s().audit().append(sample_audit("late")));
  MUST_FAIL(Code::cancelled, env.s().events().query(EventQuery(), Deadline::never()));
}

Job write_accept(Store& store, std::string key, int* answered, int* good) {
  std::vector<Alert> alerts;
  alerts.push_back(sample_alert(key));
  const auto accepted = co_await store.alerts().accept(std::move(alerts));
  ++*answered;
  if (accepted) ++*good;
}

Job close_answers_everyone(StoreEnv& env) {
  int answered = 0;
  int good = 0;
  for (int i = 0; i < 50; ++i) {
    boost::asio::co_spawn(env.io, write_accept(env.s(), std::to_string(i), &answered, &good), boost::asio::detached);
  }
  co_await sleep_for(std::chrono::milliseconds(1));
  env.s().close();
  for (int i = 0; i < 100 && answered < 50; ++i) co_await sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(answered, 50);
  env.reopen();
  MUST(const Coverage coverage, env.s().alerts().coverage());
  EXPECT_GE(coverage.received, good);  // what was answered is there
}

Job healthy_from_the_start(StoreEnv& env) {
  const StoreHealth health = env.s().health();
  EXPECT_TRUE(health.writable);
  EXPECT_EQ(health.reason, "");
  co_return;
}

}  // namespace

std::vector<StoreCase> other_store_cases() {
  return {
      {"Inbox", "inbox_takes_a_key_once", inbox_takes_a_key_once},
      {"Inbox", "inbox_works_off_in_order", inbox_works_off_in_order},
      {"Inbox", "inbox_items_are_found_whatever_became_of_them", inbox_items_are_found_whatever_became_of_them},
      {"Inbox", "inbox_knows_keys_between_two", inbox_knows_keys_between_two},
      {"Inbox", "inbox_remembers_for_a_day", inbox_remembers_for_a_day},
      {"Inbox", "inbox_survives_hostile_text", inbox_survives_hostile_text},
      {"Audit", "audit_is_a_chain", audit_is_a_chain},
      {"Audit", "audit_refuses_the_same_cause", audit_refuses_the_same_cause},
      {"Audit", "audit_detail_is_json", audit_detail_is_json},
      {"Audit", "audit_verifies_long_chains", audit_verifies_long_chains},
      {"Sessions", "sessions_end", sessions_end},
      {"Store", "tells_listeners_after_the_commit", tells_listeners_after_the_commit},
      {"Store", "tenants_do_not_meet", tenants_do_not_meet},
      {"Store", "closed_store_cancels", closed_store_cancels},
      {"Store", "close_answers_everyone", close_answers_everyone},
      {"Store", "healthy_from_the_start", healthy_from_the_start},
  };
}

}  // namespace vedette::test

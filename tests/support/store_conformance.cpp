#include "tests/support/store_conformance.hpp"

namespace vedette::test {

namespace {

Job run_case(const StoreCase& store_case, StoreEnv& env) {
  co_await store_case.body(env);
  env.store.reset();
}

class ConformanceTest final : public testing::Test {
 public:
  ConformanceTest(StoreCase store_case, MakeDatabase make_database)
      : case_(store_case), make_database_(std::move(make_database)) {}
  void TestBody() override {
    const auto database = make_database_();
    StoreEnv env;
    run_async([&](Executor io) {
      env.io = io;
      env.database = database.get();
      env.reopen();
      return run_case(case_, env);
    });
    env.store.reset();
  }

 private:
  StoreCase case_;
  MakeDatabase make_database_;
};

}  // namespace

bool register_store_conformance(const std::string& back_end, MakeDatabase make_database) {
  for (const auto& cases :
       {alert_store_cases(), case_store_cases(), snooze_store_cases(), investigation_store_cases(), action_store_cases(),
        outbox_store_cases(), link_store_cases(), other_store_cases(), event_store_cases(), conversation_store_cases()}) {
    for (const auto& one : cases) {
      testing::RegisterTest((back_end + one.suite).c_str(), one.name, nullptr, nullptr, __FILE__, __LINE__,
                            [one, make_database]() -> testing::Test* { return new ConformanceTest(one, make_database); });
    }
  }
  return true;
}

void StoreEnv::reopen(const std::string& tenant) {
  store.reset();
  auto opened = database->open(io, clock, tenant);
  if (!opened) throw std::runtime_error("cannot open the store: " + opened.error().message);
  store = *std::move(opened);
}

const std::vector<HostileText>& hostile_texts() {
  static const std::vector<HostileText> texts = {
      {"quotes", "Robert'); DROP TABLE alert;-- \" ` \\ %_*?", true},
      {"placeholders", "$1 ?1 :a @b %s {0} ${jndi:ldap://x}", true},
      {"unicode",
       "żółć 日本語 \xF0\x9F\x94\xA5 \xE2\x80\xAE"
       "desrever",
       true},
      {"json", "{\"a\":[1,2,{\"b\":null}]} ]]} \\u0000", true},
      {"spaces", " \t\r\n leading and trailing \n", true},
      {"megabyte", std::string(1 << 20, 'x'), true},
      {"nul", std::string("before\0after", 12), false},
      {"invalid utf-8", "ok \xFF\xFE\xC0\x80 \xED\xA0\x80 ok", false},
  };
  return texts;
}

Alert sample_alert(const std::string& key, std::vector<Entity> entities) {
  Alert alert;
  alert.source = "wazuh-prod";
  alert.format = "wazuh";
  alert.dedup_key = key;
  alert.title = "Many failed sign-ins";
  alert.description = "sshd: authentication failed";
  alert.rule = "5712";
  alert.rule_name = "sshd brute force";
  alert.category = "authentication_failed";
  alert.severity = Severity::medium;
  alert.time = *parse_time("2026-11-24T02:58:00.123456Z");
  alert.received = *parse_time("2026-11-24T02:58:01Z");
  alert.entities = std::move(entities);
  alert.techniques = {"T1110"};
  alert.fields = {{"source.ip", "203.0.113.7"}, {"user.name", "ann"}};
  alert.link = "https://wazuh.example/1";
  alert.raw = "{\"id\":\"" + key + "\"}";
  return alert;
}

ActionPlan sample_plan(const std::string& address) {
  ActionPlan plan;
  plan.verb = "block_ip";
  plan.provider = "crowdsec";
  plan.target = Entity(EntityType::ip, address);
  plan.parameters = {{"duration", "4h"}};
  return plan;
}

Verdict sample_verdict(Label label) {
  Verdict verdict;
  verdict.label = label;
  verdict.confidence = 86;
  verdict.probability = 0.86;
  verdict.severity = Severity::high;
  verdict.headline = "203.0.113.7 guessed ann's password";
  Claim claim;
  claim.text = "41 failures, then a success";
  claim.evidence = {1};
  claim.quoted = {"41"};
  claim.weight = 2.5;
  verdict.claims.push_back(std::move(claim));
  verdict.not_checked = {"mail"};
  verdict.would_change = "a ticket for the change";
  verdict.techniques = {"T1110"};
  verdict.alternatives = {"a forgotten password: too fast"};
  verdict.decided = *parse_time("2026-11-24T03:00:05Z");
  return verdict;
}

AuditEntry sample_audit(const std::string& action, const std::string& subject, const std::string& cause) {
  AuditEntry entry;
  entry.actor = "ann";
  entry.identity = "console:ann";
  entry.action = action;
  entry.subject = subject;
  entry.detail = "{\"why\":\"test\"}";
  entry.cause = cause;
  return entry;
}

OutboxMessage sample_message(const std::string& slot, const std::string& card) {
  OutboxMessage message;
  message.slot = slot;
  message.platform = "slack";
  message.channel = "C1";
  message.lane = Lane::update;
  message.card = card;
  return message;
}

Event sample_event(const std::string& id, Time time) {
  Event event;
  event.id = id;
  event.dataset = "windows";
  event.time = time;
  event.fields = {{"host.name", "WS-12"}, {"user.name", "ann"}, {"event.code", "4625"}, {"winlog.logon.type", "3"}};
  event.raw = "{\"EventID\":4625,\"Computer\":\"WS-12\",\"Message\":\"An account failed to log on\"}";
  return event;
}

Async<CaseId> opened_case(Store& store, Alert alert) {
  std::vector<Alert> alerts;
  alerts.push_back(std::move(alert));
  CO_TRY(const auto accepted, store.alerts().accept(std::move(alerts)));
  const AlertId id = accepted.front().id;
  CO_TRY(const CaseId opened, store.alerts().open_case(id));
  co_return opened;
}

Async<Action> proposed_action(Store& store, ActionPlan plan) {
  Alert alert = sample_alert("for " + plan.target.value);
  CO_TRY(const CaseId id, opened_case(store, std::move(alert)));
  AuditEntry audit = sample_audit("action.propose", "");
  CO_TRY(Action action, store.actions().propose(id, std::move(plan), "seen in [E1]", "ann", 1, std::move(audit)));
  co_return action;
}

}  // namespace vedette::test

#pragma once
// A store in memory with just what intake uses: alerts, the case view, events. Fails or conflicts on request. One thread.

#include <cstdlib>
#include <functional>
#include <map>
#include <set>

#include "bot/store/store.hpp"

namespace vedette::test {

class FakeStore final : public Store, public AlertStore, public CaseStore, public EventStore {
 public:
  // What happens instead of the named call; return nothing to go on. Called with "accept", "open", "join", "append", …
  std::function<std::optional<Error>(std::string_view call)> disturb;
  std::map<int64_t, Alert> all_alerts;
  std::map<int64_t, Case> all_cases;
  std::map<std::string, Event> all_events;
  int writes = 0;

  AlertStore& alerts() override { return *this; }
  CaseStore& cases() override { return *this; }
  EventStore& events() override { return *this; }
  InvestigationStore& investigations() override { std::abort(); }
  ActionStore& actions() override { std::abort(); }
  InboxStore& inbox() override { std::abort(); }
  OutboxStore& outbox() override { std::abort(); }
  AuditStore& audit() override { std::abort(); }
  SessionStore& sessions() override { std::abort(); }
  ConversationStore& conversations() override { std::abort(); }
  LinkStore& links() override { std::abort(); }
  StoreHealth health() const override { return {}; }
  void on_commit(Topic topic, std::function<void()> listener) override {
    if (topic == Topic::alerts) listeners_.push_back(std::move(listener));
  }
  void close() override {}

  Async<std::vector<AcceptedAlert>> accept(std::vector<Alert> alerts) override {
    if (auto error = failure("accept")) co_return *error;
    std::vector<AcceptedAlert> accepted;
    for (auto& alert : alerts) {
      const auto key = std::pair(alert.source, alert.dedup_key);
      const auto known = keys_.find(key);
      if (known != keys_.end()) {
        accepted.push_back({AlertId(known->second), true});
        continue;
      }
      const auto number = static_cast<int64_t>(all_alerts.size()) + 1;
      keys_.emplace(key, number);
      alert.id = AlertId(number);
      all_alerts.emplace(number, std::move(alert));
      accepted.push_back({AlertId(number), false});
    }
    ++writes;
    notify();
    co_return accepted;
  }

  Async<std::vector<Alert>> unplaced(size_t limit) override {
    if (auto error = failure("unplaced")) co_return *error;
    std::vector<Alert> waiting;
    for (const auto& [number, alert] : all_alerts) {
      const bool waits = !alert.case_id && alert.state == AlertState::queued;
      if (waits && waiting.size() < limit) waiting.push_back(alert);
    }
    co_return waiting;
  }

  Async<Alert> get(AlertId id) override {
    const auto found = all_alerts.find(id.number);
    if (found == all_alerts.end()) co_return Error(Code::not_found, "no such alert");
    co_return found->second;
  }

  Async<std::vector<Case>> joinable(std::vector<Entity> entities, Time since) override {
    if (auto error = failure("joinable")) co_return *error;
    std::set<int64_t, std::greater<>> numbers;
    for (const auto& [number, alert] : all_alerts) {
      if (!alert.case_id || alert.time < since) continue;
      for (const auto& entity : entities) {
        for (const auto& own : alert.entities) {
          if (own == entity) numbers.insert(alert.case_id.number);
        }
      }
    }
    std::vector<Case> open;
    for (const int64_t number : numbers) {
      if (all_cases.at(number).status != CaseStatus::closed) open.push_back(all_cases.at(number));
    }
    co_return open;
  }

  Async<CaseId> open_case(AlertId id) override {
    if (auto error = failure("open")) co_return *error;
    Alert& alert = all_alerts.at(id.number);
    if (alert.case_id) co_return Error(Code::conflict, "placed already");
    Case record;
    record.id = CaseId(static_cast<int64_t>(all_cases.size()) + 1);
    record.title = alert.title;
    record.last_alert = alert.time;
    all_cases.emplace(record.id.number, record);
    put_into(alert, record.id);
    co_return record.id;
  }

  Async<void> join_case(AlertId id, CaseId into) override {
    if (auto error = failure("join")) co_return *error;
    Alert& alert = all_alerts.at(id.number);
    if (alert.case_id) co_return Error(Code::conflict, "placed already");
    if (all_cases.at(into.number).status == CaseStatus::closed) co_return Error(Code::conflict, "closed meanwhile");
    alert.state = AlertState::merged;
    put_into(alert, into);
    co_return Status();
  }

  Async<void> suppress(AlertId, std::string) override { std::abort(); }
  Async<void> fail(AlertId id, std::string) override {
    if (auto error = failure("fail")) co_return *error;
    all_alerts.at(id.number).state = AlertState::failed;
    co_return Status();
  }
  Async<Coverage> coverage() override { std::abort(); }
  Async<Coverage> coverage_since(Time) override { std::abort(); }

  Async<CaseView> view(CaseId id) override {
    CaseView view;
    view.record = all_cases.at(id.number);
    for (const auto& [number, alert] : all_alerts) {
      if (alert.case_id == id && view.alerts.size() < 50) view.alerts.push_back(alert);
    }
    co_return view;
  }
  Async<Case> get(CaseId id) override { co_return all_cases.at(id.number); }
  Async<std::vector<Case>> list(CaseFilter) override { std::abort(); }
  Async<std::vector<PastCase>> past(PastCaseQuery) override { std::abort(); }
  Async<Case> change(CaseId, CaseChange, AuditEntry) override { std::abort(); }
  Async<Case> feedback(CaseId, std::string, std::optional<bool>, std::string, AuditEntry) override { std::abort(); }
  Async<Case> take_back(CaseId, std::string, bool, AuditEntry) override { std::abort(); }
  Async<Case> snooze(CaseId, Snooze, CaseNote, AuditEntry) override { std::abort(); }
  Async<Case> wake(CaseId, CaseNote, AuditEntry) override { std::abort(); }
  Async<std::optional<Time>> next_wake() override { std::abort(); }
  Async<std::vector<CaseId>> wake_due(Time, size_t) override { std::abort(); }
  Async<std::vector<CaseId>> unpresented(size_t) override { std::abort(); }
  Async<void> presented(CaseId, int64_t, std::vector<OutboxMessage>) override { std::abort(); }

  Async<int64_t> append(std::vector<Event> events) override {
    if (auto error = failure("append")) co_return *error;
    int64_t fresh = 0;
    for (auto& event : events) fresh += all_events.emplace(event.dataset + "/" + event.id, event).second;
    ++writes;
    co_return fresh;
  }
  Async<EventResult> query(EventQuery, Deadline) override { std::abort(); }
  Async<int64_t> count() override { co_return static_cast<int64_t>(all_events.size()); }
  Async<std::vector<Span>> spans() override { std::abort(); }

 private:
  std::optional<Error> failure(std::string_view call) { return disturb ? disturb(call) : std::nullopt; }
  void notify() {
    for (const auto& listener : listeners_) listener();
  }
  void put_into(Alert& alert, CaseId id) {
    alert.case_id = id;
    Case& record = all_cases.at(id.number);
    ++record.alerts;
    record.last_alert = std::max(record.last_alert, alert.time);
    for (const auto& entity : alert.entities) add_unique(record.entities, entity);
    ++writes;
    notify();
  }

  std::map<std::pair<std::string, std::string>, int64_t> keys_;
  std::vector<std::function<void()>> listeners_;
};

}  // namespace vedette::test

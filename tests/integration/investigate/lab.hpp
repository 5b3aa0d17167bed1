#pragma once
// An investigation from raw records to a verdict, over the SQLite store and intake's own parsers.

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bot/base/json.hpp"
#include "bot/intake/events/event_format.hpp"
#include "bot/intake/format.hpp"
#include "bot/investigate/event_log_source.hpp"
#include "bot/investigate/worker.hpp"
#include "bot/store/sqlite_store.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/files.hpp"

namespace vedette::test {

class Lab {
 public:
  explicit Lab(Executor io);
  Store& store() { return *store_; }
  const FakeClock& clock() const { return clock_; }
  FakeClock& clock() { return clock_; }
  investigate::EventLogSource& log() { return *log_; }

  static Result<std::vector<Event>> events_of(const std::string& dataset, const std::string& json);
  static Result<std::vector<Alert>> alerts_of(const std::string& format, const std::string& json, Time received);
  Async<void> keep(std::vector<Event> events);
  // Accepts the alerts; the first opens a case, the others join it.
  Async<CaseId> open_case(std::vector<Alert> alerts);
  Async<CaseId> open_case(Alert alert) { return open_case(only(std::move(alert))); }
  // One worker works off what is queued.
  // No default arguments: g++ 12 destroys those of a co_await twice.
  Async<int> work() { return work(investigate::WorkerOptions()); }
  Async<int> work(investigate::WorkerOptions options);
  Async<CaseView> investigated(std::vector<Alert> alerts) { return investigated(std::move(alerts), {}); }
  Async<CaseView> investigated(std::vector<Alert> alerts, investigate::WorkerOptions options);
  Async<CaseView> investigated(Alert alert) { return investigated(only(std::move(alert))); }

 private:
  static std::vector<Alert> only(Alert alert) {
    std::vector<Alert> list;
    list.push_back(std::move(alert));
    return list;
  }

  TempDir dir_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<investigate::EventLogSource> log_;
};

inline Lab::Lab(Executor io) {
  SqliteOptions options;
  options.path = dir_.file("vedette.db");
  options.clock = &clock_;
  auto opened = open_sqlite_store(std::move(io), options);
  if (!opened) throw std::runtime_error(opened.error().message);
  store_ = std::move(opened).value();
  log_ = std::make_unique<investigate::EventLogSource>(store_->events());
}

inline Result<std::vector<Event>> Lab::events_of(const std::string& dataset, const std::string& json) {
  TRY(const auto document, Json::parse(json));
  const auto* format = intake::find_event_format(dataset);
  if (format == nullptr) return Error(Code::invalid_input, "no event format " + dataset);
  TRY(auto parsed, intake::parse_events(*format, dataset, document));
  return std::move(parsed.events);
}

inline Result<std::vector<Alert>> Lab::alerts_of(const std::string& name, const std::string& json, Time received) {
  TRY(const auto document, Json::parse(json));
  const auto* format = intake::find_format(name);
  if (format == nullptr) format = intake::recognise_format(document);
  if (format == nullptr) return Error(Code::invalid_input, "no alert format " + name);
  TRY(auto parsed, format->parse(document));
  for (size_t i = 0; i < parsed.alerts.size(); ++i)
    intake::complete(parsed.alerts[i], parsed.records[i], name, format->name, received);
  return std::move(parsed.alerts);
}

inline Async<void> Lab::keep(std::vector<Event> events) {
  constexpr size_t kBatch = 2000;
  for (size_t from = 0; from < events.size(); from += kBatch) {
    const auto first = events.begin() + static_cast<std::ptrdiff_t>(from);
    const auto last = events.begin() + static_cast<std::ptrdiff_t>(std::min(from + kBatch, events.size()));
    std::vector<Event> batch(std::make_move_iterator(first), std::make_move_iterator(last));
    CO_TRY_VOID(store_->events().append(std::move(batch)));
  }
  co_return Status();
}

inline Async<CaseId> Lab::open_case(std::vector<Alert> alerts) {
  CO_TRY(const auto accepted, store_->alerts().accept(std::move(alerts)));
  CO_TRY(const auto id, store_->alerts().open_case(accepted.at(0).id));
  for (size_t i = 1; i < accepted.size(); ++i) CO_TRY_VOID(store_->alerts().join_case(accepted[i].id, id));
  co_return id;
}

inline Async<int> Lab::work(investigate::WorkerOptions options) {
  std::vector<investigate::EvidenceSource*> sources = {log_.get()};
  investigate::Worker worker(*store_, std::move(sources), std::move(options), clock_);
  CO_TRY(const int done, worker.drain());
  co_return done;
}

inline Async<CaseView> Lab::investigated(std::vector<Alert> alerts, investigate::WorkerOptions options) {
  CO_TRY(const auto id, open_case(std::move(alerts)));
  CO_TRY_VOID(work(std::move(options)));
  co_return co_await store_->cases().view(id);
}

}  // namespace vedette::test

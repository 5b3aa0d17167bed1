#include "bot/intake/pipeline.hpp"

#include <algorithm>

#include "bot/base/log.hpp"
#include "bot/intake/placing/candidates.hpp"
#include "bot/intake/placing/groups.hpp"
#include "bot/intake/placing/joining_entities.hpp"

namespace vedette::intake {
namespace {

constexpr size_t kBatch = 200;
constexpr size_t kAtOnce = 16;
constexpr std::chrono::seconds kIdle{30};  // in case a wake-up was missed
constexpr std::chrono::seconds kShortestPause{1};
constexpr int kMostFailures = 5;  // of one alert

// No point in trying the next alert: the store as a whole is not there.
bool concerns_all(const Error& error) { return error.code == Code::unavailable || error.code == Code::cancelled; }

}  // namespace

// One batch on its way. Workers take group after group.
struct Pipeline::Pass {
  explicit Pass(Executor executor) : changed(std::move(executor)) {}
  std::vector<std::vector<Alert>> groups;
  size_t next = 0;
  size_t running = 0;
  size_t placed = 0;
  std::optional<Error> failed;  // of the first alert that was not placed
  bool stop = false;
  Signal changed;
};

Pipeline::Pipeline(Executor executor, Store& store, PlacingOptions options)
    : executor_(std::move(executor)), store_(store), options_(options), wake_(std::make_shared<Signal>(executor_)) {
  // The store may outlive us; the signal lives as long as either.
  store_.on_commit(Store::Topic::alerts, [wake = wake_] { wake->notify(); });
}

Job Pipeline::run() {
  std::chrono::seconds pause = kShortestPause;
  while (true) {
    const bool stop = co_await cancelled();
    if (stop) co_return;
    auto placed = co_await place_waiting();
    if (placed) {
      pause = kShortestPause;
      co_await wake_->wait(kIdle);
      continue;
    }
    if (placed.error().code == Code::cancelled) co_return;
    log::warning("intake", "alerts wait for a case: {}; trying again in {} s", placed.error().message, pause.count());
    co_await sleep_for(pause);
    pause = std::min(pause * 2, kIdle);
  }
}

Async<size_t> Pipeline::place_waiting() {
  size_t placed = 0;
  while (true) {
    const bool stopped = co_await cancelled();
    if (stopped) co_return placed;
    co_await store_.foreground().calm();
    CO_TRY(auto waiting, store_.alerts().unplaced(kBatch));
    if (waiting.empty()) co_return placed;
    const bool last = waiting.size() < kBatch;
    const auto pass = std::make_shared<Pass>(executor_);
    pass->groups = independent_groups(std::move(waiting));
    TaskGroup workers(executor_, "placing");
    pass->running = std::min(kAtOnce, pass->groups.size());
    for (size_t i = pass->running; i > 0; --i) workers.spawn("worker", work(pass));
    while (pass->running > 0) {
      co_await pass->changed.wait(kIdle);
      // Workers finish the alert they are at.
      const bool stop = co_await cancelled();
      pass->stop = pass->stop || stop;
    }
    co_await workers.drain();
    placed += pass->placed;
    if (!pass->failed) continue;
    // Those that failed stay first in the list; come back for them later rather than spin on them.
    if (last || pass->placed == 0 || concerns_all(*pass->failed)) co_return *pass->failed;
  }
}

Job Pipeline::work(std::shared_ptr<Pass> pass) {
  while (!pass->stop && pass->next < pass->groups.size()) {
    auto group = std::move(pass->groups[pass->next++]);
    for (auto& alert : group) {
      if (pass->stop) break;
      const AlertId id = alert.id;
      co_await store_.foreground().calm();
      auto done = co_await try_to_place(std::move(alert));
      if (done) {
        failures_.erase(id);
        ++pass->placed;
        continue;
      }
      if (!concerns_all(done.error()))
        log::error("intake", "{} could not be placed: {}", to_string(id), done.error().message);
      if (concerns_all(done.error())) pass->stop = true;
      if (!pass->failed || pass->stop) pass->failed = std::move(done).error();
    }
  }
  --pass->running;
  pass->changed.notify();
}

// A worker that an exception ended would be waited for for ever.
Async<void> Pipeline::try_to_place(Alert alert) {
  const AlertId id = alert.id;
  Status done;
  try {
    done = co_await place(std::move(alert));
  } catch (const std::exception& e) {
    done = Error(Code::internal, std::string("a bug: ") + e.what());
  }
  if (done || concerns_all(done.error())) co_return done;
  if (++failures_[id] < kMostFailures) co_return done;
  Error why = std::move(done).error();
  try {
    done = co_await end_somehow(id, std::move(why));
  } catch (const std::exception& e) {
    done = Error(Code::internal, std::string("a bug: ") + e.what());
  }
  co_return done;
}

Async<void> Pipeline::end_somehow(AlertId id, Error why) {
  log::error("intake", "{} failed to be placed {} times: {}; it gets a case of its own", to_string(id), kMostFailures,
             why.message);
  auto opened = co_await store_.alerts().open_case(id);
  if (opened || opened.error().code == Code::conflict) co_return Status();
  if (concerns_all(opened.error())) co_return opened.error();
  log::error("intake", "{} is given up: {}", to_string(id), opened.error().message);
  std::string reason = "It could not be given a case: " + opened.error().message;
  auto failed = co_await store_.alerts().fail(id, std::move(reason));
  if (failed || failed.error().code == Code::conflict) co_return Status();
  co_return failed;
}

Async<void> Pipeline::place(Alert alert) {
  constexpr int kAttempts = 3;
  std::vector<CaseId> gone;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    CO_TRY(auto found, find_candidates(store_, alert, options_));
    const auto leave_out = [&](const Candidate& candidate) {
      return std::find(gone.begin(), gone.end(), candidate.record.id) != gone.end();
    };
    std::erase_if(found, leave_out);
    const auto into = choose(alert, found, options_);
    if (!into) break;
    auto joined = co_await store_.alerts().join_case(alert.id, *into);
    if (joined) co_return Status();
    if (joined.error().code != Code::conflict && joined.error().code != Code::not_found) co_return joined.error();
    gone.push_back(*into);
    CO_TRY(alert, store_.alerts().get(alert.id));
    if (alert.case_id) co_return Status();
  }
  auto opened = co_await store_.alerts().open_case(alert.id);
  if (opened) co_return Status();
  if (opened.error().code != Code::conflict) co_return opened.error();
  // Somebody placed it meanwhile: that is what was wanted.
  CO_TRY(alert, store_.alerts().get(alert.id));
  if (alert.case_id) co_return Status();
  co_return opened.error();
}

}  // namespace vedette::intake

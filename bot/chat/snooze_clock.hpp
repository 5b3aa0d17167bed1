#pragma once
// Wakes snoozed cases when their time comes. What is due stands in the store, so that a restart forgets nothing; that a case
// is back is said in its thread by the presenter, which sees the history change.
//
// Lives as long as the App; used on the io thread. `run` ends when its task is cancelled.

#include "bot/base/async.hpp"
#include "bot/store/store.hpp"

namespace vedette::chat {

class SnoozeClock {
 public:
  // Snoozes are a quarter of an hour long at the least: looking every few seconds is soon enough.
  SnoozeClock(Store& store, const Clock& clock, Duration period = std::chrono::seconds(5))
      : store_(store), clock_(clock), period_(period) {}
  SnoozeClock(const SnoozeClock&) = delete;
  SnoozeClock& operator=(const SnoozeClock&) = delete;

  Job run();
  // Wakes what is due now; answers how many.
  Async<size_t> wake();

 private:
  Store& store_;
  const Clock& clock_;
  Duration period_;
};

}  // namespace vedette::chat

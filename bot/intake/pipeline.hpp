#pragma once
// Gives every accepted alert a case: its own, or one that is open already and tells the same story. One stage a file in
// placing/:
//   joining_entities  what of the alert may tie it to others
//   candidates        which open cases share such an entity, asked of the store
//   choose            which of them it joins, if any
// Then the store's open_case or join_case, each one transaction that also queues the investigation.
//
// An alert is never lost: it stays in the store's list of unplaced alerts until that transaction. An error leaves it there
// for the next pass; a conflict (the case was closed meanwhile, somebody else placed the alert) is read again. And every
// alert ends: one that fails time after time, for a reason of its own, gets a case of its own without a look at the others;
// if even that cannot be done, it is marked as failed.
//
// Lives as long as the app; runs on the io thread.

#include <map>
#include <memory>

#include "bot/base/async.hpp"
#include "bot/intake/placing/choose.hpp"
#include "bot/store/store.hpp"

namespace vedette::intake {

class Pipeline {
 public:
  Pipeline(Executor executor, Store& store, PlacingOptions options = {});
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Until cancelled. Woken by commits of alerts.
  Job run();
  // Places what waits now; answers how many alerts. The error of the first alert that could not be placed, when none could.
  Async<size_t> place_waiting();

 private:
  struct Pass;
  Async<void> place(Alert alert);
  Async<void> try_to_place(Alert alert);
  Async<void> end_somehow(AlertId id, Error why);
  Job work(std::shared_ptr<Pass> pass);

  Executor executor_;
  Store& store_;
  PlacingOptions options_;
  std::shared_ptr<Signal> wake_;
  std::map<AlertId, int> failures_;  // of alerts that wait, for reasons of their own
};

}  // namespace vedette::intake

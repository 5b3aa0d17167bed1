#pragma once
// Gives every accepted alert a case: its own, or one that is open already and tells the same story. One stage a file in
// placing/:
//   joining_entities  what of the alert may tie it to others
//   candidates        which open cases share such an entity, asked of the store
//   choose            which of them it joins, if any
// Then the store's open_case or join_case, each one transaction that also queues the investigation.
//
// An alert is never lost: it stays in the store's list of unplaced alerts until that transaction. An error leaves it there
// for the next pass; a conflict (the case was closed meanwhile, somebody else placed the alert) is read again.
//
// Lives as long as the app; runs on the io thread.

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
  Job work(std::shared_ptr<Pass> pass);

  Executor executor_;
  Store& store_;
  PlacingOptions options_;
  std::shared_ptr<Signal> wake_;
};

}  // namespace vedette::intake

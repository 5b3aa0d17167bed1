#pragma once
// Keeps chat in step with the cases: notices cases that changed since they were last drawn, draws their cards and puts them
// into the outbox. What was drawn is remembered in the same transaction, so a crash at any point draws again and loses
// nothing.
//
// Lives as long as the App; used on the io thread. `run` ends when its task is cancelled.

#include <functional>
#include <memory>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/chat/route.hpp"
#include "bot/store/store.hpp"

namespace vedette::chat {

class Presenter {
 public:
  // `runnable` says whether a plan's provider has its verb; where it has not, undoing is not offered.
  Presenter(Executor io, Store& store, std::vector<Route> routes, std::function<bool(const ActionPlan&)> runnable);
  Presenter(const Presenter&) = delete;
  Presenter& operator=(const Presenter&) = delete;

  // From now on what people may change about a plan is offered with its approval.
  void offer_settings(std::function<std::vector<PlanSetting>(const ActionPlan&)> settings) {
    settings_ = std::move(settings);
  }

  Job run();
  // Draws every case that is behind, once. Answers how many were drawn; cases that failed are left for the next time.
  Async<size_t> present_changed();
  // Draws one case as it is now.
  Async<void> present(CaseId id);

 private:
  Async<std::vector<Route>> targets(CaseId id, std::vector<Route> matching);
  Async<std::vector<OutboxMessage>> without_leftovers(CaseId id, std::vector<OutboxMessage> messages);
  boost::asio::awaitable<bool> try_present(CaseId id);

  Store& store_;
  std::vector<Route> routes_;
  std::function<bool(const ActionPlan&)> runnable_;
  std::function<std::vector<PlanSetting>(const ActionPlan&)> settings_;
  std::shared_ptr<Signal> changed_;
};

}  // namespace vedette::chat

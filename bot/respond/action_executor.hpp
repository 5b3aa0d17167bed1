#pragma once
// Carries out approved actions, each at most once per approval.
//
//   approved → begin() (the intent is on disk) → provider.execute → succeeded | failed | unknown
//   unknown  → provider.look_up with growing waits until it answers; never a second execute
//
// Only an answer that means "surely not done" (unavailable, rate_limited) is tried again, a bounded number of times and
// inside the approval's time. What a former process left in `executing` is unknown: it is looked up. A look-up that says
// "not done" ends the action as failed: people decide anew. An exception of ours makes the outcome unknown. Approvals that
// run out are expired here too. What a provider answers after people have settled the action is recorded beside their word.
//
// Runs on the io thread in jobs of the TaskGroup given to start(); must outlive it. Nothing durable lives here.

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "bot/base/async.hpp"
#include "bot/policy/policy.hpp"
#include "bot/respond/providers.hpp"
#include "bot/store/store.hpp"

namespace vedette::respond {

struct ExecutorOptions {
  std::chrono::milliseconds attempt = std::chrono::seconds(30);    // deadline of one execute or look_up
  int tries = 4;                                                   // of an execute that surely did nothing
  std::chrono::milliseconds first_wait = std::chrono::seconds(2);  // doubles from try to try, and from look-up to look-up
  std::chrono::milliseconds longest_wait = std::chrono::minutes(5);
  // "Not done" is believed only this long after the last attempt: the other side may still be working on a request it got.
  std::chrono::milliseconds settle = std::chrono::seconds(15);
  std::chrono::milliseconds timer = std::chrono::seconds(5);  // how often work is looked for without a wake-up
  // At most so many starts of one verb within the window; more wait (and run out with their approval). Counted in the store,
  // so that a restart forgets none. Blocking what is outside has a limit of its own; undoing (unblock_, release_, restore_,
  // enable_) is never held back. 0: no limit.
  int starts_per_window = 5;
  int blocks_per_window = 30;
  std::chrono::minutes window = std::chrono::minutes(10);
};

class ActionExecutor {
 public:
  ActionExecutor(Store& store, const policy::Policy& policy, const Providers& providers, const Clock& clock,
                 ExecutorOptions options = {});
  ~ActionExecutor();
  ActionExecutor(const ActionExecutor&) = delete;
  ActionExecutor& operator=(const ActionExecutor&) = delete;

  // Spawns the loops. Once.
  void start(TaskGroup& group);

 private:
  Job work_loop();
  Job expiry_loop();
  boost::asio::awaitable<void> take_up_work();
  void spawn(const Action& action, Job job);

  struct Busy;  // an action has a job as long as it lives
  struct Starting;
  Job run_approved(Action action);
  Job resolve_unknown(Action seen);
  boost::asio::awaitable<void> begin_and_execute(Action action);
  boost::asio::awaitable<void> after_exception(ActionId id);
  boost::asio::awaitable<void> resolve(Action action);
  boost::asio::awaitable<void> execute(Action action);
  boost::asio::awaitable<void> look_up_until_known(Action action, SteadyTime attempted);
  boost::asio::awaitable<bool> still_open(ActionId id);
  Async<Action> begin(Action action, bool runs);
  boost::asio::awaitable<void> finish(Action action, ActionState state, std::string result);
  boost::asio::awaitable<void> record_late_answer(Action action, ActionState state, std::string said);
  boost::asio::awaitable<bool> may_start(Action action);
  bool in_time(const Action& action) const;

  Store& store_;
  const policy::Policy& policy_;
  const Providers& providers_;
  const Clock& clock_;
  ExecutorOptions options_;
  TaskGroup* group_ = nullptr;
  std::unique_ptr<Signal> work_;
  std::unique_ptr<Signal> expiry_;
  std::set<ActionId> busy_;              // actions that have a job now
  std::set<ActionId> held_;              // approved ones that wait for the window to pass
  std::map<std::string, int> starting_;  // by verb: given a job, and their start not in the store yet
  std::shared_ptr<bool> alive_;          // listeners of the store outlive us
};

}  // namespace vedette::respond

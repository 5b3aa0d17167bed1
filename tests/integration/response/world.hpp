#pragma once
// What executor tests run against: a provider whose other side is remembered across restarts, a store that can "crash" at
// the N-th change of an action, and the people who ask and approve.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bot/respond/action_executor.hpp"
#include "bot/respond/action_service.hpp"
#include "bot/store/sqlite_store.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/files.hpp"

namespace vedette::test {

// How the other side treats one execute.
enum class Treatment {
  does_it,             // and says so
  refuses,             // says it was not done
  unreachable,         // nothing arrives
  applies_then_drops,  // does it, the answer is lost
  drops,               // does not do it, and no answer comes
  says_unknown,        // does it, answers that it cannot tell
  hangs,               // does it, and never answers
  throws,              // does it, and then a bug of ours throws
  answers_late,        // does it, and says so once told to go on
};

// The other side. Outlives providers, executors and stores.
struct OtherSide {
  std::deque<Treatment> next;           // then does_it
  std::map<std::string, int> executes;  // that arrived, by key
  std::map<std::string, int> attempts;  // all, by key
  std::map<std::string, bool> applied;
  int look_ups = 0;
  int look_ups_without_answer = 0;  // so many look-ups fail first
  int look_ups_that_throw = 0;      // and before them so many throw
  std::function<void()> on_execute;
  std::unique_ptr<Signal> go_on;  // of answers_late
};

class RememberingProvider final : public respond::ActionProvider {
 public:
  explicit RememberingProvider(OtherSide& side) : side_(side) {}
  std::string name() const override { return "other"; }
  std::vector<std::string> verbs() const override { return {"block_ip", "unblock_ip", "isolate_host"}; }
  Status check(const ActionPlan& plan) const override;
  Async<respond::Receipt> execute(ActionPlan plan, std::string key, Deadline deadline) override;
  Async<respond::Receipt> look_up(ActionPlan plan, std::string key, Deadline deadline) override;

 private:
  OtherSide& side_;
};

// Forwards to another store, but at the N-th change of an action it stands still for ever: before it is made, or after.
struct CrashPoint {
  int at = 0;  // 0: never
  bool after = false;
  int seen = 0;
  bool reached = false;
};
std::unique_ptr<Store> crashing_store(Store& store, CrashPoint& point);

// One life of Vedette over the database file: store, service, executor; people ann (asks), ben and cat (approve).
class Life {
 public:
  Life(Executor io, const std::string& database, OtherSide& side, CrashPoint* crash = nullptr,
       respond::ExecutorOptions options = quick(), policy::PolicyOptions rules = {}, const Clock& clock = system_clock());
  ~Life();

  static respond::ExecutorOptions quick();

  // A proposed block of this address in a case of its own.
  Async<Action> proposed(std::string address, std::string verb = "block_ip");
  Async<Action> request(const Action& action);
  Async<Action> approve(const Action& action, std::string who = "ben");
  Async<Action> approved(std::string address);

  void start();  // the executor
  boost::asio::awaitable<void> stop();
  // Waits until the action is in a final state (or the wanted one) and answers it.
  Async<Action> settled(ActionId id, std::optional<ActionState> wanted = {});
  Async<Action> get(ActionId id) { return store->actions().get(id); }

  const Clock& clock;
  std::unique_ptr<Store> real;
  std::unique_ptr<Store> wrapped;  // with a crash point
  Store* store = nullptr;
  policy::Policy policy;
  respond::Providers providers;
  std::unique_ptr<respond::ActionService> service;
  std::unique_ptr<respond::ActionExecutor> executor;
  TaskGroup group;

 private:
  int asked_ = 0;
};

Person person_with(std::string id, std::string role);

}  // namespace vedette::test

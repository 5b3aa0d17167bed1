#pragma once
// One piece of work that several callers want at the same moment: the first does it, the others wait for its end and then
// look again. io thread only.

#include <memory>
#include <utility>
#include <vector>

#include "bot/base/async.hpp"

namespace vedette::teams {

class Flight {
  struct State {
    explicit State(Executor its_executor) : executor(std::move(its_executor)) {}
    Executor executor;
    bool busy = false;
    std::vector<std::shared_ptr<Signal>> waiting;
  };

 public:
  explicit Flight(Executor executor) : state_(std::make_shared<State>(std::move(executor))) {}

  bool busy() const { return state_->busy; }

  // Held by whoever does the work; its end, however it comes, lets the others go on.
  class Lead {
   public:
    explicit Lead(const Flight& flight) : state_(flight.state_) { state_->busy = true; }
    Lead(const Lead&) = delete;
    Lead& operator=(const Lead&) = delete;
    ~Lead() {
      state_->busy = false;
      for (const auto& signal : std::exchange(state_->waiting, {})) signal->notify();
    }

   private:
    std::shared_ptr<State> state_;
  };

  // Until the work under way has ended. Errors: timeout, cancelled.
  Async<void> wait(Deadline deadline) {
    const auto state = state_;
    const auto signal = std::make_shared<Signal>(state->executor);
    state->waiting.push_back(signal);
    const bool ended = co_await signal->wait(deadline.left());
    if (ended) co_return Status();
    std::erase(state->waiting, signal);
    const bool stop = co_await cancelled();
    if (stop) co_return Error(Code::cancelled, "Vedette is stopping.");
    co_return Error(Code::timeout, "Another request for the same thing did not end in time.", true);
  }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace vedette::teams

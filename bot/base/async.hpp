#pragma once
// Coroutines on one io_context and one thread. Everything here is used from that thread only, unless it says otherwise.
//
// Rule for every coroutine (g++ 12 miscompiles the rest): the operand of co_await holds only names, literals and calls.
// Parameters are taken by value, or by reference to an object that App owns; coroutine lambdas capture nothing.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "bot/base/clock.hpp"
#include "bot/base/result.hpp"

namespace vedette {

using Executor = boost::asio::any_io_executor;

// A coroutine that ends in a value or an Error.
template <class T>
using Async = boost::asio::awaitable<Result<T>>;
// A coroutine that runs until it is cancelled or done, and reports by itself.
using Job = boost::asio::awaitable<void>;

// Waits; ends early without an error when the surrounding task is cancelled (check with `cancelled()`).
boost::asio::awaitable<void> sleep_for(Duration wait);
// True once the surrounding task was told to stop.
boost::asio::awaitable<bool> cancelled();

// Runs `work` on the blocking pool and comes back to the caller's executor. `work` must not touch state owned by the io
// thread.
class BlockingPool {
 public:
  explicit BlockingPool(unsigned threads);
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;
  // Posts `work`; `done` is called on `back` afterwards.
  void post(std::function<void()> work, Executor back, std::function<void()> done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};
boost::asio::awaitable<void> offload(BlockingPool& pool, std::function<void()> work);

// A wake-up flag: `notify` lets the one waiting coroutine go on; a notify without a waiter is remembered.
class Signal {
 public:
  explicit Signal(Executor executor);
  ~Signal();
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  void notify();
  // Returns true when notified, false when `at_most` passed or the task was cancelled.
  boost::asio::awaitable<bool> wait(Duration at_most);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Owns spawned jobs: names them, logs an exception that escapes, cancels and joins them. Nothing is ever detached.
class TaskGroup {
 public:
  TaskGroup(Executor executor, std::string name);
  ~TaskGroup();  // the group must be empty: join() first
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  void spawn(std::string_view name, Job job);
  size_t running() const;
  bool stopping() const;
  // Cancels every job, then waits until all have ended or the deadline passed. True when all ended.
  boost::asio::awaitable<bool> stop(Deadline deadline);
  // Waits until no job is left.
  boost::asio::awaitable<void> drain();
  Executor executor() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace vedette

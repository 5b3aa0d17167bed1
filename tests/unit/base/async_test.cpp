#include "bot/base/async.hpp"

#include <stdexcept>
#include <thread>

#include "tests/support/async_test.hpp"

namespace vedette {
namespace {

Job wait_for_ever(int* ended) {
  bool stop = false;
  while (!stop) {
    co_await sleep_for(std::chrono::hours(1));
    stop = co_await cancelled();
  }
  ++*ended;
}

Job throws() {
  co_await sleep_for(std::chrono::milliseconds(1));
  throw std::runtime_error("a bug");
}

Job wait_on(Signal& signal, bool* got) { *got = co_await signal.wait(std::chrono::hours(1)); }

ASYNC_TEST(TaskGroup, stop_cancels_and_joins_every_job) {
  TaskGroup group(io, "test");
  int ended = 0;
  for (int i = 0; i < 10; ++i) group.spawn("waiter", wait_for_ever(&ended));
  EXPECT_EQ(group.running(), 10u);
  const auto deadline = Deadline::after(std::chrono::seconds(5));
  EXPECT_TRUE(co_await group.stop(deadline));
  EXPECT_EQ(ended, 10) << "jobs end in order, they are not torn down";
  EXPECT_EQ(group.running(), 0u);
}

ASYNC_TEST(TaskGroup, an_exception_ends_one_job_only) {
  TaskGroup group(io, "test");
  int ended = 0;
  group.spawn("thrower", throws());
  group.spawn("waiter", wait_for_ever(&ended));
  co_await sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(group.running(), 1u);
  const auto deadline = Deadline::after(std::chrono::seconds(5));
  co_await group.stop(deadline);
}

ASYNC_TEST(Signal, remembers_a_notify_without_a_waiter) {
  Signal signal(io);
  signal.notify();
  EXPECT_TRUE(co_await signal.wait(std::chrono::hours(1)));
  EXPECT_FALSE(co_await signal.wait(std::chrono::milliseconds(1)));
}

ASYNC_TEST(Signal, wakes_the_waiter) {
  Signal signal(io);
  TaskGroup group(io, "test");
  bool got = false;
  group.spawn("waiter", wait_on(signal, &got));
  co_await sleep_for(std::chrono::milliseconds(1));
  signal.notify();
  co_await group.drain();
  EXPECT_TRUE(got);
}

ASYNC_TEST(BlockingPool, runs_elsewhere_and_comes_back) {
  BlockingPool pool(1);
  const auto here = std::this_thread::get_id();
  std::thread::id there;
  std::function<void()> work = [&] { there = std::this_thread::get_id(); };
  co_await offload(pool, work);
  EXPECT_NE(there, here);
  EXPECT_EQ(std::this_thread::get_id(), here);
}

ASYNC_TEST(BlockingPool, an_exception_reaches_the_caller) {
  BlockingPool pool(1);
  std::function<void()> work = [] { throw std::runtime_error("in the pool"); };
  std::string message;
  try {
    co_await offload(pool, work);
  } catch (const std::runtime_error& e) {
    message = e.what();
  }
  EXPECT_EQ(message, "in the pool");
}

}  // namespace
}  // namespace vedette

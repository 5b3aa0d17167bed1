#pragma once
// Runs coroutines in tests.
//   ASYNC_TEST(Store, keeps_alerts) { auto r = co_await store.alerts().get(id); ... }
// The body is a coroutine `Job` on an io_context of its own; use EXPECT_*, and co_return instead of ASSERT_* returning.

#include <functional>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "bot/base/async.hpp"

namespace vedette::test {

// Runs `make(executor)` to its end on a fresh io_context; an exception or a run longer than `limit` fails the test.
void run_async(std::function<Job(Executor)> make, std::chrono::milliseconds limit = std::chrono::seconds(30));

}  // namespace vedette::test

// The body sees `io` (the executor).
#define ASYNC_TEST(suite, name)                                          \
  static vedette::Job suite##_##name##_body(vedette::Executor io);       \
  TEST(suite, name) { vedette::test::run_async(suite##_##name##_body); } \
  static vedette::Job suite##_##name##_body([[maybe_unused]] vedette::Executor io)

// Like ASSERT_TRUE for a Result inside a coroutine: reports its error and leaves.
#define CO_ASSERT_OK(result)                                                \
  do {                                                                      \
    const auto& co_assert_result = (result);                                \
    if (!co_assert_result) {                                                \
      ADD_FAILURE() << #result << ": " << co_assert_result.error().message; \
      co_return;                                                            \
    }                                                                       \
  } while (false)
#define CO_ASSERT_TRUE(condition)  \
  do {                             \
    if (!(condition)) {            \
      ADD_FAILURE() << #condition; \
      co_return;                   \
    }                              \
  } while (false)

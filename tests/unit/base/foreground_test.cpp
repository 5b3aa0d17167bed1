#include "bot/base/foreground.hpp"

#include <memory>

#include "tests/support/async_test.hpp"

namespace vedette {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Job background(Foreground& foreground, bool* went_on) {
  co_await foreground.calm();
  *went_on = true;
}

ASYNC_TEST(Foreground, background_waits_for_those_who_wait) {
  Foreground foreground;
  TaskGroup group(io, "test");
  auto somebody = std::make_unique<Foreground::Waiting>(foreground);
  auto somebody_else = std::make_unique<Foreground::Waiting>(foreground);
  bool went_on = false;
  group.spawn("background", background(foreground, &went_on));
  co_await sleep_for(milliseconds(5));
  EXPECT_FALSE(went_on);
  somebody.reset();
  co_await sleep_for(milliseconds(5));
  EXPECT_FALSE(went_on) << "one of them waits still";
  somebody_else.reset();
  co_await group.drain();
  EXPECT_TRUE(went_on);
}

ASYNC_TEST(Foreground, a_flood_that_never_ends_does_not_starve_background) {
  Foreground foreground;
  const Foreground::Waiting flood(foreground);
  const auto begun = steady_clock::now();
  co_await foreground.calm();
  EXPECT_GE(steady_clock::now() - begun, milliseconds(100)) << "it gives way as long as it may";
}

ASYNC_TEST(Foreground, a_cancelled_task_does_not_wait) {
  Foreground foreground;
  const Foreground::Waiting flood(foreground);
  TaskGroup group(io, "test");
  bool went_on = false;
  group.spawn("background", background(foreground, &went_on));
  co_await sleep_for(milliseconds(2));
  const auto deadline = Deadline::after(milliseconds(50));
  EXPECT_TRUE(co_await group.stop(deadline));
  EXPECT_TRUE(went_on);
}

}  // namespace
}  // namespace vedette

#pragma once
// A clock that stands still until a test moves it.

#include "bot/base/clock.hpp"

namespace vedette::test {

class FakeClock final : public Clock {
 public:
  explicit FakeClock(Time start = *parse_time("2026-11-24T03:00:00Z")) : now_(start) {}
  Time now() const override { return now_; }
  SteadyTime steady_now() const override { return SteadyTime(now_.time_since_epoch()); }
  void advance(Duration by) { now_ += by; }
  void set(Time to) { now_ = to; }

 private:
  Time now_;
};

}  // namespace vedette::test

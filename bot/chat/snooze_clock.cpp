#include "bot/chat/snooze_clock.hpp"

#include "bot/base/log.hpp"

namespace vedette::chat {
namespace {
constexpr size_t kBatch = 50;
}

Job SnoozeClock::run() {
  while (true) {
    const bool stop = co_await cancelled();
    if (stop) co_return;
    const auto woken = co_await wake();
    if (!woken && woken.error().code == Code::cancelled) co_return;
    if (!woken) log::warning("chat", "snoozed cases could not be woken now: {}", woken.error().message);
    co_await sleep_for(period_);
  }
}

Async<size_t> SnoozeClock::wake() {
  size_t all = 0;
  while (true) {
    const Time now = clock_.now();
    CO_TRY(const auto due, store_.cases().next_wake());
    if (!due || *due > now) co_return all;
    CO_TRY(const auto woken, store_.cases().wake_due(now, kBatch));
    all += woken.size();
    if (woken.size() < kBatch) co_return all;
  }
}

}  // namespace vedette::chat

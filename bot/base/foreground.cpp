#include "bot/base/foreground.hpp"

namespace vedette {
namespace {

constexpr std::chrono::milliseconds kCalm(1);
constexpr std::chrono::milliseconds kLongest(100);

}  // namespace

bool Foreground::is_calm() const { return waiting_ == 0 && std::chrono::steady_clock::now() - last_ >= kCalm; }

boost::asio::awaitable<void> Foreground::calm() {
  const Deadline end = Deadline::after(kLongest);
  while (!is_calm() && !end.passed()) {
    const bool stop = co_await cancelled();
    if (stop) co_return;
    co_await sleep_for(kCalm);
  }
}

}  // namespace vedette

// A case that is snoozed comes back, with the whole program and over restarts: once, in its thread.

#include "bot/app/app.hpp"
#include "bot/app/config.hpp"
#include "bot/base/clock.hpp"
#include "tests/fakes/fake_slack.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/files.hpp"

namespace vedette::test {
namespace {

using std::chrono::milliseconds;

// The machine's clocks, with a calendar that a test can turn on.
class TurnedClock final : public Clock {
 public:
  Time now() const override { return system_clock().now() + ahead_; }
  SteadyTime steady_now() const override { return system_clock().steady_now(); }
  void turn(Duration by) { ahead_ += by; }

 private:
  Duration ahead_{0};
};

struct Bench {
  explicit Bench(Executor executor) : io(executor), fake(executor, {}) {}

  Status start() {
    auto config = app::parse_config(
        "server: {listen: \"127.0.0.1:0\"}\nstore: sqlite:" + folder.file("bot.sqlite") +
            "\npeople: [{id: ann, name: Ann, roles: [analyst], slack: T0FAKE/U7}]\nchat: {slack: {channel: C1, app_token: "
            "xapp-fake-app-token, bot_token: xoxb-fake-bot-token, api_url: \"" +
            fake.api_url() + "\", pace_milliseconds: 0}}\n",
        "test", folder.path().string());
    if (!config) return std::move(config).error();
    app = std::make_unique<app::App>(io, *std::move(config), clock);
    return app->start();
  }
  boost::asio::awaitable<bool> stop() {
    const Deadline deadline = Deadline::after(milliseconds(5000));
    const bool ended = co_await app->stop(deadline);
    // As in the program, an App outlives what still comes of its last calls.
    ended_.push_back(std::move(app));
    co_return ended;
  }
  int count(const std::string& words, bool in_thread) const {
    int found = 0;
    for (const auto& message : fake.messages()) {
      const bool says = (message.text + message.blocks.dump()).find(words) != std::string::npos;
      found +=
          says && message.channel == "C1" && message.only_for.empty() && !message.thread_ts.empty() == in_thread ? 1 : 0;
    }
    return found;
  }
  boost::asio::awaitable<bool> comes(std::string words, bool in_thread) {
    const Deadline deadline = Deadline::after(milliseconds(10'000));
    while (count(words, in_thread) == 0 && !deadline.passed()) co_await sleep_for(milliseconds(5));
    co_return count(words, in_thread) > 0;
  }

  Executor io;
  TempDir folder;
  TurnedClock clock;
  FakeSlack fake;
  std::unique_ptr<app::App> app;

 private:
  std::vector<std::unique_ptr<app::App>> ended_;
};

ASYNC_TEST(SnoozedApp, a_case_is_back_once_whatever_stops_in_between) {
  Bench bench(io);
  CO_ASSERT_OK(bench.fake.start());
  CO_ASSERT_OK(bench.start());
  const auto sockets = milliseconds(5000);
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, sockets));
  (void)bench.fake.slash("U7", "C1", "investigate odd sign-in from 203.0.113.7 on host: web-01");
  CO_ASSERT_TRUE(co_await bench.comes("snooze C-1", false));  // its card, with the menu
  (void)bench.fake.slash("U7", "C1", "snooze C-1 4h waiting for the owner");
  CO_ASSERT_TRUE(co_await bench.comes("by ann: waiting for the owner", false));
  EXPECT_TRUE(co_await bench.stop());
  EXPECT_EQ(bench.count("C-1 is back", true), 0);

  bench.clock.turn(std::chrono::hours(5));
  CO_ASSERT_OK(bench.start());
  CO_ASSERT_TRUE(co_await bench.comes("C-1 is back. ann, your snooze is over: its time has come.", true));
  EXPECT_TRUE(co_await bench.stop());

  CO_ASSERT_OK(bench.start());
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, sockets));
  (void)bench.fake.slash("U7", "C1", "note C-1 something else");
  CO_ASSERT_TRUE(co_await bench.comes("something else", true));  // the timeline: whatever else was to be said was said
  EXPECT_EQ(bench.count("C-1 is back", true), 1);
  EXPECT_EQ(bench.count("Snoozed until", false), 0);
  EXPECT_TRUE(co_await bench.stop());
  co_await bench.fake.stop();
}

}  // namespace
}  // namespace vedette::test

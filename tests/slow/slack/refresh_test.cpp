// A real Vedette is made to renew a link again and again while people press and speak, and there must not be one moment in
// which Slack has none to give an envelope to. tests/integration/slack does the same to the Slack part alone, in every run.
// VEDETTE_REFRESHES changes how often (50).

#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/fakes/fake_slack.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/bot.hpp"

namespace vedette::test {
namespace {

using std::chrono::milliseconds;

// Each refresh: two links, the disconnect frame, and the old one closed by Slack.
Job refreshes(Executor io) {
  const char* wanted = std::getenv("VEDETTE_REFRESHES");
  const int times = wanted == nullptr ? 50 : std::atoi(wanted);
  TempDir folder;
  FakeSlack slack(io, FakeSlackOptions());
  CO_ASSERT_OK(slack.start());
  BotOptions options;
  options.slack_api_url = slack.api_url();
  Bot bot(folder, options);
  CO_ASSERT_TRUE(co_await slack.wait_sockets(2, milliseconds(10'000)));
  std::vector<size_t> handles;
  int renewed = 0;
  for (; renewed < times; ++renewed) {
    const uint64_t opened = slack.opened();
    const uint64_t old = slack.socket_ids().at(static_cast<size_t>(renewed % 2));
    slack.disconnect(old, renewed % 2 == 0 ? "warning" : "refresh_requested", milliseconds(150));
    for (int n = 0; n < 4; ++n) {
      handles.push_back(n % 2 == 0 ? slack.slash("U0ANN", "C0SOC", "status") : slack.mention("U0ANN", "C0SOC", "status"));
      co_await sleep_for(milliseconds(25));
    }
    const Deadline patience = Deadline::after(milliseconds(10'000));
    while (slack.opened() == opened && !patience.passed()) co_await sleep_for(milliseconds(2));
    CO_ASSERT_TRUE(slack.opened() > opened);
    CO_ASSERT_TRUE(co_await slack.wait_sockets(2, milliseconds(10'000)));
  }
  int late = 0;
  for (const size_t handle : handles) {
    (void)co_await slack.wait_acked(handle, milliseconds(3000));
    const auto& envelope = slack.envelope(handle);
    late += envelope.acked && *envelope.acked - *envelope.sent <= std::chrono::seconds(3) ? 0 : 1;
  }
  std::printf("forced refreshes: %d, links opened: %llu, envelopes meanwhile: %zu, lost or late: %d\n", renewed,
              static_cast<unsigned long long>(slack.opened()), handles.size(), late);
  std::printf("time without a socket: %lld ms in %d moments\n", static_cast<long long>(slack.time_without_socket().count()),
              slack.times_without_socket());
  EXPECT_EQ(slack.times_without_socket(), 0);
  EXPECT_EQ(slack.time_without_socket().count(), 0);
  EXPECT_EQ(late, 0);
  EXPECT_EQ(slack.lost(), 0u);
  EXPECT_EQ(bot.process().terminate(), 0) << bot.log();
  co_await slack.stop();
}

TEST(SlackRefresh, there_is_always_a_socket) { run_async(refreshes, std::chrono::minutes(15)); }

}  // namespace
}  // namespace vedette::test

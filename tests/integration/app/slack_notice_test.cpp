// The whole program, connected to a Slack that counts sockets which are not ours: people are told how to decide without
// buttons, in one message that says so when it is over.

#include "bot/app/app.hpp"
#include "bot/app/config.hpp"
#include "bot/base/clock.hpp"
#include "tests/fakes/fake_slack.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/files.hpp"

namespace vedette::test {
namespace {

using std::chrono::milliseconds;

boost::asio::awaitable<bool> shows(FakeSlack& fake, std::string text, int edits) {
  const Deadline deadline = Deadline::after(milliseconds(10'000));
  while (!deadline.passed()) {
    for (const auto& message : fake.messages()) {
      if (message.channel == "C1" && message.text.find(text) != std::string::npos && message.edits == edits) co_return true;
    }
    co_await sleep_for(milliseconds(5));
  }
  co_return false;
}

ASYNC_TEST(SlackNotice, tells_of_ghosts_in_the_channel_and_when_they_are_gone) {
  TempDir folder;
  FakeSlack fake(io, {});
  CO_ASSERT_OK(fake.start());
  auto config = app::parse_config(
      "server: {listen: \"127.0.0.1:0\"}\nstore: sqlite:" + folder.file("bot.sqlite") +
          "\nchat: {slack: {channel: C1, app_token: xapp-fake-app-token, bot_token: xoxb-fake-bot-token, api_url: \"" +
          fake.api_url() + "\"}}\n",
      "test", folder.path().string());
  CO_ASSERT_OK(config);
  config->slack->options.ghost_check = milliseconds(50);
  config->slack->options.ghost_recheck = milliseconds(300);
  config->slack->options.stable_after = milliseconds(10);
  config->slack->options.pace = milliseconds(0);
  fake.set_ghosts(3);
  app::App app(io, *config, system_clock());
  CO_ASSERT_OK(app.start());
  EXPECT_TRUE(co_await shows(fake, "write the command instead", 0));
  fake.set_ghosts(0);
  EXPECT_TRUE(co_await shows(fake, "reliable again", 1));
  const Deadline deadline = Deadline::after(milliseconds(5000));
  EXPECT_TRUE(co_await app.stop(deadline));
  co_await fake.stop();
}

}  // namespace
}  // namespace vedette::test

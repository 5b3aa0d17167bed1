// The whole program with the Events API over HTTP and nothing else: no app token, no socket.

#include <gtest/gtest.h>

#include "tests/fakes/fake_slack.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/bot.hpp"

namespace vedette::test {
namespace {

constexpr const char* kSigningSecret = "signing-secret-of-the-whole-path";

boost::asio::awaitable<int> end_of(Process& process) {
  while (process.running()) co_await sleep_for(std::chrono::milliseconds(10));
  co_return process.wait();
}

ASYNC_TEST(SlackHttp, commands_and_clicks_come_in_by_requests) {
  TempDir folder;
  FakeSlack slack(io, FakeSlackOptions());
  CO_ASSERT_OK(slack.start());
  BotOptions options;
  options.more_config =
      "chat:\n  slack: {bot_token: xoxb-fake-bot-token, channel: C0SOC, pace_milliseconds: 0, api_url: \"" +
      slack.api_url() + "\"}\n";
  options.environment = {std::string("SLACK_SIGNING_SECRET=") + kSigningSecret};
  auto bot = std::make_unique<Bot>(folder, options);
  const auto client = net::make_http_client(io, {});
  nlohmann::json ready = co_await get_json(*client, bot->url("/readyz"));
  EXPECT_EQ(ready["status"], "ready") << bot->log();
  slack.deliver_over_http(bot->url("/"), kSigningSecret);

  const size_t slash = slack.slash("U0ANN", "C0SOC", "whoami");
  EXPECT_TRUE(co_await slack.wait_acked(slash, std::chrono::seconds(5)));
  EXPECT_EQ(slack.envelope(slash).ack, "");
  const Deadline deadline = Deadline::after(std::chrono::seconds(10));
  while (slack.messages().empty() && !deadline.passed()) co_await sleep_for(std::chrono::milliseconds(10));
  CO_ASSERT_TRUE(!slack.messages().empty());
  EXPECT_EQ(slack.messages()[0].only_for, "U0ANN");
  EXPECT_NE(slack.messages()[0].text.find("ann"), std::string::npos) << slack.messages()[0].text;

  slack.deliver_over_http(bot->url("/"), "another-secret-0123456789");
  const size_t forged = slack.slash("U0ANN", "C0SOC", "whoami");
  while (!slack.envelope(forged).lost && !deadline.passed()) co_await sleep_for(std::chrono::milliseconds(10));
  const std::vector<std::string> answers = {"commands 200", "commands 401"};
  EXPECT_EQ(slack.http_answers(), answers);

  net::HttpRequest request("GET", bot->url("/metrics"));
  request.headers.set("Authorization", std::string("Bearer ") + kApiToken);
  const auto metrics = co_await client->send(std::move(request), deadline);
  CO_ASSERT_OK(metrics);
  EXPECT_NE(metrics->body.find("vedette_slack_requests{outcome=\"taken\"} 1\n"), std::string::npos) << metrics->body;
  EXPECT_NE(metrics->body.find("vedette_slack_requests{outcome=\"refused\"} 1\n"), std::string::npos) << metrics->body;
  EXPECT_EQ(slack.calls("apps.connections.open"), 0);
  bot->process().signal(SIGTERM);
  EXPECT_EQ(co_await end_of(bot->process()), 0);
  EXPECT_EQ(bot->log().find(kSigningSecret), std::string::npos);
  co_await slack.stop();
}

TEST(SlackManifest, is_printed_by_the_program) {
  TempDir folder;
  const std::string log = folder.file("log");
  Process sockets({VEDETTE_BINARY, "manifest", "slack"}, log);
  EXPECT_EQ(sockets.rest_of_output(), read_file(std::string(VEDETTE_SOURCE_DIR) + "/config/slack_manifest.json"));
  EXPECT_EQ(sockets.wait(), 0);
  Process requests({VEDETTE_BINARY, "manifest", "slack", "--http", "https://soc.example"}, log);
  const auto manifest = nlohmann::json::parse(requests.rest_of_output());
  EXPECT_EQ(requests.wait(), 0);
  EXPECT_EQ(manifest["settings"]["interactivity"]["request_url"], "https://soc.example/slack/interactions");
  Process wrong({VEDETTE_BINARY, "manifest", "slack", "--http", "http://soc.example"}, log);
  EXPECT_EQ(wrong.wait(), 2);
  EXPECT_NE(read_file(log).find("--http: expected"), std::string::npos) << read_file(log);
}

}  // namespace
}  // namespace vedette::test

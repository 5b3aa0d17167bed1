// Private answers through the response_url of a command or click.

#include <gtest/gtest.h>

#include "integrations/slack/platform.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/unit/slack/scripted_http.hpp"

namespace vedette::slack {
namespace {

struct AnswerBench {
  AnswerBench() : api(http, clock, slack_com()), platform(api, slack_com()) {
    out.channel = "C1";
    out.only_for = "U7";
    out.card.summary = "only you";
    out.reply_url = "https://hooks.slack.com/commands/T1/22/secret-ticket";
    out.reply_from = clock.now();
  }
  static SlackOptions slack_com() {
    SlackOptions result = options();
    result.api_url = "https://slack.com/api/";
    return result;
  }
  Scripted http;
  test::FakeClock clock;
  WebApi api;
  SlackPlatform platform;
  chat::Outgoing out;
};

ASYNC_TEST(SlackAnswers, go_by_the_response_url_without_a_token) {
  AnswerBench bench;
  bench.http.json("ok");
  auto done = co_await bench.platform.deliver(bench.out, soon());
  CO_ASSERT_OK(done);
  const auto& request = bench.http.requests.at(0);
  EXPECT_EQ(request.target, bench.out.reply_url);
  EXPECT_TRUE(request.headers.get("Authorization").empty());
  EXPECT_NE(request.body.find(R"("response_type":"ephemeral")"), std::string::npos);
  EXPECT_NE(request.body.find("only you"), std::string::npos);
}

ASYNC_TEST(SlackAnswers, only_to_slack_itself_within_its_time_and_five_times) {
  const std::pair<const char*, bool> urls[] = {{"https://hooks.slack.com/commands/1", true},
                                               {"https://hooks.slack.com.evil.example/1", false},
                                               {"https://hooks.slack.com:8443/1", false},
                                               {"https://evil.example/hooks.slack.com", false},
                                               {"https://slack.com/api/chat.postMessage", false},
                                               {"http://127.0.0.1:9000/x", false},
                                               {"http://169.254.169.254/latest", false},
                                               {"not a url", false},
                                               {"", false}};
  for (const auto& [url, good] : urls) {
    AnswerBench bench;
    bench.out.reply_url = url;
    bench.http.json(R"({"ok":true,"message_ts":"2.0"})");
    auto done = co_await bench.platform.deliver(bench.out, soon());
    CO_ASSERT_OK(done);
    EXPECT_EQ(bench.http.requests.at(0).target == url, good) << url;
    if (!good) {
      EXPECT_TRUE(bench.http.requests.at(0).target.ends_with("chat.postEphemeral")) << url;
    }
  }
  for (const bool late : {false, true}) {
    AnswerBench bench;
    if (late) bench.clock.advance(std::chrono::minutes(30));
    if (!late) bench.out.reply_uses = 5;
    bench.http.json(R"({"ok":true,"message_ts":"2.0"})");
    auto done = co_await bench.platform.deliver(bench.out, soon());
    CO_ASSERT_OK(done);
    EXPECT_TRUE(bench.http.requests.at(0).target.ends_with("chat.postEphemeral"));
  }
}

ASYNC_TEST(SlackAnswers, find_the_other_way_and_give_up_when_there_is_none) {
  {
    AnswerBench bench;  // Slack says it is used up: the usual way
    bench.http.json("used_url", 404);
    bench.http.json(R"({"ok":true,"message_ts":"2.0"})");
    auto done = co_await bench.platform.deliver(bench.out, soon());
    CO_ASSERT_OK(done);
    EXPECT_EQ(*done, "2.0");
  }
  {
    AnswerBench bench;  // in a thread the usual way comes first, and the URL where the bot is not in the channel
    bench.out.thread_ref = "1.0";
    bench.http.json(R"({"ok":false,"error":"not_in_channel"})");
    bench.http.json("ok");
    auto done = co_await bench.platform.deliver(bench.out, soon());
    CO_ASSERT_OK(done);
    EXPECT_EQ(bench.http.requests.at(1).target, bench.out.reply_url);
  }
  {
    AnswerBench bench;  // neither: not to be tried for ever
    bench.http.json("expired_url", 404);
    bench.http.json(R"({"ok":false,"error":"channel_not_found"})");
    auto done = co_await bench.platform.deliver(bench.out, soon());
    CO_ASSERT_TRUE(!done.has_value());
    EXPECT_EQ(to_string(done.error().code), "upstream");
    EXPECT_FALSE(done.error().retryable);
  }
  {
    AnswerBench bench;  // blocks that Slack does not like
    bench.out.card.blocks = {chat::Bullets{"Why", {{"because", {}, false}}}};
    bench.http.json("invalid_blocks", 400);
    bench.http.json("ok");
    auto done = co_await bench.platform.deliver(bench.out, soon());
    CO_ASSERT_OK(done);
    EXPECT_EQ(bench.http.requests.at(1).body.find("rich_text"), std::string::npos);
  }
}

ASYNC_TEST(SlackAnswers, errors_have_their_class_and_never_show_the_url) {
  for (const int status : {429, 500, 0}) {
    AnswerBench bench;
    if (status == 0) {
      bench.http.error(Code::unknown_outcome);
    } else {
      bench.http.json("", status);
    }
    auto done = co_await bench.platform.deliver(bench.out, soon());
    CO_ASSERT_TRUE(!done.has_value());
    EXPECT_EQ(to_string(done.error().code), status == 429 ? "rate_limited" : "unknown_outcome");
    EXPECT_EQ(done.error().message.find("secret-ticket"), std::string::npos) << done.error().message;
  }
}

}  // namespace
}  // namespace vedette::slack

// Posting, editing and the look-up after a lost answer, against the fake Slack.

#include "tests/fakes/fake_slack_blocks.hpp"
#include "tests/integration/slack/platform_bench.hpp"
#include "tests/support/files.hpp"

namespace vedette::test {
namespace {

ASYNC_TEST(SlackDelivery, posts_edits_and_threads) {
  PlatformBench bench(io);
  auto root = co_await bench.platform.deliver(bench.outgoing("case/1/root", "First <!channel>"), within(2000));
  CO_ASSERT_OK(root);
  chat::Outgoing reply = bench.outgoing("case/1/timeline", "In the thread");
  reply.thread_ref = *root;
  auto child = co_await bench.platform.deliver(reply, within(2000));
  CO_ASSERT_OK(child);
  chat::Outgoing edit = bench.outgoing("case/1/root", "Second");
  edit.message_ref = *root;
  auto edited = co_await bench.platform.deliver(edit, within(2000));
  CO_ASSERT_OK(edited);
  EXPECT_EQ(*edited, *root);
  CO_ASSERT_TRUE(bench.fake.messages().size() == 2);
  const auto& message = bench.fake.messages()[0];
  EXPECT_EQ(message.text, "Second");
  EXPECT_EQ(message.edits, 1);
  EXPECT_EQ(message.blocks[0]["text"]["text"], "Second");
  EXPECT_EQ(message.metadata["event_payload"]["key"], "case/1/root");
  EXPECT_EQ(bench.fake.messages()[1].thread_ts, *root);
  co_await bench.stop();
}

ASYNC_TEST(SlackDelivery, a_lost_answer_is_unknown_and_found_later) {
  PlatformBench bench(io);
  const Time began = system_clock().now();
  for (const char* kind : {"store_then_500", "store_then_hang"}) {
    const std::string key = std::string("case/1/") + kind;
    bench.fake.add_fault({"chat.postMessage", kind, 1, 0, milliseconds(600)});
    auto lost = co_await bench.platform.deliver(bench.outgoing(key, "Lost"), within(300));
    CO_ASSERT_TRUE(!lost.has_value());
    EXPECT_EQ(to_string(lost.error().code), "unknown_outcome") << kind << ": " << lost.error().message;
    auto found = co_await bench.platform.find(bench.outgoing(key, "Lost"), began, within(2000));
    CO_ASSERT_OK(found);
    CO_ASSERT_TRUE(found->has_value());
    CO_ASSERT_TRUE(bench.fake.by_key(key).size() == 1);
    EXPECT_EQ((*found)->message_ref, bench.fake.by_key(key)[0].ts);
  }
  bench.fake.add_fault({"chat.postMessage", "hang", 1, 0, milliseconds(600)});
  auto never = co_await bench.platform.deliver(bench.outgoing("case/2/root", "Never"), within(300));
  CO_ASSERT_TRUE(!never.has_value());
  EXPECT_EQ(to_string(never.error().code), "unknown_outcome");
  auto found = co_await bench.platform.find(bench.outgoing("case/2/root", "Never"), began, within(2000));
  CO_ASSERT_OK(found);
  EXPECT_FALSE(found->has_value()) << "it surely was not posted";
  co_await bench.stop();
}

ASYNC_TEST(SlackDelivery, finds_replies_in_their_thread_and_beyond_a_page) {
  PlatformBench bench(io);
  const Time began = system_clock().now();
  auto root = co_await bench.platform.deliver(bench.outgoing("root", "Root"), within(2000));
  CO_ASSERT_OK(root);
  chat::Outgoing reply = bench.outgoing("reply", "Reply");
  reply.thread_ref = *root;
  auto child = co_await bench.platform.deliver(reply, within(2000));
  CO_ASSERT_OK(child);
  for (int n = 0; n < 450; ++n) {
    bench.fake.say("U7", "C1", "chatter");
    bench.fake.say("U7", "C1", "chatter", *root);
  }
  auto found = co_await bench.platform.find(reply, began, within(3000));
  CO_ASSERT_OK(found);
  CO_ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->message_ref, *child);
  auto found_root = co_await bench.platform.find(bench.outgoing("root", "Root"), began, within(3000));
  CO_ASSERT_OK(found_root);
  CO_ASSERT_TRUE(found_root->has_value());
  EXPECT_EQ((*found_root)->message_ref, *root);
  EXPECT_GT(bench.fake.calls("conversations.history"), 1);
  co_await bench.stop();
}

ASYNC_TEST(SlackDelivery, nothing_listening_is_surely_not_posted) {
  PlatformBench bench(io);
  const Deadline deadline = within(1000);
  co_await bench.fake.stop();
  auto refused = co_await bench.platform.deliver(bench.outgoing("k", "x"), deadline);
  CO_ASSERT_TRUE(!refused.has_value());
  EXPECT_EQ(to_string(refused.error().code), "unavailable") << refused.error().message;
}

ASYNC_TEST(SlackDelivery, rate_limits_are_passed_on) {
  FakeSlackOptions fake;
  fake.channel_pace = milliseconds(5000);
  PlatformBench bench(io, fake);
  auto first = co_await bench.platform.deliver(bench.outgoing("a", "A"), within(2000));
  CO_ASSERT_OK(first);
  auto second = co_await bench.platform.deliver(bench.outgoing("b", "B"), within(2000));
  CO_ASSERT_TRUE(!second.has_value());
  EXPECT_EQ(to_string(second.error().code), "rate_limited");
  CO_ASSERT_TRUE(second.error().retry_after.has_value());
  EXPECT_EQ(second.error().retry_after->count(), 1000);
  EXPECT_EQ(bench.fake.messages().size(), 1u);
  co_await bench.stop();
}

ASYNC_TEST(SlackDelivery, a_channel_without_the_bot_waits_for_an_invitation) {
  PlatformBench bench(io);
  bench.fake.forget_channel("C1");
  auto refused = co_await bench.platform.deliver(bench.outgoing("k", "x"), within(2000));
  CO_ASSERT_TRUE(!refused.has_value());
  EXPECT_EQ(to_string(refused.error().code), "forbidden");
  EXPECT_TRUE(refused.error().retryable);
  EXPECT_TRUE(refused.error().retry_after.has_value());
  EXPECT_FALSE(slack::is_final(refused.error())) << "the token is fine";
  co_await bench.stop();
}

ASYNC_TEST(SlackDelivery, the_fake_is_as_strict_as_slack) {
  PlatformBench bench(io);
  auto posted = co_await bench.platform.deliver(bench.outgoing("k", "x"), within(2000));
  CO_ASSERT_OK(posted);
  slack::Fields bad_blocks = {
      {"channel", "C1"}, {"text", "x"}, {"blocks", R"([{"type":"header","text":{"type":"plain_text","text":""}}])"}};
  auto refused = co_await bench.api.call("chat.postMessage", bad_blocks, slack::Repeat::once, within(2000));
  CO_ASSERT_TRUE(!refused.has_value());
  EXPECT_NE(refused.error().message.find("invalid_blocks"), std::string::npos);
  slack::Fields text_only = {{"channel", "C1"}, {"ts", *posted}, {"text", "only text"}};
  auto updated = co_await bench.api.call("chat.update", text_only, slack::Repeat::repeatable, within(2000));
  CO_ASSERT_OK(updated);
  EXPECT_TRUE(bench.fake.messages()[0].blocks.is_null()) << "text without blocks removes them";
  slack::SlackOptions wrong = bench.options;
  wrong.bot_token = wrong.app_token;
  slack::WebApi stranger(*bench.http, system_clock(), wrong);
  auto self = co_await stranger.self(within(2000));
  CO_ASSERT_TRUE(!self.has_value());
  EXPECT_TRUE(slack::is_final(self.error()));
  co_await bench.stop();
}

std::vector<std::string> kinds(const FakeMessage& message) {
  std::vector<std::string> found;
  for (const auto& block : message.blocks) found.push_back(block["type"]);
  return found;
}

ASYNC_TEST(SlackDelivery, thumbs_are_feedback_buttons_where_slack_takes_them) {
  using Kinds = std::vector<std::string>;
  PlatformBench bench(io);
  chat::Outgoing message = bench.outgoing("k1", "x");
  message.card.blocks = {chat::Heading{"x", {}}, chat::Thumbs{"good C-1", "bad C-1"}};
  CO_ASSERT_OK(co_await bench.platform.deliver(message, within(2000)));
  EXPECT_EQ(kinds(bench.fake.messages()[0]), (Kinds{"header", "context_actions"}));
  EXPECT_EQ(pressed(bench.fake.messages()[0].blocks, "bad C-1")["type"], "feedback_buttons");
  // A workspace that has them not (yet): ordinary buttons, and everything else as before.
  bench.fake.refuse_block("context_actions");
  message.key = "k2";
  CO_ASSERT_OK(co_await bench.platform.deliver(message, within(2000)));
  CO_ASSERT_TRUE(bench.fake.messages().size() == 2u);
  EXPECT_EQ(kinds(bench.fake.messages()[1]), (Kinds{"header", "actions"}));
  EXPECT_EQ(pressed(bench.fake.messages()[1].blocks, "bad C-1")["type"], "button");
  EXPECT_EQ(bench.fake.calls("chat.postMessage"), 3);
  // That was learnt: the next one goes at once.
  message.key = "k3";
  CO_ASSERT_OK(co_await bench.platform.deliver(message, within(2000)));
  EXPECT_EQ(bench.fake.calls("chat.postMessage"), 4);
  // Neither headings: plain blocks, and the thumbs are still there.
  bench.fake.refuse_block("header");
  message.key = "k4";
  CO_ASSERT_OK(co_await bench.platform.deliver(message, within(2000)));
  CO_ASSERT_TRUE(bench.fake.messages().size() == 4u);
  EXPECT_EQ(kinds(bench.fake.messages()[3]), (Kinds{"section", "actions"}));
  EXPECT_EQ(pressed(bench.fake.messages()[3].blocks, "good C-1")["value"], "good C-1");
  co_await bench.stop();
}

ASYNC_TEST(SlackDelivery, classic_blocks_are_all_that_is_sent_where_that_is_wanted) {
  using Kinds = std::vector<std::string>;
  PlatformBench bench(io);
  slack::SlackOptions options = bench.options;
  options.classic_blocks = true;
  slack::SlackPlatform platform(bench.api, options);
  chat::Outgoing message = bench.outgoing("k1", "x");
  message.card.blocks = {chat::Heading{"x", {}}, chat::Thumbs{"good C-1", "bad C-1"}};
  CO_ASSERT_OK(co_await platform.deliver(message, within(2000)));
  EXPECT_EQ(kinds(bench.fake.messages()[0]), (Kinds{"section", "actions"}));
  co_await bench.stop();
}

ASYNC_TEST(SlackDelivery, the_journal_survives_a_restart_of_the_fake) {
  TempDir folder;
  FakeSlackOptions fake;
  fake.journal = folder.file("slack.jsonl");
  std::string ts;
  {
    PlatformBench bench(io, fake);
    auto posted = co_await bench.platform.deliver(bench.outgoing("k", "First"), within(2000));
    CO_ASSERT_OK(posted);
    ts = *posted;
    chat::Outgoing edit = bench.outgoing("k", "Second");
    edit.message_ref = ts;
    auto edited = co_await bench.platform.deliver(edit, within(2000));
    CO_ASSERT_OK(edited);
    co_await bench.stop();
  }
  PlatformBench bench(io, fake);
  CO_ASSERT_TRUE(bench.fake.messages().size() == 1);
  EXPECT_EQ(bench.fake.messages()[0].text, "Second");
  auto found = co_await bench.platform.find(bench.outgoing("k", "x"), system_clock().now(), within(2000));
  CO_ASSERT_OK(found);
  CO_ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->message_ref, ts);
  co_await bench.stop();
}

// The control interface that whole-bot tests use, as the program would be used.
ASYNC_TEST(FakeSlackControl, over_http) {
  SlackBench bench(io);
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
  const std::string base = "http://127.0.0.1:" + std::to_string(bench.fake.port()) + "/_control/";
  net::HttpRequest slash("POST", base + "slash");
  slash.body = R"({"user":"U7","channel":"C1","text":"list open"})";
  auto sent = co_await bench.http->send(slash, within(2000));
  CO_ASSERT_OK(sent);
  const auto handle = nlohmann::json::parse(sent->body).at("handle").get<size_t>();
  net::HttpRequest ack("GET", base + "ack?handle=" + std::to_string(handle) + "&wait_ms=2000");
  auto acked = co_await bench.http->send(ack, within(3000));
  CO_ASSERT_OK(acked);
  EXPECT_TRUE(nlohmann::json::parse(acked->body).at("acked").get<bool>()) << acked->body;
  net::HttpRequest state("GET", base + "state");
  auto told = co_await bench.http->send(state, within(2000));
  CO_ASSERT_OK(told);
  EXPECT_EQ(nlohmann::json::parse(told->body).at("sockets"), 2);
  net::HttpRequest wrong("POST", base + "click");
  wrong.body = R"({"user":5})";
  auto refused = co_await bench.http->send(wrong, within(2000));
  CO_ASSERT_OK(refused);
  EXPECT_EQ(refused->status, 400);
  co_await bench.stop();
}

}  // namespace
}  // namespace vedette::test

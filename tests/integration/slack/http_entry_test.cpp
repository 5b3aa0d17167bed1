// The Events API over HTTP against the fake Slack: the same interactions as over Socket Mode, once, stored before they are
// answered.

#include "bot/net/http_server.hpp"
#include "tests/integration/slack/slack_bench.hpp"

namespace vedette::test {
namespace {

constexpr const char* kSecret = "signing-secret-of-the-test-0123456789";

FakeSlackOptions quick() {
  FakeSlackOptions options;
  options.retry_after = milliseconds(50);
  return options;
}

// Vedette's server with Slack's addresses, next to its sockets where `sockets`.
struct Entrances {
  Entrances(Executor io, bool sockets, const std::string& said_before = "") : bench(io, quick()) {
    if (!said_before.empty()) {
      bench.options.channels = {"C1"};
      bench.fake.say("U7", "C1", said_before);
    }
    bench.options.signing_secret = Secret(kSecret);
    if (!sockets) bench.options.app_token = Secret();
    vedette = std::make_unique<slack::Slack>(io, *bench.http, system_clock(), bench.options, bench.sink);
    server = net::make_http_server(io, net::HttpServerOptions());
    vedette->add_routes(*server);
    auto started = server->start();
    if (!started) ADD_FAILURE() << started.error().message;
    vedette->start();
    url = "http://127.0.0.1:" + std::to_string(server->port()) + "/";
  }

  boost::asio::awaitable<void> stop() {
    const Deadline deadline = within(2000);
    co_await server->stop(deadline);
    co_await vedette->stop(deadline);
    co_await bench.fake.stop();
  }

  Async<net::HttpResponse> post(std::string path, std::string type, std::string body, std::string timestamp,
                                std::string secret) {
    net::HttpRequest request("POST", url + path);
    request.headers.set("Content-Type", type);
    request.headers.set("X-Slack-Request-Timestamp", timestamp);
    request.headers.set("X-Slack-Signature", slack::request_signature(Secret(secret), timestamp, body));
    request.body = std::move(body);
    co_return co_await bench.http->send(std::move(request), within(2000));
  }

  SlackBench bench;
  std::unique_ptr<slack::Slack> vedette;
  std::unique_ptr<net::HttpServer> server;
  std::string url;
};

std::string now_text() { return std::to_string(to_micros(system_clock().now()) / 1'000'000); }

// Of both ways in: everything a person does, in the same order.
std::vector<size_t> do_everything(FakeSlack& fake, const std::string& card) {
  std::vector<size_t> handles = {fake.slash("U7", "C1", "list open"), fake.mention("U7", "C1", "why C-1 & <more>"),
                                 fake.direct("U7", "D1", "coverage")};
  if (const auto click = fake.click("U7", "C1", card, "Ack")) handles.push_back(*click);
  return handles;
}

std::string told(const chat::Interaction& one) {
  return one.who.text() + " " + one.channel + " " + one.thread_ref + " " + one.text + (one.button ? " pressed" : " typed") +
         (one.reply_url.empty() ? "" : " url");
}

ASYNC_TEST(SlackHttpEntry, both_ways_do_the_same_and_what_comes_by_both_is_done_once) {
  Entrances one(io, true);
  auto& fake = one.bench.fake;
  CO_ASSERT_TRUE(co_await fake.wait_sockets(2, milliseconds(3000)));
  auto outgoing = one.bench.outgoing("case/1/root", "A card");
  const auto card = co_await one.vedette->platform().deliver(std::move(outgoing), within(2000));
  CO_ASSERT_OK(card);

  const auto by_socket = do_everything(fake, *card);
  CO_ASSERT_TRUE(by_socket.size() == 4);
  for (const size_t handle : by_socket) EXPECT_TRUE(co_await fake.wait_acked(handle, milliseconds(2000)));
  CO_ASSERT_TRUE(one.bench.sink.taken.size() == 4);

  fake.deliver_over_http(one.url, kSecret);
  const auto by_http = do_everything(fake, *card);
  for (const size_t handle : by_http) {
    EXPECT_TRUE(co_await fake.wait_acked(handle, milliseconds(2000)));
    EXPECT_EQ(fake.envelope(handle).ack, "");
  }
  CO_ASSERT_TRUE(one.bench.sink.taken.size() == 8);
  std::multiset<std::string> socket_did;
  std::multiset<std::string> http_did;
  for (size_t i = 0; i < 4; ++i) {
    socket_did.insert(told(one.bench.sink.taken[i]));
    http_did.insert(told(one.bench.sink.taken[i + 4]));
  }
  EXPECT_EQ(socket_did, http_did);

  // The same envelopes once more, each by the other way.
  for (const size_t handle : by_socket) fake.send_again(handle);
  CO_EVENTUALLY(fake.http_answers().size() == 8);
  fake.deliver_over_http("", "");
  for (const size_t handle : by_http) fake.send_again(handle);
  CO_EVENTUALLY(one.bench.sink.calls == 16);
  EXPECT_EQ(one.bench.sink.taken.size(), 8u);
  EXPECT_EQ(one.vedette->inbound().counts().repeated, 8u);
  EXPECT_EQ(one.vedette->http_counts().taken, 8u);
  co_await one.stop();
}

ASYNC_TEST(SlackHttpEntry, without_an_app_token_no_socket_is_opened) {
  Entrances one(io, false);
  one.bench.fake.deliver_over_http(one.url, kSecret);
  const size_t handle = one.bench.fake.slash("U7", "C1", "whoami");
  EXPECT_TRUE(co_await one.bench.fake.wait_acked(handle, milliseconds(2000)));
  CO_ASSERT_TRUE(one.bench.sink.taken.size() == 1);
  EXPECT_EQ(one.bench.sink.taken[0].text, "whoami");
  EXPECT_EQ(one.bench.fake.calls("apps.connections.open"), 0);
  EXPECT_EQ(one.vedette->refusal(), "");
  EXPECT_FALSE(one.vedette->uses_sockets());
  co_await one.stop();
}

// While Vedette was not running Slack gave up on its events.
ASYNC_TEST(SlackHttpEntry, what_was_said_before_the_start_is_caught_up) {
  Entrances one(io, false, std::string("<@") + kFakeBotUser + "> ack C-9");
  CO_EVENTUALLY(!one.bench.sink.taken.empty());
  EXPECT_EQ(one.bench.sink.taken[0].text, "ack C-9");
  co_await one.stop();
}

// Nothing is acknowledged that is not stored: an event comes again, a command's person hears of it from Slack.
ASYNC_TEST(SlackHttpEntry, what_cannot_be_stored_is_not_acknowledged) {
  Entrances one(io, false);
  auto& fake = one.bench.fake;
  fake.deliver_over_http(one.url, kSecret);
  one.bench.sink.failures = 2;
  const size_t mention = fake.mention("U7", "C1", "ack C-1");
  EXPECT_TRUE(co_await fake.wait_acked(mention, milliseconds(3000)));
  const std::vector<std::string> answers = {"events 503", "events 503", "events 200"};
  EXPECT_EQ(fake.http_answers(), answers);
  EXPECT_EQ(one.bench.sink.taken.size(), 1u);
  EXPECT_EQ(one.vedette->http_counts().repeats, 2u);
  EXPECT_EQ(one.vedette->http_counts().not_stored, 2u);
  EXPECT_LE(one.bench.sink.last_commit, *fake.envelope(mention).acked);

  one.bench.sink.failures = 1;
  const size_t slash = fake.slash("U7", "C1", "list");
  CO_EVENTUALLY(fake.envelope(slash).lost);
  EXPECT_FALSE(fake.envelope(slash).acked);
  EXPECT_EQ(one.bench.sink.taken.size(), 1u);

  one.bench.sink.failures = 1;
  auto refused = co_await one.post("slack/commands", "application/x-www-form-urlencoded",
                                   "command=%2Fsoc&text=list&user_id=U7&channel_id=C1&team_id=T0FAKE&trigger_id=1.2",
                                   now_text(), kSecret);
  CO_ASSERT_OK(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->headers.get("Content-Type"), "application/problem+json");
  EXPECT_EQ(refused->headers.count("X-Slack-No-Retry"), 0u);
  co_await one.stop();
}

// The answer waits for the commit.
ASYNC_TEST(SlackHttpEntry, the_answer_goes_out_after_the_commit) {
  Entrances one(io, false);
  one.bench.sink.delay = milliseconds(60);
  one.bench.fake.deliver_over_http(one.url, kSecret);
  const size_t handle = one.bench.fake.direct("U7", "D1", "list");
  CO_EVENTUALLY(one.bench.sink.inside == 1);
  EXPECT_FALSE(one.bench.fake.envelope(handle).acked);
  EXPECT_TRUE(co_await one.bench.fake.wait_acked(handle, milliseconds(2000)));
  EXPECT_GE(*one.bench.fake.envelope(handle).acked, one.bench.sink.last_commit);
  co_await one.stop();
}

ASYNC_TEST(SlackHttpEntry, nobody_else_gets_in) {
  Entrances one(io, false);
  const std::string body = "command=%2Fsoc&text=approve&user_id=U7&channel_id=C1&team_id=T0FAKE&trigger_id=1.3";
  const std::string type = "application/x-www-form-urlencoded";
  const int64_t now = to_micros(system_clock().now()) / 1'000'000;
  const std::pair<std::string, std::string> wrong[] = {{now_text(), "another-secret-0123456789"},
                                                       {std::to_string(now - 310), kSecret},
                                                       {std::to_string(now + 310), kSecret},
                                                       {"soon", kSecret}};
  for (const auto& [timestamp, secret] : wrong) {
    auto answer = co_await one.post("slack/commands", type, body, timestamp, secret);
    CO_ASSERT_OK(answer);
    EXPECT_EQ(answer->status, 401) << timestamp;
    EXPECT_EQ(answer->headers.get("Content-Type"), "application/problem+json");
  }
  auto event = co_await one.post("slack/events", "application/json", R"({"type":"url_verification","challenge":"abc"})",
                                 now_text(), "another-secret-0123456789");
  CO_ASSERT_OK(event);
  EXPECT_EQ(event->status, 401);
  EXPECT_EQ(event->body.find("abc"), std::string::npos);
  EXPECT_EQ(one.bench.sink.calls, 0);
  EXPECT_EQ(one.vedette->http_counts().refused, 5u);
  co_await one.stop();
}

ASYNC_TEST(SlackHttpEntry, slacks_own_checks) {
  Entrances one(io, false);
  auto challenge = co_await one.post("slack/events", "application/json",
                                     R"({"token":"t","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY","type":"url_verification"})",
                                     now_text(), kSecret);
  CO_ASSERT_OK(challenge);
  EXPECT_EQ(challenge->status, 200);
  EXPECT_EQ(challenge->body, "3eZbrw1aBm2rZgRNFdxV2595E9CY");
  net::HttpRequest check("POST", one.url + "slack/commands");
  check.headers.set("Content-Type", "application/x-www-form-urlencoded");
  check.body = "token=abc&ssl_check=1";
  auto checked = co_await one.bench.http->send(std::move(check), within(2000));
  CO_ASSERT_OK(checked);
  EXPECT_EQ(checked->status, 200);
  EXPECT_EQ(checked->body, "");
  net::HttpRequest long_check("POST", one.url + "slack/commands");
  long_check.headers.set("Content-Type", "application/x-www-form-urlencoded");
  long_check.body = "ssl_check=1&padding=" + std::string(2000, 'x');
  auto unread = co_await one.bench.http->send(std::move(long_check), within(2000));
  CO_ASSERT_OK(unread);
  EXPECT_EQ(unread->status, 401) << "anybody could have large bodies read";
  const std::pair<const char*, int> others[] = {{"application/json", 415}, {"application/x-www-form-urlencoded", 400}};
  for (const auto& [type, status] : others) {
    auto answer = co_await one.post("slack/interactions", type, "payload=nothing", now_text(), kSecret);
    CO_ASSERT_OK(answer);
    EXPECT_EQ(answer->status, status);
  }
  std::string body((1 << 20) + 1, ' ');
  auto large = co_await one.post("slack/events", "application/json", std::move(body), now_text(), kSecret);
  if (large) EXPECT_EQ(large->status, 413);
  EXPECT_EQ(one.bench.sink.calls, 0);
  co_await one.stop();
}

}  // namespace
}  // namespace vedette::test

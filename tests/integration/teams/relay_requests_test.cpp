// Requests over Azure Relay: small, large and chunked, answered small and large, side by side, late, spoilt.

#include "tests/integration/teams/relay_bench.hpp"

namespace vedette::test::over_relay {
namespace {

ASYNC_TEST(TeamsRelay, a_small_request_is_answered_over_the_control_channel) {
  RelayBench bench(io);
  bench.taker.answer = ActivityAnswer(200, R"({"statusCode":200})");
  CO_ASSERT_TRUE(co_await bench.listening());
  const auto carrier = bench.fake.carrier();
  const auto answer = co_await carrier(R"({"type":"invoke"})", "Bearer abc");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"statusCode":200})");
  CO_ASSERT_TRUE(bench.taker.stored.size() == 1);
  EXPECT_EQ(bench.taker.stored[0].body, R"({"type":"invoke"})");
  EXPECT_EQ(bench.taker.stored[0].authorization, "Bearer abc");
  EXPECT_FALSE(bench.taker.stored[0].vouched_for) << "the relay vouches for nobody";
  EXPECT_EQ(bench.fake.seen().in_control, 1u);
  EXPECT_EQ(bench.fake.seen().rendezvous, 0u);
  EXPECT_LE(bench.taker.last_deadline.left(), bench.options.answer_wait);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelay, answers_carry_status_retry_after_and_no_body_where_there_is_none) {
  RelayBench bench(io);
  bench.taker.answer = ActivityAnswer(503);
  bench.taker.answer.retry_after = 7;
  CO_ASSERT_TRUE(co_await bench.listening());
  auto response = co_await bench.fake.send(activity_request("{}"));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.get("Retry-After"), "7");
  EXPECT_EQ(response.body, "");
  bench.taker.answer = ActivityAnswer(200);
  response = co_await bench.fake.send(activity_request(""));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(bench.taker.stored.back().body, "");
  for (const int theirs : {502, 504}) {  // a listener must not say these
    bench.taker.answer = ActivityAnswer(theirs);
    response = co_await bench.fake.send(activity_request("{}"));
    EXPECT_EQ(response.status, 503);
  }
  bench.taker.answer = ActivityAnswer(0);
  response = co_await bench.fake.send(activity_request("{}"));
  EXPECT_EQ(response.status, 500);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelay, large_and_chunked_requests_are_fetched_and_answered_over_the_rendezvous) {
  RelayBench bench(io);
  bench.taker.answer = ActivityAnswer(200, "{}");
  bench.fake.faults.fragment = 1000;
  CO_ASSERT_TRUE(co_await bench.listening());
  const std::string large = "{\"text\":\"" + std::string(300'000, 'x') + "\"}";
  auto response = co_await bench.fake.send(activity_request(large));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{}");
  CO_ASSERT_TRUE(bench.taker.stored.size() == 1);
  EXPECT_EQ(bench.taker.stored[0].body, large);
  EXPECT_EQ(bench.taker.stored[0].authorization, "Bearer connector-token");
  auto chunked = activity_request("{\"chunked\":1}");
  chunked.headers.add("Transfer-Encoding", "chunked");
  response = co_await bench.fake.send(std::move(chunked));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(bench.taker.stored.back().body, "{\"chunked\":1}");
  EXPECT_EQ(bench.fake.seen().rendezvous, 2u);
  EXPECT_EQ(bench.fake.seen().in_control, 0u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelay, an_answer_over_64_kb_goes_over_the_rendezvous) {
  RelayBench bench(io);
  CO_ASSERT_TRUE(co_await bench.listening());
  for (const size_t size : {65'000u, 65'536u, 65'537u, 400'000u}) {
    bench.taker.answer = ActivityAnswer(200, std::string(size, 'y'));
    const auto response = co_await bench.fake.send(activity_request("{}"));
    EXPECT_EQ(response.status, 200) << size;
    EXPECT_EQ(response.body.size(), size);
  }
  EXPECT_EQ(bench.fake.seen().in_control, 1u);
  EXPECT_EQ(bench.fake.seen().rendezvous, 3u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelay, a_rendezvous_is_kept_for_the_senders_next_requests) {
  RelayBench bench(io);
  bench.taker.answer = ActivityAnswer(200, "{}");
  CO_ASSERT_TRUE(co_await bench.listening());
  const std::string large(100'000, 'x');
  for (int n = 0; n < 3; ++n) {
    const std::string body = n == 0 ? large : std::to_string(n);
    const auto response = co_await bench.fake.send(activity_request(body), "sender");
    EXPECT_EQ(response.status, 200) << n;
  }
  EXPECT_EQ(bench.fake.seen().rendezvous, 1u);
  EXPECT_EQ(bench.fake.rendezvous_open(), 1u);
  EXPECT_EQ(bench.taker.bodies(), (std::multiset<std::string>{large, "1", "2"}));
  // So is one that was opened for a large answer.
  bench.taker.answer = ActivityAnswer(200, std::string(100'000, 'y'));
  for (int n = 0; n < 3; ++n) {
    const auto response = co_await bench.fake.send(activity_request("{}"), "another");
    EXPECT_EQ(response.body.size(), 100'000u) << n;
  }
  EXPECT_EQ(bench.fake.seen().rendezvous, 2u);
  const auto start = std::chrono::steady_clock::now();
  co_await bench.listener->stop(Deadline::after(3s));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s) << "an idle rendezvous holds nothing up";
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelay, frames_that_are_split_come_late_or_come_together) {
  RelayBench bench(io);
  bench.taker.answer = ActivityAnswer(200, "{}");
  CO_ASSERT_TRUE(co_await bench.listening());
  bench.fake.faults.fragment = 8;
  auto response = co_await bench.fake.send(activity_request(std::string(5000, 'f')));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(bench.taker.stored.back().body, std::string(5000, 'f'));
  bench.fake.faults.body_delay = 150ms;
  response = co_await bench.fake.send(activity_request("slow"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(bench.taker.stored.back().body, "slow");
  bench.fake.faults = {};
  TaskGroup senders(io, "senders");
  std::vector<std::shared_ptr<Sent>> sent;
  for (int n = 0; n < 50; ++n) {
    sent.push_back(std::make_shared<Sent>());
    senders.spawn("send", send_into(bench.fake, activity_request("together " + std::to_string(n)), sent.back()));
  }
  co_await senders.drain();
  for (const auto& each : sent) EXPECT_EQ(each->response.status, 200);
  EXPECT_EQ(bench.taker.stored.size(), 52u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelay, many_requests_are_served_side_by_side_and_too_many_are_told_to_come_again) {
  RelayBench bench(io);
  bench.taker.hold = true;
  CO_ASSERT_TRUE(co_await bench.listening());
  TaskGroup senders(io, "senders");
  std::vector<std::shared_ptr<Sent>> sent;
  for (int n = 0; n < 320; ++n) {
    sent.push_back(std::make_shared<Sent>());
    senders.spawn("send", send_into(bench.fake, activity_request(std::to_string(n)), sent.back()));
  }
  CO_RELAY_EVENTUALLY(bench.taker.inside == 256 && bench.listener->counts().crowded == 64);
  bench.taker.hold = false;
  co_await senders.drain();
  size_t taken = 0, crowded = 0;
  for (const auto& each : sent) {
    if (each->response.status == 200) ++taken;
    if (each->response.status == 503 && each->response.headers.get("Retry-After") == "1") ++crowded;
  }
  EXPECT_EQ(taken, 256u);
  EXPECT_EQ(crowded, 64u);
  EXPECT_EQ(bench.taker.most_inside, 256);
  EXPECT_EQ(bench.taker.stored.size(), 256u);
  EXPECT_EQ(bench.listener->counts().crowded, 64u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelay, rendezvous_sockets_are_bounded_and_more_requests_wait_for_theirs) {
  RelayBench bench(io);
  bench.taker.hold = true;
  bench.fake.faults.force_rendezvous = true;
  CO_ASSERT_TRUE(co_await bench.listening());
  TaskGroup senders(io, "senders");
  std::vector<std::shared_ptr<Sent>> sent;
  for (int n = 0; n < 150; ++n) {
    sent.push_back(std::make_shared<Sent>());
    senders.spawn("send", send_into(bench.fake, activity_request(std::to_string(n)), sent.back()));
  }
  CO_RELAY_EVENTUALLY(bench.taker.inside == 64);
  co_await sleep_for(50ms);
  bench.taker.hold = false;
  size_t most_open = 0;
  while (senders.running() > 0) {
    most_open = std::max(most_open, bench.fake.rendezvous_open());
    co_await sleep_for(3ms);
  }
  for (const auto& each : sent) EXPECT_EQ(each->response.status, 200);
  EXPECT_EQ(bench.taker.most_inside, 64);
  EXPECT_LE(most_open, 64u + 8u);  // the fake may not have noticed yet that one was closed
  EXPECT_EQ(bench.taker.stored.size(), 150u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelay, a_rendezvous_that_hands_over_nothing_is_given_up) {
  RelayBench bench(io);
  bench.options.relay.answer_wait = 200ms;
  bench.fake.faults.force_rendezvous = true;
  bench.fake.faults.body_delay = 30s;
  CO_ASSERT_TRUE(co_await bench.listening());
  auto sent = std::make_shared<Sent>();
  TaskGroup senders(io, "senders");
  senders.spawn("send", send_into(bench.fake, activity_request("{}"), sent));
  CO_RELAY_EVENTUALLY(bench.fake.rendezvous_open() == 1);
  const auto start = std::chrono::steady_clock::now();
  co_await bench.listener->stop(Deadline::after(10s));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  EXPECT_EQ(bench.fake.listeners(), 0u);
  co_await bench.fake.stop();
  co_await senders.stop(Deadline::after(1s));
}

ASYNC_TEST(TeamsRelay, slow_work_is_answered_in_time_and_once) {
  RelayBench bench(io);
  bench.taker.delay = 600ms;  // longer than it may take
  bench.options.relay.answer_wait = 150ms;
  CO_ASSERT_TRUE(co_await bench.listening());
  for (const bool large : {false, true}) {
    bench.fake.faults.force_rendezvous = large;
    const auto start = std::chrono::steady_clock::now();
    const auto response = co_await bench.fake.send(activity_request("{}"));
    EXPECT_EQ(response.status, 503);
    EXPECT_NE(response.headers.get("Retry-After"), "");
    EXPECT_LT(std::chrono::steady_clock::now() - start, 500ms);
  }
  EXPECT_LE(bench.taker.last_deadline.left(), 150ms) << "the taker is told how long it has";
  EXPECT_EQ(bench.listener->counts().late, 2u);
  co_await sleep_for(700ms);  // nothing is said a second time: see violations
  EXPECT_EQ(bench.taker.inside, 0) << "what was begun is brought to its end";
  EXPECT_EQ(bench.fake.seen().answers, 2u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelay, only_posts_to_the_endpoint_reach_the_taker) {
  RelayBench bench(io);
  CO_ASSERT_TRUE(co_await bench.listening());
  const std::vector<std::tuple<std::string, std::string, int>> cases = {
      {"POST", "/vedette/api/messages", 200},
      {"POST", "/VEDETTE/api/messages?x=1", 200},
      {"GET", "/vedette/api/messages", 405},
      {"DELETE", "/vedette/api/messages", 405},
      {"POST", "/vedette/api/messages/", 404},
      {"POST", "/vedette/api/message", 404},
      {"POST", "/vedette/", 404},
      {"POST", "/vedette", 404},
      {"POST", "/vedetteapi/messages", 404},
      {"POST", "/api/messages", 404},
      {"GET", "/vedette/../v1/cases", 404},
  };
  size_t taken = 0;
  for (const auto& [method, target, status] : cases) {
    net::HttpRequest request(method, target);
    request.body = method == "POST" ? "{}" : "";
    const auto response = co_await bench.fake.send(std::move(request));
    EXPECT_EQ(response.status, status) << method << " " << target;
    if (status == 405) EXPECT_EQ(response.headers.get("Allow"), "POST");
    if (status == 200) ++taken;
  }
  EXPECT_EQ(bench.taker.stored.size(), taken);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelay, bodies_that_are_too_large_are_refused) {
  RelayBench bench(io);
  CO_ASSERT_TRUE(co_await bench.listening());
  auto response = co_await bench.fake.send(activity_request(std::string((1 << 20) + 1, 'x')));
  EXPECT_EQ(response.status, 413);
  response = co_await bench.fake.send(activity_request(std::string(1 << 20, 'x')));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(bench.taker.stored.size(), 1u);
  response = co_await bench.fake.send(activity_request(std::string(3 << 20, 'x')));  // not even read
  EXPECT_EQ(response.status, 502);
  EXPECT_EQ(bench.fake.listeners(), 1u);
  response = co_await bench.fake.send(activity_request("{}"));
  EXPECT_EQ(response.status, 200);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelay, a_taker_that_fails_is_answered_500) {
  RelayBench bench(io);
  bench.taker.throws = true;
  CO_ASSERT_TRUE(co_await bench.listening());
  const auto response = co_await bench.fake.send(activity_request("{}"));
  EXPECT_EQ(response.status, 500);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelay, only_the_namespaces_own_addresses_are_dialled) {
  FakeRelay attacker(io);  // listens, and would see a connection
  EXPECT_TRUE(attacker.start());
  RelayBench bench(io);
  bench.options.relay.answer_wait = 300ms;
  bench.fake.faults.force_rendezvous = true;
  CO_ASSERT_TRUE(co_await bench.listening());
  const std::string port = std::to_string(attacker.port());
  const std::string path = "/$hc/vedette?sb-hc-action=listen";
  for (const std::string& address :
       {"ws://127.0.0.1:" + port + path, "ws://127.0.0.1@127.0.0.1:" + port + path, "ws://localhost:" + port + path,
        "wss://127.0.0.1:" + port + path, std::string("wss://evil.example/$hc/vedette"), std::string("not an address"),
        bench.fake.namespace_url() + "/$hc/vedette?sb-hc-action=request",
        "ws" + bench.fake.namespace_url().substr(4) + "/other?sb-hc-action=request"}) {
    bench.fake.faults.met_at = address;
    auto sent = std::make_shared<Sent>();
    TaskGroup senders(io, "senders");
    senders.spawn("send", send_into(bench.fake, activity_request("{}"), sent));
    const uint64_t before = bench.listener->counts().forbidden;
    CO_RELAY_EVENTUALLY(bench.listener->counts().forbidden == before + 1);
    co_await senders.stop(Deadline::after(1s));
  }
  EXPECT_EQ(attacker.seen().listens, 0u);
  EXPECT_EQ(bench.listener->counts().rendezvous, 0u);
  EXPECT_TRUE(bench.taker.stored.empty());
  // A large answer that would have to go there is told 503 over the control channel.
  bench.fake.faults.force_rendezvous = false;
  bench.taker.answer = ActivityAnswer(200, std::string(100'000, 'y'));
  const auto response = co_await bench.fake.send(activity_request("{}"));
  EXPECT_EQ(response.status, 503);
  co_await attacker.stop();
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelay, websockets_of_senders_are_turned_away) {
  RelayBench bench(io);
  CO_ASSERT_TRUE(co_await bench.listening());
  net::WebSocketOptions options;
  options.proxy.clear();
  const std::string url = "ws" + bench.fake.namespace_url().substr(4) + "/$hc/vedette?sb-hc-action=connect";
  const auto socket = co_await net::connect_websocket(url, {}, options, Deadline::after(3s));
  CO_ASSERT_TRUE(!socket);
  EXPECT_EQ(socket.error().http_status, 400);
  EXPECT_EQ(bench.fake.seen().rejections, 1u);
  CO_RELAY_EVENTUALLY(bench.listener->counts().rejected == 1);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelay, messages_that_make_no_sense_do_no_harm) {
  RelayBench bench(io);
  bench.options.relay.answer_wait = 400ms;
  CO_ASSERT_TRUE(co_await bench.listening());
  for (const char* text : {"nonsense", "[1]", "{}", "{\"new\":{}}", "{\"request\":5}", "{\"request\":{}}",
                           "{\"request\":{\"id\":\"a b\",\"address\":\"ws://x\"}}", "{\"accept\":{}}"}) {
    co_await bench.fake.say(net::WebSocketMessage(text, false));
  }
  co_await bench.fake.say(net::WebSocketMessage("a body of nothing", true));
  EXPECT_EQ((co_await bench.fake.send(activity_request("{}"))).status, 200);
  EXPECT_EQ(bench.listener->counts().opened, 1u);
  EXPECT_GE(bench.listener->counts().malformed, 6u);
  // A request whose body never comes is told 408 in time; when another message comes in its place, 400.
  bench.fake.faults.body_delay = 900ms;
  EXPECT_EQ((co_await bench.fake.send(activity_request("late"))).status, 408);
  bench.fake.faults.body_delay = 300ms;
  auto sent = std::make_shared<Sent>();
  TaskGroup senders(io, "senders");
  senders.spawn("send", send_into(bench.fake, activity_request("spoilt"), sent));
  co_await sleep_for(50ms);
  co_await bench.fake.say(net::WebSocketMessage("{}", false));
  co_await senders.drain();
  EXPECT_EQ(sent->response.status, 400);
  bench.fake.faults.body_delay = 0ms;
  EXPECT_EQ((co_await bench.fake.send(activity_request("after"))).status, 200);
  EXPECT_EQ(bench.taker.bodies(), (std::multiset<std::string>{"{}", "after"}));
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelay, a_request_with_two_authorizations_is_refused) {
  RelayBench bench(io);
  CO_ASSERT_TRUE(co_await bench.listening());
  auto request = activity_request("{}");
  request.headers.add("authorization", "Bearer other");
  EXPECT_EQ((co_await bench.fake.send(std::move(request))).status, 400);
  EXPECT_TRUE(bench.taker.stored.empty());
  co_await bench.stop();
}

}  // namespace
}  // namespace vedette::test::over_relay

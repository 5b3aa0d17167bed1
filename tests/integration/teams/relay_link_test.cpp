// The control channel to Azure Relay: tokens and their renewal, refusals, breaks, silence, stopping.

#include "tests/integration/teams/relay_bench.hpp"
#include "tests/support/test_ca.hpp"

namespace vedette::test::over_relay {
namespace {

ASYNC_TEST(TeamsRelayLink, state_tells_how_it_is) {
  RelayBench bench(io);
  bench.listener = std::make_unique<RelayListener>(io, bench.taker, nullptr, system_clock(), bench.options);
  EXPECT_FALSE(bench.listener->state().open);
  bench.listener->start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_listeners(1, 3000ms));
  CO_RELAY_EVENTUALLY(bench.listener->state().open);
  EXPECT_EQ(bench.listener->state().links, 1u);
  EXPECT_EQ(bench.listener->state().trouble, "");
  EXPECT_EQ(bench.fake.seen().last_trace.size(), 36u);
  co_await bench.listener->stop(Deadline::after(2s));
  EXPECT_FALSE(bench.listener->state().open);
  EXPECT_EQ(bench.fake.listeners(), 0u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelayLink, over_tls_with_a_certificate_that_is_checked) {
  const TestCa ca;
  FakeRelayOptions fake;
  fake.certificate_file = ca.good().certificate;
  fake.key_file = ca.good().key;
  RelayBench bench(io, fake);
  bench.start();
  CO_RELAY_EVENTUALLY(bench.listener->counts().failed >= 2);
  EXPECT_EQ(bench.fake.seen().listens, 0u) << "a token was sent to a server that nobody vouches for";
  EXPECT_NE(bench.listener->state().trouble, "");
  co_await bench.listener->stop(Deadline::after(1s));
  bench.options.ca_file = ca.ca_file();
  CO_ASSERT_TRUE(co_await bench.listening());
  bench.taker.answer = ActivityAnswer(200, std::string(100'000, 'y'));
  const auto response = co_await bench.fake.send(activity_request(std::string(100'000, 'x')));
  EXPECT_EQ(response.body.size(), 100'000u);
  co_await bench.stop();
}

Job refused_then_mended(Executor io, int status, std::string word) {
  RelayBench bench(io);
  bench.fake.faults.listen_status = status;
  bench.start();
  CO_RELAY_EVENTUALLY(bench.fake.seen().refused >= 1 && !bench.listener->state().trouble.empty());
  EXPECT_NE(bench.listener->state().trouble.find(word), std::string::npos) << bench.listener->state().trouble;
  EXPECT_EQ(bench.listener->state().trouble.find(bench.fake.options().listen_key), std::string::npos);
  EXPECT_FALSE(bench.listener->state().open);
  co_await sleep_for(30ms);
  EXPECT_EQ(bench.fake.seen().listens, 1u) << "asked again at once";
  bench.fake.faults.listen_status = 0;
  CO_ASSERT_TRUE(co_await bench.fake.wait_listeners(1, 2000ms));
  CO_RELAY_EVENTUALLY(bench.listener->state().open);
  EXPECT_EQ(bench.listener->state().trouble, "");
  co_await bench.stop();
}
TEST(TeamsRelayLink, a_refused_key_is_told_and_asked_for_again) {
  run_async([](Executor io) { return refused_then_mended(io, 401, "Check the key"); });
}
TEST(TeamsRelayLink, a_missing_right_is_told_and_asked_for_again) {
  run_async([](Executor io) { return refused_then_mended(io, 403, "the right Listen"); });
}
TEST(TeamsRelayLink, a_missing_hybrid_connection_is_told_and_asked_for_again) {
  run_async([](Executor io) { return refused_then_mended(io, 404, "has no hybrid connection \"vedette\""); });
}

ASYNC_TEST(TeamsRelayLink, the_fake_refuses_what_the_service_refuses) {
  RelayBench bench(io);
  const auto good = bench.options;
  const auto attempt = [](RelayBench& each) -> boost::asio::awaitable<std::string> {
    each.start();
    const Deadline deadline = Deadline::after(2000ms);
    while (each.listener->state().trouble.empty() && !each.listener->state().open && !deadline.passed()) {
      co_await sleep_for(3ms);
    }
    const std::string trouble = each.listener->state().trouble;
    co_await each.listener->stop(Deadline::after(1s));
    co_return trouble;
  };
  EXPECT_EQ(co_await attempt(bench), "");
  bench.options.relay.key = Secret("wrong-key-of-the-tests");
  EXPECT_NE((co_await attempt(bench)).find("Check the key"), std::string::npos);
  bench.options = good;
  bench.options.relay.key_name = "unknown";
  EXPECT_NE((co_await attempt(bench)).find("Check the key"), std::string::npos);
  bench.options.relay.key_name = bench.fake.options().send_rule;
  bench.options.relay.key = Secret(bench.fake.options().send_key);
  EXPECT_NE((co_await attempt(bench)).find("the right Listen"), std::string::npos);
  bench.options = good;
  bench.options.relay.token_life = std::chrono::seconds(-10);  // a clock that is wrong
  EXPECT_NE((co_await attempt(bench)).find("clock"), std::string::npos);
  bench.options = good;
  bench.options.relay.connection = "another";
  EXPECT_NE((co_await attempt(bench)).find("no hybrid connection"), std::string::npos);
  bench.options.relay.connection = "../x?";
  EXPECT_NE((co_await attempt(bench)).find("may hold letters"), std::string::npos);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelayLink, a_signature_is_renewed_on_the_same_socket_before_it_ends) {
  RelayBench bench(io);
  bench.options.relay.token_life = std::chrono::seconds(2);
  CO_ASSERT_TRUE(co_await bench.listening());
  const std::string first = bench.fake.seen().last_token;
  co_await sleep_for(3300ms);
  EXPECT_GE(bench.fake.seen().renewals, 2u);
  EXPECT_NE(bench.fake.seen().last_token, first);
  EXPECT_EQ(bench.listener->counts().opened, 1u) << "the token ended";
  EXPECT_EQ((co_await bench.fake.send(activity_request("{}"))).status, 200);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelayLink, an_entra_token_is_sent_bare_and_replaced_when_there_is_a_newer_one) {
  FakeRelayOptions fake;
  fake.entra_tokens = {"entra-1", "entra-2", "entra-3"};
  RelayBench bench(io, fake);
  bench.options.relay.key_name.clear();
  bench.options.token_early = 100ms;
  CO_ASSERT_TRUE(co_await bench.listening());
  EXPECT_EQ(bench.fake.seen().last_token, "entra-1");
  CO_RELAY_EVENTUALLY(bench.tokens.asked >= 4);
  EXPECT_EQ(bench.fake.seen().renewals, 0u) << "the same token was sent again";
  bench.tokens.token_now = "entra-2";
  CO_RELAY_EVENTUALLY(bench.fake.seen().last_token == "entra-2");
  EXPECT_EQ(bench.fake.seen().renewals, 1u);
  bench.tokens.error = Error(Code::unavailable, "Microsoft cannot be reached", true);
  co_await sleep_for(120ms);
  EXPECT_TRUE(bench.listener->state().open);
  bench.tokens.error.reset();
  bench.tokens.token_now = "entra-3";
  CO_RELAY_EVENTUALLY(bench.fake.seen().last_token == "entra-3");
  EXPECT_EQ(bench.listener->counts().opened, 1u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelayLink, a_stale_entra_token_is_replaced_at_once_and_a_refused_one_told) {
  FakeRelayOptions fake;
  fake.entra_tokens = {"entra-2"};
  RelayBench bench(io, fake);
  bench.options.relay.key_name.clear();
  bench.options.refused_probe = 10s;
  bench.tokens.after_refusal = "entra-2";
  CO_ASSERT_TRUE(co_await bench.listening());
  EXPECT_EQ(bench.tokens.refusals, std::vector<std::string>{"entra-1"});
  co_await bench.listener->stop(Deadline::after(1s));
  bench.tokens.token_now = bench.tokens.after_refusal = "entra-x";
  bench.start();
  CO_RELAY_EVENTUALLY(!bench.listener->state().trouble.empty());
  EXPECT_NE(bench.listener->state().trouble.find("Entra"), std::string::npos) << bench.listener->state().trouble;
  EXPECT_EQ(bench.listener->counts().failed, 2u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelayLink, refused_credentials_are_told) {
  RelayBench bench(io);
  bench.options.relay.key_name.clear();
  bench.tokens.error = Error(Code::unauthenticated, "Microsoft does not take the secret of the app.");
  bench.start();
  CO_RELAY_EVENTUALLY(bench.listener->state().trouble == "Microsoft does not take the secret of the app.");
  EXPECT_EQ(bench.fake.seen().listens, 0u);
  co_await bench.stop();
}

Job comes_back_after(Executor io, uint16_t code) {
  RelayBench bench(io);
  CO_ASSERT_TRUE(co_await bench.listening());
  if (code == 0) {
    bench.fake.cut_listeners();
  } else {
    bench.fake.close_listeners(code);
  }
  CO_RELAY_EVENTUALLY(bench.listener->counts().opened == 2);
  CO_RELAY_EVENTUALLY(bench.fake.listeners() == 1);
  EXPECT_EQ((co_await bench.fake.send(activity_request("{}"))).status, 200);
  co_await bench.stop();
}
TEST(TeamsRelayLink, comes_back_after_a_cut) {
  run_async([](Executor io) { return comes_back_after(io, 0); });
}
TEST(TeamsRelayLink, comes_back_after_its_token_ended) {
  run_async([](Executor io) { return comes_back_after(io, 1008); });
}
TEST(TeamsRelayLink, comes_back_after_a_fault_of_the_service) {
  run_async([](Executor io) { return comes_back_after(io, 1011); });
}

ASYNC_TEST(TeamsRelayLink, a_hybrid_connection_that_is_deleted_and_made_again) {
  RelayBench bench(io);
  CO_ASSERT_TRUE(co_await bench.listening());
  bench.fake.remove_connection(true);
  CO_RELAY_EVENTUALLY(bench.listener->state().trouble.find("no hybrid connection") != std::string::npos);
  EXPECT_FALSE(bench.listener->state().open);
  bench.fake.remove_connection(false);
  CO_ASSERT_TRUE(co_await bench.fake.wait_listeners(1, 2000ms));
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelayLink, pongs_and_never_pings) {
  RelayBench bench(io);
  bench.options.relay.pong = 30ms;
  CO_ASSERT_TRUE(co_await bench.listening());
  CO_RELAY_EVENTUALLY(bench.fake.seen().pongs >= 5);
  EXPECT_EQ(bench.listener->counts().opened, 1u);
  co_await bench.stop();  // a ping would be a violation
}

ASYNC_TEST(TeamsRelayLink, silence_is_a_dead_link_and_the_services_pongs_are_not) {
  RelayBench bench(io);
  bench.options.relay.silent = 200ms;
  CO_ASSERT_TRUE(co_await bench.listening());
  CO_RELAY_EVENTUALLY(bench.listener->counts().opened >= 3);
  co_await bench.stop();
  FakeRelayOptions fake;
  fake.pong = 40ms;
  RelayBench alive(io, fake);
  alive.options.relay.silent = 400ms;
  CO_ASSERT_TRUE(co_await alive.listening());
  co_await sleep_for(1200ms);
  EXPECT_EQ(alive.listener->counts().opened, 1u);
  co_await alive.stop();
}

ASYNC_TEST(TeamsRelayLink, a_service_that_never_answers_is_given_up_and_tried_again) {
  RelayBench bench(io);
  bench.fake.faults.mute = true;
  bench.options.call_wait = 100ms;
  bench.start();
  CO_RELAY_EVENTUALLY(bench.listener->counts().failed >= 2);
  EXPECT_NE(bench.listener->state().trouble.find("cannot be reached"), std::string::npos);
  bench.fake.faults.mute = false;
  CO_ASSERT_TRUE(co_await bench.fake.wait_listeners(1, 2000ms));
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelayLink, a_service_that_takes_us_and_hangs_up_is_not_hammered) {
  RelayBench bench(io);
  bench.options.relay.pauses = {0ms, 20ms, 200ms};
  CO_ASSERT_TRUE(co_await bench.listening());
  const auto until = std::chrono::steady_clock::now() + 700ms;
  while (std::chrono::steady_clock::now() < until) {
    bench.fake.cut_listeners();
    co_await sleep_for(2ms);
  }
  EXPECT_GE(bench.listener->counts().opened, 4u);
  EXPECT_LE(bench.listener->counts().opened, 8u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelayLink, a_break_in_the_middle_of_a_request_loses_nothing_and_answers_nothing_twice) {
  RelayBench bench(io);
  bench.taker.delay = 80ms;
  CO_ASSERT_TRUE(co_await bench.listening());
  for (const bool large : {false, true}) {
    bench.fake.faults.force_rendezvous = large;
    const size_t before = bench.taker.stored.size();
    auto sent = std::make_shared<Sent>();
    TaskGroup senders(io, "senders");
    senders.spawn("send", send_into(bench.fake, activity_request("one"), sent));
    CO_RELAY_EVENTUALLY(bench.taker.stored.size() == before + 1);
    if (large) bench.fake.cut_rendezvous();
    bench.fake.cut_listeners();
    co_await senders.drain();
    EXPECT_EQ(sent->response.status, 502);
    CO_RELAY_EVENTUALLY(bench.fake.listeners() == 1);
    bench.fake.faults.force_rendezvous = false;
    EXPECT_EQ((co_await bench.fake.send(activity_request("one"))).status, 200) << "Teams' second delivery";
    EXPECT_EQ(bench.taker.stored.size(), before + 2) << "stored before the break; the second is told apart by its id";
  }
  CO_RELAY_EVENTUALLY(bench.listener->counts().unanswered == 2);
  co_await bench.stop();
}

// A rendezvous lives on when the control channel breaks.
ASYNC_TEST(TeamsRelayLink, a_large_request_survives_a_break_of_the_control_channel) {
  RelayBench bench(io);
  bench.taker.delay = 80ms;
  bench.fake.faults.force_rendezvous = true;
  CO_ASSERT_TRUE(co_await bench.listening());
  auto sent = std::make_shared<Sent>();
  TaskGroup senders(io, "senders");
  senders.spawn("send", send_into(bench.fake, activity_request("one"), sent));
  CO_RELAY_EVENTUALLY(bench.taker.stored.size() == 1);
  bench.fake.cut_listeners();
  co_await senders.drain();
  EXPECT_EQ(sent->response.status, 200);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelayLink, stopping_answers_what_is_in_work) {
  RelayBench bench(io);
  bench.taker.delay = 120ms;
  CO_ASSERT_TRUE(co_await bench.listening());
  TaskGroup senders(io, "senders");
  std::vector<std::shared_ptr<Sent>> sent;
  for (int n = 0; n < 6; ++n) {
    bench.fake.faults.force_rendezvous = n % 2 == 1;
    sent.push_back(std::make_shared<Sent>());
    senders.spawn("send", send_into(bench.fake, activity_request(std::to_string(n)), sent.back()));
  }
  CO_RELAY_EVENTUALLY(bench.taker.inside == 6);
  co_await bench.listener->stop(Deadline::after(3s));
  co_await senders.drain();
  for (const auto& each : sent) EXPECT_EQ(each->response.status, 200);
  EXPECT_EQ(bench.fake.listeners(), 0u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelayLink, stopping_is_bounded_although_work_hangs) {
  RelayBench bench(io);
  bench.taker.delay = 20s;
  CO_ASSERT_TRUE(co_await bench.listening());
  auto sent = std::make_shared<Sent>();
  TaskGroup senders(io, "senders");
  senders.spawn("send", send_into(bench.fake, activity_request("{}"), sent));
  CO_RELAY_EVENTUALLY(bench.taker.inside == 1);
  const auto start = std::chrono::steady_clock::now();
  co_await bench.listener->stop(Deadline::after(400ms));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  co_await senders.drain();
  EXPECT_NE(sent->response.status, 200);
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelayLink, stopping_in_the_middle_of_connecting_or_waiting_is_quick) {
  RelayBench bench(io);
  bench.options.refused_probe = 60s;
  for (const int status : {0, 403}) {
    bench.fake.faults.mute = status == 0;
    bench.fake.faults.listen_status = status;
    bench.start();
    co_await sleep_for(60ms);
    const auto start = std::chrono::steady_clock::now();
    co_await bench.listener->stop(Deadline::after(10s));
    EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
  }
  co_await bench.stop();
}

ASYNC_TEST(TeamsRelayLink, requests_are_balanced_over_listeners) {
  RelayBench bench(io);
  ScriptedTaker other_taker;
  CO_ASSERT_TRUE(co_await bench.listening());
  RelayListener other(io, other_taker, nullptr, system_clock(), bench.options);
  other.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_listeners(2, 2000ms));
  for (int n = 0; n < 40; ++n) EXPECT_EQ((co_await bench.fake.send(activity_request("{}"))).status, 200);
  EXPECT_GE(bench.taker.stored.size(), 8u);
  EXPECT_GE(other_taker.stored.size(), 8u);
  EXPECT_EQ(bench.taker.stored.size() + other_taker.stored.size(), 40u);
  co_await other.stop(Deadline::after(2s));
  for (int n = 0; n < 5; ++n) EXPECT_EQ((co_await bench.fake.send(activity_request("{}"))).status, 200);
  co_await bench.stop();
}

}  // namespace
}  // namespace vedette::test::over_relay

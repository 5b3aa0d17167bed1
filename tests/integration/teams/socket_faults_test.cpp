// Teams Socket Mode: how connections come about, break, and are replaced, against the fake service.

#include <set>

#include "tests/integration/teams/socket_bench.hpp"

namespace vedette::test {
namespace {

using json = nlohmann::json;

// A fault, then all is well again.
Job recovers(Executor io, FakeSocketFault fault) {
  SocketBench bench(io);
  const std::string name = fault.step + " " + fault.kind;
  const bool waits = fault.kind == "hang" || fault.kind == "withhold";
  if (waits) bench.options.call_wait = bench.options.socket.silent = milliseconds(150);
  if (waits) bench.fake.options().ping = milliseconds(30);
  bench.fake.fault(std::move(fault));
  bench.start_one();
  const bool came = co_await bench.fake.wait_sockets(1, milliseconds(3000));
  EXPECT_TRUE(came) << name;
  CO_SOON(bench.sockets->state().open);
  EXPECT_EQ(bench.fake.pending_faults(), 0u) << name;
  EXPECT_EQ(bench.sockets->counts().failed, 1u) << name;
  EXPECT_EQ(bench.sockets->state().trouble, "") << name;
  const size_t handle = bench.fake.send("emea", bench.message("hello"));
  EXPECT_TRUE(co_await bench.fake.wait_answered(handle, milliseconds(2000))) << name;
  co_await bench.stop();
}

TEST(TeamsSocketFaults, each_is_tried_again) {
  const std::vector<std::pair<const char*, const char*>> faults = {{"connect", "503"},
                                                                   {"connect", "500"},
                                                                   {"connect", "429"},
                                                                   {"connect", "401"},
                                                                   {"connect", "403"},
                                                                   {"connect", "404"},
                                                                   {"connect", "garbage"},
                                                                   {"connect", "hang"},
                                                                   {"connect", "elsewhere"},
                                                                   {"connect", "cleartext"},
                                                                   {"negotiate", "503"},
                                                                   {"negotiate", "401"},
                                                                   {"negotiate", "hang"},
                                                                   {"negotiate", "error"},
                                                                   {"negotiate", "garbage"},
                                                                   {"negotiate", "elsewhere"},
                                                                   {"negotiate", "no_websocket"},
                                                                   {"upgrade", "503"},
                                                                   {"upgrade", "401"},
                                                                   {"handshake", "refuse"},
                                                                   {"handshake", "hang"},
                                                                   {"ready", "withhold"},
                                                                   {"ready", "foreign"},
                                                                   {"ready", "close"}};
  for (const auto& [step, kind] : faults) {
    const FakeSocketFault fault{step, kind, 1, 0, ""};
    run_async([fault](Executor io) { return recovers(io, fault); });
  }
}

ASYNC_TEST(TeamsSocketFaults, redirects_are_followed_but_not_for_ever) {
  SocketBench bench(io);
  bench.fake.fault({"negotiate", "redirect", 10, 0, "emea"});
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  EXPECT_EQ(bench.sockets->counts().failed, 0u);
  bench.fake.fault({"negotiate", "redirect", 11, 0, "emea"});
  bench.fake.kill(bench.newest());
  CO_SOON(bench.sockets->counts().failed == 1);
  CO_SOON(bench.sockets->counts().opened == 2);
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocketFaults, no_token_leaves_for_a_host_that_is_not_microsofts) {
  SocketBench bench(io);
  bench.options.refused_probe = std::chrono::seconds(60);
  bench.fake.fault({"connect", "elsewhere", 1, 0, "amer"});
  bench.fake.fault({"negotiate", "elsewhere", 1, 0, "apac"});
  bench.start();
  CO_SOON(bench.sockets->counts().failed == 2);
  CO_SOON(bench.sockets->state().links == 1);
  const auto state = bench.sockets->state();
  EXPECT_NE(state.trouble.find("amer: signalr.attacker.example is not known"), std::string::npos) << state.trouble;
  EXPECT_NE(state.trouble.find("apac: signalr.attacker.example is not known"), std::string::npos) << state.trouble;
  EXPECT_EQ(state.trouble.find("emea"), std::string::npos);
  co_await sleep_for(milliseconds(200));
  EXPECT_EQ(bench.fake.connects("amer"), 1u) << "it is a person who has to look at this";
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocketFaults, retry_after_is_honoured) {
  SocketBench bench(io);
  bench.fake.fault({"connect", "503", 1, 1, "amer"});
  bench.start();
  CO_SOON(bench.sockets->state().links == 2);
  EXPECT_NE(bench.sockets->state().trouble.find("amer"), std::string::npos);
  EXPECT_NE(bench.sockets->state().trouble.find("503"), std::string::npos) << bench.sockets->state().trouble;
  const SteadyTime began = std::chrono::steady_clock::now();
  CO_SOON(bench.sockets->state().links == 3);
  EXPECT_GT(std::chrono::steady_clock::now() - began, milliseconds(600));
  EXPECT_EQ(bench.fake.connects("amer"), 2u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocketFaults, one_geography_that_hangs_holds_up_no_other) {
  SocketBench bench(io);
  bench.options.call_wait = std::chrono::seconds(20);
  bench.fake.fault({"connect", "hang", 1, 0, "emea"});
  bench.start();
  CO_SOON(bench.sockets->state().links == 2);
  const size_t handle = bench.fake.send("apac", bench.message("hello"));
  EXPECT_TRUE(co_await bench.fake.wait_answered(handle, milliseconds(2000)));
  EXPECT_TRUE(bench.sockets->state().open);
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocketFaults, a_refused_token_is_reported_and_replaced) {
  FakeTeamsSocketOptions fake;
  fake.token = "token-2";
  SocketBench bench(io, fake);
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  EXPECT_EQ(bench.tokens.refusals, (std::vector<std::string>{"https://api.botframework.com/.default token-1"}));
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocketFaults, a_sign_in_that_stays_refused_is_asked_for_seldom) {
  FakeTeamsSocketOptions fake;
  fake.token = "the right one";
  SocketBench bench(io, fake);
  bench.options.refused_probe = milliseconds(400);
  bench.start_one();
  CO_SOON(bench.fake.connects("emea") == 2);
  const auto state = bench.sockets->state();
  EXPECT_FALSE(state.open);
  EXPECT_NE(state.trouble.find("emea"), std::string::npos) << state.trouble;
  EXPECT_NE(state.trouble.find("401"), std::string::npos) << state.trouble;
  EXPECT_NE(state.trouble.find("secret"), std::string::npos) << state.trouble;
  EXPECT_EQ(state.trouble.find("token-"), std::string::npos) << state.trouble;
  co_await sleep_for(milliseconds(150));
  EXPECT_EQ(bench.fake.connects("emea"), 2u);
  bench.fake.options().token.clear();  // somebody mended it
  CO_SOON(bench.sockets->state().open);
  EXPECT_EQ(bench.sockets->state().trouble, "");
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocketFaults, without_a_token_nothing_is_asked) {
  SocketBench bench(io);
  bench.tokens.error = Error(Code::unauthenticated, "Microsoft refuses our secret.");
  bench.start_one();
  CO_SOON(bench.sockets->state().trouble.find("refuses our secret") != std::string::npos);
  EXPECT_EQ(bench.fake.connects("emea"), 0u);
  bench.tokens.error.reset();
  CO_SOON(bench.sockets->state().open);
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocketFaults, a_connection_that_breaks_in_the_middle_of_a_request_loses_nothing) {
  SocketBench bench(io);
  bench.taker.delay = milliseconds(100);
  bench.taker.fallback = teams::ActivityAnswer(200, R"({"done":true})");
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  const uint64_t first = bench.newest();
  const size_t handle = bench.fake.send("emea", bench.invoke("task/fetch"));
  CO_SOON(bench.taker.inside == 1);
  bench.fake.kill(first);
  CO_SOON(bench.fake.sent(handle).broken);
  EXPECT_FALSE(co_await bench.fake.wait_answered(handle, milliseconds(20)));
  CO_SOON(bench.newest() != 0 && bench.newest() != first);
  bench.fake.send_again(handle);
  EXPECT_TRUE(co_await bench.fake.wait_answered(handle, milliseconds(2000)));
  EXPECT_EQ(bench.result(handle)["body"]["done"], true);
  EXPECT_EQ(bench.taker.taken.size(), 1u);
  EXPECT_EQ(bench.sockets->counts().lost, 1u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocketFaults, a_close_frame_is_honoured) {
  SocketBench bench(io);
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  for (int round = 1; round <= 3; ++round) {
    const uint64_t old = bench.newest();
    bench.fake.close(old, "restarting", round == 2);
    CO_SOON(bench.newest() != 0 && bench.newest() != old);
    CO_SOON(bench.sockets->state().open);
  }
  EXPECT_EQ(bench.sockets->counts().lost, 3u);
  EXPECT_EQ(bench.sockets->counts().opened, 4u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocketFaults, a_silent_peer_is_dead) {
  FakeTeamsSocketOptions fake;
  fake.ping = milliseconds(40);
  SocketBench bench(io, fake);
  bench.options.socket.ping = milliseconds(40);
  bench.options.socket.silent = milliseconds(200);
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  co_await sleep_for(milliseconds(400));
  EXPECT_EQ(bench.fake.opened(), 1u) << "pings are not silence";
  EXPECT_GE(bench.fake.pings(), 4u);
  const uint64_t old = bench.newest();
  bench.fake.hush(old);  // WebSocket pongs still come
  CO_SOON(bench.newest() != 0 && bench.newest() != old);
  EXPECT_EQ(bench.sockets->counts().lost, 1u);
  const size_t handle = bench.fake.send("emea", bench.message("hello"));
  EXPECT_TRUE(co_await bench.fake.wait_answered(handle, milliseconds(2000)));
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocketFaults, failures_back_off) {
  SocketBench bench(io);
  bench.options.socket.backoff_first = milliseconds(20);
  bench.options.socket.backoff_most = milliseconds(160);
  bench.fake.fault({"connect", "503", 1000, 0, "emea"});
  bench.start_one();
  co_await sleep_for(milliseconds(900));
  // Full jitter: half of the longest wait on average, so about 15 attempts; without any wait there would be hundreds.
  EXPECT_GE(bench.fake.connects("emea"), 6u);
  EXPECT_LE(bench.fake.connects("emea"), 45u);
  co_await bench.stop();
}

// ---- tickets that run out

ASYNC_TEST(TeamsSocketRotation, fifty_times_without_a_gap_or_a_lost_activity) {
  FakeTeamsSocketOptions fake;
  fake.lifetime = std::chrono::hours(1);
  fake.routed_on = milliseconds(40);
  SocketBench bench(io, fake);
  bench.options.socket.rotate_before = fake.lifetime - milliseconds(60);  // a machine that stalls must not end the ticket
  bench.options.socket.keep_old = milliseconds(120);
  bench.taker.delay = milliseconds(10);
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  std::vector<size_t> handles;
  const Deadline limit = Deadline::after(std::chrono::seconds(25));
  while (bench.sockets->counts().rotated < 50 && !limit.passed()) {
    handles.push_back(bench.fake.send("emea", bench.message("hello")));
    co_await sleep_for(milliseconds(5));
    EXPECT_EQ(bench.sockets->state().links, 1u);
  }
  for (const size_t handle : handles) EXPECT_TRUE(co_await bench.fake.wait_answered(handle, milliseconds(2000))) << handle;
  EXPECT_GE(bench.sockets->counts().rotated, 50u);
  EXPECT_EQ(bench.sockets->counts().lost, 0u);
  EXPECT_EQ(bench.sockets->counts().failed, 0u);
  EXPECT_EQ(bench.fake.bare_times("emea"), 0u);
  EXPECT_EQ(bench.fake.lost(), 0u);
  EXPECT_EQ(bench.taker.taken.size(), handles.size());
  std::set<uint64_t> ways;
  for (const size_t handle : handles) ways.insert(bench.fake.sent(handle).socket);
  EXPECT_GE(ways.size(), 40u) << "a machine that stalls skips some";
  EXPECT_GE(bench.fake.farewells(), 45u) << "the last old ones are still kept";
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocketRotation, the_old_socket_answers_what_it_was_given_last) {
  FakeTeamsSocketOptions fake;
  fake.lifetime = std::chrono::hours(1);
  SocketBench bench(io, fake);
  bench.options.socket.rotate_before = fake.lifetime - milliseconds(300);
  bench.options.socket.keep_old = milliseconds(100);
  bench.taker.delay = milliseconds(250);  // longer than the old one is kept
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  const uint64_t old = bench.newest();
  CO_SOON(bench.fake.sockets("emea").size() == 2);
  const size_t handle = bench.fake.send("emea", bench.message("late"), {});
  EXPECT_NE(bench.fake.sent(handle).socket, old);
  bench.fake.send_again(handle, old);  // the same envelope by both: one is taken, both are answered
  CO_SOON(bench.fake.sent(handle).answers == 2);
  EXPECT_EQ(bench.taker.taken.size(), 1u);
  CO_SOON(bench.fake.sockets("emea").size() == 1);
  EXPECT_NE(bench.newest(), old);
  EXPECT_EQ(bench.fake.lost(), 0u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocketRotation, a_successor_that_does_not_come_leaves_the_old_one_alone) {
  FakeTeamsSocketOptions fake;
  fake.lifetime = std::chrono::hours(1);
  SocketBench bench(io, fake);
  bench.options.socket.rotate_before = fake.lifetime - milliseconds(200);
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  bench.fake.fault({"connect", "503", 4, 0, "emea"});
  CO_SOON(bench.sockets->counts().failed >= 2);
  EXPECT_TRUE(bench.sockets->state().open);
  EXPECT_EQ(bench.sockets->state().trouble, "");
  const size_t handle = bench.fake.send("emea", bench.message("hello"));
  EXPECT_TRUE(co_await bench.fake.wait_answered(handle, milliseconds(2000)));
  CO_SOON(bench.sockets->counts().rotated == 1);
  EXPECT_EQ(bench.fake.bare_times("emea"), 0u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocketRotation, a_ticket_that_runs_out_is_renewed_in_time) {
  FakeTeamsSocketOptions fake;
  fake.lifetime = milliseconds(2500);  // then the service ends the socket
  SocketBench bench(io, fake);
  bench.options.socket.rotate_before = milliseconds(2000);
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  co_await sleep_for(milliseconds(2700));
  EXPECT_GE(bench.sockets->counts().rotated, 2u);
  EXPECT_EQ(bench.fake.bare_times("emea"), 0u);
  EXPECT_EQ(bench.sockets->counts().lost, 0u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocketRotation, tickets_good_for_a_moment_do_not_make_us_hammer) {
  FakeTeamsSocketOptions fake;
  fake.lifetime = milliseconds(10);
  SocketBench bench(io, fake);
  bench.options.socket.backoff_first = milliseconds(100);
  bench.start_one();
  co_await sleep_for(milliseconds(1000));
  EXPECT_LE(bench.fake.connects("emea"), 40u);
  co_await bench.stop();
}

}  // namespace
}  // namespace vedette::test

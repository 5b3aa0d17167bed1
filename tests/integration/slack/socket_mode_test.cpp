#include <boost/asio/co_spawn.hpp>

#include "tests/integration/slack/slack_bench.hpp"

namespace vedette::test {
namespace {

ASYNC_TEST(SlackSocket, connects_and_acknowledges_each_kind) {
  SlackBench bench(io);
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
  const size_t slash = bench.fake.slash("U7", "C1", "list open");
  const size_t mention = bench.fake.mention("U7", "C1", "why C-3");
  const size_t direct = bench.fake.direct("U7", "D1", "help");
  const auto posted = co_await bench.vedette->platform().deliver(bench.outgoing("k", "Card"), within(2000));
  CO_ASSERT_OK(posted);
  const auto click = bench.fake.click("U7", "C1", *posted, "ack C-1");
  CO_ASSERT_TRUE(click.has_value());
  for (const size_t handle : {slash, mention, direct, *click}) {
    EXPECT_TRUE(co_await bench.fake.wait_acked(handle, milliseconds(2000))) << handle;
    EXPECT_EQ(bench.fake.envelope(handle).ack, "{\"envelope_id\":\"" + bench.fake.envelope(handle).id + "\"}");
  }
  std::set<std::string> texts;
  for (const auto& interaction : bench.sink.taken) texts.insert(interaction.text);
  EXPECT_EQ(texts, (std::set<std::string>{"list open", "why C-3", "help", "ack C-1"}));
  EXPECT_EQ(bench.vedette->socket().connected(), 2u);
  EXPECT_EQ(bench.ghosts, 0);
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, acknowledges_only_after_the_commit) {
  SlackBench bench(io);
  bench.sink.delay = milliseconds(120);
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
  const size_t handle = bench.fake.slash("U7", "C1", "list");
  EXPECT_FALSE(co_await bench.fake.wait_acked(handle, milliseconds(60)));
  EXPECT_TRUE(co_await bench.fake.wait_acked(handle, milliseconds(2000)));
  EXPECT_GE(*bench.fake.envelope(handle).acked, bench.sink.last_commit);
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, no_acknowledgement_for_what_could_not_be_stored) {
  FakeSlackOptions fake;
  fake.retry_after = milliseconds(100);
  SlackBench bench(io, fake);
  bench.sink.failures = 2;
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
  const size_t slash = bench.fake.slash("U7", "C1", "list");
  EXPECT_FALSE(co_await bench.fake.wait_acked(slash, milliseconds(80))) << "said yes to what is not on disk";
  const size_t mention = bench.fake.mention("U7", "C1", "list");
  EXPECT_TRUE(co_await bench.fake.wait_acked(mention, milliseconds(2000))) << "Slack's second delivery was not taken";
  EXPECT_GE(bench.fake.envelope(mention).deliveries, 2);
  EXPECT_EQ(bench.vedette->socket().counts().withheld, 2u);
  EXPECT_EQ(bench.sink.taken.size(), 1u);
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, repeated_envelopes_are_acknowledged_and_taken_once) {
  SlackBench bench(io);
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
  const size_t handle = bench.fake.mention("U7", "C1", "ack C-1");
  bench.fake.send_again(handle);
  auto payload = bench.fake.envelope(handle).payload;
  payload["event_id"] = "EvOther";  // node-slack-sdk#2141: the same message with another event id
  const size_t copy = bench.fake.send("events_api", payload);
  payload["event"]["type"] = "message";  // and what message.channels adds
  payload["event"]["channel_type"] = "channel";
  const size_t other_copy = bench.fake.send("events_api", payload);
  for (const size_t each : {handle, copy, other_copy}) EXPECT_TRUE(co_await bench.fake.wait_acked(each, milliseconds(2000)));
  CO_EVENTUALLY(bench.sink.calls == 4);
  EXPECT_EQ(bench.sink.taken.size(), 1u);
  EXPECT_EQ(bench.vedette->inbound().counts().repeated, 3u);
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, many_envelopes_are_in_work_at_once) {
  SlackBench bench(io);
  bench.sink.delay = milliseconds(30);
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
  std::vector<size_t> handles;
  for (int n = 0; n < 200; ++n) handles.push_back(bench.fake.slash("U7", "C1", "show C-" + std::to_string(n)));
  for (const size_t handle : handles) EXPECT_TRUE(co_await bench.fake.wait_acked(handle, milliseconds(3000)));
  EXPECT_GE(bench.sink.most_inside, 50) << "they waited for each other";
  EXPECT_EQ(bench.sink.taken.size(), 200u);
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, unreadable_and_unknown_frames_do_no_harm) {
  SlackBench bench(io);
  bench.options.sockets = 1;
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  const uint64_t id = bench.fake.socket_ids().at(0);
  for (const char* text : {"nonsense", "[1]", "{\"type\":\"new_kind\"}", "{}", "{\"envelope_id\":5}"})
    bench.fake.raw_frame(id, text);
  const size_t unknown = bench.fake.send("brand_new_type", {{"x", 1}});
  EXPECT_TRUE(co_await bench.fake.wait_acked(unknown, milliseconds(2000))) << "Slack would send it for ever";
  const size_t handle = bench.fake.slash("U7", "C1", "list");
  EXPECT_TRUE(co_await bench.fake.wait_acked(handle, milliseconds(2000)));
  EXPECT_EQ(bench.vedette->socket().counts().malformed, 2u);
  EXPECT_EQ(bench.fake.opened(), 1u);
  co_await bench.stop();
}

// One socket only, so that the second cannot hide a gap.
Job refresh_without_gap(Executor io, std::string reason) {
  SlackBench bench(io);
  bench.options.sockets = 1;
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  size_t next = 0;
  std::vector<size_t> handles;
  for (int round = 0; round < 5; ++round) {
    const auto ids = bench.fake.socket_ids();
    const uint64_t old = ids.front();
    bench.fake.disconnect(old, reason, milliseconds(150));
    CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(1000)));
    bench.fake.prefer_socket(old);  // Slack may still use the old link
    handles.push_back(bench.fake.slash("U7", "C1", "show C-" + std::to_string(next++)));
    EXPECT_EQ(bench.fake.envelope(handles.back()).socket, old);
    CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(1000)));
    bench.fake.prefer_socket(0);
    handles.push_back(bench.fake.slash("U7", "C1", "show C-" + std::to_string(next++)));
  }
  for (const size_t handle : handles) EXPECT_TRUE(co_await bench.fake.wait_acked(handle, milliseconds(1000)));
  EXPECT_EQ(bench.fake.time_without_socket().count(), 0);
  EXPECT_EQ(bench.fake.lost(), 0u);
  EXPECT_EQ(bench.sink.taken.size(), handles.size());
  EXPECT_EQ(bench.fake.opened(), 6u);
  co_await bench.stop();
}

TEST(SlackSocket, no_gap_on_warning) {
  run_async([](Executor io) { return refresh_without_gap(io, "warning"); });
}
TEST(SlackSocket, no_gap_on_refresh_requested) {
  run_async([](Executor io) { return refresh_without_gap(io, "refresh_requested"); });
}
TEST(SlackSocket, no_gap_on_an_unknown_reason) {
  run_async([](Executor io) { return refresh_without_gap(io, "something_new"); });
}

ASYNC_TEST(SlackSocket, refreshes_before_its_time_is_up_and_leaves_the_old_link_to_slack) {
  FakeSlackOptions fake;
  fake.lifetime = std::chrono::seconds(1);
  SlackBench bench(io, fake);
  bench.options.sockets = 1;
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  bench.fake.set_lifetime(std::chrono::seconds(18060));
  const auto began = std::chrono::steady_clock::now();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(2000)));
  const auto after = std::chrono::steady_clock::now() - began;
  EXPECT_GT(after, milliseconds(600));
  EXPECT_LT(after, milliseconds(1000));
  bench.fake.prefer_socket(bench.fake.socket_ids().front());
  const size_t handle = bench.fake.slash("U7", "C1", "list");
  EXPECT_TRUE(co_await bench.fake.wait_acked(handle, milliseconds(1000))) << "the old link is still answered";
  EXPECT_EQ(bench.fake.time_without_socket().count(), 0);
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, a_second_socket_covers_a_reset) {
  SlackBench bench(io);
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
  for (int round = 0; round < 10; ++round) {
    CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
    bench.fake.kill(bench.fake.socket_ids().at(static_cast<size_t>(round % 2)));
    const size_t handle = bench.fake.slash("U7", "C1", "show C-" + std::to_string(round));
    EXPECT_TRUE(co_await bench.fake.wait_acked(handle, milliseconds(1000)));
  }
  EXPECT_EQ(bench.fake.time_without_socket().count(), 0);
  EXPECT_EQ(bench.fake.lost(), 0u);
  co_await bench.stop();
}

// Clicks are delivered once and to any one link: none may be missed while links come and go.
ASYNC_TEST(SlackSocket, fifty_forced_refreshes_under_traffic) {
  SlackBench bench(io);
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
  const auto posted = co_await bench.vedette->platform().deliver(bench.outgoing("k", "Card"), within(2000));
  CO_ASSERT_OK(posted);
  std::vector<size_t> handles;
  for (int round = 0; round < 50; ++round) {
    const auto ids = bench.fake.socket_ids();
    CO_ASSERT_TRUE(!ids.empty());
    bench.fake.disconnect(ids.front(), round % 2 == 0 ? "warning" : "refresh_requested", milliseconds(60));
    for (int n = 0; n < 4; ++n) {
      const auto click = bench.fake.click("U7", "C1", *posted, "ack C-1");
      CO_ASSERT_TRUE(click.has_value());
      handles.push_back(*click);
      co_await sleep_for(milliseconds(8));
    }
  }
  for (const size_t handle : handles) EXPECT_TRUE(co_await bench.fake.wait_acked(handle, milliseconds(2000)));
  EXPECT_EQ(bench.fake.time_without_socket().count(), 0);
  EXPECT_EQ(bench.fake.times_without_socket(), 0) << "not even for less than a millisecond";
  EXPECT_EQ(bench.fake.lost(), 0u);
  EXPECT_EQ(bench.sink.taken.size(), handles.size());
  EXPECT_LE(bench.fake.sockets(), 8u);
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, half_open_links_are_noticed) {
  SlackBench bench(io);
  bench.options.sockets = 1;
  bench.options.idle = milliseconds(200);
  bench.options.ghost_check = std::chrono::hours(1);  // Slack still counts the deaf one
  bench.fake.deafen(1);
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));  // the deaf one stays
  bench.fake.prefer_socket(bench.fake.socket_ids().back());
  const size_t handle = bench.fake.slash("U7", "C1", "list");
  EXPECT_TRUE(co_await bench.fake.wait_acked(handle, milliseconds(1000)));
  // And a quiet but living link is none of that.
  co_await sleep_for(milliseconds(600));
  EXPECT_EQ(bench.fake.opened(), 2u);
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, socket_mode_switched_off_is_told_once_and_asked_about_until_it_is_on) {
  SlackBench bench(io);
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
  bench.fake.greet_with("link_disabled", 3);  // what the next three find
  for (const uint64_t id : bench.fake.socket_ids()) bench.fake.disconnect(id, "link_disabled", milliseconds(20));
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(0, milliseconds(2000)));
  const int before = bench.fake.calls("apps.connections.open");
  EXPECT_NE(bench.refused.find("Socket Mode was switched off"), std::string::npos);
  CO_ASSERT_TRUE(bench.vedette->socket().refusal().has_value());
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(5000)));
  EXPECT_EQ(bench.refusals, 1) << "told more than once";
  EXPECT_EQ(bench.acceptances, 1);
  EXPECT_FALSE(bench.vedette->socket().refusal().has_value());
  EXPECT_EQ(bench.fake.calls("apps.connections.open"), before + 5) << "three refused, then one for each socket";
  const size_t handle = bench.fake.slash("U7", "C1", "list");
  EXPECT_TRUE(co_await bench.fake.wait_acked(handle, milliseconds(2000)));
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, a_refused_token_is_told_once_not_shown_and_works_once_mended) {
  SlackBench bench(io);
  for (const char* name : {"invalid_auth", "missing_scope"}) {
    bench.refused.clear();
    bench.fake.add_fault({"apps.connections.open", std::string("error:") + name, 1'000'000, 0, {}});
    if (!bench.vedette) {
      bench.start();
    } else {
      for (const uint64_t id : bench.fake.socket_ids()) bench.fake.kill(id);
    }
    CO_EVENTUALLY(!bench.refused.empty());
    EXPECT_NE(bench.refused.find(name), std::string::npos);
    EXPECT_EQ(bench.refused.find("xapp-"), std::string::npos);
    EXPECT_NE(bench.vedette->refusal().find(name), std::string::npos);
    // One slot asks for all of them, and seldom: between half the wait and the whole of it.
    const int calls = bench.fake.calls("apps.connections.open");
    const auto began = std::chrono::steady_clock::now();
    CO_EVENTUALLY(bench.fake.calls("apps.connections.open") == calls + 4);
    EXPECT_GE(std::chrono::steady_clock::now() - began, 3 * bench.options.refused_probe / 2);
    bench.fake.clear_faults();
    CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
    CO_EVENTUALLY(bench.vedette->socket().connected() == 2);
    EXPECT_TRUE(bench.vedette->refusal().empty());
  }
  EXPECT_EQ(bench.refusals, 2) << "each told once";
  EXPECT_EQ(bench.acceptances, 2);
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, a_refused_bot_token_is_told_and_noticed_when_mended) {
  SlackBench bench(io);
  bench.fake.add_fault({"auth.test", "error:token_revoked", 2, 0, {}});
  bench.start();
  CO_EVENTUALLY(!bench.vedette->refusal().empty());
  EXPECT_NE(bench.vedette->refusal().find("token_revoked"), std::string::npos);
  CO_EVENTUALLY(bench.vedette->refusal().empty());
  EXPECT_EQ(bench.fake.calls("auth.test"), 3);
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, too_many_websockets_waits) {
  SlackBench bench(io);
  bench.options.sockets = 1;
  bench.fake.greet_with("too_many_websockets", 1);
  bench.start();
  CO_EVENTUALLY(bench.fake.opened() == 1);
  const auto began = std::chrono::steady_clock::now();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  EXPECT_GE(std::chrono::steady_clock::now() - began, bench.options.too_many_wait - milliseconds(20));
  EXPECT_EQ(bench.fake.opened(), 2u);
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, failures_back_off_and_never_give_up) {
  SlackBench bench(io);
  bench.options.sockets = 1;
  bench.fake.add_fault({"apps.connections.open", "500", 3, 0, {}});
  bench.fake.add_fault({"apps.connections.open", "error:internal_error", 1, 0, {}});
  bench.fake.refuse_upgrades(3, 409);
  bench.fake.withhold_hello(1);
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(10'000)));
  EXPECT_EQ(bench.vedette->socket().counts().failed, 8u);
  EXPECT_EQ(bench.fake.calls("apps.connections.open"), 9);
  EXPECT_TRUE(bench.refused.empty());
  co_await bench.stop();
}

// A link that says hello and breaks at once must not reset the back-off, or a flapping server is hammered.
ASYNC_TEST(SlackSocket, back_off_resets_only_after_a_stable_link) {
  SlackBench bench(io);
  bench.options.sockets = 1;
  bench.options.backoff_first = milliseconds(20);
  bench.options.backoff_most = milliseconds(5000);
  bench.start();
  std::vector<SteadyTime> times;
  for (int round = 0; round < 5; ++round) {
    CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(5000)));
    times.push_back(std::chrono::steady_clock::now());
    bench.fake.kill(bench.fake.socket_ids().at(0));
  }
  // 20, 40, 80, 160 ms, each at least half of it.
  EXPECT_GE(times.at(4) - times.at(3), milliseconds(80));
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(5000)));
  co_await sleep_for(bench.options.stable_after + milliseconds(20));
  const auto began = std::chrono::steady_clock::now();
  bench.fake.kill(bench.fake.socket_ids().at(0));
  CO_EVENTUALLY(bench.fake.opened() == 7);
  EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(150));
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, honours_retry_after_when_opening) {
  SlackBench bench(io);
  bench.options.sockets = 1;
  bench.fake.add_fault({"apps.connections.open", "429", 1, 1, {}});
  const auto began = std::chrono::steady_clock::now();
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(4000)));
  EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds(1000));
  EXPECT_EQ(bench.fake.calls("apps.connections.open"), 2);
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, ghosts_are_told_once_and_when_they_are_gone) {
  SlackBench bench(io);
  bench.fake.set_ghosts(3);
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
  CO_EVENTUALLY(bench.vedette->socket().connected() == 2);
  EXPECT_EQ(bench.vedette->socket().ghosts(), 3);
  EXPECT_EQ(bench.ghosts, 0) << "not before a second count";
  CO_EVENTUALLY(bench.ghosts == 1);
  co_await sleep_for(milliseconds(250));
  EXPECT_EQ(bench.ghosts, 1) << "said again at a later count";
  bench.fake.set_ghosts(0);
  CO_EVENTUALLY(bench.ghosts_gone == 1 && bench.vedette->socket().ghosts() == 0);
  EXPECT_EQ(bench.fake.time_without_socket(), milliseconds(0));
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, what_a_killed_program_leaves_for_a_moment_is_no_ghost) {
  SlackBench bench(io);
  bench.fake.set_ghosts(2);
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
  CO_EVENTUALLY(bench.vedette->socket().ghosts() == 2);
  bench.fake.set_ghosts(0);
  CO_EVENTUALLY(bench.vedette->socket().ghosts() == 0);
  EXPECT_EQ(bench.ghosts, 0);
  EXPECT_EQ(bench.ghosts_gone, 0);
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, stopping_lets_work_be_acknowledged_and_says_goodbye) {
  SlackBench bench(io);
  bench.sink.delay = milliseconds(100);
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
  const size_t handle = bench.fake.slash("U7", "C1", "list");
  CO_EVENTUALLY(bench.sink.inside == 1);
  co_await bench.vedette->stop(within(2000));
  EXPECT_TRUE(co_await bench.fake.wait_acked(handle, milliseconds(10)));
  EXPECT_TRUE(co_await bench.fake.wait_sockets(0, milliseconds(500)));
  bench.vedette.reset();
  co_await bench.stop();
}

ASYNC_TEST(SlackSocket, people_are_checked_before_a_decision_is_taken_in) {
  SlackBench bench(io);
  bench.fake.set_user("U8", {{"is_restricted", true}});
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
  const auto posted = co_await bench.vedette->platform().deliver(bench.outgoing("k", "Card"), within(2000));
  CO_ASSERT_OK(posted);
  const auto guest = bench.fake.click("U8", "C1", *posted, "approve R-9");
  const auto member = bench.fake.click("U7", "C1", *posted, "approve R-9");
  CO_ASSERT_TRUE(guest && member);
  EXPECT_TRUE(co_await bench.fake.wait_acked(*guest, milliseconds(2000)));
  EXPECT_TRUE(co_await bench.fake.wait_acked(*member, milliseconds(2000)));
  CO_ASSERT_TRUE(bench.sink.taken.size() == 1);
  EXPECT_EQ(bench.sink.taken[0].who.user, "U7");
  CO_EVENTUALLY(bench.fake.messages().back().only_for == "U8");
  EXPECT_NE(bench.fake.messages().back().text.find("Guests"), std::string::npos);
  EXPECT_EQ(bench.fake.messages().back().thread_ts, *posted);
  // Looking is free, and Slack not answering refuses a decision.
  const size_t look = bench.fake.slash("U8", "C1", "show C-1");
  EXPECT_TRUE(co_await bench.fake.wait_acked(look, milliseconds(2000)));
  EXPECT_EQ(bench.sink.taken.size(), 2u);
  bench.fake.add_fault({"users.info", "500", 1, 0, {}});
  const auto unsure = bench.fake.click("U7", "C1", *posted, "approve R-9");
  EXPECT_TRUE(co_await bench.fake.wait_acked(*unsure, milliseconds(2000)));
  EXPECT_EQ(bench.sink.taken.size(), 2u);
  CO_EVENTUALLY(bench.fake.messages().back().only_for == "U7");
  co_await bench.stop();
}

// The fake punishes what Slack punishes: frames over 20,480 bytes are answered with 1009.
ASYNC_TEST(FakeSlackSocket, cuts_off_long_acknowledgements) {
  SlackBench bench(io);
  slack::WebApi api(*bench.http, system_clock(), bench.options);
  auto url = co_await api.open_connection(within(2000));
  CO_ASSERT_OK(url);
  net::WebSocketOptions options;
  net::Headers headers;
  auto socket = co_await net::connect_websocket(*url, headers, options, within(2000));
  CO_ASSERT_OK(socket);
  auto hello = co_await (*socket)->read();
  CO_ASSERT_OK(hello);
  std::string long_ack = "{\"envelope_id\":\"" + std::string(20'480, 'x') + "\"}";
  auto written = co_await (*socket)->write(std::move(long_ack));
  CO_ASSERT_OK(written);
  auto ended = co_await (*socket)->read();
  EXPECT_FALSE(ended.has_value());
  EXPECT_EQ((*socket)->close_code(), 1009);
  auto reused = co_await net::connect_websocket(*url, headers, options, within(2000));
  CO_ASSERT_TRUE(!reused.has_value());
  EXPECT_EQ(reused.error().http_status, 404) << "an address works once";
  socket->reset();
  co_await bench.stop();
}

}  // namespace
}  // namespace vedette::test

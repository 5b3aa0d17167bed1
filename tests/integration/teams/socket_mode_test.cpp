// Teams Socket Mode: what comes in and how it is answered, against the fake service.

#include "integrations/teams/socket_mode.hpp"

#include <set>

#include "tests/integration/teams/socket_bench.hpp"

namespace vedette::test {
namespace {

using json = nlohmann::json;

ASYNC_TEST(TeamsSocket, connects_to_every_geography_and_answers) {
  FakeTeamsSocketOptions fake;
  fake.token = "token-1";
  SocketBench bench(io, fake);
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(3, milliseconds(3000)));
  CO_SOON(bench.sockets->state().links == 3);
  EXPECT_TRUE(bench.sockets->state().open);
  EXPECT_EQ(bench.sockets->state().trouble, "");
  EXPECT_EQ(bench.tokens.scopes.front(), "https://api.botframework.com/.default");
  for (const char* geography : {"amer", "emea", "apac"}) {
    const json said = bench.message(geography);
    const size_t handle = bench.fake.send(geography, said);
    EXPECT_TRUE(co_await bench.fake.wait_answered(handle, milliseconds(2000)));
    EXPECT_EQ(bench.result(handle)["status"], 200);
    EXPECT_FALSE(bench.result(handle).contains("body"));
    EXPECT_EQ(json::parse(bench.taker.taken.back().body), said);
    EXPECT_TRUE(bench.taker.taken.back().vouched_for);
    EXPECT_EQ(bench.taker.taken.back().authorization, "");
    EXPECT_NE(bench.taker.taken.back().peer.find(geography), std::string::npos);
  }
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocket, a_geography_named_twice_is_one_and_none_is_a_trouble) {
  SocketBench bench(io);
  bench.options.socket.geographies = {"emea", "emea"};
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  CO_SOON(bench.sockets->state().links == 1);
  EXPECT_EQ(bench.fake.connects("emea"), 1u);
  bench.options.socket.geographies.clear();
  const teams::SocketMode none(io, *bench.http, bench.tokens, bench.taker, system_clock(), bench.options);
  EXPECT_FALSE(none.state().open);
  EXPECT_NE(none.state().trouble, "");
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocket, an_invoke_is_answered_with_its_body) {
  SocketBench bench(io);
  bench.taker.fallback = teams::ActivityAnswer(200, R"({"statusCode":200,"value":"Approved"})");
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  const size_t invoke = bench.fake.send("emea", bench.invoke("adaptiveCard/action"));
  const size_t message = bench.fake.send("emea", bench.message("hello"));
  EXPECT_TRUE(co_await bench.fake.wait_answered(invoke, milliseconds(2000)));
  EXPECT_TRUE(co_await bench.fake.wait_answered(message, milliseconds(2000)));
  EXPECT_EQ(bench.result(invoke)["body"]["value"], "Approved");
  EXPECT_FALSE(bench.result(message).contains("body")) << "only invokes are answered with one";
  bench.taker.fallback = teams::ActivityAnswer(501);
  const size_t unknown = bench.fake.send("emea", bench.invoke("no/such"));
  EXPECT_TRUE(co_await bench.fake.wait_answered(unknown, milliseconds(2000)));
  EXPECT_EQ(bench.result(unknown)["status"], 501);
  EXPECT_FALSE(bench.result(unknown).contains("body"));
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocket, the_carrier_brings_an_activity_and_its_answer) {
  SocketBench bench(io);
  bench.taker.fallback = teams::ActivityAnswer(200, R"({"x":[1]})");
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(3, milliseconds(3000)));
  const ActivityCarrier carrier = bench.fake.carrier("apac");
  const std::string activity = bench.invoke("task/fetch").dump();
  const CarriedAnswer carried = co_await carrier(activity, "");
  EXPECT_EQ(carried.status, 200);
  EXPECT_EQ(carried.body, R"({"x":[1]})");
  const ActivityCarrier nowhere = bench.fake.carrier("nowhere");
  const CarriedAnswer none = co_await nowhere(activity, "");
  EXPECT_EQ(none.status, 0);
  co_await bench.stop();
}

Job frames_of_shape(Executor io, FakeFrameShape shape) {
  SocketBench bench(io);
  bench.fake.shape(shape);
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  std::vector<size_t> handles;
  for (int n = 0; n < 20; ++n) handles.push_back(bench.fake.send("emea", bench.message(std::string(500, 'x'))));
  for (const size_t handle : handles) EXPECT_TRUE(co_await bench.fake.wait_answered(handle, milliseconds(2000)));
  EXPECT_EQ(bench.taker.taken.size(), 20u);
  EXPECT_EQ(bench.sockets->counts().malformed, 0u);
  EXPECT_EQ(bench.sockets->counts().unknown, 0u);
  co_await bench.stop();
}

TEST(TeamsSocket, frames_are_read_however_they_are_written) {
  for (const FakeFrameShape shape : {FakeFrameShape{true, false, false, false}, FakeFrameShape{false, true, false, false},
                                     FakeFrameShape{false, false, true, false}, FakeFrameShape{false, false, false, true},
                                     FakeFrameShape{true, true, true, true}}) {
    run_async([shape](Executor io) { return frames_of_shape(io, shape); });
  }
}

ASYNC_TEST(TeamsSocket, what_is_not_for_us_is_refused_and_reaches_nobody) {
  SocketBench bench(io);
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  const size_t newer = bench.fake.send("emea", bench.message("a"), {{"protocolVersion", 2}});
  const size_t empty = bench.fake.send("emea", bench.message("b"), {{"payload", nullptr}});
  const size_t no_type = bench.fake.send("emea", {{"text", "c"}});
  const size_t foreign = bench.fake.send("emea", bench.message("d"), {{"botKey", "00000000-1111-2222-3333-444444444444"}});
  for (const size_t handle : {newer, empty, no_type, foreign}) {
    EXPECT_TRUE(co_await bench.fake.wait_answered(handle, milliseconds(2000))) << handle;
    EXPECT_EQ(bench.result(handle)["status"], 400) << handle;
  }
  EXPECT_NE(bench.result(newer).dump().find("unsupported protocolVersion"), std::string::npos);
  EXPECT_TRUE(bench.taker.taken.empty());
  EXPECT_EQ(bench.sockets->counts().refused, 4u);
  const size_t older = bench.fake.send("emea", bench.message("e"), {{"protocolVersion", nullptr}});
  const size_t named = bench.fake.send("emea", bench.message("f"), {{"botKey", "28:" + bench.options.app_id}});
  EXPECT_TRUE(co_await bench.fake.wait_answered(older, milliseconds(2000)));
  EXPECT_TRUE(co_await bench.fake.wait_answered(named, milliseconds(2000)));
  EXPECT_EQ(bench.taker.taken.size(), 2u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocket, an_activity_that_awaits_no_answer_is_taken_all_the_same) {
  SocketBench bench(io);
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  bench.fake.send("emea", bench.message("hello"), {{"invocation", false}});
  CO_SOON(bench.taker.taken.size() == 1);
  const size_t handle = bench.fake.send("emea", bench.message("again"));
  EXPECT_TRUE(co_await bench.fake.wait_answered(handle, milliseconds(2000)));
  EXPECT_EQ(bench.sockets->counts().answered, 1u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocket, unknown_calls_and_unreadable_frames_do_no_harm) {
  SocketBench bench(io);
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  const uint64_t id = bench.newest();
  bench.fake.call(id, "Dance", false);
  bench.fake.call(id, "Sing", true);
  for (const char* text : {"nonsense\x1e", "[1]\x1e", "{}\x1e", "\x1e\x1e\x1e", "{\"type\":99}\x1e", "{\"type\":1}\x1e"})
    bench.fake.send_raw(id, text);
  const size_t handle = bench.fake.send("emea", bench.message("hello"));
  EXPECT_TRUE(co_await bench.fake.wait_answered(handle, milliseconds(2000)));
  CO_SOON(bench.fake.calls_answered() == 1);
  EXPECT_EQ(bench.sockets->counts().unknown, 4u);
  EXPECT_EQ(bench.sockets->counts().malformed, 3u);
  EXPECT_EQ(bench.fake.opened(), 1u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocket, a_frame_without_end_costs_the_connection_only) {
  SocketBench bench(io);
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  for (int n = 0; n < 6; ++n) bench.fake.send_raw(bench.newest(), std::string(1 << 20, 'x'));
  CO_SOON(bench.sockets->counts().opened == 2);
  EXPECT_EQ(bench.sockets->counts().malformed, 1u);
  const size_t handle = bench.fake.send("emea", bench.message("hello"));
  EXPECT_TRUE(co_await bench.fake.wait_answered(handle, milliseconds(2000)));
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocket, activities_are_worked_on_side_by_side_but_not_without_bound) {
  SocketBench bench(io);
  bench.options.answer_wait = std::chrono::seconds(20);
  bench.fake.options().deadline = std::chrono::minutes(1);
  bench.taker.hold = true;
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  std::vector<size_t> handles;
  for (int n = 0; n < 600; ++n) handles.push_back(bench.fake.send("emea", bench.message("hello")));
  CO_SOON(bench.taker.inside == 256);
  co_await sleep_for(milliseconds(100));
  EXPECT_EQ(bench.taker.inside, 256u);
  bench.taker.hold = false;
  for (const size_t handle : handles) EXPECT_TRUE(co_await bench.fake.wait_answered(handle, milliseconds(5000)));
  EXPECT_EQ(bench.taker.most_inside, 256u);
  EXPECT_EQ(bench.taker.taken.size(), 600u);
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocket, slow_work_is_answered_within_the_services_deadline) {
  FakeTeamsSocketOptions fake;
  fake.deadline = milliseconds(400);
  SocketBench bench(io, fake);
  bench.taker.delay = milliseconds(5000);
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  const size_t handle = bench.fake.send("emea", bench.message("slow"));
  EXPECT_TRUE(co_await bench.fake.wait_answered(handle, milliseconds(2000)));
  EXPECT_EQ(bench.result(handle)["status"], 503);
  EXPECT_LE(bench.taker.time_left.at(0), milliseconds(300)) << "the way back needs time too";
  EXPECT_GT(bench.taker.time_left.at(0), milliseconds(100));
  // Not now is no answer: it may come again.
  bench.taker.delay = milliseconds(0);
  bench.fake.send_again(handle);
  CO_SOON(bench.fake.sent(handle).answers == 2);
  EXPECT_EQ(bench.result(handle)["status"], 200);
  const size_t open = bench.fake.send("emea", bench.message("no deadline"), {{"deadlineMs", nullptr}});
  EXPECT_TRUE(co_await bench.fake.wait_answered(open, milliseconds(2000)));
  EXPECT_GT(bench.taker.time_left.at(2), milliseconds(1000)) << "then ours holds";
  EXPECT_LE(bench.taker.time_left.at(2), milliseconds(2000));
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocket, an_envelope_that_comes_again_is_answered_as_the_first_time) {
  SocketBench bench(io);
  bench.taker.answers = {teams::ActivityAnswer(200, R"({"n":1})"), teams::ActivityAnswer(200, R"({"n":2})")};
  bench.taker.delay = milliseconds(80);
  bench.start_one();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000)));
  const size_t handle = bench.fake.send("emea", bench.invoke("task/fetch"));
  CO_SOON(bench.taker.inside == 1);
  bench.fake.send_again(handle);  // while it is in work
  bench.fake.send_again(handle);
  CO_SOON(bench.fake.sent(handle).answers == 3);
  bench.fake.send_again(handle);  // and afterwards
  CO_SOON(bench.fake.sent(handle).answers == 4);
  EXPECT_EQ(bench.result(handle)["body"]["n"], 1);
  EXPECT_EQ(bench.taker.taken.size(), 1u);
  EXPECT_EQ(bench.sockets->counts().repeated, 3u);
  // The same id with another activity is another envelope: ids might start anew.
  const json id = bench.fake.sent(handle).envelope["envelopeId"];
  const size_t other = bench.fake.send("emea", bench.invoke("task/submit"), {{"envelopeId", id}});
  EXPECT_TRUE(co_await bench.fake.wait_answered(other, milliseconds(2000)));
  EXPECT_EQ(bench.result(other)["body"]["n"], 2);
  co_await bench.stop();
}

ASYNC_TEST(TeamsSocket, stopping_lets_work_be_answered) {
  SocketBench bench(io);
  bench.taker.delay = milliseconds(150);
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(3, milliseconds(3000)));
  const size_t handle = bench.fake.send("amer", bench.message("hello"));
  CO_SOON(bench.taker.inside == 1);
  const Deadline soon = Deadline::after(milliseconds(2000));
  co_await bench.sockets->stop(soon);
  EXPECT_TRUE(co_await bench.fake.wait_answered(handle, milliseconds(500)));
  EXPECT_EQ(bench.sockets->state().links, 0u);
  CO_SOON(bench.fake.sockets("amer").empty());
  co_await bench.stop();
}

}  // namespace
}  // namespace vedette::test

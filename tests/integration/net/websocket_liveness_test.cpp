// WebSocket connections that fall silent, get stuck, are written to by many, are cancelled, or are told to go.

#include "bot/net/websocket.hpp"

#include <map>

#include "tests/integration/net/websocket_support.hpp"
#include "tests/support/async_test.hpp"

namespace vedette::net {
namespace {

using test::RawPeer;
using test::RawPeerPtr;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

ASYNC_TEST(WebSocket, a_peer_that_fell_silent_is_found_out_while_reading) {
  Pair pair = co_await make_pair_with(io, options_with(200ms));
  const auto start = steady_clock::now();
  const auto message = co_await pair.socket->read();
  const auto took = steady_clock::now() - start;
  CO_ASSERT_TRUE(!message);
  EXPECT_EQ(message.error().code, Code::unavailable);
  EXPECT_GE(took, 190ms);
  EXPECT_LT(took, 3s);
  EXPECT_EQ(pair.socket->close_code(), 1006);
  const Frame ping = co_await read_frame(pair.peer);  // it was asked
  EXPECT_EQ(ping.opcode, 9);
  EXPECT_TRUE(ping.masked);
}

Job answer_pings(RawPeerPtr peer, int& answered) {
  for (;;) {
    const Frame frame = co_await read_frame(peer);
    if (frame.opcode != 9) break;
    ++answered;
    const bool sent = co_await peer->send(frame_of(10, frame.payload));
    if (!sent) break;
  }
}

ASYNC_TEST(WebSocket, pongs_keep_a_quiet_connection) {
  Pair pair = co_await make_pair_with(io, options_with(600ms));
  TaskGroup group(io, "peer");
  int answered = 0;
  group.spawn("pongs", answer_pings(pair.peer, answered));
  const auto before = pair.socket->last_received();
  const auto late_message = [](RawPeerPtr peer) -> Job {
    co_await sleep_for(1500ms);
    co_await peer->send(frame_of(1, "still here"));
  };
  group.spawn("late", late_message(pair.peer));
  const auto message = co_await pair.socket->read();
  CO_ASSERT_OK(message);
  EXPECT_EQ(*message, "still here");
  EXPECT_GE(answered, 3);
  EXPECT_GT(pair.socket->last_received(), before);
  pair.socket.reset();
  co_await group.stop(Deadline::after(1s));
}

ASYNC_TEST(WebSocket, the_peers_pings_are_answered_and_count_as_life) {
  Pair pair = co_await make_pair_with(io, options_with(5s));
  TaskGroup group(io, "reader");
  const auto reader = [](WebSocket& socket) -> Job { (void)co_await socket.read(); };
  group.spawn("reader", reader(*pair.socket));
  const auto before = pair.socket->last_received();
  co_await pair.peer->send(frame_of(9, "are you there"));
  const Frame pong = co_await read_frame(pair.peer);
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "are you there");
  EXPECT_GT(pair.socket->last_received(), before);
  co_await group.stop(Deadline::after(1s));
}

ASYNC_TEST(WebSocket, a_slow_consumer_is_not_a_dead_peer) {
  Pair pair = co_await make_pair_with(io, options_with(300ms));
  co_await pair.peer->send(frame_of(1, "one") + frame_of(1, "two"));
  co_await sleep_for(700ms);  // nobody reads
  auto message = co_await pair.socket->read();
  CO_ASSERT_OK(message);
  EXPECT_EQ(*message, "one");
  message = co_await pair.socket->read();
  CO_ASSERT_OK(message);
  EXPECT_EQ(*message, "two");
}

ASYNC_TEST(WebSocket, the_server_drops_a_silent_client) {
  const auto server = make_echo_server(io, 200ms);
  EXPECT_TRUE(server->start());
  const auto peer = co_await RawPeer::connect(server->port());
  co_await peer->send(upgrade_request());
  co_await peer->read_until("\r\n\r\n");
  const std::string rest = co_await peer->read_to_end();
  EXPECT_TRUE(peer->at_end());
  EXPECT_TRUE(rest.starts_with("\x89"));
  EXPECT_EQ(seen.close_code, 1006);
  co_await server->stop(Deadline::after(1s));
}

Job write_some(WebSocket& socket, int writer, int& fine) {
  for (int i = 0; i < 10; ++i) {
    std::string text = std::to_string(writer) + ":" + std::to_string(i) + ":";
    text.append(static_cast<size_t>(writer) * 977, static_cast<char>('a' + writer % 26));
    const auto sent = co_await socket.write(std::move(text));
    if (sent) ++fine;
  }
}

ASYNC_TEST(WebSocket, concurrent_writers_do_not_mix) {
  const auto server = make_echo_server(io);
  EXPECT_TRUE(server->start());
  auto made = co_await connect(server->port());
  CO_ASSERT_OK(made);
  TaskGroup group(io, "writers");
  int fine = 0;
  constexpr int kWriters = 30;
  for (int i = 0; i < kWriters; ++i) group.spawn("writer", write_some(**made, i, fine));
  std::map<int, int> next;
  for (int i = 0; i < kWriters * 10; ++i) {
    const auto message = co_await (*made)->read();
    CO_ASSERT_OK(message);
    const int writer = std::stoi(*message);
    const std::string head = std::to_string(writer) + ":" + std::to_string(next[writer]++) + ":";
    EXPECT_TRUE(message->starts_with(head));
    EXPECT_EQ(message->size(), head.size() + static_cast<size_t>(writer) * 977);
  }
  co_await group.drain();
  EXPECT_EQ(fine, kWriters * 10);
  co_await server->stop(Deadline::after(50ms));
}

ASYNC_TEST(WebSocket, a_cancelled_reader_loses_no_message_and_can_still_close_properly) {
  Pair pair = co_await make_pair_with(io, options_with(5s));
  TaskGroup group(io, "reader");
  std::string result;
  group.spawn("reader", read_one(*pair.socket, result));
  co_await sleep_for(20ms);
  co_await group.stop(Deadline::after(1s));
  EXPECT_EQ(result, "cancelled");
  co_await pair.peer->send(frame_of(1, "kept"));
  const auto message = co_await pair.socket->read();
  CO_ASSERT_OK(message);
  EXPECT_EQ(*message, "kept");
  TaskGroup peers(io, "peer");
  const auto answer_close = [](RawPeerPtr peer) -> Job {
    const Frame frame = co_await read_frame(peer);
    EXPECT_EQ(frame.opcode, 8);
    co_await peer->send(frame_of(8, frame.payload));
  };
  peers.spawn("peer", answer_close(pair.peer));
  co_await pair.socket->close(1000, Deadline::after(2s));
  EXPECT_EQ(pair.socket->close_code(), 1000);
  co_await peers.drain();
}

ASYNC_TEST(WebSocket, a_stuck_writer_is_freed) {
  Pair pair = co_await make_pair_with(io, options_with(200ms, 64 << 20));
  std::string text(32 << 20, 'x');  // far more than the kernel takes while the peer does not read
  const auto start = steady_clock::now();
  const auto sent = co_await pair.socket->write(std::move(text));
  EXPECT_FALSE(sent);
  EXPECT_LT(steady_clock::now() - start, 3s);
  const auto message = co_await pair.socket->read();
  EXPECT_FALSE(message);
}

ASYNC_TEST(WebSocket, a_cancelled_writer_leaves_whole_frames) {
  Pair pair = co_await make_pair_with(io, options_with(5s, 64 << 20));
  TaskGroup group(io, "writers");
  static std::vector<std::string> codes;
  codes.clear();
  const auto writer = [](WebSocket& socket, std::string text) -> Job {
    const auto sent = co_await socket.write(std::move(text));
    codes.push_back(sent ? "sent" : std::string(to_string(sent.error().code)));
  };
  group.spawn("big", writer(*pair.socket, std::string(16 << 20, 'x')));
  group.spawn("queued", writer(*pair.socket, "never sent"));
  co_await sleep_for(30ms);
  co_await group.stop(Deadline::after(1s));
  const std::vector<std::string> expected = {"cancelled", "cancelled"};
  EXPECT_EQ(codes, expected);
  const Frame big = co_await read_frame(pair.peer);
  EXPECT_EQ(big.payload.size(), size_t(16 << 20));
  const auto sent = co_await pair.socket->write("after");
  EXPECT_TRUE(sent);
  const Frame after = co_await read_frame(pair.peer);
  EXPECT_EQ(after.payload, "after");
}

ASYNC_TEST(WebSocket, the_server_says_1001_when_it_stops) {
  const auto server = make_echo_server(io);
  EXPECT_TRUE(server->start());
  auto made = co_await connect(server->port());
  CO_ASSERT_OK(made);
  TaskGroup group(io, "client");
  std::string result;
  group.spawn("reader", read_one(**made, result));
  const auto start = steady_clock::now();
  co_await server->stop(Deadline::after(5s));
  EXPECT_LT(steady_clock::now() - start, 4s);
  co_await group.drain();
  EXPECT_EQ(result, "unavailable");
  EXPECT_EQ((*made)->close_code(), 1001);
  EXPECT_EQ(seen.ended, 1);
}

ASYNC_TEST(WebSocket, the_server_cuts_sockets_that_do_not_answer_its_goodbye) {
  const auto server = make_echo_server(io);
  EXPECT_TRUE(server->start());
  const auto peer = co_await RawPeer::connect(server->port());
  co_await peer->send(upgrade_request());
  co_await peer->read_until("\r\n\r\n");
  const auto start = steady_clock::now();
  co_await server->stop(Deadline::after(100ms));
  EXPECT_LT(steady_clock::now() - start, 4s);
  EXPECT_EQ(seen.ended, 1);
  const Frame goodbye = co_await read_frame(peer);
  EXPECT_EQ(goodbye.opcode, 8);
  EXPECT_EQ(goodbye.payload, std::string("\x03\xe9", 2));
}

}  // namespace
}  // namespace vedette::net

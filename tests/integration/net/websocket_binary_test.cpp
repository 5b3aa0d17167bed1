// Binary messages, messages that belong together, fragments, and pongs that nobody asked for.

#include "tests/integration/net/websocket_support.hpp"
#include "tests/support/async_test.hpp"

namespace vedette::net {
namespace {

using test::RawPeerPtr;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

ASYNC_TEST(WebSocketMessages, text_and_binary_are_told_apart) {
  Pair pair = co_await make_pair_with(io, options_with(5s));
  co_await pair.peer->send(frame_of(1, "text") + frame_of(2, std::string("\0\xff", 2)) + frame_of(1, ""));
  auto message = co_await pair.socket->read_message();
  CO_ASSERT_OK(message);
  EXPECT_EQ(message->bytes, "text");
  EXPECT_FALSE(message->binary);
  message = co_await pair.socket->read_message();
  CO_ASSERT_OK(message);
  EXPECT_EQ(message->bytes, std::string("\0\xff", 2));
  EXPECT_TRUE(message->binary);
  message = co_await pair.socket->read_message();
  CO_ASSERT_OK(message);
  EXPECT_EQ(message->bytes, "");
  EXPECT_FALSE(message->binary);
}

ASYNC_TEST(WebSocketMessages, fragments_become_one_message) {
  Pair pair = co_await make_pair_with(io, options_with(5s));
  co_await pair.peer->send(frame_of(2, "ab", false) + frame_of(0, "cd", false) + frame_of(9, "ping"));
  co_await sleep_for(10ms);
  co_await pair.peer->send(frame_of(0, "ef") + frame_of(1, "next"));
  auto message = co_await pair.socket->read_message();
  CO_ASSERT_OK(message);
  EXPECT_EQ(message->bytes, "abcdef");
  EXPECT_TRUE(message->binary);
  message = co_await pair.socket->read_message();
  CO_ASSERT_OK(message);
  EXPECT_EQ(message->bytes, "next");
  EXPECT_FALSE(message->binary);
  EXPECT_EQ(pair.socket->control_frames().pings, 1u);
}

ASYNC_TEST(WebSocketMessages, binary_is_written_as_binary_and_the_next_text_as_text) {
  Pair pair = co_await make_pair_with(io, options_with(5s));
  CO_ASSERT_OK(co_await pair.socket->write_binary(std::string("\0\x01", 2)));
  CO_ASSERT_OK(co_await pair.socket->write("text"));
  Frame frame = co_await read_frame(pair.peer);
  EXPECT_EQ(frame.opcode, 2);
  EXPECT_EQ(frame.payload, std::string("\0\x01", 2));
  frame = co_await read_frame(pair.peer);
  EXPECT_EQ(frame.opcode, 1);
  EXPECT_EQ(frame.payload, "text");
}

Job write_pairs(WebSocket& socket, int writer) {
  for (int i = 0; i < 20; ++i) {
    const std::string name = std::to_string(writer) + ":" + std::to_string(i);
    std::vector<WebSocketMessage> messages;
    messages.emplace_back(name, false);
    messages.emplace_back(name + ":body", true);
    CO_ASSERT_OK(co_await socket.write_messages(std::move(messages)));
  }
}

ASYNC_TEST(WebSocketMessages, nothing_comes_between_what_belongs_together) {
  Pair pair = co_await make_pair_with(io, options_with(5s));
  TaskGroup group(io, "writers");
  for (int writer = 0; writer < 8; ++writer) group.spawn("writer", write_pairs(*pair.socket, writer));
  for (int i = 0; i < 8 * 20; ++i) {
    const Frame head = co_await read_frame(pair.peer);
    const Frame body = co_await read_frame(pair.peer);
    CO_ASSERT_TRUE(head.opcode == 1 && body.opcode == 2);
    EXPECT_EQ(body.payload, head.payload + ":body");
  }
  co_await group.drain();
}

ASYNC_TEST(WebSocketMessages, a_cancelled_writer_still_sends_all_that_belongs_together) {
  Pair pair = co_await make_pair_with(io, options_with(5s, 64 << 20));
  TaskGroup group(io, "writers");
  const auto writer = [](WebSocket& socket) -> Job {
    std::vector<WebSocketMessage> messages;
    messages.emplace_back(std::string(16 << 20, 'x'), false);
    messages.emplace_back("body", true);
    (void)co_await socket.write_messages(std::move(messages));
  };
  group.spawn("writer", writer(*pair.socket));
  co_await sleep_for(30ms);
  co_await group.stop(Deadline::after(1s));
  EXPECT_TRUE(co_await pair.socket->write_messages({}));
  const Frame head = co_await read_frame(pair.peer);
  EXPECT_EQ(head.payload.size(), size_t(16 << 20));
  const Frame body = co_await read_frame(pair.peer);
  EXPECT_EQ(body.opcode, 2);
  EXPECT_EQ(body.payload, "body");
}

ASYNC_TEST(WebSocketMessages, a_message_goes_out_in_fragments_when_it_asks_for_it) {
  Pair pair = co_await make_pair_with(io, options_with(5s));
  std::vector<WebSocketMessage> messages;
  messages.emplace_back("0123456789abcdefghij", true);
  messages.back().fragment = 8;
  messages.emplace_back(std::string(100'000, 'w'), false);
  CO_ASSERT_OK(co_await pair.socket->write_messages(std::move(messages)));
  std::string bytes;
  int frames = 0;
  for (bool fin = false; !fin; ++frames) {
    const Frame frame = co_await read_frame(pair.peer);
    EXPECT_EQ(frame.opcode, frames == 0 ? 2 : 0);
    EXPECT_LE(frame.payload.size(), 8u);
    bytes += frame.payload;
    fin = frame.fin;
    CO_ASSERT_TRUE(frames < 10);
  }
  EXPECT_EQ(bytes, "0123456789abcdefghij");
  EXPECT_EQ(frames, 3);
  const Frame whole = co_await read_frame(pair.peer);
  EXPECT_TRUE(whole.fin);
  EXPECT_EQ(whole.payload.size(), 100'000u);
}

Job read_until_end(WebSocket& socket, std::string& result) {
  const auto message = co_await socket.read();
  result = message ? *message : message.error().message;
}

ASYNC_TEST(WebSocketMessages, pongs_go_out_unasked_and_never_a_ping) {
  WebSocketOptions options = options_with(400ms);
  options.pong = 60ms;
  Pair pair = co_await make_pair_with(io, options);
  TaskGroup group(io, "reader");
  std::string result;
  group.spawn("reader", read_until_end(*pair.socket, result));
  const auto start = steady_clock::now();
  int pongs = 0;
  for (;;) {
    const Frame frame = co_await read_frame(pair.peer);
    if (frame.opcode < 0) break;  // found dead, although it is not pinged
    EXPECT_EQ(frame.opcode, 10);
    EXPECT_TRUE(frame.masked);
    ++pongs;
  }
  const auto took = steady_clock::now() - start;
  EXPECT_GE(pongs, 3);
  EXPECT_LE(pongs, 1 + took / 60ms);
  EXPECT_GE(took, 390ms);
  EXPECT_LT(took, 3s);
  co_await group.drain();
  EXPECT_NE(result.find("nothing was heard"), std::string::npos) << result;
}

ASYNC_TEST(WebSocketMessages, the_peers_unasked_pongs_are_life) {
  WebSocketOptions options = options_with(300ms);
  options.pong = 1h;
  Pair pair = co_await make_pair_with(io, options);
  TaskGroup group(io, "reader");
  std::string result;
  group.spawn("reader", read_until_end(*pair.socket, result));
  for (int i = 0; i < 8; ++i) {
    co_await sleep_for(100ms);
    co_await pair.peer->send(frame_of(10, ""));
  }
  EXPECT_EQ(result, "");
  co_await pair.peer->send(frame_of(1, "alive"));
  co_await group.drain();
  EXPECT_EQ(result, "alive");
  EXPECT_EQ(pair.socket->control_frames().pongs, 8u);
  EXPECT_EQ(pair.socket->control_frames().pings, 0u);
}

}  // namespace
}  // namespace vedette::net

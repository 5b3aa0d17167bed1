#include "bot/net/websocket.hpp"

#include "tests/integration/net/websocket_support.hpp"
#include "tests/support/async_test.hpp"

namespace vedette::net {
namespace {

using test::RawPeer;
using test::RawPeerPtr;
using test::RawServer;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

ASYNC_TEST(WebSocket, echoes_text_of_every_size) {
  const auto server = make_echo_server(io);
  EXPECT_TRUE(server->start());
  auto made = co_await connect(server->port());
  CO_ASSERT_OK(made);
  const SocketPtr socket = std::move(*made);
  EXPECT_EQ(seen.token, "t1");
  for (const size_t size : {0u, 1u, 125u, 126u, 65535u, 65536u, 1'000'000u}) {
    std::string text(size, 'z');
    const auto sent = co_await socket->write(text);
    EXPECT_TRUE(sent);
    const auto back = co_await socket->read();
    CO_ASSERT_OK(back);
    EXPECT_EQ(*back == text, true) << size;
  }
  EXPECT_EQ(socket->close_code(), 0);
  co_await socket->close(1000, Deadline::after(2s));
  EXPECT_EQ(socket->close_code(), 1000);
  const auto after = co_await socket->read();
  CO_ASSERT_TRUE(!after);
  EXPECT_EQ(after.error().code, Code::unavailable);
  const auto late = co_await socket->write("late");
  EXPECT_FALSE(late);
  co_await socket->close(1000, Deadline::after(2s));
  for (int i = 0; i < 50 && seen.ended == 0; ++i) co_await sleep_for(5ms);
  EXPECT_EQ(seen.close_code, 1000);
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(WebSocket, a_large_message_is_one_frame) {
  Pair pair = co_await make_pair_with(io, options_with(5s));
  const std::string text(64 << 10, 'm');
  const auto sent = co_await pair.socket->write(text);
  EXPECT_TRUE(sent);
  const Frame frame = co_await read_frame(pair.peer);
  EXPECT_TRUE(frame.fin);
  EXPECT_EQ(frame.opcode, 1);
  EXPECT_TRUE(frame.masked);
  EXPECT_EQ(frame.payload.size(), text.size());
  EXPECT_EQ(frame.payload == text, true);
}

ASYNC_TEST(WebSocket, the_server_does_not_fragment_either) {
  const auto server = make_echo_server(io);
  EXPECT_TRUE(server->start());
  const auto peer = co_await RawPeer::connect(server->port());
  co_await peer->send(upgrade_request());
  const std::string answer = co_await peer->read_until("\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 ")) << answer;
  EXPECT_NE(answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos) << answer;
  EXPECT_NE(answer.find("X-Greeting: hello\r\n"), std::string::npos);
  EXPECT_NE(answer.find("nosniff"), std::string::npos);
  // A masked message in three fragments with a ping between them; the mask is zero.
  const std::string first(50'000, 'a');
  std::string message =
      std::string("\x01\xfe") + static_cast<char>(first.size() >> 8) + static_cast<char>(first.size() & 255);
  message += std::string(4, '\0') + first;
  message += std::string("\x89\x81\0\0\0\0p", 7) + std::string("\0\x81\0\0\0\0b", 7) + std::string("\x80\x81\0\0\0\0c", 7);
  co_await peer->send(message);
  const Frame pong = co_await read_frame(peer);
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "p");
  const Frame frame = co_await read_frame(peer);
  EXPECT_TRUE(frame.fin);
  EXPECT_FALSE(frame.masked);
  EXPECT_EQ(frame.payload == first + "bc", true);
  co_await server->stop(Deadline::after(50ms));
}

ASYNC_TEST(WebSocket, frames_sent_right_behind_the_upgrade_are_read) {
  const auto server = make_echo_server(io);
  EXPECT_TRUE(server->start());
  const auto peer = co_await RawPeer::connect(server->port());
  const std::string early("\x81\x82\0\0\0\0hi", 8);
  co_await peer->send(upgrade_request() + early);
  co_await peer->read_until("\r\n\r\n");
  const Frame frame = co_await read_frame(peer);
  EXPECT_EQ(frame.payload, "hi");
  co_await server->stop(Deadline::after(50ms));
}

ASYNC_TEST(WebSocket, reads_binary_messages_too) {
  Pair pair = co_await make_pair_with(io, options_with(5s));
  co_await pair.peer->send(frame_of(2, std::string("\x00\xff", 2)) + frame_of(1, "text"));
  auto message = co_await pair.socket->read();
  CO_ASSERT_OK(message);
  EXPECT_EQ(*message, std::string("\x00\xff", 2));
  message = co_await pair.socket->read();
  CO_ASSERT_OK(message);
  EXPECT_EQ(*message, "text");
}

ASYNC_TEST(WebSocket, close_codes_cross) {
  const auto server = make_echo_server(io);
  EXPECT_TRUE(server->start());
  auto made = co_await connect(server->port());
  CO_ASSERT_OK(made);
  const auto sent = co_await (*made)->write("close me");
  EXPECT_TRUE(sent);
  const auto message = co_await (*made)->read();
  CO_ASSERT_TRUE(!message);
  EXPECT_EQ(message.error().code, Code::unavailable);
  EXPECT_EQ((*made)->close_code(), 4001);
  for (int i = 0; i < 50 && seen.ended == 0; ++i) co_await sleep_for(5ms);
  EXPECT_EQ(seen.close_code, 4001);
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(WebSocket, close_frames_without_a_code_and_hangups) {
  Pair pair = co_await make_pair_with(io, options_with(5s));
  co_await pair.peer->send(frame_of(8, ""));
  auto message = co_await pair.socket->read();
  EXPECT_FALSE(message);
  EXPECT_EQ(pair.socket->close_code(), 1005);
  Pair other = co_await make_pair_with(io, options_with(5s));
  other.peer->close();
  message = co_await other.socket->read();
  EXPECT_FALSE(message);
  EXPECT_EQ(other.socket->close_code(), 1006);
}

ASYNC_TEST(WebSocket, close_ends_by_its_deadline) {
  Pair pair = co_await make_pair_with(io, options_with(5s));
  const auto start = steady_clock::now();
  co_await pair.socket->close(1001, Deadline::after(100ms));
  EXPECT_LT(steady_clock::now() - start, 2s);
  EXPECT_EQ(pair.socket->close_code(), 1006);
  const Frame frame = co_await read_frame(pair.peer);
  EXPECT_EQ(frame.opcode, 8);
  EXPECT_EQ(frame.payload, std::string("\x03\xe9", 2));
}

ASYNC_TEST(WebSocket, protocol_errors_end_the_connection) {
  for (const auto& bytes :
       {std::string("\xf1\x00", 2), frame_of(1, "\xc3\x28"), frame_of(0, "no start"), frame_of(3, "x")}) {
    Pair pair = co_await make_pair_with(io, options_with(2s));
    co_await pair.peer->send(bytes);
    const auto message = co_await pair.socket->read();
    CO_ASSERT_TRUE(!message);
    EXPECT_EQ(message.error().code, Code::unavailable);
  }
}

ASYNC_TEST(WebSocket, a_message_over_the_limit_is_too_large) {
  Pair pair = co_await make_pair_with(io, options_with(2s, 1000));
  co_await pair.peer->send(frame_of(1, std::string(1000, 'a')) + frame_of(1, std::string(1001, 'b')));
  auto message = co_await pair.socket->read();
  CO_ASSERT_OK(message);
  message = co_await pair.socket->read();
  CO_ASSERT_TRUE(!message);
  EXPECT_EQ(message.error().code, Code::too_large);
  const Frame goodbye = co_await read_frame(pair.peer);
  EXPECT_EQ(goodbye.opcode, 8);
  EXPECT_EQ(goodbye.payload, std::string("\x03\xf1", 2));  // 1009
  Pair pieces = co_await make_pair_with(io, options_with(2s, 1000));
  co_await pieces.peer->send(frame_of(1, std::string(600, 'a'), false) + frame_of(0, std::string(600, 'b')));
  message = co_await pieces.socket->read();
  CO_ASSERT_TRUE(!message);
  EXPECT_EQ(message.error().code, Code::too_large);
}

struct Declined {
  const char* path;
  int status;
  Code code;
};

ASYNC_TEST(WebSocket, other_answers_to_the_upgrade_are_errors_with_their_status) {
  const auto server = make_echo_server(io);
  EXPECT_TRUE(server->start());
  const Declined table[] = {
      {"/limited", 503, Code::unavailable}, {"/conflict", 409, Code::upstream}, {"/forbidden", 403, Code::forbidden},
      {"/nothing", 404, Code::not_found},   {"/plain", 200, Code::upstream},
  };
  for (const auto& row : table) {
    const auto made = co_await connect(server->port(), options_with(5s), row.path);
    CO_ASSERT_TRUE(!made);
    EXPECT_EQ(made.error().http_status, row.status) << row.path;
    EXPECT_EQ(made.error().code, row.code) << row.path;
    EXPECT_EQ(made.error().retry_after.has_value(), row.status == 503) << row.path;
    if (made.error().retry_after) {
      EXPECT_EQ(*made.error().retry_after, 7s);
    }
  }
  const auto peer = co_await RawPeer::connect(server->port());
  co_await peer->send("GET /ws HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answer = co_await peer->read_until("\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 426 Upgrade Required")) << answer;
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(WebSocket, a_handshake_that_is_not_answered_ends_by_the_deadline) {
  RawServer silent(io);
  Headers headers;
  auto made = co_await connect_websocket(ws_url(silent.port()), headers, options_with(5s), Deadline::after(100ms));
  CO_ASSERT_TRUE(!made);
  EXPECT_EQ(made.error().code, Code::timeout);
  silent.close();
  made = co_await connect_websocket(ws_url(silent.port()), headers, options_with(5s), Deadline::after(1s));
  CO_ASSERT_TRUE(!made);
  EXPECT_EQ(made.error().code, Code::unavailable);
  made = co_await connect_websocket("http://localhost/", headers, options_with(5s), Deadline::after(1s));
  CO_ASSERT_TRUE(!made);
  EXPECT_EQ(made.error().code, Code::invalid_input);
}

}  // namespace
}  // namespace vedette::net

#include "bot/net/websocket.hpp"

#include <map>

#include "bot/base/crypto.hpp"
#include "bot/net/http_server.hpp"
#include "tests/integration/net/raw_peer.hpp"
#include "tests/support/async_test.hpp"

#include <openssl/sha.h>

namespace vedette::net {
namespace {

using test::RawPeer;
using test::RawPeerPtr;
using test::RawServer;
using namespace std::chrono_literals;
using boost::asio::awaitable;
using std::chrono::steady_clock;
using SocketPtr = std::unique_ptr<WebSocket>;

std::string ws_url(uint16_t port, std::string_view path = "/ws") {
  return "ws://127.0.0.1:" + std::to_string(port) + std::string(path);
}
WebSocketOptions options_with(std::chrono::milliseconds idle, size_t bytes = 16 << 20) {
  WebSocketOptions options;
  options.idle = idle;
  options.message_bytes = bytes;
  options.proxy = "";
  return options;
}
Async<SocketPtr> connect(uint16_t port, WebSocketOptions options = options_with(5s), std::string path = "/ws") {
  Headers headers;
  headers.add("X-Token", "t1");
  co_return co_await connect_websocket(ws_url(port, path), headers, std::move(options), Deadline::after(3s));
}

// ---- the other end by hand

std::string accept_key(const std::string& request) {
  const size_t at = request.find("Sec-WebSocket-Key: ") + 19;
  const std::string key = request.substr(at, request.find("\r\n", at) - at) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest);
  return crypto::to_base64(std::string_view(reinterpret_cast<const char*>(digest), sizeof digest));
}

awaitable<RawPeerPtr> accept_by_hand(RawServer& server, std::string& request) {
  const RawPeerPtr peer = co_await server.accept();
  request = co_await peer->read_until("\r\n\r\n");
  co_await peer->send(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
      accept_key(request) + "\r\n\r\n");
  co_return peer;
}

struct Frame {
  int opcode = -1;
  bool fin = false;
  bool masked = false;
  std::string payload;
};
awaitable<Frame> read_frame(RawPeerPtr peer) {
  Frame frame;
  const std::string head = co_await peer->read_bytes(2);
  if (head.size() < 2) co_return frame;
  const auto b0 = static_cast<unsigned char>(head[0]), b1 = static_cast<unsigned char>(head[1]);
  frame.opcode = b0 & 15;
  frame.fin = (b0 & 0x80) != 0;
  frame.masked = (b1 & 0x80) != 0;
  uint64_t length = b1 & 0x7f;
  if (length >= 126) {
    const std::string more = co_await peer->read_bytes(length == 126 ? 2 : 8);
    length = 0;
    for (const char c : more) length = length << 8 | static_cast<unsigned char>(c);
  }
  std::string mask;
  if (frame.masked) mask = co_await peer->read_bytes(4);
  frame.payload = co_await peer->read_bytes(length);
  for (size_t i = 0; frame.masked && i < frame.payload.size(); ++i)
    frame.payload[i] = static_cast<char>(frame.payload[i] ^ mask[i % 4]);
  co_return frame;
}
std::string frame_of(int opcode, std::string_view payload, bool fin = true) {
  std::string out(1, static_cast<char>((fin ? 0x80 : 0) | opcode));
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else {
    out += static_cast<char>(126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 255);
  }
  return out.append(payload);
}

// A client whose other end the test holds.
struct Pair {
  std::shared_ptr<RawServer> server;
  RawPeerPtr peer;
  SocketPtr socket;
  std::string request;
};
Job connect_into(uint16_t port, WebSocketOptions options, Pair& pair) {
  auto socket = co_await connect(port, std::move(options));
  if (socket) {
    pair.socket = std::move(*socket);
  } else {
    ADD_FAILURE() << socket.error().message;
  }
}
awaitable<Pair> make_pair_with(Executor io, WebSocketOptions options) {
  Pair pair;
  pair.server = std::make_shared<RawServer>(io);
  TaskGroup group(io, "client");
  group.spawn("connect", connect_into(pair.server->port(), std::move(options), pair));
  pair.peer = co_await accept_by_hand(*pair.server, pair.request);
  co_await group.drain();
  co_return pair;
}

// ---- the other end is our own server

struct ServerSeen {
  uint16_t close_code = 0;
  std::string error;
  std::string token;
  int ended = 0;
};
ServerSeen seen;

awaitable<HttpResponse> check(HttpRequest request) {
  seen.token = request.headers.get("X-Token");
  HttpResponse response(101);
  response.headers.add("X-Greeting", "hello");
  co_return response;
}
awaitable<HttpResponse> check_limited(HttpRequest) {
  HttpResponse response(503, "text/plain", "later");
  response.headers.add("Retry-After", "7");
  co_return response;
}
awaitable<HttpResponse> check_conflict(HttpRequest) { co_return HttpResponse(409, "text/plain", std::string(20'000, 'c')); }
awaitable<HttpResponse> check_forbidden(HttpRequest) { co_return HttpResponse(403); }
Job echo(HttpRequest, SocketPtr socket) {
  for (;;) {
    auto message = co_await socket->read();
    if (!message) {
      seen.error = message.error().message;
      break;
    }
    if (*message == "close me") {
      co_await socket->close(4001, Deadline::after(2s));
      break;
    }
    const auto sent = co_await socket->write(std::move(*message));
    if (!sent) break;
  }
  seen.close_code = socket->close_code();
  ++seen.ended;
}
awaitable<HttpResponse> plain(HttpRequest) { co_return HttpResponse(200, "text/plain", "plain"); }

std::unique_ptr<HttpServer> make_server(Executor io, std::chrono::milliseconds idle = 5s) {
  seen = ServerSeen();
  HttpServerOptions options;
  options.idle = idle;
  auto server = make_http_server(io, options);
  server->add_websocket("/ws", check, echo);
  server->add_websocket("/limited", check_limited, echo);
  server->add_websocket("/conflict", check_conflict, echo);
  server->add_websocket("/forbidden", check_forbidden, echo);
  server->add(Route{"GET", "/plain", plain});
  return server;
}

ASYNC_TEST(WebSocket, echoes_text_of_every_size) {
  const auto server = make_server(io);
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
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  const auto peer = co_await RawPeer::connect(server->port());
  co_await peer->send(
      "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
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
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  const auto peer = co_await RawPeer::connect(server->port());
  const std::string early("\x81\x82\0\0\0\0hi", 8);
  co_await peer->send(
      "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
      early);
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
  Pair pair = co_await make_pair_with(io, options_with(120ms));
  TaskGroup group(io, "peer");
  int answered = 0;
  group.spawn("pongs", answer_pings(pair.peer, answered));
  const auto before = pair.socket->last_received();
  const auto late_message = [](RawPeerPtr peer) -> Job {
    co_await sleep_for(600ms);
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
  Pair pair = co_await make_pair_with(io, options_with(100ms));
  co_await pair.peer->send(frame_of(1, "one") + frame_of(1, "two"));
  co_await sleep_for(350ms);  // nobody reads
  auto message = co_await pair.socket->read();
  CO_ASSERT_OK(message);
  EXPECT_EQ(*message, "one");
  message = co_await pair.socket->read();
  CO_ASSERT_OK(message);
  EXPECT_EQ(*message, "two");
}

ASYNC_TEST(WebSocket, the_server_drops_a_silent_client) {
  const auto server = make_server(io, 200ms);
  EXPECT_TRUE(server->start());
  const auto peer = co_await RawPeer::connect(server->port());
  co_await peer->send(
      "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  co_await peer->read_until("\r\n\r\n");
  const std::string rest = co_await peer->read_to_end();
  EXPECT_TRUE(peer->at_end());
  EXPECT_TRUE(rest.starts_with("\x89"));
  EXPECT_EQ(seen.close_code, 1006);
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(WebSocket, close_codes_cross) {
  const auto server = make_server(io);
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
  const auto server = make_server(io);
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

Job write_some(WebSocket& socket, int writer, int& fine) {
  for (int i = 0; i < 10; ++i) {
    std::string text = std::to_string(writer) + ":" + std::to_string(i) + ":";
    text.append(static_cast<size_t>(writer) * 977, static_cast<char>('a' + writer % 26));
    const auto sent = co_await socket.write(std::move(text));
    if (sent) ++fine;
  }
}

ASYNC_TEST(WebSocket, concurrent_writers_do_not_mix) {
  const auto server = make_server(io);
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

Job read_one(WebSocket& socket, std::string& result) {
  const auto message = co_await socket.read();
  result = message ? *message : std::string(to_string(message.error().code));
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
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  auto made = co_await connect(server->port());
  CO_ASSERT_OK(made);
  TaskGroup group(io, "client");
  std::string result;
  group.spawn("reader", read_one(**made, result));
  const auto start = steady_clock::now();
  co_await server->stop(Deadline::after(5s));
  EXPECT_LT(steady_clock::now() - start, 2s);
  co_await group.drain();
  EXPECT_EQ(result, "unavailable");
  EXPECT_EQ((*made)->close_code(), 1001);
  EXPECT_EQ(seen.ended, 1);
}

ASYNC_TEST(WebSocket, the_server_cuts_sockets_that_do_not_answer_its_goodbye) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  const auto peer = co_await RawPeer::connect(server->port());
  co_await peer->send(
      "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  co_await peer->read_until("\r\n\r\n");
  const auto start = steady_clock::now();
  co_await server->stop(Deadline::after(100ms));
  EXPECT_LT(steady_clock::now() - start, 2s);
  EXPECT_EQ(seen.ended, 1);
  const Frame goodbye = co_await read_frame(peer);
  EXPECT_EQ(goodbye.opcode, 8);
  EXPECT_EQ(goodbye.payload, std::string("\x03\xe9", 2));
}

}  // namespace
}  // namespace vedette::net

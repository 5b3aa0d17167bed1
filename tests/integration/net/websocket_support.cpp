#include "tests/integration/net/websocket_support.hpp"

#include <gtest/gtest.h>
#include <openssl/sha.h>

#include "bot/base/crypto.hpp"

namespace vedette::net {

using test::RawPeerPtr;
using test::RawServer;
using namespace std::chrono_literals;
using boost::asio::awaitable;

std::string ws_url(uint16_t port, std::string_view path) {
  return "ws://127.0.0.1:" + std::to_string(port) + std::string(path);
}
WebSocketOptions options_with(std::chrono::milliseconds idle, size_t bytes) {
  WebSocketOptions options;
  options.idle = idle;
  options.message_bytes = bytes;
  options.proxy = "";
  return options;
}
Async<SocketPtr> connect(uint16_t port, WebSocketOptions options, std::string path) {
  Headers headers;
  headers.add("X-Token", "t1");
  co_return co_await connect_websocket(ws_url(port, path), headers, std::move(options), Deadline::after(3s));
}

// ---- the other end by hand

static std::string accept_key(const std::string& request) {
  const size_t at = request.find("Sec-WebSocket-Key: ") + 19;
  const std::string key = request.substr(at, request.find("\r\n", at) - at) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest);
  return crypto::to_base64(std::string_view(reinterpret_cast<const char*>(digest), sizeof digest));
}

static awaitable<RawPeerPtr> accept_by_hand(RawServer& server, std::string& request) {
  const RawPeerPtr peer = co_await server.accept();
  request = co_await peer->read_until("\r\n\r\n");
  co_await peer->send(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
      accept_key(request) + "\r\n\r\n");
  co_return peer;
}

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
    const size_t count = length == 126 ? 2 : 8;
    const std::string more = co_await peer->read_bytes(count);
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
std::string frame_of(int opcode, std::string_view payload, bool fin) {
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

static Job connect_into(uint16_t port, WebSocketOptions options, Pair& pair) {
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

ServerSeen seen;

static awaitable<HttpResponse> check(HttpRequest request) {
  seen.token = request.headers.get("X-Token");
  HttpResponse response(101);
  response.headers.add("X-Greeting", "hello");
  co_return response;
}
static awaitable<HttpResponse> check_limited(HttpRequest) {
  HttpResponse response(503, "text/plain", "later");
  response.headers.add("Retry-After", "7");
  co_return response;
}
static awaitable<HttpResponse> check_conflict(HttpRequest) {
  co_return HttpResponse(409, "text/plain", std::string(20'000, 'c'));
}
static awaitable<HttpResponse> check_forbidden(HttpRequest) { co_return HttpResponse(403); }
static Job echo(HttpRequest, SocketPtr socket) {
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
static awaitable<HttpResponse> plain(HttpRequest) { co_return HttpResponse(200, "text/plain", "plain"); }

std::unique_ptr<HttpServer> make_echo_server(Executor io, std::chrono::milliseconds idle) {
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

std::string upgrade_request() {
  return "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

Job read_one(WebSocket& socket, std::string& result) {
  const auto message = co_await socket.read();
  result = message ? *message : std::string(to_string(message.error().code));
}

}  // namespace vedette::net

#pragma once
// Both other ends of a WebSocket under test: one played by hand, frame by frame, and our own server that echoes.

#include <memory>
#include <string>
#include <string_view>

#include "bot/net/http_server.hpp"
#include "bot/net/websocket.hpp"
#include "tests/integration/net/raw_peer.hpp"

namespace vedette::net {

using SocketPtr = std::unique_ptr<WebSocket>;

std::string ws_url(uint16_t port, std::string_view path = "/ws");
WebSocketOptions options_with(std::chrono::milliseconds idle, size_t bytes = 16 << 20);
Async<SocketPtr> connect(uint16_t port, WebSocketOptions options = options_with(std::chrono::seconds(5)),
                         std::string path = "/ws");
// The request for an upgrade of /ws with the key of RFC 6455 section 1.3.
std::string upgrade_request();

struct Frame {
  int opcode = -1;
  bool fin = false;
  bool masked = false;
  std::string payload;
};
boost::asio::awaitable<Frame> read_frame(test::RawPeerPtr peer);
std::string frame_of(int opcode, std::string_view payload, bool fin = true);

// A client whose other end the test holds.
struct Pair {
  std::shared_ptr<test::RawServer> server;
  test::RawPeerPtr peer;
  SocketPtr socket;
  std::string request;
};
boost::asio::awaitable<Pair> make_pair_with(Executor io, WebSocketOptions options);

// What the echoing server noticed since it was made.
struct ServerSeen {
  uint16_t close_code = 0;
  std::string error;
  std::string token;
  int ended = 0;
};
extern ServerSeen seen;
// /ws echoes; /limited, /conflict and /forbidden refuse; /plain is no WebSocket.
std::unique_ptr<HttpServer> make_echo_server(Executor io, std::chrono::milliseconds idle = std::chrono::seconds(5));

// One message, or the name of the error's code.
Job read_one(WebSocket& socket, std::string& result);

}  // namespace vedette::net

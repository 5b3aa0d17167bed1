#pragma once
// Inside bot/net: the server's half of the WebSocket handshake.

#include <functional>
#include <memory>

#include "bot/net/transport.hpp"
#include "bot/net/websocket.hpp"

namespace vedette::net {

struct AcceptedWebSocket {
  std::unique_ptr<WebSocket> socket;
  // Says 1001 "going away" to the peer; harmless after the socket has gone.
  std::function<void()> go_away;
};

// Answers `request` with 101 and `headers`. `leftover` are bytes that came behind the request. Errors: invalid_input (the
// upgrade request is malformed; it was answered), unavailable, timeout.
Async<AcceptedWebSocket> accept_websocket(TransportPtr transport, HttpRequest request, Headers headers, std::string leftover,
                                          WebSocketOptions options, Deadline deadline);

}  // namespace vedette::net

#pragma once
// WebSocket (RFC 6455) client and the common socket of both sides. Messages go out whole, never fragmented, but for
// those that ask for it.
// Used from the io thread only; one reader at a time, any number of writers (they queue).

#include <memory>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/net/http.hpp"

namespace vedette::net {

struct WebSocketOptions {
  WebSocketOptions();  // proxies from HTTPS_PROXY and NO_PROXY
  // Nothing at all received for `idle` while somebody reads (pongs count), or a write stuck for as long: the peer is taken
  // for dead, and read() and write() fail with unavailable. A ping is sent after half of it.
  std::chrono::milliseconds idle = std::chrono::seconds(30);
  // Above 0: no ping is ever sent; instead an unsolicited pong (RFC 6455 section 5.5.3) goes out as often as this, which no
  // peer answers. For services that end a connection on which they are pinged.
  std::chrono::milliseconds pong = std::chrono::milliseconds(0);
  size_t message_bytes = 16 << 20;
  std::string ca_file;  // client only; PEM; empty: the system's store
  std::string proxy;    // client only; as in HttpClientOptions
  std::string no_proxy;
};

struct WebSocketMessage {
  WebSocketMessage() = default;
  WebSocketMessage(std::string bytes_, bool binary_) : bytes(std::move(bytes_)), binary(binary_) {}
  std::string bytes;
  bool binary = false;
  // Written in fragments of so many bytes (8 or more); 0: whole. Of no meaning for what was read.
  size_t fragment = 0;
};

// How many control frames came.
struct ControlFrames {
  uint64_t pings = 0;
  uint64_t pongs = 0;
};

class WebSocket {
 public:
  virtual ~WebSocket() = default;
  // The next whole text or binary message. Errors: unavailable (closed or dead peer), cancelled, too_large. A cancelled
  // read loses nothing: the next one gets the message, and close() still works.
  virtual Async<std::string> read() = 0;
  // The same for who has to tell text from binary.
  virtual Async<WebSocketMessage> read_message() = 0;
  // Queued behind earlier writes; returns when handed to the kernel. Errors: unavailable, cancelled (the message may be on
  // its way then, but is never cut).
  virtual boost::asio::awaitable<Status> write(std::string text) = 0;
  virtual boost::asio::awaitable<Status> write_binary(std::string bytes) = 0;
  // Several messages between which no other writer's comes. Once the first is on its way all of them go out.
  virtual boost::asio::awaitable<Status> write_messages(std::vector<WebSocketMessage> messages) = 0;
  // Sends a close frame and waits for the peer's, within the deadline. Harmless when already closed.
  virtual boost::asio::awaitable<void> close(uint16_t code, Deadline deadline) = 0;
  virtual void cut() = 0;                        // ends it at once, without a close frame
  virtual uint16_t close_code() const = 0;       // of the peer's close frame; 1006 when there was none, 0 while open
  virtual SteadyTime last_received() const = 0;  // any frame, pings and pongs too
  virtual ControlFrames control_frames() const = 0;
};

// Connects and does the handshake. An HTTP answer other than 101 is an Error with its http_status.
Async<std::unique_ptr<WebSocket>> connect_websocket(std::string url, Headers headers, WebSocketOptions options,
                                                    Deadline deadline);

}  // namespace vedette::net

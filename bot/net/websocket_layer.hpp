#pragma once
// Inside bot/net: a transport as Beast's WebSocket stream wants it. Used from the io thread only.

#include <chrono>
#include <string>

#include <boost/asio/dispatch.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "bot/net/transport.hpp"

namespace vedette::net {

// What Beast sees of a transport. Remembers when bytes last came and went.
class WebSocketLayer {
 public:
  using executor_type = Executor;
  WebSocketLayer(TransportPtr transport, std::string leftover)
      : transport_(std::move(transport)), leftover_(std::move(leftover)) {}
  WebSocketLayer(WebSocketLayer&&) = default;
  executor_type get_executor() const { return transport_->get_executor(); }
  Transport& transport() { return *transport_; }
  SteadyTime last_received() const { return last_received_; }
  SteadyTime last_sent() const { return last_sent_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, size_t)>(
        [this](auto handler, asio::mutable_buffer space) { read(space, Transport::IoHandler(std::move(handler))); }, token,
        first_of(buffers));
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    Pieces pieces;
    for (auto it = asio::buffer_sequence_begin(buffers); it != asio::buffer_sequence_end(buffers); ++it) pieces.add(*it);
    return asio::async_initiate<Token, void(error_code, size_t)>(
        [this](auto handler, const Pieces& p) {
          transport_->write_some(p, Noting{&last_sent_, transport_, Transport::IoHandler(std::move(handler))});
        },
        token, pieces);
  }

 private:
  template <class Buffers>
  static asio::mutable_buffer first_of(const Buffers& buffers) {
    for (auto it = asio::buffer_sequence_begin(buffers); it != asio::buffer_sequence_end(buffers); ++it) {
      if (asio::mutable_buffer(*it).size() > 0) return *it;
    }
    return {};
  }

  // Passes the handler through unchanged but for the note of the time.
  struct Noting {
    using allocator_type = Transport::IoHandler::allocator_type;
    using cancellation_slot_type = Transport::IoHandler::cancellation_slot_type;
    SteadyTime* note;  // of the layer, which Beast keeps while one of its operations is under way
    TransportPtr transport;
    Transport::IoHandler handler;
    allocator_type get_allocator() const noexcept { return handler.get_allocator(); }
    cancellation_slot_type get_cancellation_slot() const noexcept { return handler.get_cancellation_slot(); }
    void operator()(error_code ec, size_t count) {
      if (count > 0) *note = std::chrono::steady_clock::now();
      std::move(handler)(ec, count);
    }
  };

  void read(asio::mutable_buffer space, Transport::IoHandler handler) {
    if (!leftover_.empty()) {
      const size_t count = asio::buffer_copy(space, asio::buffer(leftover_));
      leftover_.erase(0, count);
      asio::post(get_executor(),
                 [handler = std::move(handler), count]() mutable { std::move(handler)(error_code(), count); });
      return;
    }
    transport_->read_some(space, Noting{&last_received_, transport_, std::move(handler)});
  }

  TransportPtr transport_;
  std::string leftover_;
  SteadyTime last_received_ = std::chrono::steady_clock::now();
  SteadyTime last_sent_ = last_received_;
};

inline void beast_close_socket(WebSocketLayer& layer) { layer.transport().close(); }

// After the close frames have crossed: say that nothing more will come. The socket itself is closed by its owner.
template <class Handler>
void async_teardown(boost::beast::role_type, WebSocketLayer& layer, Handler&& handler) {
  error_code ignored;
  layer.transport().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  asio::post(layer.get_executor(), boost::beast::bind_front_handler(std::forward<Handler>(handler), error_code()));
}

}  // namespace vedette::net

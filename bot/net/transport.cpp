#include "bot/net/transport.hpp"

#include <sys/socket.h>

#include <cerrno>

#include <openssl/ssl.h>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace vedette::net {
namespace {

using asio::ip::tcp;

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(tcp::socket socket) : socket_(std::move(socket)) {}
  tcp::socket& socket() override { return socket_; }
  void read_some(asio::mutable_buffer buffer, IoHandler handler) override {
    socket_.async_read_some(asio::mutable_buffer(buffer), std::move(handler));
  }
  void write_some(const Pieces& pieces, IoHandler handler) override { socket_.async_write_some(pieces, std::move(handler)); }
  void handshake(DoneHandler handler) override { succeed(std::move(handler)); }
  void finish(DoneHandler handler) override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    succeed(std::move(handler));
  }

 private:
  void succeed(DoneHandler handler) {
    asio::post(socket_.get_executor(), [handler = std::move(handler)]() mutable { std::move(handler)(error_code()); });
  }
  tcp::socket socket_;
};

class TlsTransport final : public Transport {
 public:
  TlsTransport(tcp::socket socket, const TlsContext& context, TlsSide side)
      : context_(share(context)), stream_(std::move(socket), context_), side_(side) {}
  tcp::socket& socket() override { return stream_.next_layer(); }
  SSL* native() { return stream_.native_handle(); }

  void read_some(asio::mutable_buffer buffer, IoHandler handler) override {
    stream_.async_read_some(asio::mutable_buffer(buffer),
                            Ending{std::static_pointer_cast<TlsTransport>(shared_from_this()), std::move(handler)});
  }
  void write_some(const Pieces& pieces, IoHandler handler) override { stream_.async_write_some(pieces, std::move(handler)); }
  void handshake(DoneHandler handler) override {
    stream_.async_handshake(side_ == TlsSide::client ? asio::ssl::stream_base::client : asio::ssl::stream_base::server,
                            std::move(handler));
  }
  void finish(DoneHandler handler) override { stream_.async_shutdown(std::move(handler)); }
  bool truncated() const override { return truncated_; }
  std::string handshake_problem() const override {
    return verification_problem(const_cast<TlsTransport*>(this)->stream_.native_handle());
  }

 private:
  // Turns the error of a missing close_notify into an ordinary end of the stream; stands in for the handler otherwise.
  struct Ending {
    using allocator_type = IoHandler::allocator_type;
    using cancellation_slot_type = IoHandler::cancellation_slot_type;
    std::shared_ptr<TlsTransport> self;
    IoHandler handler;
    allocator_type get_allocator() const noexcept { return handler.get_allocator(); }
    cancellation_slot_type get_cancellation_slot() const noexcept { return handler.get_cancellation_slot(); }
    void operator()(error_code ec, size_t count) {
      if (ec == asio::ssl::error::stream_truncated) {
        self->truncated_ = true;
        ec = asio::error::eof;
      }
      std::move(handler)(ec, count);
    }
  };

  static asio::ssl::context share(const TlsContext& context) {
    SSL_CTX_up_ref(context.get());
    return asio::ssl::context(context.get());  // takes over one reference
  }
  asio::ssl::context context_;
  asio::ssl::stream<tcp::socket> stream_;
  TlsSide side_;
  bool truncated_ = false;
};

}  // namespace

void Transport::cancel() {
  error_code ignored;
  socket().cancel(ignored);
}

void Transport::close() {
  error_code ignored;
  socket().close(ignored);
}

void Transport::expires_at(SteadyTime when) {
  if (when == SteadyTime::max()) {
    if (timer_) timer_->cancel();
    return;
  }
  if (!timer_) timer_ = std::make_unique<asio::steady_timer>(get_executor());
  timer_->expires_at(when);
  timer_->async_wait([weak = weak_from_this(), when](error_code ec) {
    const auto self = weak.lock();
    // A wait that had ended before it could be taken back must not count.
    if (ec || !self || self->timer_->expiry() != when) return;
    self->expired_ = true;
    self->close();
  });
}

bool Transport::quiet() {
  if (!socket().is_open()) return false;
  char byte = 0;
  const auto count = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

TransportPtr make_plain_transport(tcp::socket socket) { return std::make_shared<PlainTransport>(std::move(socket)); }

Result<TransportPtr> make_tls_transport(tcp::socket socket, const TlsContext& context, TlsSide side,
                                        const std::string& host) {
  auto transport = std::make_shared<TlsTransport>(std::move(socket), context, side);
  if (side == TlsSide::client) TRY_VOID(expect_server_name(transport->native(), host));
  return TransportPtr(std::move(transport));
}

asio::awaitable<WriteResult> write_all(TransportPtr transport, std::string_view head, std::string_view body,
                                       SteadyTime* deadline, std::chrono::milliseconds patience) {
  WriteResult result;
  const size_t total = head.size() + body.size();
  while (result.sent < total) {
    Pieces pieces;
    if (result.sent < head.size()) pieces.add(asio::buffer(head.substr(result.sent)));
    pieces.add(asio::buffer(body.substr(result.sent > head.size() ? result.sent - head.size() : 0)));
    if (deadline != nullptr) *deadline = std::chrono::steady_clock::now() + patience;
    const auto written = co_await transport->async_write(pieces, use_tuple);
    result.error = std::get<0>(written);
    result.sent += std::get<1>(written);
    if (result.error) break;
  }
  co_return result;
}

}  // namespace vedette::net

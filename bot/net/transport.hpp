#pragma once
// Inside bot/net: a connected byte stream, plain TCP or TLS, behind one type, so that TLS is instantiated in one .cpp file.
// Shared ownership: an operation under way keeps its transport. Used from the io thread only. One read and one write at a
// time. The end of a TLS connection without close_notify reads as an ordinary end; truncated() tells.

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "bot/base/async.hpp"
#include "bot/net/tls.hpp"

namespace vedette::net {

namespace asio = boost::asio;
using boost::system::error_code;
constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

// A few pieces that go out together.
struct Pieces {
  using value_type = asio::const_buffer;
  using const_iterator = const asio::const_buffer*;
  std::array<asio::const_buffer, 8> buffers;
  size_t count = 0;
  const_iterator begin() const { return buffers.data(); }
  const_iterator end() const { return buffers.data() + count; }
  void add(asio::const_buffer buffer) {
    if (buffer.size() > 0 && count < buffers.size()) buffers[count++] = buffer;
  }
};

class Transport : public std::enable_shared_from_this<Transport> {
 public:
  using executor_type = Executor;
  using IoHandler = asio::any_completion_handler<void(error_code, size_t)>;
  using DoneHandler = asio::any_completion_handler<void(error_code)>;

  virtual ~Transport() = default;
  executor_type get_executor() { return socket().get_executor(); }
  virtual asio::ip::tcp::socket& socket() = 0;
  virtual void read_some(asio::mutable_buffer buffer, IoHandler handler) = 0;
  virtual void write_some(const Pieces& pieces, IoHandler handler) = 0;
  // TLS: the handshake of either side. Plain: nothing.
  virtual void handshake(DoneHandler handler) = 0;
  // Says that nothing more will be sent: close_notify and FIN.
  virtual void finish(DoneHandler handler) = 0;
  virtual bool truncated() const { return false; }
  virtual std::string handshake_problem() const { return {}; }

  void cancel();  // pending operations end with operation_aborted; the connection may still be used
  void close();
  bool is_open() { return socket().is_open(); }
  // Closes the connection at `when`; SteadyTime::max() takes that back.
  void expires_at(SteadyTime when);
  bool expired() const { return expired_; }
  // Whether an idle connection is still there: nothing to read, not even an end.
  bool quiet();

  template <class Token>
  auto async_read(asio::mutable_buffer buffer, Token&& token) {
    return asio::async_initiate<Token, void(error_code, size_t)>(
        [this](auto handler, asio::mutable_buffer b) { read_some(b, IoHandler(std::move(handler))); }, token, buffer);
  }
  template <class Token>
  auto async_write(const Pieces& pieces, Token&& token) {
    return asio::async_initiate<Token, void(error_code, size_t)>(
        [this](auto handler, const Pieces& p) { write_some(p, IoHandler(std::move(handler))); }, token, pieces);
  }
  template <class Token>
  auto async_handshake(Token&& token) {
    return asio::async_initiate<Token, void(error_code)>(
        [this](auto handler) { handshake(DoneHandler(std::move(handler))); }, token);
  }
  template <class Token>
  auto async_finish(Token&& token) {
    return asio::async_initiate<Token, void(error_code)>([this](auto handler) { finish(DoneHandler(std::move(handler))); },
                                                         token);
  }

 private:
  std::unique_ptr<asio::steady_timer> timer_;
  bool expired_ = false;
};

using TransportPtr = std::shared_ptr<Transport>;

TransportPtr make_plain_transport(asio::ip::tcp::socket socket);
enum class TlsSide { client, server };
// `host` is what a client's peer must prove to be.
Result<TransportPtr> make_tls_transport(asio::ip::tcp::socket socket, const TlsContext& context, TlsSide side,
                                        const std::string& host);

struct WriteResult {
  error_code error;
  size_t sent = 0;  // bytes handed to the kernel (plain) or to TLS
};
// Writes `head`, then `body`. With `patience`, `*deadline` is moved on whenever some bytes went out.
asio::awaitable<WriteResult> write_all(TransportPtr transport, std::string_view head, std::string_view body,
                                       SteadyTime* deadline, std::chrono::milliseconds patience);

}  // namespace vedette::net

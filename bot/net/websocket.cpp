#include "bot/net/websocket.hpp"

#include <deque>

#include <fmt/format.h>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "bot/net/connect.hpp"
#include "bot/net/http_codec.hpp"
#include "bot/net/proxy.hpp"
#include "bot/net/status.hpp"
#include "bot/net/url.hpp"
#include "bot/net/websocket_accept.hpp"
#include "bot/net/websocket_layer.hpp"

namespace vedette::net {
namespace {

namespace beast = boost::beast;
namespace bws = boost::beast::websocket;
namespace bhttp = boost::beast::http;
using std::chrono::steady_clock;

using Stream = bws::stream<WebSocketLayer, false>;
constexpr size_t kWriteBuffer = 16 << 10;

Error gone(std::string_view why) {
  return Error(Code::unavailable, fmt::format("The WebSocket connection ended: {}.", why));
}
Error stopping() { return Error(Code::cancelled, "The WebSocket was given up because Vedette is stopping."); }

struct PendingWrite {
  PendingWrite(const Executor& executor, std::vector<WebSocketMessage> m)
      : messages(std::move(m)), done(executor, SteadyTime::max()) {}
  std::vector<WebSocketMessage> messages;
  size_t next = 0;          // the one that is on its way
  asio::steady_timer done;  // cancelled when finished
  bool finished = false;
  Status status;
};

// Beast's operations run as callbacks that keep this object; callers only wait for their outcome. So a caller that is
// cancelled in the middle neither loses a message nor breaks a frame.
class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(TransportPtr transport, std::string leftover, const WebSocketOptions& options)
      : transport_(std::move(transport)),
        ws_(WebSocketLayer(transport_, std::move(leftover))),
        idle_(std::max(options.idle, std::chrono::milliseconds(2))),
        pong_(options.pong),
        message_bytes_(options.message_bytes),
        read_done_(transport_->get_executor(), SteadyTime::max()),
        ended_timer_(transport_->get_executor(), SteadyTime::max()),
        watchdog_(transport_->get_executor()) {
    // Frames stay whole: some peers do not put fragments together again.
    ws_.auto_fragment(false);
    ws_.write_buffer_bytes(kWriteBuffer);
    ws_.read_message_max(message_bytes_);
    ws_.control_callback([this](bws::frame_type kind, beast::string_view) {
      if (kind == bws::frame_type::ping) ++control_frames_.pings;
      if (kind == bws::frame_type::pong) ++control_frames_.pongs;
    });
    // The watchdog below does all three; Beast's own also counts time in which nobody reads.
    bws::stream_base::timeout none{};
    none.handshake_timeout = bws::stream_base::none();
    none.idle_timeout = bws::stream_base::none();
    none.keep_alive_pings = false;
    ws_.set_option(none);
  }

  Stream& stream() { return ws_; }
  void opened() { arm_watchdog(); }
  uint16_t close_code() const { return close_code_; }
  SteadyTime last_received() const { return ws_.next_layer().last_received(); }
  bool ended() const { return ended_; }

  ControlFrames control_frames() const { return control_frames_; }

  Async<WebSocketMessage> read();
  asio::awaitable<Status> write(std::vector<WebSocketMessage> messages);
  asio::awaitable<void> close(uint16_t code, Deadline deadline);
  void start_close(uint16_t code);
  void end(uint16_t code, std::string_view why);

 private:
  void start_read();
  void read_finished(error_code ec);
  void start_write();
  void write_finished(error_code ec);
  void arm_watchdog();
  void look_after();
  std::string describe(error_code ec) const;
  void fail_writes();

  TransportPtr transport_;
  Stream ws_;
  std::chrono::milliseconds idle_;
  std::chrono::milliseconds pong_;
  size_t message_bytes_;
  ControlFrames control_frames_;

  std::string incoming_;
  bool reading_ = false;  // Beast is reading into incoming_
  bool message_ready_ = false;
  bool too_large_ = false;
  SteadyTime read_started_;
  asio::steady_timer read_done_;  // cancelled when a message is ready or the connection ended

  std::deque<std::shared_ptr<PendingWrite>> writes_;  // the first is on its way while writing_
  bool writing_ = false;
  SteadyTime write_started_;
  bool pinging_ = false;
  SteadyTime pinged_;

  bool closing_ = false;
  bool ended_ = false;
  uint16_t close_code_ = 0;
  std::string why_ended_;
  asio::steady_timer ended_timer_;  // cancelled at the end
  asio::steady_timer watchdog_;
};

Async<WebSocketMessage> Connection::read() {
  const auto self = shared_from_this();
  for (;;) {
    if (message_ready_) {
      message_ready_ = false;
      WebSocketMessage message(std::exchange(incoming_, std::string()), ws_.got_binary());
      co_return message;
    }
    if (too_large_) co_return Error(Code::too_large, fmt::format("A message was larger than {} bytes.", message_bytes_));
    if (ended_) co_return gone(why_ended_);
    const bool stop = co_await cancelled();
    if (stop) co_return stopping();
    if (!reading_) start_read();
    co_await read_done_.async_wait(use_tuple);
  }
}

void Connection::start_read() {
  reading_ = true;
  read_started_ = steady_clock::now();
  incoming_.clear();
  // The buffer object is copied into the operation and refers to incoming_.
  auto buffer = std::make_shared<asio::dynamic_string_buffer<char, std::char_traits<char>, std::allocator<char>>>(
      asio::dynamic_buffer(incoming_, message_bytes_));
  ws_.async_read(*buffer, [self = shared_from_this(), buffer](error_code ec, size_t) { self->read_finished(ec); });
}

void Connection::read_finished(error_code ec) {
  reading_ = false;
  if (!ec) {
    message_ready_ = true;
  } else if (!ended_) {
    too_large_ = ec == bws::error::message_too_big || ec == bws::error::buffer_overflow;
    const auto given = ws_.reason().code;
    uint16_t code = 1006;
    if (ec == bws::error::closed) code = given == bws::close_code::none ? uint16_t{1005} : static_cast<uint16_t>(given);
    end(code, describe(ec));
  }
  read_done_.cancel();
}

std::string Connection::describe(error_code ec) const {
  if (ec == bws::error::closed) {
    const std::string_view reason(ws_.reason().reason.data(), ws_.reason().reason.size());
    const auto code = static_cast<unsigned>(ws_.reason().code);
    return reason.empty() ? fmt::format("closed by the peer with code {}", code)
                          : fmt::format("closed by the peer with code {} ({})", code, reason);
  }
  return ec == asio::error::eof ? "the peer hung up" : ec.message();
}

asio::awaitable<Status> Connection::write(std::vector<WebSocketMessage> messages) {
  const auto self = shared_from_this();
  if (ended_) co_return gone(why_ended_);
  if (closing_) co_return gone("it is being closed");
  if (messages.empty()) co_return Status();
  const auto executor = co_await asio::this_coro::executor;
  const auto entry = std::make_shared<PendingWrite>(executor, std::move(messages));
  writes_.push_back(entry);
  if (!writing_) start_write();
  while (!entry->finished) {
    co_await entry->done.async_wait(use_tuple);
    if (entry->finished) break;
    const bool stop = co_await cancelled();
    if (!stop) continue;
    // What is on its way goes out whole; what is not does not start.
    if (writes_.empty() || writes_.front() != entry || !writing_) std::erase(writes_, entry);
    co_return stopping();
  }
  co_return entry->status;
}

void Connection::start_write() {
  writing_ = true;
  write_started_ = steady_clock::now();
  const auto entry = writes_.front();
  const WebSocketMessage& message = entry->messages[entry->next];
  ws_.binary(message.binary);
  ws_.auto_fragment(message.fragment > 0);
  ws_.write_buffer_bytes(message.fragment > 0 ? std::max<size_t>(message.fragment, 8) : kWriteBuffer);
  ws_.async_write(asio::buffer(message.bytes),
                  [self = shared_from_this(), entry](error_code ec, size_t) { self->write_finished(ec); });
}

void Connection::write_finished(error_code ec) {
  writing_ = false;
  if (!writes_.empty()) {
    const auto entry = writes_.front();
    if (!ec && ++entry->next < entry->messages.size() && !closing_ && !ended_) return start_write();
    writes_.pop_front();
    if (ec) {
      entry->status = gone(ended_ ? std::string_view(why_ended_) : std::string_view(ec.message()));
    } else if (entry->next < entry->messages.size()) {
      entry->status = gone("it is being closed");
    }
    entry->finished = true;
    entry->done.cancel();
  }
  if (ec) {
    // The reader learns the peer's reason when there is one; without a reader the connection just ends.
    if (!reading_) end(1006, describe(ec));
    fail_writes();
    return;
  }
  if (!writes_.empty() && !closing_ && !ended_) start_write();
}

void Connection::fail_writes() {
  const size_t keep = writing_ && !writes_.empty() ? 1 : 0;  // write_finished() deals with that one
  while (writes_.size() > keep) {
    const auto entry = writes_.back();
    writes_.pop_back();
    entry->status = gone(why_ended_.empty() ? std::string_view("it is being closed") : std::string_view(why_ended_));
    entry->finished = true;
    entry->done.cancel();
  }
}

void Connection::start_close(uint16_t code) {
  if (ended_ || closing_) return;
  closing_ = true;
  fail_writes();
  ws_.async_close(bws::close_reason(static_cast<bws::close_code>(code)), [self = shared_from_this()](error_code ec) {
    const auto given = self->ws_.reason().code;
    uint16_t peer_code = 1006;
    if (!ec) peer_code = given == bws::close_code::none ? uint16_t{1005} : static_cast<uint16_t>(given);
    self->end(peer_code, ec ? self->describe(ec) : std::string("closed"));
  });
}

asio::awaitable<void> Connection::close(uint16_t code, Deadline deadline) {
  const auto self = shared_from_this();
  start_close(code);
  ended_timer_.expires_at(deadline.time());
  if (!ended_) co_await ended_timer_.async_wait(use_tuple);
  if (!ended_) end(1006, "the peer did not answer the close frame");
}

void Connection::end(uint16_t code, std::string_view why) {
  if (ended_) return;
  ended_ = true;
  close_code_ = code;
  why_ended_ = why;
  transport_->close();
  watchdog_.cancel();
  read_done_.cancel();
  ended_timer_.cancel();
  fail_writes();
}

// ---- the watchdog

void Connection::arm_watchdog() {
  auto step = idle_ / 4;
  if (pong_.count() > 0) step = std::min(step, pong_);
  watchdog_.expires_after(std::max(step, std::chrono::milliseconds(1)));
  watchdog_.async_wait([weak = weak_from_this()](error_code ec) {
    const auto self = weak.lock();
    if (!ec && self && !self->ended_) self->look_after();
  });
}

// Silence counts only while somebody reads: what the peer sent may be waiting in the kernel otherwise. A write that makes
// no progress counts too.
void Connection::look_after() {
  const auto now = steady_clock::now();
  const auto heard = last_received();
  const bool stuck = writing_ && now - std::max(write_started_, ws_.next_layer().last_sent()) >= idle_;
  const bool silent = reading_ && now - std::max(read_started_, heard) >= idle_;
  if (stuck || silent) {
    end(1006, "nothing was heard from the peer");
    return;
  }
  if (pong_.count() > 0) {
    if (now - pinged_ >= pong_ && !pinging_ && !closing_) {
      pinging_ = true;
      pinged_ = now;
      ws_.async_pong(bws::ping_data(), [self = shared_from_this()](error_code) { self->pinging_ = false; });
    }
    arm_watchdog();
    return;
  }
  const bool quiet = now - heard >= idle_ / 2 && now - pinged_ >= idle_ / 2;
  if (quiet && !pinging_ && !closing_) {
    pinging_ = true;
    pinged_ = now;
    ws_.async_ping(bws::ping_data(), [self = shared_from_this()](error_code) { self->pinging_ = false; });
  }
  arm_watchdog();
}

// ---- what callers hold

class Handle final : public WebSocket {
 public:
  explicit Handle(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  ~Handle() override { connection_->end(1006, "the connection was given up"); }
  Async<std::string> read() override { return read_bytes(connection_); }
  Async<WebSocketMessage> read_message() override { return connection_->read(); }
  asio::awaitable<Status> write(std::string text) override { return write_one(std::move(text), false); }
  asio::awaitable<Status> write_binary(std::string bytes) override { return write_one(std::move(bytes), true); }
  asio::awaitable<Status> write_messages(std::vector<WebSocketMessage> messages) override {
    return connection_->write(std::move(messages));
  }
  asio::awaitable<void> close(uint16_t code, Deadline deadline) override { return connection_->close(code, deadline); }
  void cut() override { connection_->end(1006, "the connection was cut"); }
  uint16_t close_code() const override { return connection_->close_code(); }
  SteadyTime last_received() const override { return connection_->last_received(); }
  ControlFrames control_frames() const override { return connection_->control_frames(); }

 private:
  static Async<std::string> read_bytes(std::shared_ptr<Connection> connection) {
    CO_TRY(WebSocketMessage message, connection->read());
    co_return std::move(message.bytes);
  }
  asio::awaitable<Status> write_one(std::string bytes, bool binary) {
    std::vector<WebSocketMessage> messages;
    messages.emplace_back(std::move(bytes), binary);
    return connection_->write(std::move(messages));
  }
  std::shared_ptr<Connection> connection_;
};

void copy_headers(const Headers& from, bhttp::fields& to) {
  for (const auto& [name, value] : from.all()) to.insert(name, value);
}

// The answer that stands in the way of an upgrade, as an Error.
Error refusal(const bws::response_type& answer, std::string_view where) {
  HttpResponse response(static_cast<int>(answer.result_int()));
  for (const auto& field : answer) {
    const auto name = field.name_string();
    response.headers.add(std::string(name.data(), name.size()), std::string(field.value().data(), field.value().size()));
  }
  if (response.status == 101) return Error(Code::upstream, fmt::format("{} gave a malformed WebSocket handshake.", where));
  return error_for_answer(response, fmt::format("The WebSocket handshake with {}", where));
}

Status check_headers(const Headers& headers) {
  for (const auto& [name, value] : headers.all()) {
    if (!valid_header(name, value))
      return Error(Code::invalid_input, "A header of the handshake holds characters that HTTP forbids.");
  }
  return {};
}

}  // namespace

WebSocketOptions::WebSocketOptions() : proxy(proxy_from_environment()), no_proxy(no_proxy_from_environment()) {}

Async<std::unique_ptr<WebSocket>> connect_websocket(std::string url, Headers headers, WebSocketOptions options,
                                                    Deadline deadline) {
  auto parsed = parse_url(url);
  if (!parsed) co_return std::move(parsed).error();
  const Url address = std::move(parsed).value();
  if (address.scheme != "ws" && address.scheme != "wss") {
    co_return Error(Code::invalid_input, "A WebSocket needs a ws or wss address.");
  }
  auto headers_ok = check_headers(headers);
  if (!headers_ok) co_return std::move(headers_ok).error();
  auto route = proxy_for(address, options.proxy, options.no_proxy);
  if (!route) co_return std::move(route).error();
  TlsContext tls;
  if (address.tls()) {
    auto made = make_client_tls(options.ca_file);
    if (!made) co_return std::move(made).error();
    tls = std::move(made).value();
  }
  CO_TRY(const TransportPtr transport, connect_transport(address, *route, tls, deadline));
  const auto connection = std::make_shared<Connection>(transport, std::string(), options);
  bws::stream_base::decorator decorate([headers](bws::request_type& request) {
    copy_headers(headers, request);
    if (headers.count("User-Agent") == 0) request.set(bhttp::field::user_agent, "vedette");
  });
  connection->stream().set_option(std::move(decorate));
  transport->expires_at(deadline.time());
  bws::response_type answer;
  const auto shaken = co_await connection->stream().async_handshake(answer, address.authority(), address.target, use_tuple);
  const error_code ec = std::get<0>(shaken);
  transport->expires_at(SteadyTime::max());
  const std::string where = address.authority();
  if (!ec && !transport->expired()) {
    connection->opened();
    std::unique_ptr<WebSocket> handle = std::make_unique<Handle>(connection);
    co_return handle;
  }
  connection->end(1006, "the handshake failed");
  const bool stop = co_await cancelled();
  if (stop) co_return stopping();
  if (transport->expired())
    co_return Error(Code::timeout, fmt::format("{} did not finish the WebSocket handshake in time.", where));
  if (ec == bws::error::upgrade_declined || ec.category() == bws::make_error_code(bws::error::closed).category()) {
    co_return refusal(answer, where);
  }
  co_return Error(Code::unavailable, fmt::format("The WebSocket handshake with {} failed: {}.", where, ec.message()));
}

Async<AcceptedWebSocket> accept_websocket(TransportPtr transport, HttpRequest request, Headers headers, std::string leftover,
                                          WebSocketOptions options, Deadline deadline) {
  const auto connection = std::make_shared<Connection>(transport, std::move(leftover), options);
  bws::stream_base::decorator decorate([headers](bws::response_type& response) {
    copy_headers(headers, response);
    response.set("X-Content-Type-Options", "nosniff");
  });
  connection->stream().set_option(std::move(decorate));
  bhttp::request<bhttp::string_body> upgrade(bhttp::verb::get, request.target, 11);
  copy_headers(request.headers, upgrade);
  transport->expires_at(deadline.time());
  const auto accepted = co_await connection->stream().async_accept(upgrade, use_tuple);
  const error_code ec = std::get<0>(accepted);
  transport->expires_at(SteadyTime::max());
  if (ec || transport->expired()) {
    connection->end(1006, "the handshake failed");
    if (transport->expired()) co_return Error(Code::timeout, "The WebSocket handshake took too long.");
    co_return Error(Code::invalid_input, fmt::format("The WebSocket handshake failed: {}.", ec.message()));
  }
  connection->opened();
  AcceptedWebSocket result;
  result.socket = std::make_unique<Handle>(connection);
  result.go_away = [weak = std::weak_ptr<Connection>(connection)] {
    if (const auto alive = weak.lock()) alive->start_close(1001);
  };
  co_return result;
}

}  // namespace vedette::net

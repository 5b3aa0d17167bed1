#include "bot/net/http_session.hpp"

#include <exception>

#include <fmt/format.h>

#include "bot/base/log.hpp"
#include "bot/net/status.hpp"
#include "bot/net/websocket_accept.hpp"

namespace vedette::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kJoinBelow = 16 << 10;  // a body up to this goes out in one piece with its head
constexpr milliseconds kGoodbye = std::chrono::seconds(2);
constexpr size_t kMostDiscarded = 16 << 20;

std::string address_text(asio::ip::tcp::socket& socket) {
  error_code ec;
  const auto endpoint = socket.remote_endpoint(ec);
  if (ec) return {};
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address.to_string();
}

MessageLimits limits_of(const HttpServerOptions& options) {
  MessageLimits limits;
  limits.header_bytes = options.header_bytes;
  limits.body_bytes = options.body_bytes;
  return limits;
}

}  // namespace

// ---- what the connections share

void ServerState::arm_sweeper() {
  if (sweeping) return;
  sweeping = true;
  const auto shortest = std::min({options.header_wait, options.body_wait, options.idle});
  sweeper.expires_after(std::clamp(shortest / 8, milliseconds(5), milliseconds(500)));
  sweeper.async_wait([weak = weak_from_this()](error_code ec) {
    const auto self = weak.lock();
    if (!self) return;
    self->sweeping = false;
    if (!ec) self->sweep();
  });
}

void ServerState::sweep() {
  const auto now = steady_clock::now();
  for (Session* session : sessions) session->expire_if_due(now);
  if (!sessions.empty()) arm_sweeper();
}

std::string_view ServerState::date() {
  const auto now = std::chrono::system_clock::now();
  const auto second = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  if (second != date_second_) {
    date_second_ = second;
    date_ = http_date(now);
  }
  return date_;
}

// ---- one connection

Session::Session(std::shared_ptr<ServerState> state, TransportPtr transport)
    : state_(std::move(state)), transport_(std::move(transport)), reader_(limits_of(state_->options)) {
  place_ = state_->sessions.insert(state_->sessions.end(), this);
  peer_ = address_text(transport_->socket());
  arm(state_->options.header_wait);
  state_->arm_sweeper();
}

Session::~Session() {
  transport_->close();
  state_->sessions.erase(place_);
  state_->changed.cancel();
}

void Session::arm(milliseconds wait) {
  deadline_ = steady_clock::now() + wait;
  timed_out_ = false;
}

void Session::expire_if_due(SteadyTime now) {
  if (now < deadline_) return;
  timed_out_ = true;
  // The operation may have ended this very moment, and its coroutine go on to the next: look again.
  deadline_ = now + milliseconds(100);
  transport_->cancel();
}

void Session::leave_if_idle() {
  if (phase_ == Phase::idle || phase_ == Phase::opening || phase_ == Phase::ending) transport_->cancel();
  if (go_away_) go_away_();
}

asio::awaitable<void> Session::run() {
  const bool ready = co_await secure();
  if (!ready) co_return;
  for (;;) {
    const bool complete = co_await read_request();
    if (!complete) break;
    const bool more = co_await serve_one();
    if (!more) break;
    reader_.reset();
    first_ = false;
  }
  if (transport_->is_open()) co_await wind_down();
}

asio::awaitable<bool> Session::secure() {
  if (!state_->tls) co_return true;
  const auto shaken = co_await transport_->async_handshake(use_tuple);
  co_return !std::get<0>(shaken) && !timed_out_;
}

// False when the connection is over; whatever had to be said to the peer has been said then.
asio::awaitable<bool> Session::read_request() {
  phase_ = first_ ? Phase::opening : Phase::idle;
  if (!first_) arm(state_->options.idle);
  for (;;) {
    if (!buffer_.empty()) buffer_.consume(reader_.feed(buffer_.view()));
    if (reader_.failed() != 0) {
      co_await refuse(reader_.failed());
      co_return false;
    }
    if (reader_.done()) co_return true;
    if (reader_.started() && phase_ < Phase::header) {
      phase_ = Phase::header;
      if (!first_) arm(state_->options.header_wait);
    }
    if (reader_.header_done() && phase_ != Phase::body) {
      const bool go_on = co_await begin_body();
      if (!go_on) co_return false;
    }
    const bool received = co_await read_more();
    if (received) continue;
    if (timed_out_ && (phase_ == Phase::header || phase_ == Phase::body)) co_await refuse(408);
    co_return false;
  }
}

// The header is there and the body is not: says "go on" to those who ask, unless the answer is clear already.
asio::awaitable<bool> Session::begin_body() {
  phase_ = Phase::body;
  arm(state_->options.body_wait);
  if (!reader_.expects_continue()) co_return true;
  HttpRequest request(reader_.request().method, reader_.request().target);
  const auto match = state_->router.find(request);
  if (match.target == nullptr) {
    unread_ = true;
    HttpResponse response = unmatched(match);
    co_await answer(std::move(response), false);
    co_return false;
  }
  const std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  const auto written = co_await write_all(transport_, go_on, std::string_view(), nullptr, state_->options.body_wait);
  co_return !written.error;
}

asio::awaitable<bool> Session::read_more() {
  char* room = buffer_.prepare(phase_ == Phase::body ? 8192 : 2048);
  const asio::mutable_buffer space(room, buffer_.free_space());
  const bool may_wait = !(state_->stopping && phase_ < Phase::header);
  if (!may_wait) co_return false;
  const auto got = co_await transport_->async_read(space, use_tuple);
  buffer_.commit(std::get<1>(got));
  co_return !std::get<0>(got);
}

HttpResponse Session::unmatched(const Router::Match& match) const {
  if (!match.path_known) return problem(404, reason_phrase(404), "There is nothing at this address.");
  HttpResponse response = problem(405, reason_phrase(405), fmt::format("This address answers to {}.", match.allow));
  response.headers.set("Allow", match.allow);
  return response;
}

// Answers the request that was read. False when the connection ends with it.
asio::awaitable<bool> Session::serve_one() {
  phase_ = Phase::handling;
  rest();
  const bool keep_alive = reader_.keep_alive();
  const bool wants_websocket = reader_.wants_websocket();
  HttpRequest request = reader_.take();
  request.peer = peer_;
  request.tls = state_->tls != nullptr;
  head_request_ = request.method == "HEAD";
  HttpResponse response;
  if (!split_target(request)) {
    response = problem(400, reason_phrase(400), "The address in the request is malformed.");
    co_return co_await answer(std::move(response), keep_alive);
  }
  const auto match = state_->router.find(request);
  if (match.target == nullptr) {
    response = unmatched(match);
  } else if (!match.target->websocket) {
    response = co_await ask(match.target->handler, std::move(request));
  } else if (!wants_websocket || request.method != "GET") {
    response = problem(426, reason_phrase(426), "This address speaks WebSocket only.");
    response.headers.set("Upgrade", "websocket");
  } else {
    response = co_await ask(match.target->check, request);
    if (response.status == 101) {
      co_await upgrade(*match.target, std::move(request), std::move(response));
      co_return false;
    }
  }
  co_return co_await answer(std::move(response), keep_alive);
}

asio::awaitable<HttpResponse> Session::ask(const CheckHandler& handler, HttpRequest request) {
  const std::string what = request.method + " " + request.path;
  std::string failure;
  try {
    HttpResponse response = co_await handler(std::move(request));
    if (response.status == 101 || (response.status >= 200 && response.status <= 599)) co_return response;
    failure = fmt::format("status {} is none", response.status);
  } catch (const std::exception& e) {
    failure = e.what();
  } catch (...) {
    failure = "unknown exception";
  }
  log::error("http", "{} failed: {}", what, failure);
  co_return problem(500, reason_phrase(500), "Something went wrong inside Vedette; its log tells what.");
}

asio::awaitable<bool> Session::answer(HttpResponse response, bool keep_alive) {
  AnswerOptions options;
  options.head_request = head_request_;
  options.http_1_0 = reader_.header_done() && reader_.http_1_0();
  options.keep_alive = keep_alive && !state_->stopping;
  head_.clear();
  append_answer_head(head_, response, options, state_->date());
  std::string_view body = response.body;
  if (options.head_request || response.status == 204 || response.status == 304) body = {};
  if (body.size() <= kJoinBelow) {
    head_ += body;
    body = {};
  }
  const auto written = co_await write_all(transport_, head_, body, &deadline_, state_->options.body_wait);
  co_return !written.error && options.keep_alive;
}

// The request cannot be read any further. 408 and the like: RFC 9110 section 15.5.
asio::awaitable<void> Session::refuse(int status) {
  unread_ = true;
  arm(state_->options.body_wait);
  std::string_view detail = "The request is not proper HTTP/1.1.";
  if (status == 408) detail = "The request did not arrive in time.";
  if (status == 413) detail = "The body of the request is larger than allowed.";
  if (status == 417) detail = "Only the expectation 100-continue is known.";
  if (status == 431) detail = "The header of the request is larger than allowed.";
  if (status == 501) detail = "The only transfer coding understood is chunked.";
  if (status == 505) detail = "Only HTTP/1.1 and HTTP/1.0 are spoken here.";
  HttpResponse response = problem(status, reason_phrase(status), detail);
  head_request_ = false;
  co_await answer(std::move(response), false);
}

asio::awaitable<void> Session::upgrade(const Target& target, HttpRequest request, HttpResponse accepted) {
  phase_ = Phase::websocket;
  rest();
  WebSocketOptions options;
  options.idle = state_->options.idle;
  options.pong = state_->options.websocket_pong;
  options.message_bytes = state_->options.body_bytes;
  std::string leftover(buffer_.view());
  const auto deadline = Deadline::after(state_->options.header_wait);
  auto made =
      co_await accept_websocket(transport_, request, std::move(accepted.headers), std::move(leftover), options, deadline);
  if (!made) {
    log::debug("http", "{}: {}", request.path, made.error().message);
    co_return;
  }
  go_away_ = std::move(made->go_away);
  if (state_->stopping) go_away_();
  const std::string path = request.path;
  try {
    co_await target.websocket(std::move(request), std::move(made->socket));
  } catch (const std::exception& e) {
    log::error("http", "WebSocket {} failed: {}", path, e.what());
  }
  go_away_ = nullptr;
  transport_->close();
}

// A close while the peer still sends would throw away the answer that is on its way to it (RFC 9112 section 9.6).
asio::awaitable<void> Session::wind_down() {
  phase_ = Phase::ending;
  arm(std::min(kGoodbye, state_->options.body_wait));
  if (!unread_) {
    // Waits for the answer to its close_notify, for which there is no time at the stop.
    if (state_->tls && !timed_out_ && !state_->stopping) co_await transport_->async_finish(use_tuple);
    co_return;
  }
  error_code ec;
  if (!state_->tls) transport_->socket().shutdown(asio::ip::tcp::socket::shutdown_send, ec);
  size_t discarded = 0;
  while (discarded < kMostDiscarded) {
    buffer_.consume(buffer_.size());
    char* room = buffer_.prepare(8192);
    const asio::mutable_buffer space(room, buffer_.free_space());
    const auto got = co_await transport_->async_read(space, use_tuple);
    if (std::get<0>(got) || timed_out_) break;
    discarded += std::get<1>(got);
  }
}

}  // namespace vedette::net

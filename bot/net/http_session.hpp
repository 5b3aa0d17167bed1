#pragma once
// Inside bot/net: what the server's connections share, and one connection. The state outlives the HttpServer while
// connections are left.

#include <list>
#include <memory>
#include <string>

#include "bot/net/byte_buffer.hpp"
#include "bot/net/http_codec.hpp"
#include "bot/net/http_server.hpp"
#include "bot/net/router.hpp"
#include "bot/net/transport.hpp"

namespace vedette::net {

class Session;

struct ServerState : std::enable_shared_from_this<ServerState> {
  ServerState(const Executor& executor, HttpServerOptions o)
      : options(std::move(o)), group(executor, "http"), acceptor(executor), sweeper(executor), changed(executor) {}

  // One timer for all connections looks for those whose time is over: a request then costs no timer of its own.
  void arm_sweeper();
  std::string_view date();

  HttpServerOptions options;
  Router router;
  TlsContext tls;
  TaskGroup group;
  asio::ip::tcp::acceptor acceptor;
  asio::steady_timer sweeper;
  asio::steady_timer changed;  // cancelled when a session ends
  std::list<Session*> sessions;
  bool sweeping = false;
  bool stopping = false;

 private:
  void sweep();
  std::string date_;
  int64_t date_second_ = -1;
};

class Session {
 public:
  Session(std::shared_ptr<ServerState> state, TransportPtr transport);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  asio::awaitable<void> run();

  // Called by the sweeper and at the stop.
  void expire_if_due(SteadyTime now);
  void leave_if_idle();
  void cut() { transport_->close(); }

 private:
  enum class Phase { opening, idle, header, body, handling, websocket, ending };
  asio::awaitable<bool> secure();
  asio::awaitable<bool> read_request();
  asio::awaitable<bool> begin_body();
  asio::awaitable<bool> read_more();
  asio::awaitable<bool> serve_one();
  asio::awaitable<HttpResponse> ask(const CheckHandler& handler, HttpRequest request);
  asio::awaitable<bool> answer(HttpResponse response, bool keep_alive);
  asio::awaitable<void> refuse(int status);
  asio::awaitable<void> upgrade(const Target& target, HttpRequest request, HttpResponse accepted);
  asio::awaitable<void> wind_down();
  void arm(std::chrono::milliseconds wait);
  void rest() { deadline_ = SteadyTime::max(); }
  HttpResponse unmatched(const Router::Match& match) const;

  std::shared_ptr<ServerState> state_;
  TransportPtr transport_;
  std::list<Session*>::iterator place_;
  RequestReader reader_;
  ByteBuffer buffer_;
  std::string head_;  // of the answer; kept for its memory
  std::string peer_;
  std::function<void()> go_away_;
  SteadyTime deadline_ = SteadyTime::max();
  Phase phase_ = Phase::opening;
  bool timed_out_ = false;
  bool first_ = true;
  bool head_request_ = false;
  bool unread_ = false;  // the peer may be sending still: wait for it before closing
};

}  // namespace vedette::net

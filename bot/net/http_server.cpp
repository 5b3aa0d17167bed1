#include "bot/net/http_server.hpp"

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include "bot/base/log.hpp"
#include "bot/net/http_session.hpp"

namespace vedette::net {
namespace {

using asio::ip::tcp;
using StatePtr = std::shared_ptr<ServerState>;

Job serve(StatePtr state, TransportPtr transport) {
  Session session(std::move(state), std::move(transport));
  co_await session.run();
}

void welcome(const StatePtr& state, tcp::socket socket) {
  if (state->sessions.size() >= state->options.connections) return;  // the socket closes
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  TransportPtr transport;
  if (state->tls) {
    auto made = make_tls_transport(std::move(socket), state->tls, TlsSide::server, std::string());
    if (!made) return;
    transport = std::move(made).value();
  } else {
    transport = make_plain_transport(std::move(socket));
  }
  state->group.spawn("connection", serve(state, std::move(transport)));
}

// Ends only with the server. Out of descriptors or memory, it waits a little: connections will end.
Job accept_loop(StatePtr state) {
  auto last_complaint = SteadyTime::min();
  while (!state->stopping) {
    auto accepted = co_await state->acceptor.async_accept(use_tuple);
    const error_code ec = std::get<0>(accepted);
    if (state->stopping || !state->acceptor.is_open()) break;
    const bool stop = co_await cancelled();
    if (stop) break;
    if (!ec) {
      welcome(state, std::move(std::get<1>(accepted)));
      continue;
    }
    if (ec == asio::error::connection_aborted || ec == asio::error::connection_reset) continue;  // the peer left again
    const auto now = std::chrono::steady_clock::now();
    if (last_complaint == SteadyTime::min() || now - last_complaint > std::chrono::seconds(10)) {
      log::error("http", "cannot accept connections: {}", ec.message());
      last_complaint = now;
    }
    co_await sleep_for(std::chrono::milliseconds(50));
  }
}

class Server final : public HttpServer {
 public:
  Server(const Executor& executor, HttpServerOptions options)
      : state_(std::make_shared<ServerState>(executor, std::move(options))) {}
  ~Server() override {
    // stop() is the orderly way; this one only makes sure that nothing stays open.
    shut();
    for (Session* session : state_->sessions) session->cut();
  }

  void add(Route route) override {
    Target target;
    target.handler = std::move(route.handler);
    state_->router.add(std::move(route.method), route.pattern, std::move(target));
  }
  void add_websocket(std::string pattern, std::function<asio::awaitable<HttpResponse>(HttpRequest)> check,
                     WebSocketHandler handler) override {
    Target target;
    target.check = std::move(check);
    target.websocket = std::move(handler);
    state_->router.add("GET", pattern, std::move(target));
  }
  Status start() override;
  uint16_t port() const override { return port_; }
  asio::awaitable<void> stop(Deadline deadline) override { return stop_server(state_, deadline); }

 private:
  void shut() { shut_state(*state_); }
  static void shut_state(ServerState& state) {
    state.stopping = true;
    error_code ignored;
    state.acceptor.close(ignored);
  }
  static asio::awaitable<void> stop_server(StatePtr state, Deadline deadline);
  Result<tcp::endpoint> endpoint() const;
  StatePtr state_;
  uint16_t port_ = 0;
};

Result<tcp::endpoint> Server::endpoint() const {
  const auto& options = state_->options;
  error_code ec;
  const std::string text = options.address == "localhost" ? "127.0.0.1" : options.address;
  const auto address = asio::ip::make_address(text, ec);
  if (ec) return Error(Code::invalid_input, fmt::format("{} is not an IP address to listen on.", options.address));
  if (!state_->tls && !address.is_loopback()) {
    return Error(Code::invalid_input, fmt::format("Listening on {} needs TLS: set a certificate and a key. Without them "
                                                  "only this machine (127.0.0.1) may connect.",
                                                  options.address));
  }
  return tcp::endpoint(address, options.port);
}

Status Server::start() {
  const auto& options = state_->options;
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return Error(Code::invalid_input, "A certificate needs its key, and a key its certificate.");
  }
  if (!options.certificate_file.empty()) {
    TRY(state_->tls, make_server_tls(options.certificate_file, options.key_file));
  }
  TRY(const auto where, endpoint());
  auto& acceptor = state_->acceptor;
  error_code ec;
  acceptor.open(where.protocol(), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec) acceptor.bind(where, ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) {
    error_code ignored;
    acceptor.close(ignored);
    return Error(Code::unavailable,
                 fmt::format("Cannot listen on {} port {}: {}.", options.address, options.port, ec.message()));
  }
  port_ = acceptor.local_endpoint(ec).port();
  state_->group.spawn("accept", accept_loop(state_));
  return {};
}

asio::awaitable<void> Server::stop_server(StatePtr state, Deadline deadline) {
  shut_state(*state);
  for (Session* session : state->sessions) session->leave_if_idle();
  while (!state->sessions.empty() && !deadline.passed()) {
    state->changed.expires_at(deadline.time());
    co_await state->changed.async_wait(use_tuple);
    const bool stop = co_await cancelled();
    if (stop) break;
  }
  for (Session* session : state->sessions) session->cut();
  // Handlers that wait for something are told to come back.
  co_await state->group.stop(Deadline::after(std::chrono::seconds(2)));
  state->sweeper.cancel();
}

}  // namespace

std::unique_ptr<HttpServer> make_http_server(Executor executor, HttpServerOptions options) {
  return std::make_unique<Server>(executor, std::move(options));
}

}  // namespace vedette::net

#include "bot/net/http_client.hpp"

#include <deque>
#include <list>
#include <map>
#include <tuple>

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include "bot/net/byte_buffer.hpp"
#include "bot/net/connect.hpp"
#include "bot/net/http_codec.hpp"
#include "bot/net/proxy.hpp"
#include "bot/net/url.hpp"

namespace vedette::net {
namespace {

using PoolKey = std::tuple<std::string, std::string, uint16_t, std::string>;  // scheme, host, port, proxy

struct IdleConnection {
  TransportPtr transport;
  SteadyTime since;
};

struct Waiter {
  explicit Waiter(const Executor& executor) : timer(executor) {}
  asio::steady_timer timer;
  bool granted = false;  // a slot was handed over; what is in `idle` or a fresh connection fills it
};

struct HostPool {
  size_t slots_taken = 0;           // connections lent out; idle ones do not count
  std::deque<IdleConnection> idle;  // the most recently used at the back
  std::list<std::shared_ptr<Waiter>> waiters;
};

// Lends connections, at most so many a host. All of it on the io thread.
class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
 public:
  ConnectionPool(const Executor& executor, size_t per_host, std::chrono::seconds idle)
      : executor_(executor), reaper_(executor), per_host_(std::max<size_t>(1, per_host)), idle_(idle) {}

  // Waits for a slot. Errors: timeout, cancelled.
  Async<bool> acquire(PoolKey key, Deadline deadline) {
    const auto self = shared_from_this();
    HostPool& host = hosts_[key];
    if (host.slots_taken < per_host_ && host.waiters.empty()) {
      ++host.slots_taken;
      co_return true;
    }
    const auto waiter = std::make_shared<Waiter>(executor_);
    const auto place = host.waiters.insert(host.waiters.end(), waiter);
    waiter->timer.expires_at(deadline.time());
    co_await waiter->timer.async_wait(use_tuple);
    if (waiter->granted) co_return true;
    host.waiters.erase(place);
    const bool stop = co_await cancelled();
    if (stop) co_return Error(Code::cancelled, "The request was given up because Vedette is stopping.");
    co_return Error(Code::timeout, fmt::format("All connections to {} stayed busy.", std::get<1>(key)));
  }

  // A live idle connection for a slot that is held, or null.
  TransportPtr take_idle(const PoolKey& key, bool drop_all) {
    HostPool& host = hosts_[key];
    if (drop_all) host.idle.clear();
    while (!host.idle.empty()) {
      TransportPtr transport = std::move(host.idle.back().transport);
      host.idle.pop_back();
      if (transport->quiet()) return transport;
    }
    return nullptr;
  }

  // Gives the slot back; a connection that can be used again comes along.
  void release(const PoolKey& key, TransportPtr reusable) {
    const auto found = hosts_.find(key);
    if (found == hosts_.end()) return;
    HostPool& host = found->second;
    if (reusable) {
      host.idle.push_back(IdleConnection{std::move(reusable), std::chrono::steady_clock::now()});
      // Lent and idle together stay below the limit.
      while (host.idle.size() > per_host_) host.idle.pop_front();
      arm_reaper();
    }
    if (!host.waiters.empty()) {
      const auto next = host.waiters.front();
      host.waiters.pop_front();
      next->granted = true;
      next->timer.cancel();
      return;
    }
    --host.slots_taken;
    if (host.slots_taken == 0 && host.idle.empty()) hosts_.erase(found);
  }

 private:
  void arm_reaper() {
    if (reaper_armed_) return;
    reaper_armed_ = true;
    reaper_.expires_after(idle_);
    reaper_.async_wait([weak = weak_from_this()](error_code ec) {
      const auto self = weak.lock();
      if (!ec && self) self->reap();
    });
  }

  void reap() {
    reaper_armed_ = false;
    const auto oldest_kept = std::chrono::steady_clock::now() - idle_;
    bool some_left = false;
    for (auto it = hosts_.begin(); it != hosts_.end();) {
      auto& idle = it->second.idle;
      while (!idle.empty() && idle.front().since <= oldest_kept) idle.pop_front();
      some_left = some_left || !idle.empty();
      const bool unused = idle.empty() && it->second.slots_taken == 0 && it->second.waiters.empty();
      it = unused ? hosts_.erase(it) : std::next(it);
    }
    if (some_left) arm_reaper();
  }

  Executor executor_;
  asio::steady_timer reaper_;
  size_t per_host_;
  std::chrono::seconds idle_;
  std::map<PoolKey, HostPool> hosts_;
  bool reaper_armed_ = false;
};

// A slot of the pool; gives itself back.
class Lease {
 public:
  Lease(std::shared_ptr<ConnectionPool> pool, PoolKey key) : pool_(std::move(pool)), key_(std::move(key)) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() { pool_->release(key_, std::move(reusable)); }
  TransportPtr reusable;

 private:
  std::shared_ptr<ConnectionPool> pool_;
  PoolKey key_;
};

// What is known after one try of one request on one connection.
struct Exchange {
  std::optional<HttpResponse> response;
  bool reusable = false;
  size_t sent = 0;
  bool answer_started = false;
  bool too_large = false;
  bool malformed = false;
  error_code error;
};

bool idempotent(const std::string& method) {  // RFC 9110 section 9.2.2
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" || method == "OPTIONS";
}

asio::awaitable<void> read_answer(TransportPtr transport, ResponseReader& reader, Exchange& exchange) {
  ByteBuffer buffer;
  while (!reader.done() && !reader.too_large() && !reader.malformed()) {
    char* room = buffer.prepare(4096);
    const asio::mutable_buffer space(room, buffer.free_space());
    const auto got = co_await transport->async_read(space, use_tuple);
    buffer.commit(std::get<1>(got));
    buffer.consume(reader.feed(buffer.view()));
    if (std::get<0>(got) == asio::error::eof) {
      // A body that ends with the connection is only whole if TLS says that the connection ended on purpose.
      if (reader.started() && !transport->truncated()) reader.feed_end();
      if (!reader.done()) exchange.error = asio::error::eof;
      break;
    }
    exchange.error = std::get<0>(got);
    if (exchange.error) break;
  }
  exchange.answer_started = reader.started();
  exchange.too_large = reader.too_large();
  exchange.malformed = reader.malformed();
  if (!reader.done()) co_return;
  exchange.reusable = reader.keep_alive() && !reader.ends_with_close() && buffer.empty() && transport->is_open();
  exchange.response = reader.take();
}

asio::awaitable<Exchange> exchange_on(TransportPtr transport, const HttpRequest& request, const Url& url, size_t limit) {
  constexpr size_t kJoinBelow = 16 << 10;
  Exchange exchange;
  std::string head;
  append_request_head(head, request, url.authority(), url.target);
  std::string_view body = request.body;
  if (body.size() < kJoinBelow) {  // one packet, one TLS record
    head += body;
    body = {};
  }
  const auto written = co_await write_all(transport, head, body, nullptr, std::chrono::milliseconds(0));
  exchange.sent = written.sent;
  exchange.error = written.error;
  if (exchange.sent == 0) co_return exchange;
  // After a failed write there may still be an answer: a server may refuse a large body before it has read it.
  if (!transport->is_open()) co_return exchange;
  MessageLimits limits;
  limits.header_bytes = 64 << 10;
  limits.body_bytes = limit;
  ResponseReader reader(limits, request.method == "HEAD");
  const error_code write_error = written.error;
  co_await read_answer(transport, reader, exchange);
  if (write_error) exchange.reusable = false;
  co_return exchange;
}

Status check_request(const HttpRequest& request) {
  if (!valid_method(request.method) || request.method == "CONNECT") {
    return Error(Code::invalid_input, "The HTTP method is not usable.");
  }
  for (const auto& [name, value] : request.headers.all()) {
    if (!valid_header(name, value))
      return Error(Code::invalid_input, "A header of the request holds characters that HTTP forbids.");
  }
  return {};
}

class PooledClient final : public HttpClient {
 public:
  PooledClient(const Executor& executor, HttpClientOptions options)
      : state_(std::make_shared<State>(executor, std::move(options))) {}

  Async<HttpResponse> send(HttpRequest request, Deadline deadline) override {
    return run(state_, std::move(request), deadline);
  }

 private:
  struct State {
    State(const Executor& executor, HttpClientOptions o)
        : options(std::move(o)),
          pool(std::make_shared<ConnectionPool>(executor, options.connections_per_host, options.idle)) {}
    HttpClientOptions options;
    std::shared_ptr<ConnectionPool> pool;
    TlsContext tls;  // made when first needed
  };
  using StatePtr = std::shared_ptr<State>;

  static Result<TlsContext> tls_of(State& state) {
    if (!state.tls) {
      TRY(state.tls, make_client_tls(state.options.ca_file));
    }
    return state.tls;
  }

  static Async<HttpResponse> run(StatePtr state, HttpRequest request, Deadline deadline);
  static Error failure(const Exchange& exchange, const HttpRequest& request, const Url& url, bool expired, bool stop);
  StatePtr state_;
};

Error PooledClient::failure(const Exchange& exchange, const HttpRequest& request, const Url& url, bool expired, bool stop) {
  const std::string where = url.authority();
  if (exchange.too_large) return Error(Code::too_large, fmt::format("The answer of {} is larger than allowed.", where));
  if (exchange.sent == 0) {
    if (stop) return Error(Code::cancelled, "The request was given up because Vedette is stopping.");
    if (expired) return Error(Code::timeout, fmt::format("{} did not take the request in time.", where));
    return Error(Code::unavailable, fmt::format("The connection to {} broke: {}.", where, exchange.error.message()));
  }
  std::string reason = "the connection broke";
  if (exchange.malformed) reason = "the answer is not proper HTTP or is cut off";
  if (stop) reason = "Vedette is stopping";
  if (expired) reason = "no whole answer came in time";
  return Error(Code::unknown_outcome, fmt::format("The request was sent to {}, but {}.", where, reason),
               idempotent(request.method));
}

Async<HttpResponse> PooledClient::run(StatePtr state, HttpRequest request, Deadline deadline) {
  auto checked = check_request(request);
  if (!checked) co_return std::move(checked).error();
  auto parsed = parse_url(request.target, request.to_link_local ? Plain::link_local : Plain::loopback);
  if (!parsed) co_return std::move(parsed).error();
  const Url url = std::move(parsed).value();
  if (url.scheme != "http" && url.scheme != "https")
    co_return Error(Code::invalid_input, "HTTP requests need an http address.");
  auto route = proxy_for(url, state->options.proxy, state->options.no_proxy);
  if (!route) co_return std::move(route).error();
  const std::optional<Proxy> proxy = std::move(route).value();
  TlsContext tls;
  if (url.tls()) {
    auto made = tls_of(*state);
    if (!made) co_return std::move(made).error();
    tls = std::move(made).value();
  }
  const PoolKey key(url.scheme, url.host, url.port, proxy ? proxy->text() + proxy->authorization : std::string());
  CO_TRY([[maybe_unused]] const bool granted, state->pool->acquire(key, deadline));
  Lease lease(state->pool, key);

  for (bool fresh = false;; fresh = true) {
    TransportPtr transport = state->pool->take_idle(key, fresh);
    const bool reused = transport != nullptr;
    if (!reused) {
      auto connected = co_await connect_transport(url, proxy, tls, deadline);
      if (!connected) co_return std::move(connected).error();
      transport = std::move(connected).value();
    }
    transport->expires_at(deadline.time());
    Exchange exchange = co_await exchange_on(transport, request, url, state->options.response_bytes);
    transport->expires_at(SteadyTime::max());
    if (exchange.response) {
      if (exchange.reusable && !transport->expired()) lease.reusable = std::move(transport);
      co_return std::move(*exchange.response);
    }
    transport->close();
    const bool stop = co_await cancelled();
    const bool expired = transport->expired() || deadline.passed();
    const bool stale = reused && !exchange.answer_started && (exchange.sent == 0 || idempotent(request.method));
    if (!stale || stop || expired) co_return failure(exchange, request, url, expired, stop);
  }
}

}  // namespace

HttpClientOptions::HttpClientOptions() : proxy(proxy_from_environment()), no_proxy(no_proxy_from_environment()) {}

std::unique_ptr<HttpClient> make_http_client(Executor executor, HttpClientOptions options) {
  return std::make_unique<PooledClient>(executor, std::move(options));
}

}  // namespace vedette::net

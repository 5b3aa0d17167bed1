#include "bot/net/connect.hpp"

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include "bot/net/byte_buffer.hpp"
#include "bot/net/http_codec.hpp"

namespace vedette::net {
namespace {

using asio::ip::tcp;
using Endpoints = std::vector<tcp::endpoint>;

Error unavailable(std::string text) { return Error(Code::unavailable, std::move(text)); }
Error too_late(std::string_view where) { return Error(Code::timeout, fmt::format("{} did not answer in time.", where)); }
Error stopping() { return Error(Code::cancelled, "The connection was given up because Vedette is stopping."); }

struct Lookup {
  explicit Lookup(const Executor& executor) : resolver(executor), done(executor) {}
  tcp::resolver resolver;
  asio::steady_timer done;
  bool finished = false;
  error_code error;
  Endpoints endpoints;
};

// A look-up in the C library cannot be interrupted. It is left to end by itself when the deadline passes first.
Async<Endpoints> look_up(std::string host, uint16_t port, Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  const auto state = std::make_shared<Lookup>(executor);
  state->done.expires_at(deadline.time());
  state->resolver.async_resolve(host, fmt::format("{}", port), tcp::resolver::numeric_service,
                                [state](error_code ec, const tcp::resolver::results_type& found) {
                                  state->finished = true;
                                  state->error = ec;
                                  for (const auto& entry : found) state->endpoints.push_back(entry.endpoint());
                                  state->done.cancel();
                                });
  if (!state->finished) co_await state->done.async_wait(use_tuple);
  if (!state->finished) {
    state->resolver.cancel();
    const bool stop = co_await cancelled();
    if (stop) co_return stopping();
    co_return Error(Code::timeout, fmt::format("The name {} could not be looked up in time.", host));
  }
  if (state->error || state->endpoints.empty()) {
    co_return unavailable(fmt::format("The name {} could not be looked up: {}.", host, state->error.message()));
  }
  co_return std::move(state->endpoints);
}

Async<Endpoints> endpoints_of(std::string host, uint16_t port, Deadline deadline) {
  Endpoints endpoints;
  if (host == "localhost") {  // by definition (RFC 6761 section 6.3); a strange hosts file does not get a say
    endpoints.emplace_back(asio::ip::address_v4::loopback(), port);
    endpoints.emplace_back(asio::ip::address_v6::loopback(), port);
    co_return endpoints;
  }
  error_code ec;
  const auto address = asio::ip::make_address(host, ec);
  if (!ec) {
    endpoints.emplace_back(address, port);
    co_return endpoints;
  }
  co_return co_await look_up(std::move(host), port, deadline);
}

// Tries each address in turn. An address that swallows packets may use only its share of the time.
Async<tcp::socket> connect_tcp(Endpoints endpoints, std::string where, Deadline deadline) {
  const auto executor = co_await asio::this_coro::executor;
  std::string reason = "no address";
  for (size_t i = 0; i < endpoints.size(); ++i) {
    if (deadline.passed()) co_return too_late(where);
    const auto transport = make_plain_transport(tcp::socket(executor));
    const auto share = Deadline::after(deadline.left() / static_cast<int>(endpoints.size() - i));
    const bool last = i + 1 == endpoints.size();
    transport->expires_at(last ? deadline.time() : share.time());
    const auto connected = co_await transport->socket().async_connect(endpoints[i], use_tuple);
    const error_code ec = std::get<0>(connected);
    transport->expires_at(SteadyTime::max());
    if (!ec && transport->is_open()) {
      error_code ignored;
      transport->socket().set_option(tcp::no_delay(true), ignored);
      co_return std::move(transport->socket());
    }
    const bool stop = co_await cancelled();
    if (stop) co_return stopping();
    reason = transport->expired() ? "no answer" : ec.message();
  }
  if (deadline.passed()) co_return too_late(where);
  co_return unavailable(fmt::format("{} cannot be reached: {}.", where, reason));
}

// Asks the proxy for a tunnel. The client speaks first in TLS, so that nothing may follow the proxy's answer yet.
Async<tcp::socket> open_tunnel(tcp::socket socket, Url url, Proxy proxy, Deadline deadline) {
  const auto transport = make_plain_transport(std::move(socket));
  const std::string host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  const std::string target = fmt::format("{}:{}", host, url.port);
  std::string head = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", target);
  if (!proxy.authorization.empty()) head += "Proxy-Authorization: " + proxy.authorization + "\r\n";
  head += "\r\n";
  transport->expires_at(deadline.time());
  const auto written = co_await write_all(transport, head, std::string_view(), nullptr, std::chrono::milliseconds(0));
  error_code ec = written.error;
  ResponseReader reader(MessageLimits(), true);
  ByteBuffer buffer;
  while (!ec && !reader.done() && !reader.malformed() && !reader.too_large()) {
    char* room = buffer.prepare(1024);
    const asio::mutable_buffer space(room, buffer.free_space());
    const auto got = co_await transport->async_read(space, use_tuple);
    ec = std::get<0>(got);
    buffer.commit(std::get<1>(got));
    buffer.consume(reader.feed(buffer.view()));
  }
  transport->expires_at(SteadyTime::max());
  const bool stop = co_await cancelled();
  if (stop) co_return stopping();
  if (transport->expired()) co_return too_late(fmt::format("The proxy {}", proxy.text()));
  if (!reader.done()) {
    co_return unavailable(
        fmt::format("The proxy {} gave no proper answer: {}.", proxy.text(), ec ? ec.message() : "not HTTP"));
  }
  if (reader.status() < 200 || reader.status() > 299) {
    co_return unavailable(
        fmt::format("The proxy {} refused to connect to {} (HTTP {}).", proxy.text(), target, reader.status()));
  }
  if (!buffer.empty()) co_return unavailable(fmt::format("The proxy {} sent more than its answer.", proxy.text()));
  co_return std::move(transport->socket());
}

Async<TransportPtr> secure(tcp::socket socket, TlsContext tls, Url url, Deadline deadline) {
  auto made = make_tls_transport(std::move(socket), tls, TlsSide::client, url.host);
  if (!made) co_return std::move(made).error();
  const TransportPtr transport = std::move(made).value();
  transport->expires_at(deadline.time());
  const auto shaken = co_await transport->async_handshake(use_tuple);
  const error_code ec = std::get<0>(shaken);
  transport->expires_at(SteadyTime::max());
  if (!ec && !transport->expired()) co_return transport;
  const bool stop = co_await cancelled();
  if (stop) co_return stopping();
  const std::string problem = transport->handshake_problem();
  if (!problem.empty()) {
    co_return unavailable(fmt::format("{} cannot prove who it is: {}.", url.authority(), problem));
  }
  if (transport->expired()) co_return too_late(url.authority());
  co_return unavailable(
      fmt::format("{} and Vedette could not agree on a secure connection: {}.", url.authority(), ec.message()));
}

}  // namespace

Async<TransportPtr> connect_transport(Url url, std::optional<Proxy> proxy, TlsContext tls, Deadline deadline) {
  if (deadline.passed()) co_return too_late(url.authority());
  const std::string host = proxy ? proxy->host : url.host;
  const uint16_t port = proxy ? proxy->port : url.port;
  CO_TRY(auto endpoints, endpoints_of(host, port, deadline));
  CO_TRY(auto socket, connect_tcp(std::move(endpoints), fmt::format("{}:{}", host, port), deadline));
  if (proxy) {
    auto tunnel = co_await open_tunnel(std::move(socket), url, *proxy, deadline);
    if (!tunnel) co_return std::move(tunnel).error();
    socket = std::move(tunnel).value();
  }
  if (!url.tls()) co_return make_plain_transport(std::move(socket));
  co_return co_await secure(std::move(socket), std::move(tls), std::move(url), deadline);
}

}  // namespace vedette::net

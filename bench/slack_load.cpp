#include "bench/slack_load.hpp"

#include <unordered_map>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <fmt/format.h>

namespace vedette::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using Steady = std::chrono::steady_clock;
constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

// A message in a channel that mentions the bot, as Slack delivers it: the one envelope that every bot understands.
std::string envelope(int number) {
  return fmt::format(
      R"({{"envelope_id":"env-{0}","type":"events_api","accepts_response_payload":false,"retry_attempt":0,"retry_reason":"","payload":{{"token":"x","team_id":"T0BENCH","api_app_id":"A0BENCH","event":{{"type":"message","client_msg_id":"m-{0}","text":"<@U0BOT> status","user":"U0BENCH","ts":"{1}.{2:06}","team":"T0BENCH","channel":"C0BENCH","event_ts":"{1}.{2:06}","channel_type":"channel"}},"type":"event_callback","event_id":"Ev{0}","event_time":{1},"authorizations":[{{"enterprise_id":null,"team_id":"T0BENCH","user_id":"U0BOT","is_bot":true,"is_enterprise_install":false}}],"is_ext_shared_channel":false}}}})",
      number, 1'764'000'000 + number / 1'000'000, number % 1'000'000);
}

constexpr auto kPingEvery = std::chrono::seconds(5);  // clients take 30 s without one for a dead link

struct Bench {
  SlackLoad load;
  Steady::time_point started;
  std::function<void()> idle;
  uint16_t port = 0;
  bool driving = false;
  int sent = 0;
  int acknowledged = 0;
  std::unordered_map<std::string, Steady::time_point> waiting;
  Steady::time_point first;  // when the warm-up was over
  Steady::time_point last;
  Latencies latencies;
  SlackResult result;
};

// What the Web API must answer for a client to come up.
std::string answer_for(const std::string& target, uint16_t port) {
  if (target.find("apps.connections.open") != std::string::npos) {
    return fmt::format(R"({{"ok":true,"url":"ws://127.0.0.1:{}/link/?ticket=bench&app_id=A0BENCH"}})", port);
  }
  if (target.find("auth.test") != std::string::npos) {
    return R"({"ok":true,"url":"https://bench.slack.com/","team":"bench","user":"vedette","team_id":"T0BENCH","user_id":"U0BOT","bot_id":"B0BOT"})";
  }
  return R"({"ok":true,"ts":"1764000000.000100","channel":"C0BENCH","messages":[],"user":{"id":"U0BENCH","team_id":"T0BENCH","deleted":false,"is_bot":false}})";
}

asio::awaitable<void> drive(Bench& bench, websocket::stream<tcp::socket> socket, asio::io_context& io) {
  bench.result.connected = true;
  bench.result.connected_millis = std::chrono::duration<double, std::milli>(Steady::now() - bench.started).count();
  const std::string hello =
      R"({"type":"hello","num_connections":1,"debug_info":{"host":"bench","build_number":1,"approximate_connection_time":18060},"connection_info":{"app_id":"A0BENCH"}})";
  co_await socket.async_write(asio::buffer(hello), use_tuple);
  asio::steady_timer settle(io, std::chrono::seconds(3));
  co_await settle.async_wait(use_tuple);
  if (bench.idle) bench.idle();
  const int all = bench.load.warm_up + bench.load.envelopes;
  bench.first = Steady::now();
  Steady::time_point pinged;
  beast::flat_buffer buffer;
  while (bench.acknowledged < all) {
    if (Steady::now() - pinged > kPingEvery) {
      pinged = Steady::now();
      co_await socket.async_ping({}, use_tuple);
    }
    while (bench.sent < all && bench.sent - bench.acknowledged < bench.load.outstanding) {
      const std::string message = envelope(bench.sent);
      bench.waiting[fmt::format("env-{}", bench.sent)] = Steady::now();
      ++bench.sent;
      co_await socket.async_write(asio::buffer(message), use_tuple);
    }
    buffer.consume(buffer.size());
    const auto [error, size] = co_await socket.async_read(buffer, use_tuple);
    if (error) break;
    const std::string frame = beast::buffers_to_string(buffer.data());
    const size_t at = frame.find("env-");
    if (at == std::string::npos) continue;
    const auto found = bench.waiting.find(frame.substr(at, frame.find('"', at) - at));
    if (found == bench.waiting.end()) continue;
    bench.last = Steady::now();
    if (bench.acknowledged >= bench.load.warm_up) bench.latencies.add(bench.last - found->second);
    bench.waiting.erase(found);
    if (++bench.acknowledged == bench.load.warm_up) bench.first = bench.last;
  }
  io.stop();
}

asio::awaitable<void> session(Bench& bench, tcp::socket socket, asio::io_context& io) {
  socket.set_option(tcp::no_delay(true));
  beast::flat_buffer buffer;
  while (true) {
    http::request<http::string_body> request;
    const auto [error, size] = co_await http::async_read(socket, buffer, request, use_tuple);
    if (error) co_return;
    if (websocket::is_upgrade(request)) {
      websocket::stream<tcp::socket> upgraded(std::move(socket));
      const auto [failed] = co_await upgraded.async_accept(request, use_tuple);
      if (failed) co_return;
      if (!bench.driving) {
        bench.driving = true;
        co_await drive(bench, std::move(upgraded), io);
        co_return;
      }
      // A second standing socket is greeted and left alone.
      const std::string hello =
          R"({"type":"hello","num_connections":2,"debug_info":{"host":"bench","build_number":1,"approximate_connection_time":18060},"connection_info":{"app_id":"A0BENCH"}})";
      co_await upgraded.async_write(asio::buffer(hello), use_tuple);
      beast::flat_buffer ignored;
      while (true) {
        const auto [ended, count] = co_await upgraded.async_read(ignored, use_tuple);
        if (ended) co_return;
        ignored.consume(ignored.size());
      }
    }
    http::response<http::string_body> response(http::status::ok, request.version());
    response.set(http::field::content_type, "application/json");
    response.body() = answer_for(std::string(request.target()), bench.port);
    response.prepare_payload();
    const auto [failed, written] = co_await http::async_write(socket, response, use_tuple);
    if (failed) co_return;
  }
}

asio::awaitable<void> accept(Bench& bench, tcp::acceptor& acceptor, asio::io_context& io) {
  while (true) {
    auto [error, socket] = co_await acceptor.async_accept(use_tuple);
    if (error) co_return;
    asio::co_spawn(io, session(bench, std::move(socket), io), asio::detached);
  }
}

}  // namespace

SlackResult run_slack_load(const SlackLoad& load, const std::function<void(uint16_t)>& start,
                           const std::function<void()>& idle) {
  asio::io_context io(1);
  Bench bench;
  bench.load = load;
  bench.idle = idle;
  tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  bench.port = acceptor.local_endpoint().port();
  asio::co_spawn(io, accept(bench, acceptor, io), asio::detached);
  bench.started = Steady::now();
  start(bench.port);
  io.run_for(std::chrono::seconds(30));
  if (bench.driving) io.run_for(std::chrono::minutes(2));
  bench.result.p50_micros = bench.latencies.percentile(0.5);
  bench.result.p99_micros = bench.latencies.percentile(0.99);
  const double seconds = std::chrono::duration<double>(bench.last - bench.first).count();
  const int measured = bench.acknowledged - load.warm_up;
  bench.result.per_second = seconds > 0 && measured > 0 ? measured / seconds : 0;
  bench.result.acknowledged = bench.acknowledged;
  bench.result.unacknowledged = load.warm_up + load.envelopes - bench.acknowledged;
  return bench.result;
}

}  // namespace vedette::bench

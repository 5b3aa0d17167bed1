#include "bench/http_load.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <fmt/format.h>

namespace vedette::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

struct Run {
  HttpLoad load;
  int sent = 0;
  int warm_up = 0;
  std::chrono::steady_clock::time_point started;
  std::chrono::steady_clock::time_point ended;
  Latencies latencies;
  int refused = 0;
};

asio::awaitable<void> connection(Run& run) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::socket socket(executor);
  const tcp::endpoint server(asio::ip::make_address("127.0.0.1"), run.load.port);
  co_await socket.async_connect(server, asio::use_awaitable);
  socket.set_option(tcp::no_delay(true));
  const std::string wanted = fmt::format("HTTP/1.1 {} ", run.load.wanted);
  std::string answer;
  while (run.sent < run.load.requests + run.warm_up) {
    const int number = run.sent++;
    if (number == run.warm_up) run.started = std::chrono::steady_clock::now();
    const std::string body = run.load.body(number);
    const std::string request = fmt::format(
        "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{}Content-Length: {}\r\n\r\n{}",
        run.load.path, run.load.headers, body.size(), body);
    const auto begin = std::chrono::steady_clock::now();
    const auto [failed, written] = co_await asio::async_write(socket, asio::buffer(request), use_tuple);
    if (failed) co_return;
    answer.clear();
    const auto [error, head] = co_await asio::async_read_until(socket, asio::dynamic_buffer(answer), "\r\n\r\n", use_tuple);
    if (error) co_return;
    size_t length = 0;
    const size_t at = answer.find("Content-Length: ");
    if (at != std::string::npos) length = std::stoul(answer.substr(at + 16));
    while (answer.size() < head + length) {
      char buffer[4096];
      const auto [ended, count] = co_await socket.async_read_some(asio::buffer(buffer), use_tuple);
      if (ended) co_return;
      answer.append(buffer, count);
    }
    const auto now = std::chrono::steady_clock::now();
    if (number >= run.warm_up) {
      run.latencies.add(now - begin);
      run.ended = now;
    }
    if (!answer.starts_with(wanted)) ++run.refused;
  }
}

}  // namespace

HttpLoadResult run_http_load(const HttpLoad& load) {
  asio::io_context io(1);
  Run run;
  run.load = load;
  run.warm_up = load.requests / 10;
  for (int i = 0; i < load.connections; ++i) asio::co_spawn(io, connection(run), asio::detached);
  io.run();
  HttpLoadResult result;
  const double seconds = std::chrono::duration<double>(run.ended - run.started).count();
  result.per_second = static_cast<double>(run.latencies.micros.size()) / seconds;
  result.p50_micros = run.latencies.percentile(0.5);
  result.p99_micros = run.latencies.percentile(0.99);
  result.refused = run.refused;
  return result;
}

}  // namespace vedette::bench

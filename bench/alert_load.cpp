#include "bench/alert_load.hpp"

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

// A Wazuh alert of ordinary size, different each time.
std::string alert(int number) {
  return fmt::format(
      R"({{"timestamp":"2026-11-24T03:12:09.250+0000","rule":{{"level":10,"description":"sshd: brute force trying to get access to the system","id":"5712","mitre":{{"id":["T1110"],"tactic":["Credential Access"],"technique":["Brute Force"]}},"firedtimes":1,"groups":["syslog","sshd","authentication_failures"]}},"agent":{{"id":"{0:03}","name":"host-{0}","ip":"10.1.{1}.{2}"}},"manager":{{"name":"wazuh-01"}},"id":"1764000000.{3}","full_log":"Nov 24 03:12:09 host-{0} sshd[2211]: Failed password for invalid user admin from 203.0.113.{2} port 4022 ssh2","predecoder":{{"program_name":"sshd","hostname":"host-{0}"}},"decoder":{{"parent":"sshd","name":"sshd"}},"data":{{"srcip":"203.0.113.{2}","srcport":"4022","srcuser":"admin"}},"location":"/var/log/auth.log"}})",
      number % 500, number / 250 % 250, number % 250, number);
}

struct Run {
  AlertLoad load;
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
  std::string answer;
  while (run.sent < run.load.alerts + run.warm_up) {
    const int number = run.sent++;
    if (number == run.warm_up) run.started = std::chrono::steady_clock::now();
    const std::string body = alert(number);
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
    if (!answer.starts_with("HTTP/1.1 202")) ++run.refused;
  }
}

}  // namespace

AlertResult run_alert_load(const AlertLoad& load) {
  asio::io_context io(1);
  Run run;
  run.load = load;
  run.warm_up = load.alerts / 10;
  for (int i = 0; i < load.connections; ++i) asio::co_spawn(io, connection(run), asio::detached);
  io.run();
  AlertResult result;
  const double seconds = std::chrono::duration<double>(run.ended - run.started).count();
  result.per_second = static_cast<double>(run.latencies.micros.size()) / seconds;
  result.p50_micros = run.latencies.percentile(0.5);
  result.p99_micros = run.latencies.percentile(0.99);
  result.refused = run.refused;
  return result;
}

}  // namespace vedette::bench

#include "tests/integration/net/raw_peer.hpp"

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>

namespace vedette::test {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds kPatience(10);

RawPeer::RawPeer(Socket socket) : socket_(std::move(socket)), timer_(socket_.get_executor()) {}

asio::awaitable<RawPeerPtr> RawPeer::connect(uint16_t port) {
  const auto executor = co_await asio::this_coro::executor;
  const auto peer = std::make_shared<RawPeer>(Socket(executor));
  const tcp::endpoint where(asio::ip::address_v4::loopback(), port);
  co_await peer->socket_.async_connect(where, use_tuple);
  co_return peer;
}

asio::awaitable<bool> RawPeer::send(std::string bytes) {
  const auto buffer = asio::buffer(bytes);
  const auto sent = co_await asio::async_write(socket_, buffer, use_tuple);
  co_return !std::get<0>(sent);
}

asio::awaitable<bool> RawPeer::read_some() {
  char bytes[8192];
  const auto space = asio::buffer(bytes);
  timer_.expires_after(kPatience);
  timer_.async_wait([this](error_code ec) {
    if (!ec) socket_.cancel(ec);
  });
  const auto got = co_await socket_.async_read_some(space, use_tuple);
  timer_.cancel();
  received_.append(bytes, std::get<1>(got));
  was_reset_ = std::get<0>(got) == asio::error::connection_reset;
  at_end_ = std::get<0>(got) == asio::error::eof || was_reset_;
  co_return !std::get<0>(got);
}

asio::awaitable<std::string> RawPeer::read_until(std::string mark) {
  for (;;) {
    const size_t found = received_.find(mark);
    if (found != std::string::npos) {
      std::string result = received_.substr(0, found + mark.size());
      received_.erase(0, result.size());
      co_return result;
    }
    const bool more = co_await read_some();
    if (!more) co_return std::exchange(received_, std::string());
  }
}

asio::awaitable<std::string> RawPeer::read_bytes(size_t count) {
  while (received_.size() < count) {
    const bool more = co_await read_some();
    if (!more) co_return std::exchange(received_, std::string());
  }
  std::string result = received_.substr(0, count);
  received_.erase(0, count);
  co_return result;
}

asio::awaitable<std::string> RawPeer::read_available() {
  if (received_.empty()) co_await read_some();
  co_return std::exchange(received_, std::string());
}

asio::awaitable<std::string> RawPeer::read_to_end() {
  bool more = true;
  while (more) more = co_await read_some();
  co_return std::exchange(received_, std::string());
}

void RawPeer::close() {
  error_code ignored;
  socket_.close(ignored);
}

RawServer::RawServer(Executor executor) : acceptor_(executor, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
  port_ = acceptor_.local_endpoint().port();
}

asio::awaitable<RawPeerPtr> RawServer::accept() {
  auto accepted = co_await acceptor_.async_accept(use_tuple);
  co_return std::make_shared<RawPeer>(std::move(std::get<1>(accepted)));
}

void RawServer::close() {
  error_code ignored;
  acceptor_.close(ignored);
}

std::string http_answer(int status, std::string_view headers, std::string_view body) {
  return fmt::format("HTTP/1.1 {} X\r\n{}Content-Length: {}\r\n\r\n{}", status, headers, body.size(), body);
}

}  // namespace vedette::test

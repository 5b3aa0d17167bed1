// The limit for alert intake: Beast's server loop and one durable insert, nothing else. Prints its port, serves until it
// is killed.

#include <cstdio>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "bench/commit_queue.hpp"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> stored(vedette::bench::CommitQueue& queue, std::string body) {
  const auto executor = co_await asio::this_coro::executor;
  auto start = [&queue, executor](auto handler, std::string text) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    queue.store(std::move(text), [executor, shared] { asio::post(executor, [shared] { std::move (*shared)(); }); });
  };
  co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(start, asio::use_awaitable, std::move(body));
}

asio::awaitable<void> session(tcp::socket socket, vedette::bench::CommitQueue& queue) {
  socket.set_option(tcp::no_delay(true));
  beast::flat_buffer buffer;
  while (true) {
    http::request<http::string_body> request;
    const auto [error, size] = co_await http::async_read(socket, buffer, request, use_tuple);
    if (error) co_return;
    std::string body = std::move(request.body());
    co_await stored(queue, std::move(body));
    http::response<http::string_body> response(http::status::accepted, request.version());
    response.set(http::field::content_type, "application/json");
    response.body() = R"({"accepted":true})";
    response.prepare_payload();
    const auto [failed, written] = co_await http::async_write(socket, response, use_tuple);
    if (failed) co_return;
  }
}

asio::awaitable<void> accept(tcp::acceptor& acceptor, vedette::bench::CommitQueue& queue) {
  while (true) {
    auto [error, socket] = co_await acceptor.async_accept(use_tuple);
    if (error) co_return;
    asio::co_spawn(acceptor.get_executor(), session(std::move(socket), queue), asio::detached);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bare_http_server DATABASE\n");
    return 2;
  }
  asio::io_context io(1);
  vedette::bench::CommitQueue queue(argv[1]);
  tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  std::printf("port=%d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  asio::co_spawn(io, accept(acceptor, queue), asio::detached);
  io.run();
  std::_Exit(0);
}

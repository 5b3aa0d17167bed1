// The limit for Socket Mode: one Beast WebSocket that stores each message and then acknowledges it. Connects to the URL
// given.

#include <cstdio>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include <deque>

#include "bench/commit_queue.hpp"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;
constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

std::string envelope_id(const std::string& message) {
  const std::string name = "\"envelope_id\":\"";
  const size_t at = message.find(name);
  if (at == std::string::npos) return {};
  const size_t begin = at + name.size();
  return message.substr(begin, message.find('"', begin) - begin);
}

class Client {
 public:
  Client(asio::io_context& io, vedette::bench::CommitQueue& queue) : io_(io), socket_(io), queue_(queue) {}

  asio::awaitable<void> run(uint16_t port) {
    tcp::endpoint peer(asio::ip::make_address("127.0.0.1"), port);
    auto& lowest = socket_.next_layer();
    const auto [refused] = co_await lowest.async_connect(peer, use_tuple);
    if (refused) co_return;
    lowest.set_option(tcp::no_delay(true));
    const auto [failed] = co_await socket_.async_handshake("127.0.0.1", "/link", use_tuple);
    if (failed) co_return;
    beast::flat_buffer buffer;
    while (true) {
      const auto [error, size] = co_await socket_.async_read(buffer, use_tuple);
      if (error) co_return;
      std::string message = beast::buffers_to_string(buffer.data());
      buffer.consume(buffer.size());
      std::string id = envelope_id(message);
      if (id.empty()) continue;
      queue_.store(std::move(message), [this, id = std::move(id)] { asio::post(io_, [this, id] { acknowledge(id); }); });
    }
  }

 private:
  void acknowledge(const std::string& id) {
    waiting_.push_back("{\"envelope_id\":\"" + id + "\"}");
    if (waiting_.size() == 1) write();
  }
  void write() {
    socket_.async_write(asio::buffer(waiting_.front()), [this](auto error, auto) {
      waiting_.pop_front();
      if (!error && !waiting_.empty()) write();
    });
  }

  asio::io_context& io_;
  websocket::stream<tcp::socket> socket_;
  vedette::bench::CommitQueue& queue_;
  std::deque<std::string> waiting_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: bare_socket_client DATABASE PORT\n");
    return 2;
  }
  asio::io_context io(1);
  vedette::bench::CommitQueue queue(argv[1]);
  Client client(io, queue);
  asio::co_spawn(io, client.run(static_cast<uint16_t>(std::atoi(argv[2]))), [&](auto) { io.stop(); });
  io.run();
  std::_Exit(0);
}

#pragma once
// The other end of a connection, byte by byte, for tests that must see or send exactly what is on the wire. Every read ends
// after a few seconds at most.

#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "bot/base/async.hpp"

namespace vedette::test {

class RawPeer {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  explicit RawPeer(Socket socket);
  static boost::asio::awaitable<std::shared_ptr<RawPeer>> connect(uint16_t port);

  boost::asio::awaitable<bool> send(std::string bytes);
  // Waits until `mark` has come and returns everything up to and with it; what came so far when the peer closed or the time
  // was over.
  boost::asio::awaitable<std::string> read_until(std::string mark);
  boost::asio::awaitable<std::string> read_bytes(size_t count);
  boost::asio::awaitable<std::string> read_available();  // at least one byte; empty at the end
  // Everything until the peer closes.
  boost::asio::awaitable<std::string> read_to_end();
  bool at_end() const { return at_end_; }        // the peer closed (and not: the time was over)
  bool was_reset() const { return was_reset_; }  // it did so without having read everything
  void close();
  Socket& socket() { return socket_; }

 private:
  boost::asio::awaitable<bool> read_some();
  Socket socket_;
  boost::asio::steady_timer timer_;
  std::string received_;
  bool at_end_ = false;
  bool was_reset_ = false;
};
using RawPeerPtr = std::shared_ptr<RawPeer>;

class RawServer {
 public:
  explicit RawServer(vedette::Executor executor);
  uint16_t port() const { return port_; }
  boost::asio::awaitable<RawPeerPtr> accept();
  void close();

 private:
  boost::asio::ip::tcp::acceptor acceptor_;
  uint16_t port_ = 0;
};

// One answer in full, for servers that are played by hand.
std::string http_answer(int status, std::string_view headers, std::string_view body);

}  // namespace vedette::test

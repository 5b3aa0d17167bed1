#pragma once
// A vendor's HTTP service as a test needs it: answers what it is told to, remembers what it was asked. Loopback, a free
// port.

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bot/net/http_server.hpp"

namespace vedette::test {

class HttpImposter {
 public:
  // Answers requests for which no answer is queued. 200 "{}" at first.
  using Answer = std::function<net::HttpResponse(const net::HttpRequest&)>;

  explicit HttpImposter(Executor io);
  ~HttpImposter();
  std::string url() const;  // "http://127.0.0.1:PORT"

  void always(Answer answer) { always_ = std::move(answer); }
  void next(net::HttpResponse response) { queue_.push_back(std::move(response)); }
  void hang(bool on) { hang_ = on; }  // takes requests and does not answer them until stop()
  const std::vector<net::HttpRequest>& requests() const { return requests_; }
  void forget() { requests_.clear(); }
  boost::asio::awaitable<void> stop();

 private:
  boost::asio::awaitable<net::HttpResponse> handle(net::HttpRequest request);

  std::unique_ptr<net::HttpServer> server_;
  Answer always_;
  std::deque<net::HttpResponse> queue_;
  std::vector<net::HttpRequest> requests_;
  bool hang_ = false;
  bool stopping_ = false;
};

// Accepts connections, reads what comes first, and closes without an answer.
class DroppingServer {
 public:
  explicit DroppingServer(Executor io);
  ~DroppingServer();
  std::string url() const;
  int dropped() const;
  boost::asio::awaitable<void> stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// A loopback port on which nobody listens.
std::string url_of_nobody(Executor io);

}  // namespace vedette::test

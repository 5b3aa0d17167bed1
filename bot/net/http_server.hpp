#pragma once
// HTTP/1.1 server, plain or TLS, with a route table. One coroutine a connection. Used from the io thread only.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/net/http.hpp"
#include "bot/net/websocket.hpp"

namespace vedette::net {

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;             // 0: the system picks one, see port()
  std::string certificate_file;  // PEM chain and key: both or none. Without TLS only loopback addresses are accepted.
  std::string key_file;
  size_t body_bytes = 1 << 20;                                       // more is answered 413 and the connection closed
  size_t header_bytes = 16 << 10;                                    // more is answered 431
  std::chrono::milliseconds header_wait = std::chrono::seconds(10);  // from accept or the end of the last answer's idle time
  std::chrono::milliseconds body_wait = std::chrono::seconds(30);
  std::chrono::milliseconds idle = std::chrono::seconds(60);
  std::chrono::milliseconds websocket_pong = std::chrono::milliseconds(0);  // of WebSockets: see WebSocketOptions::pong
  size_t connections = 4096;                                                // more are accepted and closed at once
};

using Handler = std::function<boost::asio::awaitable<HttpResponse>(HttpRequest)>;
using WebSocketHandler = std::function<Job(HttpRequest, std::unique_ptr<WebSocket>)>;

struct Route {
  std::string method;   // "GET", ...
  std::string pattern;  // "/v1/cases/{id}"; a last part "{path...}" takes the rest
  Handler handler;
};

class HttpServer {
 public:
  virtual ~HttpServer() = default;
  virtual void add(Route route) = 0;  // before start(); two routes with the same method and pattern: the program ends
  // The handshake is done when the handler is called; the options' `idle` and `body_bytes` bound the socket. At stop() the
  // peer is told 1001 and the handler's read() ends. `check` may refuse the upgrade with an answer (status other than 101).
  virtual void add_websocket(std::string pattern, std::function<boost::asio::awaitable<HttpResponse>(HttpRequest)> check,
                             WebSocketHandler handler) = 0;
  virtual Status start() = 0;  // binds and listens; unavailable when the address is taken
  virtual uint16_t port() const = 0;
  // Stops accepting, lets running requests end until the deadline, then cuts.
  virtual boost::asio::awaitable<void> stop(Deadline deadline) = 0;
};

std::unique_ptr<HttpServer> make_http_server(Executor executor, HttpServerOptions options);

}  // namespace vedette::net

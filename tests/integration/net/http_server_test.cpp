#include "bot/net/http_server.hpp"

#include <sys/resource.h>

#include <stdexcept>

#include <nlohmann/json.hpp>

#include "bot/net/http_client.hpp"
#include "tests/integration/net/raw_peer.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/files.hpp"

namespace vedette::net {
namespace {

using test::RawPeer;
using test::RawPeerPtr;
using namespace std::chrono_literals;
using boost::asio::awaitable;

awaitable<HttpResponse> echo(HttpRequest request) {
  HttpResponse response(200, "text/plain", request.method + " " + request.path + " " + request.body);
  response.headers.add("X-Peer", request.peer);
  for (const auto& [name, value] : request.params) response.headers.add("X-Param-" + name, value);
  for (const auto& [name, value] : request.query) response.headers.add("X-Query-" + name, value);
  co_return response;
}
awaitable<HttpResponse> fail(HttpRequest) {
  throw std::runtime_error("a secret inside");
  co_return HttpResponse(200);
}
awaitable<HttpResponse> nonsense(HttpRequest) { co_return HttpResponse(7); }
int begun = 0;  // requests that wait in a handler
awaitable<HttpResponse> slow(HttpRequest) {
  ++begun;
  co_await sleep_for(200ms);
  co_return HttpResponse(200, "text/plain", "slow but sure");
}
awaitable<HttpResponse> never(HttpRequest) {
  ++begun;
  for (;;) {
    co_await sleep_for(1h);
    const bool stop = co_await cancelled();
    if (stop) break;
  }
  co_return HttpResponse(503);
}
awaitable<HttpResponse> large(HttpRequest) { co_return HttpResponse(200, "text/plain", std::string(8 << 20, 'x')); }
awaitable<HttpResponse> forged(HttpRequest) {
  HttpResponse response(200, "text/plain", "x");
  response.headers.add("X-Forged", "a\r\nSet-Cookie: b");
  co_return response;
}

std::unique_ptr<HttpServer> make_server(Executor io, HttpServerOptions options = {}) {
  auto server = make_http_server(io, std::move(options));
  server->add(Route{"GET", "/echo", echo});
  server->add(Route{"POST", "/echo", echo});
  server->add(Route{"GET", "/cases/{id}", echo});
  server->add(Route{"GET", "/assets/{path...}", echo});
  server->add(Route{"GET", "/fail", fail});
  server->add(Route{"GET", "/nonsense", nonsense});
  server->add(Route{"GET", "/slow", slow});
  server->add(Route{"GET", "/never", never});
  server->add(Route{"GET", "/large", large});
  server->add(Route{"GET", "/forged", forged});
  return server;
}

HttpServerOptions small() {
  HttpServerOptions options;
  options.header_bytes = 2048;
  options.body_bytes = 1000;
  return options;
}
HttpServerOptions quick() {
  HttpServerOptions options = small();
  options.header_wait = 400ms;
  options.body_wait = 400ms;
  options.idle = 400ms;
  return options;
}

awaitable<void> until_begun() {
  for (int i = 0; i < 1000 && begun == 0; ++i) co_await sleep_for(5ms);
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// One whole answer: head and as many bytes of body as it says.
awaitable<std::string> read_answer(RawPeerPtr peer) {
  std::string head = co_await peer->read_until("\r\n\r\n");
  const size_t at = head.find("Content-Length: ");
  if (at == std::string::npos) co_return head;
  const size_t length = std::stoul(head.substr(at + 16));
  const std::string body = co_await peer->read_bytes(length);
  co_return head + body;
}

ASYNC_TEST(HttpServer, answers_and_keeps_the_connection) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  const auto peer = co_await RawPeer::connect(server->port());
  for (int i = 0; i < 3; ++i) {
    co_await peer->send("POST /echo?a=1&b=x%20y HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
    const std::string answer = co_await read_answer(peer);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(has(answer, "\r\nX-Content-Type-Options: nosniff\r\n"));
    EXPECT_TRUE(has(answer, "\r\nDate: "));
    EXPECT_TRUE(has(answer, "\r\nX-Peer: 127.0.0.1\r\n"));
    EXPECT_TRUE(has(answer, "\r\nX-Query-b: x y\r\n"));
    EXPECT_FALSE(has(answer, "Connection: close"));
    EXPECT_TRUE(answer.ends_with("POST /echo hi"));
  }
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(HttpServer, answers_pipelined_requests_in_order) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  const auto peer = co_await RawPeer::connect(server->port());
  co_await peer->send(
      "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n2GET /cases/C-3 "
      "HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string all = co_await peer->read_to_end();
  EXPECT_TRUE(peer->at_end());
  const size_t one = all.find("slow but sure"), two = all.find("POST /echo 2"), three = all.find("GET /cases/C-3");
  EXPECT_NE(three, std::string::npos) << all;
  EXPECT_TRUE(one < two && two < three);
  EXPECT_TRUE(has(all, "Connection: close"));
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(HttpServer, head_has_the_length_and_no_body) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  const auto peer = co_await RawPeer::connect(server->port());
  co_await peer->send("HEAD /cases/C-1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string all = co_await peer->read_to_end();
  EXPECT_TRUE(has(all, "Content-Length: 16\r\n")) << all;
  EXPECT_TRUE(all.ends_with("\r\n\r\n"));
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(HttpServer, speaks_http_1_0) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  auto peer = co_await RawPeer::connect(server->port());
  co_await peer->send("GET /echo HTTP/1.0\r\n\r\n");
  std::string all = co_await peer->read_to_end();
  EXPECT_TRUE(peer->at_end());
  EXPECT_TRUE(has(all, " 200 OK")) << all;
  peer = co_await RawPeer::connect(server->port());
  co_await peer->send("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  all = co_await read_answer(peer);
  EXPECT_TRUE(has(all, "Connection: keep-alive\r\n")) << all;
  co_await server->stop(Deadline::after(1s));
}

struct Refusal {
  const char* request;
  const char* status;
  const char* field;
};

ASYNC_TEST(HttpServer, refuses_with_a_problem) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  const Refusal table[] = {
      {"GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "404 Not Found", ""},
      {"DELETE /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "405 Method Not Allowed", "Allow: GET, HEAD, POST"},
      {"GET /fail HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "500 Internal Server Error", ""},
      {"GET /nonsense HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "500 Internal Server Error", ""},
      {"GET /a%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "400 Bad Request", ""},
      {"GET /echo HTTP/1.1\r\n\r\n", "400 Bad Request", "Connection: close"},
      {"GET /echo HTTP/3.0\r\nHost: a\r\n\r\n", "505 HTTP Version", "Connection: close"},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET "
       "/cases/smuggled "
       "HTTP/1.1\r\nHost: a\r\n\r\n",
       "400 Bad Request", "Connection: close"},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400 Bad Request",
       "Connection: close"},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "501 Not Implemented", "Connection: close"},
      {"\x16\x03\x01\x02garbage\r\n\r\n", "400 Bad Request", "Connection: close"},
  };
  for (const auto& row : table) {
    const auto peer = co_await RawPeer::connect(server->port());
    co_await peer->send(row.request);
    const std::string all = co_await peer->read_to_end();
    EXPECT_TRUE(peer->at_end());
    EXPECT_TRUE(all.starts_with(std::string("HTTP/1.1 ") + row.status)) << row.request << "\n" << all;
    EXPECT_TRUE(has(all, row.field)) << all;
    EXPECT_TRUE(has(all, "application/problem+json")) << all;
    EXPECT_TRUE(has(all, "X-Content-Type-Options: nosniff")) << all;
    EXPECT_FALSE(has(all, "secret")) << all;
    EXPECT_FALSE(has(all, "smuggled")) << all;
  }
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(HttpServer, a_handler_cannot_forge_header_lines) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  const auto peer = co_await RawPeer::connect(server->port());
  co_await peer->send("GET /forged HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string all = co_await peer->read_to_end();
  EXPECT_TRUE(has(all, " 200 OK"));
  EXPECT_FALSE(has(all, "Set-Cookie")) << all;
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(HttpServer, oversize_header_is_431_and_body_413) {
  const auto server = make_server(io, small());
  EXPECT_TRUE(server->start());
  const std::pair<std::string, std::string> table[] = {
      {"GET /echo HTTP/1.1\r\nHost: a\r\nX: " + std::string(5000, 'a') + "\r\n\r\n", "HTTP/1.1 431"},
      {"GET /" + std::string(50'000, 'a'), "HTTP/1.1 431"},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'b'), "HTTP/1.1 413"},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'b'),
       "HTTP/1.1 413"},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n" + std::string(1000, 'b'),
       "HTTP/1.1 200"},
  };
  for (const auto& [request, expected] : table) {
    const auto peer = co_await RawPeer::connect(server->port());
    co_await peer->send(request);
    const std::string all = co_await peer->read_to_end();
    EXPECT_TRUE(peer->at_end());
    EXPECT_TRUE(all.starts_with(expected)) << all.substr(0, 200);
  }
  // The rest of a body that is too large is taken in, so that the answer is not lost to a reset.
  const auto peer = co_await RawPeer::connect(server->port());
  const bool sent =
      co_await peer->send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + std::string(300'000, 'b'));
  const std::string all = co_await peer->read_to_end();
  EXPECT_TRUE(all.starts_with("HTTP/1.1 413"));
  EXPECT_TRUE(sent);
  EXPECT_FALSE(peer->was_reset());
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(HttpServer, a_client_that_sends_far_too_much_still_reads_the_413) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  HttpClientOptions options;
  const auto client = make_http_client(io, options);
  HttpRequest request("POST", "http://127.0.0.1:" + std::to_string(server->port()) + "/echo");
  request.body.assign(8 << 20, 'x');
  const auto answer = co_await client->send(std::move(request), Deadline::after(5s));
  CO_ASSERT_OK(answer);
  EXPECT_EQ(answer->status, 413);
  co_await server->stop(Deadline::after(1s));
}

Job trickle(RawPeerPtr peer, std::string start) {
  bool sent = co_await peer->send(std::move(start));
  for (int i = 0; i < 300 && sent; ++i) {
    co_await sleep_for(10ms);
    const bool stop = co_await cancelled();
    if (stop) break;
    sent = co_await peer->send("s");
  }
}

ASYNC_TEST(HttpServer, slow_loris_gets_408) {
  const auto server = make_server(io, quick());
  EXPECT_TRUE(server->start());
  TaskGroup group(io, "loris");
  const char* starts[] = {"GET /echo HTTP/1.1\r\nHo", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nabc"};
  for (const char* start : starts) {
    const auto began = std::chrono::steady_clock::now();
    const auto peer = co_await RawPeer::connect(server->port());
    group.spawn("trickle", trickle(peer, start));
    const std::string all = co_await peer->read_to_end();
    EXPECT_TRUE(all.starts_with("HTTP/1.1 408 Request Timeout")) << all;
    EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);  // a byte now and then does not buy more time
  }
  co_await group.stop(Deadline::after(1s));
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(HttpServer, silent_connections_are_closed_without_a_word) {
  const auto server = make_server(io, quick());
  EXPECT_TRUE(server->start());
  const auto fresh = co_await RawPeer::connect(server->port());
  const auto used = co_await RawPeer::connect(server->port());
  co_await used->send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  std::string all = co_await read_answer(used);
  EXPECT_TRUE(has(all, " 200 OK"));
  all = co_await fresh->read_to_end();
  EXPECT_TRUE(fresh->at_end());
  EXPECT_EQ(all, "");
  all = co_await used->read_to_end();
  EXPECT_TRUE(used->at_end());
  EXPECT_EQ(all, "");
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(HttpServer, says_continue_only_when_the_body_is_wanted) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  auto peer = co_await RawPeer::connect(server->port());
  co_await peer->send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  std::string all = co_await peer->read_until("\r\n\r\n");
  EXPECT_EQ(all, "HTTP/1.1 100 Continue\r\n\r\n");
  co_await peer->send("hi");
  all = co_await read_answer(peer);
  EXPECT_TRUE(all.ends_with("POST /echo hi")) << all;
  peer = co_await RawPeer::connect(server->port());
  co_await peer->send("POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  all = co_await peer->read_until("\r\n\r\n");
  EXPECT_TRUE(all.starts_with("HTTP/1.1 404")) << all;
  peer = co_await RawPeer::connect(server->port());
  co_await peer->send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n");
  all = co_await peer->read_until("\r\n\r\n");
  EXPECT_TRUE(all.starts_with("HTTP/1.1 413")) << all;
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(HttpServer, sends_large_answers_whole) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  HttpClientOptions options;
  const auto client = make_http_client(io, options);
  HttpRequest request("GET", "http://127.0.0.1:" + std::to_string(server->port()) + "/large");
  const auto answer = co_await client->send(std::move(request), Deadline::after(10s));
  CO_ASSERT_OK(answer);
  EXPECT_EQ(answer->body.size(), size_t(8 << 20));
  EXPECT_EQ(answer->body.find_first_not_of('x'), std::string::npos);
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(HttpServer, a_reader_that_stopped_reading_does_not_stay) {
  HttpServerOptions options = quick();
  options.connections = 1;
  const auto server = make_server(io, options);
  EXPECT_TRUE(server->start());
  const auto stuck = co_await RawPeer::connect(server->port());
  co_await stuck->send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  std::string all;
  for (int i = 0; i < 100 && all.empty(); ++i) {  // the only place is free again once the stuck one was dropped
    co_await sleep_for(50ms);
    const auto peer = co_await RawPeer::connect(server->port());
    co_await peer->send("GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    all = co_await peer->read_to_end();
  }
  EXPECT_TRUE(all.starts_with("HTTP/1.1 200"));
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(HttpServer, connections_over_the_limit_are_closed_at_once) {
  HttpServerOptions options;
  options.connections = 2;
  const auto server = make_server(io, options);
  EXPECT_TRUE(server->start());
  const auto one = co_await RawPeer::connect(server->port());
  const auto two = co_await RawPeer::connect(server->port());
  const auto three = co_await RawPeer::connect(server->port());
  co_await three->read_to_end();
  EXPECT_TRUE(three->at_end());
  co_await one->send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answer = co_await read_answer(one);
  EXPECT_TRUE(has(answer, " 200 OK"));
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(HttpServer, start_checks_address_certificate_and_port) {
  HttpServerOptions open;
  open.address = "0.0.0.0";
  auto result = make_server(io, open)->start();
  CO_ASSERT_TRUE(!result);
  EXPECT_EQ(result.error().code, Code::invalid_input);
  EXPECT_TRUE(has(result.error().message, "TLS"));

  HttpServerOptions name;
  name.address = "not-an-address";
  result = make_server(io, name)->start();
  EXPECT_FALSE(result);

  HttpServerOptions half;
  half.certificate_file = "/nowhere/cert.pem";
  result = make_server(io, half)->start();
  EXPECT_FALSE(result);
  half.key_file = "/nowhere/key.pem";
  result = make_server(io, half)->start();
  CO_ASSERT_TRUE(!result);
  EXPECT_TRUE(has(result.error().message, "/nowhere/cert.pem"));

  const auto first = make_server(io);
  EXPECT_TRUE(first->start());
  EXPECT_NE(first->port(), 0);
  HttpServerOptions taken;
  taken.port = first->port();
  result = make_server(io, taken)->start();
  CO_ASSERT_TRUE(!result);
  EXPECT_EQ(result.error().code, Code::unavailable);
  co_await first->stop(Deadline::after(1s));
  co_return;
}

ASYNC_TEST(HttpServer, stop_lets_requests_end_and_closes_idle_connections) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  const auto idle = co_await RawPeer::connect(server->port());
  const auto busy = co_await RawPeer::connect(server->port());
  begun = 0;
  co_await busy->send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  co_await until_begun();
  const auto start = std::chrono::steady_clock::now();
  co_await server->stop(Deadline::after(10s));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  const std::string answer = co_await busy->read_to_end();
  EXPECT_TRUE(answer.ends_with("slow but sure")) << answer;
  EXPECT_TRUE(has(answer, "Connection: close"));
  const std::string nothing = co_await idle->read_to_end();
  EXPECT_EQ(nothing, "");
  EXPECT_TRUE(idle->at_end());
  const auto late = co_await RawPeer::connect(server->port());
  const std::string refused = co_await late->read_to_end();
  EXPECT_EQ(refused, "");
}

ASYNC_TEST(HttpServer, stop_cuts_what_does_not_end) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  const auto busy = co_await RawPeer::connect(server->port());
  begun = 0;
  co_await busy->send("GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
  co_await until_begun();
  const auto start = std::chrono::steady_clock::now();
  co_await server->stop(Deadline::after(100ms));
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_GE(took, 100ms);
  EXPECT_LT(took, 4s);
  const std::string answer = co_await busy->read_to_end();
  EXPECT_EQ(answer, "");
}

// Takes descriptors until none is left, and gives them back.
class NoDescriptorsLeft {
 public:
  NoDescriptorsLeft() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit tight = before_;
    tight.rlim_cur = 64;
    setrlimit(RLIMIT_NOFILE, &tight);
    for (int fd = dup(0); fd >= 0; fd = dup(0)) taken_.push_back(fd);
  }
  ~NoDescriptorsLeft() {
    for (const int fd : taken_) ::close(fd);
    setrlimit(RLIMIT_NOFILE, &before_);
  }

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

Job without_descriptors(Executor io) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  const auto peer = std::make_shared<RawPeer>(RawPeer::Socket(io, boost::asio::ip::tcp::v4()));
  {
    const NoDescriptorsLeft tight;
    const boost::asio::ip::tcp::endpoint where(boost::asio::ip::address_v4::loopback(), server->port());
    boost::system::error_code ec;
    peer->socket().connect(where, ec);
    EXPECT_FALSE(ec);
    co_await sleep_for(120ms);
  }
  co_await peer->send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answer = co_await read_answer(peer);
  EXPECT_TRUE(has(answer, " 200 OK")) << answer;
  co_await server->stop(Deadline::after(1s));
}

TEST(HttpServer, survives_running_out_of_descriptors) {
#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
  GTEST_SKIP() << "the sanitizer takes descriptors of its own to look at objects";
#endif
#endif
  test::run_async(without_descriptors);
}

ASYNC_TEST(HttpServer, serves_many_connections_at_once) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  TaskGroup group(io, "clients");
  static int done;
  done = 0;
  const auto work = [](uint16_t port) -> Job {
    const auto peer = co_await RawPeer::connect(port);
    for (int i = 0; i < 20; ++i) {
      co_await peer->send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
      const std::string answer = co_await read_answer(peer);
      if (answer.ends_with("POST /echo abc")) ++done;
    }
  };
  for (int i = 0; i < 64; ++i) group.spawn("client", work(server->port()));
  co_await group.drain();
  EXPECT_EQ(done, 64 * 20);
  co_await server->stop(Deadline::after(1s));
}

}  // namespace
}  // namespace vedette::net

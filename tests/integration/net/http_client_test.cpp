#include "bot/net/http_client.hpp"

#include "bot/net/http_server.hpp"
#include "tests/integration/net/raw_peer.hpp"
#include "tests/support/async_test.hpp"

namespace vedette::net {
namespace {

using test::http_answer;
using test::RawPeerPtr;
using test::RawServer;
using namespace std::chrono_literals;
using boost::asio::awaitable;

std::string url_of(uint16_t port, std::string_view path = "/") {
  return "http://127.0.0.1:" + std::to_string(port) + std::string(path);
}
HttpRequest get(uint16_t port, std::string_view path = "/") { return HttpRequest("GET", url_of(port, path)); }
HttpRequest post(uint16_t port, std::string body) {
  HttpRequest request("POST", url_of(port));
  request.body = std::move(body);
  return request;
}
std::unique_ptr<HttpClient> make_client(Executor io, size_t connections = 8) {
  HttpClientOptions options;
  options.proxy = "";
  options.connections_per_host = connections;
  options.response_bytes = 1 << 20;
  return make_http_client(io, options);
}

// What a hand-played server noticed; tests look at it afterwards.
struct Seen {
  std::vector<std::string> requests;
  int connections = 0;
};

// Each connection's script runs in turn: how often it answers before it does what `ending` says.
enum class Ending { close_after_answers, close_after_reading, close_in_the_middle, silent_in_the_middle, garbage, chunked };
struct Script {
  int answers = 0;
  Ending ending = Ending::close_after_answers;
};

Job play(RawServer& server, std::vector<Script> scripts, Seen& seen) {
  for (const Script script : scripts) {
    const RawPeerPtr peer = co_await server.accept();
    ++seen.connections;
    for (int i = 0; i <= script.answers; ++i) {
      if (i == script.answers && script.ending == Ending::close_after_answers) break;
      std::string request = co_await peer->read_until("\r\n\r\n");
      if (request.empty()) break;
      seen.requests.push_back(request);
      if (i < script.answers) {
        co_await peer->send(http_answer(200, "X-Connection: " + std::to_string(seen.connections) + "\r\n", "ok"));
      } else if (script.ending == Ending::close_in_the_middle || script.ending == Ending::silent_in_the_middle) {
        co_await peer->send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
      } else if (script.ending == Ending::garbage) {
        co_await peer->send("SMTP 220 hello\r\n\r\n");
      } else if (script.ending == Ending::chunked) {
        co_await peer->send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        co_await sleep_for(10ms);
        co_await peer->send("2\r\nde\r\n0\r\n\r\n");
      }
    }
    if (script.ending == Ending::silent_in_the_middle) co_await sleep_for(10s);
    peer->close();
  }
}

ASYNC_TEST(HttpClient, reuses_connections) {
  RawServer server(io);
  Seen seen;
  TaskGroup group(io, "server");
  group.spawn("play", play(server, {Script{3, Ending::close_after_answers}}, seen));
  const auto client = make_client(io);
  for (int i = 0; i < 3; ++i) {
    HttpRequest request = get(server.port(), "/a?b=c");
    request.headers.add("X-Number", std::to_string(i));
    const auto answer = co_await client->send(std::move(request), Deadline::after(2s));
    CO_ASSERT_OK(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "ok");
    EXPECT_EQ(answer->headers.get("x-connection"), "1");
  }
  CO_ASSERT_TRUE(seen.requests.size() == 3);
  EXPECT_TRUE(
      seen.requests[2].starts_with("GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
  EXPECT_NE(seen.requests[2].find("X-Number: 2\r\n"), std::string::npos);
  co_await group.stop(Deadline::after(1s));
}

ASYNC_TEST(HttpClient, a_connection_the_server_closed_meanwhile_is_not_used) {
  RawServer server(io);
  Seen seen;
  TaskGroup group(io, "server");
  group.spawn("play", play(server, {Script{1, Ending::close_after_answers}, Script{1, Ending::close_after_answers}}, seen));
  const auto client = make_client(io);
  auto answer = co_await client->send(get(server.port()), Deadline::after(2s));
  CO_ASSERT_OK(answer);
  co_await sleep_for(30ms);
  answer = co_await client->send(post(server.port(), ""), Deadline::after(2s));  // POST: nothing may be sent twice
  CO_ASSERT_OK(answer);
  EXPECT_EQ(answer->headers.get("X-Connection"), "2");
  EXPECT_EQ(seen.requests.size(), 2u);
  co_await group.stop(Deadline::after(1s));
}

ASYNC_TEST(HttpClient, a_reused_connection_that_dies_is_tried_again_for_idempotent_methods_only) {
  RawServer server(io);
  Seen seen;
  TaskGroup group(io, "server");
  const std::vector<Script> scripts = {Script{1, Ending::close_after_reading}, Script{1, Ending::close_after_reading},
                                       Script{1, Ending::close_after_answers}};
  group.spawn("play", play(server, scripts, seen));
  const auto client = make_client(io);
  auto answer = co_await client->send(get(server.port(), "/1"), Deadline::after(2s));
  CO_ASSERT_OK(answer);
  answer = co_await client->send(get(server.port(), "/2"), Deadline::after(2s));
  CO_ASSERT_OK(answer);
  EXPECT_EQ(answer->headers.get("X-Connection"), "2");
  CO_ASSERT_TRUE(seen.requests.size() == 3);
  EXPECT_TRUE(seen.requests[1].starts_with("GET /2") && seen.requests[2].starts_with("GET /2"));
  answer = co_await client->send(post(server.port(), ""), Deadline::after(2s));
  CO_ASSERT_TRUE(!answer);
  EXPECT_EQ(answer.error().code, Code::unknown_outcome);
  EXPECT_FALSE(answer.error().retryable);
  EXPECT_EQ(seen.requests.size(), 4u);
  co_await group.stop(Deadline::after(1s));
}

ASYNC_TEST(HttpClient, a_fresh_connection_that_dies_is_not_tried_again) {
  RawServer server(io);
  Seen seen;
  TaskGroup group(io, "server");
  group.spawn("play", play(server, {Script{0, Ending::close_after_reading}, Script{1, Ending::close_after_answers}}, seen));
  const auto client = make_client(io);
  const auto answer = co_await client->send(get(server.port()), Deadline::after(2s));
  CO_ASSERT_TRUE(!answer);
  EXPECT_EQ(answer.error().code, Code::unknown_outcome);
  EXPECT_TRUE(answer.error().retryable);  // GET
  EXPECT_EQ(seen.requests.size(), 1u);
  co_await group.stop(Deadline::after(1s));
}

ASYNC_TEST(HttpClient, half_an_answer_is_an_unknown_outcome) {
  RawServer server(io);
  Seen seen;
  TaskGroup group(io, "server");
  const std::vector<Script> scripts = {Script{0, Ending::close_in_the_middle}, Script{0, Ending::garbage},
                                       Script{0, Ending::silent_in_the_middle}};
  group.spawn("play", play(server, scripts, seen));
  const auto client = make_client(io);
  for (int i = 0; i < 3; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const auto answer = co_await client->send(post(server.port(), ""), Deadline::after(1s));
    CO_ASSERT_TRUE(!answer);
    EXPECT_EQ(answer.error().code, Code::unknown_outcome) << i;
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  }
  EXPECT_EQ(seen.requests.size(), 3u);
  co_await group.stop(Deadline::after(1s));
}

ASYNC_TEST(HttpClient, reads_chunked_answers) {
  RawServer server(io);
  Seen seen;
  TaskGroup group(io, "server");
  group.spawn("play", play(server, {Script{0, Ending::chunked}}, seen));
  const auto client = make_client(io);
  const auto answer = co_await client->send(get(server.port()), Deadline::after(2s));
  CO_ASSERT_OK(answer);
  EXPECT_EQ(answer->body, "abcde");
  co_await group.stop(Deadline::after(1s));
}

ASYNC_TEST(HttpClient, nobody_there_is_unavailable) {
  uint16_t port = 0;
  {
    RawServer server(io);
    port = server.port();
    server.close();
  }
  const auto client = make_client(io);
  auto answer = co_await client->send(post(port, "x"), Deadline::after(2s));
  CO_ASSERT_TRUE(!answer);
  EXPECT_EQ(answer.error().code, Code::unavailable);
  EXPECT_TRUE(answer.error().retryable);
  HttpRequest unknown("GET", "https://no-such-host.invalid/");
  answer = co_await client->send(std::move(unknown), Deadline::after(5s));
  CO_ASSERT_TRUE(!answer);
  EXPECT_TRUE(answer.error().code == Code::unavailable || answer.error().code == Code::timeout);
}

ASYNC_TEST(HttpClient, refuses_unusable_requests_before_anything_is_sent) {
  const auto client = make_client(io);
  HttpRequest table[] = {HttpRequest("GET", "http://example.com/"),
                         HttpRequest("GET", "ws://localhost/"),
                         HttpRequest("GET", "/relative"),
                         HttpRequest("GE T", "http://localhost:1/"),
                         HttpRequest("CONNECT", "http://localhost:1/"),
                         HttpRequest("GET", "http://localhost:1/"),
                         HttpRequest("GET", "http://169.254.169.254/metadata"),
                         HttpRequest("GET", "http://10.0.0.1/metadata")};
  table[5].headers.add("X-Bad", "a\r\nb");
  table[7].to_link_local = true;
  for (auto& request : table) {
    const std::string target = request.target;
    const auto answer = co_await client->send(std::move(request), Deadline::after(1s));
    CO_ASSERT_TRUE(!answer);
    EXPECT_EQ(answer.error().code, Code::invalid_input) << target;
  }
}

ASYNC_TEST(HttpClient, asks_the_own_link_without_tls_where_the_request_says_so) {
  const auto client = make_client(io);
  HttpRequest request("GET", "http://169.254.169.254/metadata");
  request.to_link_local = true;
  const auto over = Deadline::after(0ms);  // so that nothing leaves this machine
  const auto answer = co_await client->send(std::move(request), over);
  CO_ASSERT_TRUE(!answer);
  EXPECT_EQ(answer.error().code, Code::timeout) << answer.error().message;
}

awaitable<HttpResponse> slow(HttpRequest) {
  co_await sleep_for(150ms);
  co_return HttpResponse(200, "text/plain", "slow");
}
int begun = 0;
awaitable<HttpResponse> never(HttpRequest) {
  ++begun;
  bool stop = false;
  while (!stop) {
    co_await sleep_for(1h);
    stop = co_await cancelled();
  }
  co_return HttpResponse(503);
}
awaitable<HttpResponse> redirect(HttpRequest) {
  HttpResponse response(302);
  response.headers.add("Location", "/slow");
  co_return response;
}
awaitable<HttpResponse> huge(HttpRequest) { co_return HttpResponse(200, "text/plain", std::string(2 << 20, 'x')); }

std::unique_ptr<HttpServer> make_server(Executor io) {
  auto server = make_http_server(io, HttpServerOptions());
  server->add(Route{"GET", "/slow", slow});
  server->add(Route{"GET", "/never", never});
  server->add(Route{"GET", "/redirect", redirect});
  server->add(Route{"GET", "/huge", huge});
  return server;
}

struct Outcomes {
  std::vector<Code> failed;
  int fine = 0;
};
Job send_one(HttpClient& client, HttpRequest request, Deadline deadline, Outcomes& outcomes) {
  const auto answer = co_await client.send(std::move(request), deadline);
  if (answer) {
    ++outcomes.fine;
  } else {
    outcomes.failed.push_back(answer.error().code);
  }
}

ASYNC_TEST(HttpClient, callers_wait_for_a_connection_inside_their_deadline) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  const auto client = make_client(io, 1);
  TaskGroup group(io, "callers");
  Outcomes outcomes;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i)
    group.spawn("patient", send_one(*client, get(server->port(), "/slow"), Deadline::after(5s), outcomes));
  group.spawn("hasty", send_one(*client, get(server->port(), "/slow"), Deadline::after(50ms), outcomes));
  co_await group.drain();
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(outcomes.fine, 3);
  CO_ASSERT_TRUE(outcomes.failed.size() == 1);
  EXPECT_EQ(outcomes.failed[0], Code::timeout);  // nothing of it was sent
  EXPECT_GE(took, 450ms);                        // one after the other
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(HttpClient, many_callers_share_the_pool) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  const auto client = make_client(io, 4);
  TaskGroup group(io, "callers");
  Outcomes outcomes;
  for (int i = 0; i < 40; ++i) {
    group.spawn("caller", send_one(*client, get(server->port(), "/redirect"), Deadline::after(10s), outcomes));
  }
  co_await group.drain();
  EXPECT_EQ(outcomes.fine, 40);
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(HttpClient, the_deadline_holds_while_the_server_thinks) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  const auto client = make_client(io);
  auto answer = co_await client->send(get(server->port(), "/redirect"), Deadline::after(5s));
  CO_ASSERT_OK(answer);
  answer = co_await client->send(get(server->port(), "/never"), Deadline::after(100ms));
  CO_ASSERT_TRUE(!answer);
  EXPECT_EQ(answer.error().code, Code::unknown_outcome);
  answer = co_await client->send(get(server->port(), "/slow"), Deadline::after(-1ms));
  CO_ASSERT_TRUE(!answer);
  EXPECT_EQ(answer.error().code, Code::timeout);
  answer = co_await client->send(get(server->port(), "/slow"), Deadline::after(5s));
  EXPECT_TRUE(answer);
  co_await server->stop(Deadline::after(50ms));
}

ASYNC_TEST(HttpClient, does_not_follow_redirects_and_limits_the_answer) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  const auto client = make_client(io);
  auto answer = co_await client->send(get(server->port(), "/redirect"), Deadline::after(2s));
  CO_ASSERT_OK(answer);
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(answer->headers.get("location"), "/slow");
  answer = co_await client->send(get(server->port(), "/huge"), Deadline::after(2s));
  CO_ASSERT_TRUE(!answer);
  EXPECT_EQ(answer.error().code, Code::too_large);
  HttpRequest head("HEAD", url_of(server->port(), "/huge"));
  answer = co_await client->send(std::move(head), Deadline::after(2s));
  CO_ASSERT_OK(answer);
  EXPECT_EQ(answer->headers.get("Content-Length"), std::to_string(2 << 20));
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(HttpClient, cancelling_tells_whether_something_was_sent) {
  const auto server = make_server(io);
  EXPECT_TRUE(server->start());
  const auto client = make_client(io, 1);
  TaskGroup group(io, "callers");
  Outcomes outcomes;
  begun = 0;
  group.spawn("sent", send_one(*client, get(server->port(), "/never"), Deadline::after(20s), outcomes));
  group.spawn("waiting", send_one(*client, get(server->port(), "/never"), Deadline::after(20s), outcomes));
  for (int i = 0; i < 1000 && begun == 0; ++i) co_await sleep_for(5ms);
  const bool ended = co_await group.stop(Deadline::after(2s));
  EXPECT_TRUE(ended);
  std::sort(outcomes.failed.begin(), outcomes.failed.end());
  const std::vector<Code> expected = {Code::unknown_outcome, Code::cancelled};
  EXPECT_EQ(outcomes.failed, expected);
  const auto after = co_await client->send(get(server->port(), "/redirect"), Deadline::after(2s));
  EXPECT_TRUE(after);  // the place in the pool was given back
  co_await server->stop(Deadline::after(50ms));
}

ASYNC_TEST(HttpClient, idle_connections_are_closed_in_time) {
  RawServer server(io);
  HttpClientOptions options;
  options.idle = 1s;
  const auto client = make_http_client(io, options);
  Outcomes outcomes;
  TaskGroup group(io, "caller");
  group.spawn("caller", send_one(*client, get(server.port()), Deadline::after(3s), outcomes));
  const RawPeerPtr peer = co_await server.accept();
  co_await peer->read_until("\r\n\r\n");
  co_await peer->send(http_answer(200, "", "ok"));
  const auto start = std::chrono::steady_clock::now();
  co_await peer->read_to_end();
  EXPECT_TRUE(peer->at_end());
  EXPECT_GE(std::chrono::steady_clock::now() - start, 900ms);
  EXPECT_EQ(outcomes.fine, 1);
  co_await group.drain();
}

}  // namespace
}  // namespace vedette::net

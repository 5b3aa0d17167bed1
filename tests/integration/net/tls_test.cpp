// TLS of client, server and WebSocket: who is believed, and what is spoken.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "bot/net/http_client.hpp"
#include "bot/net/http_server.hpp"
#include "bot/net/websocket.hpp"
#include "tests/integration/net/raw_peer.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/test_ca.hpp"

namespace vedette::net {
namespace {

using test::CertificateFiles;
using test::RawPeer;
using test::RawPeerPtr;
using test::RawServer;
using test::TestCa;
using namespace std::chrono_literals;
using boost::asio::awaitable;

const TestCa& ca() {
  static const TestCa made;
  return made;
}

int handled = 0;
awaitable<HttpResponse> hello(HttpRequest request) {
  ++handled;
  co_return HttpResponse(200, "text/plain", request.tls ? "secret " + request.body : "plain");
}
awaitable<HttpResponse> accept(HttpRequest) { co_return HttpResponse(101); }
Job echo(HttpRequest, std::unique_ptr<WebSocket> socket) {
  for (;;) {
    auto message = co_await socket->read();
    if (!message) break;
    const auto sent = co_await socket->write(std::move(*message));
    if (!sent) break;
  }
}

std::unique_ptr<HttpServer> make_server(Executor io, const CertificateFiles& files, std::chrono::milliseconds wait = 10s) {
  HttpServerOptions options;
  options.certificate_file = files.certificate;
  options.key_file = files.key;
  options.header_wait = wait;
  auto server = make_http_server(io, options);
  server->add(Route{"GET", "/", hello});
  server->add(Route{"POST", "/", hello});
  server->add_websocket("/ws", accept, echo);
  return server;
}

std::unique_ptr<HttpClient> make_client(Executor io, std::string ca_file) {
  HttpClientOptions options;
  options.ca_file = std::move(ca_file);
  options.proxy = "";
  return make_http_client(io, options);
}

std::string url(std::string_view scheme, std::string_view host, uint16_t port, std::string_view path = "/") {
  return std::string(scheme) + "://" + std::string(host) + ":" + std::to_string(port) + std::string(path);
}

ASYNC_TEST(Tls, a_proper_certificate_is_believed_for_its_names) {
  const auto server = make_server(io, ca().good());
  EXPECT_TRUE(server->start());
  const auto client = make_client(io, ca().ca_file());
  for (const char* host : {"localhost", "127.0.0.1", "LOCALHOST"}) {
    HttpRequest request("POST", url("https", host, server->port()));
    request.body = std::string(100'000, 'x');
    const auto answer = co_await client->send(std::move(request), Deadline::after(3s));
    CO_ASSERT_OK(answer);
    EXPECT_EQ(answer->body.size(), 100'007u) << host;
    EXPECT_TRUE(answer->body.starts_with("secret xxx"));
  }
  co_await server->stop(Deadline::after(1s));
}

struct BadCertificate {
  const char* name;
  CertificateFiles files;
  const char* reason;
};

ASYNC_TEST(Tls, bad_certificates_are_refused_and_nothing_is_sent) {
  const BadCertificate table[] = {
      {"expired", ca().expired(), "expired"},
      {"not yet valid", ca().not_yet(), "not yet valid"},
      {"wrong host", ca().wrong_host(), "mismatch"},
      {"common name only", ca().only_common_name(), "mismatch"},
      {"self-signed", ca().self_signed(), "self-signed"},
      {"unknown issuer", ca().unknown_issuer(), "issuer"},
  };
  for (const auto& row : table) {
    handled = 0;
    const auto server = make_server(io, row.files);
    EXPECT_TRUE(server->start());
    const auto client = make_client(io, ca().ca_file());
    HttpRequest request("POST", url("https", "localhost", server->port()));
    const auto answer = co_await client->send(std::move(request), Deadline::after(3s));
    CO_ASSERT_TRUE(!answer);
    EXPECT_EQ(answer.error().code, Code::unavailable) << row.name;
    EXPECT_NE(answer.error().message.find(row.reason), std::string::npos) << row.name << ": " << answer.error().message;
    WebSocketOptions options;
    options.ca_file = ca().ca_file();
    Headers headers;
    const std::string address = url("wss", "localhost", server->port(), "/ws");
    const auto socket = co_await connect_websocket(address, headers, options, Deadline::after(3s));
    CO_ASSERT_TRUE(!socket);
    EXPECT_EQ(socket.error().code, Code::unavailable) << row.name;
    EXPECT_EQ(handled, 0) << row.name;
    co_await server->stop(Deadline::after(1s));
  }
}

ASYNC_TEST(Tls, the_system_store_does_not_know_the_test_authority) {
  const auto server = make_server(io, ca().good());
  EXPECT_TRUE(server->start());
  const auto client = make_client(io, "");
  HttpRequest request("GET", url("https", "localhost", server->port()));
  auto answer = co_await client->send(std::move(request), Deadline::after(3s));
  CO_ASSERT_TRUE(!answer);
  EXPECT_EQ(answer.error().code, Code::unavailable);
  const auto broken = make_client(io, "/nowhere/ca.pem");
  HttpRequest second("GET", url("https", "localhost", server->port()));
  answer = co_await broken->send(std::move(second), Deadline::after(3s));
  CO_ASSERT_TRUE(!answer);
  EXPECT_EQ(answer.error().code, Code::invalid_input);
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(Tls, a_plain_peer_is_not_talked_to) {
  RawServer server(io);
  TaskGroup group(io, "server");
  const auto script = [](RawServer& s) -> Job {
    const RawPeerPtr peer = co_await s.accept();
    co_await peer->send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    co_await peer->read_to_end();
  };
  group.spawn("plain", script(server));
  const auto client = make_client(io, ca().ca_file());
  HttpRequest request("POST", url("https", "localhost", server.port()));
  const auto answer = co_await client->send(std::move(request), Deadline::after(3s));
  CO_ASSERT_TRUE(!answer);
  EXPECT_EQ(answer.error().code, Code::unavailable);
  co_await group.stop(Deadline::after(1s));
}

ASYNC_TEST(Tls, the_handshake_has_a_deadline_on_both_sides) {
  RawServer silent(io);
  const auto client = make_client(io, ca().ca_file());
  HttpRequest request("POST", url("https", "127.0.0.1", silent.port()));
  const auto answer = co_await client->send(std::move(request), Deadline::after(150ms));
  CO_ASSERT_TRUE(!answer);
  EXPECT_EQ(answer.error().code, Code::timeout);
  const auto server = make_server(io, ca().good(), 200ms);
  EXPECT_TRUE(server->start());
  const auto peer = co_await RawPeer::connect(server->port());
  co_await peer->read_to_end();
  EXPECT_TRUE(peer->at_end());
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(Tls, websocket_echoes_over_tls) {
  const auto server = make_server(io, ca().good());
  EXPECT_TRUE(server->start());
  WebSocketOptions options;
  options.ca_file = ca().ca_file();
  Headers headers;
  const std::string address = url("wss", "localhost", server->port(), "/ws");
  auto socket = co_await connect_websocket(address, headers, options, Deadline::after(3s));
  CO_ASSERT_OK(socket);
  for (const size_t size : {size_t(0), size_t(5), size_t(70'000), size_t(900'000)}) {
    std::string text(size, 'y');
    const auto sent = co_await (*socket)->write(text);
    EXPECT_TRUE(sent);
    const auto back = co_await (*socket)->read();
    CO_ASSERT_OK(back);
    EXPECT_EQ(back->size(), size);
  }
  co_await (*socket)->close(1000, Deadline::after(2s));
  EXPECT_EQ((*socket)->close_code(), 1000);
  co_await server->stop(Deadline::after(1s));
}

// ---- versions: OpenSSL by hand, blocking, on a thread of its own

std::string client_with_at_most(int version, uint16_t port) {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), version);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string result = "not connected";
  if (connect(fd, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0) {
    std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context.get()), SSL_free);
    SSL_set_fd(tls.get(), fd);
    result = SSL_connect(tls.get()) == 1 ? SSL_get_version(tls.get()) : "refused";
  }
  close(fd);
  return result;
}

ASYNC_TEST(Tls, the_server_speaks_1_2_and_1_3_only) {
  const auto server = make_server(io, ca().good());
  EXPECT_TRUE(server->start());
  BlockingPool pool(1);
  std::string result;
  const uint16_t port = server->port();
  const std::pair<int, const char*> table[] = {
      {TLS1_VERSION, "refused"}, {TLS1_1_VERSION, "refused"}, {TLS1_2_VERSION, "TLSv1.2"}, {TLS1_3_VERSION, "TLSv1.3"}};
  for (const auto& [version, expected] : table) {
    const int highest = version;
    std::function<void()> work = [&result, highest, port] { result = client_with_at_most(highest, port); };
    co_await offload(pool, std::move(work));
    EXPECT_EQ(result, expected);
  }
  co_await server->stop(Deadline::after(1s));
}

std::string serve_at_most(int version, int listener) {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), version);
  SSL_CTX_use_certificate_chain_file(context.get(), ca().good().certificate.c_str());
  SSL_CTX_use_PrivateKey_file(context.get(), ca().good().key.c_str(), SSL_FILETYPE_PEM);
  const int fd = ::accept(listener, nullptr, nullptr);
  std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context.get()), SSL_free);
  SSL_set_fd(tls.get(), fd);
  std::string result = SSL_accept(tls.get()) == 1 ? SSL_get_version(tls.get()) : "refused";
  close(fd);
  return result;
}

Job run_server(BlockingPool& pool, int version, int listener, std::string& result) {
  std::function<void()> work = [&result, version, listener] { result = serve_at_most(version, listener); };
  co_await offload(pool, std::move(work));
}

ASYNC_TEST(Tls, the_client_speaks_1_2_and_1_3_only) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof where;
  EXPECT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&where), length), 0);
  listen(listener, 5);
  getsockname(listener, reinterpret_cast<sockaddr*>(&where), &length);
  const uint16_t port = ntohs(where.sin_port);
  BlockingPool pool(1);
  TaskGroup group(io, "server");
  const std::pair<int, const char*> table[] = {
      {TLS1_1_VERSION, "refused"}, {TLS1_2_VERSION, "TLSv1.2"}, {TLS1_3_VERSION, "TLSv1.3"}};
  for (const auto& [version, expected] : table) {
    std::string result;
    group.spawn("server", run_server(pool, version, listener, result));
    const auto client = make_client(io, ca().ca_file());
    HttpRequest request("GET", url("https", "127.0.0.1", port));
    const auto answer = co_await client->send(std::move(request), Deadline::after(3s));
    EXPECT_FALSE(answer);  // that server never answers; what counts is how far the handshake came
    co_await group.drain();
    EXPECT_EQ(result, expected);
  }
  close(listener);
}

// ---- through a proxy

// A CONNECT proxy for one connection: whatever name is asked for, the tunnel leads to `port`.
Job pump(RawPeerPtr from, RawPeerPtr to) {
  for (;;) {
    const std::string bytes = co_await from->read_available();
    if (bytes.empty()) break;
    const bool sent = co_await to->send(bytes);
    if (!sent) break;
  }
  to->close();
}

struct ProxySeen {
  std::string request;
};

Job proxy_once(RawServer& server, uint16_t port, std::string answer, TaskGroup& group, ProxySeen& seen) {
  const RawPeerPtr peer = co_await server.accept();
  seen.request = co_await peer->read_until("\r\n\r\n");
  co_await peer->send(answer);
  if (!answer.starts_with("HTTP/1.1 200")) co_return;
  const RawPeerPtr target = co_await RawPeer::connect(port);
  group.spawn("up", pump(peer, target));
  group.spawn("down", pump(target, peer));
}

HttpClientOptions through(uint16_t proxy_port) {
  HttpClientOptions options;
  options.ca_file = ca().ca_file();
  options.proxy = "http://agent:passw0rd@127.0.0.1:" + std::to_string(proxy_port);
  options.no_proxy = "";
  return options;
}

ASYNC_TEST(Proxy, tunnels_tls_and_verifies_the_server_inside) {
  const auto server = make_server(io, ca().wrong_host());  // it is another.example
  EXPECT_TRUE(server->start());
  RawServer proxy(io);
  TaskGroup group(io, "proxy");
  ProxySeen seen;
  group.spawn("proxy", proxy_once(proxy, server->port(), "HTTP/1.1 200 Connection established\r\n\r\n", group, seen));
  const auto client = make_http_client(io, through(proxy.port()));
  HttpRequest request("POST", "https://another.example/");
  request.body = "hi";
  auto answer = co_await client->send(std::move(request), Deadline::after(5s));
  CO_ASSERT_OK(answer);
  EXPECT_EQ(answer->body, "secret hi");
  EXPECT_TRUE(seen.request.starts_with("CONNECT another.example:443 HTTP/1.1\r\nHost: another.example:443\r\n"))
      << seen.request;
  EXPECT_NE(seen.request.find("Proxy-Authorization: Basic YWdlbnQ6cGFzc3cwcmQ=\r\n"), std::string::npos);
  // The same tunnel to somebody who cannot prove to be the one that was asked for.
  group.spawn("proxy", proxy_once(proxy, server->port(), "HTTP/1.1 200 OK\r\n\r\n", group, seen));
  HttpRequest other("GET", "https://bank.example/");
  answer = co_await client->send(std::move(other), Deadline::after(5s));
  CO_ASSERT_TRUE(!answer);
  EXPECT_EQ(answer.error().code, Code::unavailable);
  co_await group.stop(Deadline::after(1s));
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(Proxy, a_refusal_is_unavailable_and_keeps_the_password) {
  RawServer proxy(io);
  TaskGroup group(io, "proxy");
  ProxySeen seen;
  for (const char* answer : {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
                             "HTTP/1.1 502 No\r\n\r\n", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nsmuggled"}) {
    group.spawn("proxy", proxy_once(proxy, 1, answer, group, seen));
    const auto client = make_http_client(io, through(proxy.port()));
    HttpRequest request("GET", "https://another.example/");
    const auto result = co_await client->send(std::move(request), Deadline::after(5s));
    CO_ASSERT_TRUE(!result);
    EXPECT_EQ(result.error().code, Code::unavailable) << answer;
    EXPECT_EQ(result.error().message.find("passw0rd"), std::string::npos);
    if (std::string_view(answer).ends_with("smuggled")) {
      EXPECT_NE(result.error().message.find("more than its answer"), std::string::npos) << result.error().message;
    }
  }
  co_await group.stop(Deadline::after(1s));
}

ASYNC_TEST(Proxy, websockets_go_through_too) {
  const auto server = make_server(io, ca().wrong_host());
  EXPECT_TRUE(server->start());
  RawServer proxy(io);
  TaskGroup group(io, "proxy");
  ProxySeen seen;
  group.spawn("proxy", proxy_once(proxy, server->port(), "HTTP/1.1 200 OK\r\n\r\n", group, seen));
  WebSocketOptions options;
  options.ca_file = ca().ca_file();
  options.proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
  Headers headers;
  auto socket = co_await connect_websocket("wss://another.example/ws", headers, options, Deadline::after(5s));
  CO_ASSERT_OK(socket);
  const auto sent = co_await (*socket)->write("through");
  EXPECT_TRUE(sent);
  const auto back = co_await (*socket)->read();
  CO_ASSERT_OK(back);
  EXPECT_EQ(*back, "through");
  co_await (*socket)->close(1000, Deadline::after(1s));
  co_await group.stop(Deadline::after(1s));
  co_await server->stop(Deadline::after(1s));
}

ASYNC_TEST(Proxy, no_proxy_goes_direct) {
  HttpClientOptions options = through(1);
  options.no_proxy = "no-such-host.invalid";
  const auto client = make_http_client(io, options);
  HttpRequest request("GET", "https://no-such-host.invalid/");
  const auto answer = co_await client->send(std::move(request), Deadline::after(5s));
  CO_ASSERT_TRUE(!answer);
  EXPECT_EQ(answer.error().message.find("proxy"), std::string::npos) << answer.error().message;
  EXPECT_EQ(answer.error().message.find("127.0.0.1"), std::string::npos) << answer.error().message;
}

}  // namespace
}  // namespace vedette::net

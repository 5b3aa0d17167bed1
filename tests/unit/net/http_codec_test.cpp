#include "bot/net/http_codec.hpp"

#include <gtest/gtest.h>

namespace vedette::net {
namespace {

MessageLimits small() {
  MessageLimits limits;
  limits.header_bytes = 1024;
  limits.body_bytes = 100;
  return limits;
}

// Feeds the bytes in pieces of `step`, as a network would; returns what was left.
template <class Reader>
std::string feed_all(Reader& reader, std::string_view bytes, size_t step) {
  std::string pending;
  for (size_t at = 0; at < bytes.size(); at += step) {
    pending += bytes.substr(at, step);
    pending.erase(0, reader.feed(pending));
  }
  return pending;
}

TEST(RequestReader, reads_a_request_in_pieces_of_any_size) {
  const std::string bytes =
      "\r\nPOST /v1/alerts/wazuh?x=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nX-A:  spaced \r\n\r\nhelloGET / HT";
  for (size_t step = 1; step <= bytes.size(); ++step) {
    RequestReader reader(small());
    const std::string left = feed_all(reader, bytes, step);
    ASSERT_TRUE(reader.done()) << step;
    const HttpRequest request = reader.take();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/v1/alerts/wazuh?x=1");
    EXPECT_EQ(request.headers.get("x-a"), "spaced");
    EXPECT_EQ(request.body, "hello");
    EXPECT_EQ(left, "GET / HT") << step;
    EXPECT_TRUE(reader.keep_alive());
  }
}

TEST(RequestReader, reads_chunks_and_ignores_trailers) {
  const std::string bytes =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4;ext=1\r\nWiki\r\n5\r\npedia\r\n0\r\nAuthorization: "
      "evil\r\n\r\n";
  for (const size_t step : {size_t(1), size_t(7), bytes.size()}) {
    RequestReader reader(small());
    feed_all(reader, bytes, step);
    ASSERT_TRUE(reader.done()) << step << " " << reader.failed();
    const HttpRequest request = reader.take();
    EXPECT_EQ(request.body, "Wikipedia");
    EXPECT_EQ(request.headers.count("Authorization"), 0u);
  }
}

TEST(RequestReader, can_be_used_again) {
  RequestReader reader(small());
  reader.feed("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(reader.done());
  EXPECT_EQ(reader.take().target, "/a");
  reader.reset();
  EXPECT_FALSE(reader.done());
  reader.feed("GET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(reader.done());
  EXPECT_FALSE(reader.keep_alive());
  EXPECT_EQ(reader.take().target, "/b");
}

TEST(RequestReader, refuses) {
  const std::string long_field(2000, 'a');
  struct {
    std::string bytes;
    int status;
  } table[] = {
      {"GET / HTTP/1.1\r\n\r\n", 400},                         // no Host
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},   // two
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},             // two spaces
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},              //
      {"GET / FOO/1.1\r\nHost: a\r\n\r\n", 505},               //
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},             // a space before the colon
      {"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400},         // no colon
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n", 400},  // control character
      {"\x16\x03\x01\x02\x01garbage\r\n\r\n", 400},            // TLS to a plain port
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", 417},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n", 413},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n", 413},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: " + long_field + "\r\n\r\n", 431},
      {"GET /" + long_field, 431},
  };
  for (const auto& row : table) {
    for (const size_t step : {size_t(1), row.bytes.size()}) {
      RequestReader reader(small());
      feed_all(reader, row.bytes, step);
      EXPECT_EQ(reader.failed(), row.status) << row.bytes.substr(0, 120) << " step " << step;
      EXPECT_FALSE(reader.done());
    }
  }
}

TEST(RequestReader, too_many_fields_are_too_much) {
  MessageLimits limits;
  std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 300; ++i) bytes += "a: b\r\n";
  RequestReader reader(limits);
  reader.feed(bytes + "\r\n");
  EXPECT_EQ(reader.failed(), 431);
}

TEST(RequestReader, endless_chunk_extension_is_cut_off) {
  RequestReader reader(small());
  std::string pending = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4;";
  size_t total = 0;
  while (reader.failed() == 0 && total < (1 << 20)) {
    pending.append(4096, 'x');
    total += 4096;
    pending.erase(0, reader.feed(pending));
  }
  EXPECT_EQ(reader.failed(), 431);
}

TEST(RequestReader, knows_upgrades_and_expectations) {
  RequestReader reader(small());
  reader.feed(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nExpect: 100-Continue\r\n\r\n");
  ASSERT_TRUE(reader.header_done());
  EXPECT_TRUE(reader.wants_websocket());
  EXPECT_TRUE(reader.expects_continue());
}

TEST(ResponseReader, reads_lengths_chunks_and_closes) {
  const std::string counted = "HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nabc";
  for (size_t step = 1; step <= counted.size(); ++step) {
    ResponseReader reader(small(), false);
    feed_all(reader, counted, step);
    ASSERT_TRUE(reader.done());
    EXPECT_TRUE(reader.keep_alive());
    const auto response = reader.take();
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.body, "abc");
  }
  ResponseReader chunked(small(), false);
  feed_all(chunked, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 2);
  ASSERT_TRUE(chunked.done());
  EXPECT_EQ(chunked.take().body, "abcde");
  ResponseReader closed(small(), false);
  closed.feed("HTTP/1.1 200 OK\r\n\r\nabc");
  EXPECT_FALSE(closed.done());
  EXPECT_TRUE(closed.ends_with_close());
  closed.feed_end();
  ASSERT_TRUE(closed.done());
  EXPECT_EQ(closed.take().body, "abc");
}

TEST(ResponseReader, skips_interim_answers_and_bodies_that_are_none) {
  ResponseReader reader(small(), false);
  feed_all(reader, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
           5);
  ASSERT_TRUE(reader.done());
  const auto response = reader.take();
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.count("Link"), 0u);
  ResponseReader head(small(), true);
  head.feed("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
  EXPECT_TRUE(head.done());
  ResponseReader endless(small(), false);
  std::string interim;
  for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  endless.feed(interim);
  EXPECT_TRUE(endless.malformed());
}

TEST(ResponseReader, tells_cut_off_and_oversized_answers) {
  ResponseReader cut(small(), false);
  cut.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
  cut.feed_end();
  EXPECT_TRUE(cut.malformed());
  EXPECT_FALSE(cut.done());
  ResponseReader half(small(), false);
  half.feed("HTTP/1.1 20");
  half.feed_end();
  EXPECT_TRUE(half.malformed());
  ResponseReader large(small(), false);
  large.feed("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n");
  EXPECT_TRUE(large.too_large());
  ResponseReader growing(small(), false);
  growing.feed("HTTP/1.1 200 OK\r\n\r\n" + std::string(101, 'a'));
  EXPECT_TRUE(growing.too_large());
  ResponseReader other(small(), false);
  other.feed("SSH-2.0-OpenSSH_9.2\r\n\r\n");
  EXPECT_TRUE(other.malformed());
}

TEST(AnswerHead, keeps_the_servers_own_fields_and_drops_forged_lines) {
  HttpResponse response(200, "text/plain", "abc");
  response.headers.add("Content-Length", "99");
  response.headers.add("X-Bad", "a\r\nSet-Cookie: evil=1");
  response.headers.add("Bad Name", "x");
  response.headers.add("X-Good", "1");
  std::string out;
  append_answer_head(out, response, AnswerOptions(), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(out,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Good: 1\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "X-Content-Type-Options: nosniff\r\nContent-Length: 3\r\n\r\n");
}

TEST(RequestHead, has_host_and_length) {
  HttpRequest request("POST", "https://a.example/x");
  request.headers.add("host", "evil.example");
  request.headers.add("Authorization", "Bearer t");
  std::string out;
  append_request_head(out, request, "a.example", "/x");
  EXPECT_EQ(
      out,
      "POST /x HTTP/1.1\r\nHost: a.example\r\nAuthorization: Bearer t\r\nUser-Agent: vedette\r\nContent-Length: 0\r\n\r\n");
  EXPECT_FALSE(valid_header("X", "a\nb"));
  EXPECT_FALSE(valid_header("X", std::string_view("a\0b", 3)));
  EXPECT_FALSE(valid_header("X:", "a"));
  EXPECT_FALSE(valid_header("", "a"));
  EXPECT_TRUE(valid_header("X-a", "a\tb \xc3\xa4"));
}

}  // namespace
}  // namespace vedette::net

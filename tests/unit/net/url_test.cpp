#include "bot/net/url.hpp"

#include <gtest/gtest.h>

namespace vedette::net {
namespace {

TEST(Url, takes_an_address_apart) {
  const auto url = parse_url("HTTPS://API.Slack.com:8443/a%20b/c?x=1&y=%2F#fragment");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "api.slack.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/a%20b/c?x=1&y=%2F");
  EXPECT_TRUE(url->tls());
  EXPECT_EQ(url->authority(), "api.slack.com:8443");
  EXPECT_EQ(url->text(), "https://api.slack.com:8443/a%20b/c?x=1&y=%2F");
}

TEST(Url, goes_without_tls_to_the_own_link_only_where_that_is_said) {
  for (const std::string text :
       {"http://169.254.169.254/metadata/identity/oauth2/token", "http://169.254.255.2:8081/msi/token"}) {
    EXPECT_FALSE(parse_url(text)) << text;
    const auto url = parse_url(text, Plain::link_local);
    ASSERT_TRUE(url) << text;
    EXPECT_TRUE(url->link_local());
    EXPECT_FALSE(url->loopback());
  }
  EXPECT_TRUE(parse_url("http://127.0.0.1:1234/", Plain::link_local));
  for (const std::string text :
       {"http://169.254.169.254.evil.example/", "http://169.254.1/", "http://169.254.1.256/", "http://169.254.0xa9.254/",
        "http://169.255.0.1/", "http://10.0.0.1/", "http://168.63.129.16/", "http://evil.example/",
        "http://x@169.254.169.254/", "http://2852039166/"}) {
    EXPECT_FALSE(parse_url(text, Plain::link_local)) << text;
  }
}

TEST(Url, fills_in_what_is_left_out) {
  struct {
    const char* text;
    const char* host;
    uint16_t port;
    const char* target;
    const char* normal;
  } table[] = {
      {"https://example.com", "example.com", 443, "/", "https://example.com/"},
      {"https://example.com.:/", "example.com", 443, "/", "https://example.com/"},
      {"https://example.com?q=1", "example.com", 443, "/?q=1", "https://example.com/?q=1"},
      {"wss://example.com:443/x", "example.com", 443, "/x", "wss://example.com/x"},
      {"http://localhost", "localhost", 80, "/", "http://localhost/"},
      {"ws://127.0.0.1:9000/link", "127.0.0.1", 9000, "/link", "ws://127.0.0.1:9000/link"},
      {"https://[2001:DB8::1]:8443/", "2001:db8::1", 8443, "/", "https://[2001:db8::1]:8443/"},
      {"http://[::1]/", "::1", 80, "/", "http://[::1]/"},
  };
  for (const auto& row : table) {
    const auto url = parse_url(row.text);
    ASSERT_TRUE(url) << row.text;
    EXPECT_EQ(url->host, row.host) << row.text;
    EXPECT_EQ(url->port, row.port) << row.text;
    EXPECT_EQ(url->target, row.target) << row.text;
    EXPECT_EQ(url->text(), row.normal) << row.text;
  }
}

TEST(Url, refuses_what_is_malformed_or_unsafe) {
  for (const char* text : {
           "",
           "example.com",
           "//example.com",
           "ftp://example.com/",
           "file:///etc/passwd",
           "https://",
           "https:///x",
           "https://user@example.com/",
           "https://user:pw@example.com/",
           "https://example.com:0/",
           "https://example.com:65536/",
           "https://example.com:-1/",
           "https://example.com:8x/",
           "https://exa mple.com/",
           "https://example.com/a b",
           "https://example.com/\r\nHost: x",
           "https://ex\xc3\xa4mple.com/",
           "https://example..com/",
           "https://.com/",
           "https://[::1/",
           "https://[]/",
           "https://[zz::1]/",
           "https://[::1]x/",
           "https://example.com\\@evil.example/",
           "http://example.com/",
           "ws://example.com/",
           "http://127.evil.example/",
           "http://127.1/",
           "http://127.0.0.1.evil.example/",
           "http://0.0.0.0/",
           "http://localhost.evil.example/",
           "http://[::2]/",
           "http://127.0.0.256/",
       }) {
    const auto url = parse_url(text);
    EXPECT_FALSE(url) << text;
    if (!url) {
      EXPECT_EQ(url.error().code, Code::invalid_input) << text;
    }
  }
  EXPECT_FALSE(parse_url("https://example.com/" + std::string(20'000, 'a')));
  EXPECT_FALSE(parse_url(std::string_view("https://example.com/\0x", 22)));
}

TEST(Url, knows_loopback_by_name) {
  for (const char* text :
       {"http://localhost/", "http://127.0.0.1/", "http://127.9.8.7/", "http://[::1]/", "https://LOCALHOST/"}) {
    const auto url = parse_url(text);
    ASSERT_TRUE(url) << text;
    EXPECT_TRUE(url->loopback()) << text;
  }
  EXPECT_FALSE(parse_url("https://127.0.0.1.example/")->loopback());
  EXPECT_FALSE(parse_url("https://10.0.0.1/")->loopback());
}

TEST(Url, joins) {
  EXPECT_EQ(join_url("https://slack.com/api", "chat.postMessage"), "https://slack.com/api/chat.postMessage");
  EXPECT_EQ(join_url("https://slack.com/api/", "chat.postMessage"), "https://slack.com/api/chat.postMessage");
  EXPECT_EQ(join_url("https://slack.com", "/x"), "https://slack.com/x");
}

TEST(Url, encodes_and_decodes) {
  EXPECT_EQ(percent_encode("a b/c~d\xff%"), "a%20b%2Fc~d%FF%25");
  EXPECT_EQ(form_encode("a b&c=d~*"), "a+b%26c%3Dd%7E*");
  EXPECT_EQ(percent_decode("a%20b%2fc%FF+"), "a b/c\xff+");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  EXPECT_EQ(percent_decode("100%"), "100%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%zz%41"), "%zzA");
  EXPECT_EQ(percent_decode("%%41"), "%A");
  std::string every;
  for (int i = 0; i < 256; ++i) every += static_cast<char>(i);
  EXPECT_EQ(percent_decode(percent_encode(every)), every);
  EXPECT_EQ(percent_decode(form_encode(every), true), every);
}

}  // namespace
}  // namespace vedette::net

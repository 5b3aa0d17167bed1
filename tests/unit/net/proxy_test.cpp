#include "bot/net/proxy.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "bot/net/http_client.hpp"

namespace vedette::net {
namespace {

TEST(Proxy, reads_its_address) {
  const auto plain = parse_proxy("http://proxy.corp.example:3128/");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->text(), "proxy.corp.example:3128");
  EXPECT_EQ(plain->authorization, "");
  EXPECT_EQ(parse_proxy("proxy.corp.example:8080")->text(), "proxy.corp.example:8080");
  EXPECT_EQ(parse_proxy("http://10.1.2.3")->port, 1080);
  EXPECT_EQ(parse_proxy("http://[::1]:3128")->host, "::1");
  const auto named = parse_proxy("http://user:p%40ss@proxy.example:3128");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->authorization, "Basic dXNlcjpwQHNz");
  EXPECT_EQ(named->text(), "proxy.example:3128");
  for (const char* text :
       {"https://proxy.example:3128", "socks5://proxy.example:1080", "http://", "http://a b:1", "http://x:99999"}) {
    EXPECT_FALSE(parse_proxy(text)) << text;
  }
}

TEST(Proxy, no_proxy_names_cover_subdomains) {
  struct {
    const char* rules;
    const char* url;
    bool direct;
  } table[] = {
      {"", "https://a.example/", false},
      {"*", "https://a.example/", true},
      {"corp.example", "https://corp.example/", true},
      {"corp.example", "https://x.y.corp.example/", true},
      {"corp.example", "https://evilcorp.example/", false},
      {".corp.example", "https://x.corp.example/", true},
      {".corp.example", "https://corp.example/", true},
      {"*.corp.example", "https://x.corp.example/", true},
      {" a.example , B.Example ", "https://b.example/", true},
      {"10.0.0.7", "https://10.0.0.7/", true},
      {"10.0.0.7", "https://10.0.0.70/", false},
      {"b.example:8443", "https://b.example:8443/", true},
      {"b.example:8443", "https://b.example/", false},
      {"[2001:db8::1]:8443", "https://[2001:db8::1]:8443/", true},
      {"2001:db8::1", "https://[2001:db8::1]/", true},
      {",,", "https://a.example/", false},
      {":443", "https://a.example/", false},
  };
  for (const auto& row : table) {
    EXPECT_EQ(bypasses_proxy(row.rules, *parse_url(row.url)), row.direct) << row.rules << " " << row.url;
  }
}

TEST(Proxy, is_for_tls_beyond_this_machine) {
  const std::string proxy = "http://p.example:3128";
  EXPECT_TRUE(proxy_for(*parse_url("https://slack.com/"), proxy, "")->has_value());
  EXPECT_TRUE(proxy_for(*parse_url("wss://slack.com/"), proxy, "")->has_value());
  EXPECT_FALSE(proxy_for(*parse_url("https://localhost/"), proxy, "")->has_value());
  EXPECT_FALSE(proxy_for(*parse_url("http://127.0.0.1/"), proxy, "")->has_value());
  EXPECT_FALSE(proxy_for(*parse_url("https://slack.com/"), proxy, "slack.com")->has_value());
  EXPECT_FALSE(proxy_for(*parse_url("https://slack.com/"), "", "")->has_value());
  EXPECT_FALSE(proxy_for(*parse_url("https://slack.com/"), "socks5://p.example", ""));
}

TEST(Proxy, comes_from_the_environment) {
  setenv("HTTPS_PROXY", "http://p.example:3128", 1);
  setenv("NO_PROXY", "corp.example", 1);
  HttpClientOptions options;
  EXPECT_EQ(options.proxy, "http://p.example:3128");
  EXPECT_EQ(options.no_proxy, "corp.example");
  unsetenv("HTTPS_PROXY");
  unsetenv("NO_PROXY");
}

}  // namespace
}  // namespace vedette::net

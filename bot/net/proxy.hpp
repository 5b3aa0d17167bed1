#pragma once
// Inside bot/net: which connections go through a proxy. Pure.
// HTTPS_PROXY and NO_PROXY as curl and most HTTP clients read them; there is no standard.

#include <optional>
#include <string>
#include <string_view>

#include "bot/net/url.hpp"

namespace vedette::net {

struct Proxy {
  std::string host;
  uint16_t port = 0;
  std::string authorization;  // value of Proxy-Authorization, or empty

  std::string text() const;  // host:port, never the credentials
};

std::string proxy_from_environment();
std::string no_proxy_from_environment();
// "http://[user:password@]host[:port]" or "host:port". Errors: invalid_input.
Result<Proxy> parse_proxy(std::string_view text);
// NO_PROXY: "*", "corp.example", ".corp.example", "10.0.0.7", "host:8443"; a name covers its subdomains.
bool bypasses_proxy(std::string_view no_proxy, const Url& url);
// The proxy for `url`, or none: loopback and plain connections are always direct.
Result<std::optional<Proxy>> proxy_for(const Url& url, std::string_view proxy, std::string_view no_proxy);

}  // namespace vedette::net

#include "bot/net/proxy.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/secret.hpp"
#include "bot/base/text.hpp"

namespace vedette::net {
namespace {

std::string environment(const char* upper, const char* lower) {
  for (const char* name : {upper, lower}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

bool entry_covers(std::string_view entry, const Url& url) {
  entry = text::trim(entry);
  if (entry.empty()) return false;
  if (entry == "*") return true;
  const size_t colon = entry.rfind(':');
  const bool has_port = colon != std::string_view::npos && (entry.find(':') == colon || entry[colon - 1] == ']');
  if (has_port) {
    const auto port = text::parse_integer(entry.substr(colon + 1));
    if (!port || *port != url.port) return false;
    entry = entry.substr(0, colon);
  }
  if (entry.size() > 2 && entry.front() == '[' && entry.back() == ']') entry = entry.substr(1, entry.size() - 2);
  while (!entry.empty() && (entry.front() == '.' || entry.front() == '*')) entry.remove_prefix(1);
  if (entry.empty()) return false;
  const std::string_view host = url.host;
  if (host.size() < entry.size() || !text::iequals(host.substr(host.size() - entry.size()), entry)) return false;
  return host.size() == entry.size() || host[host.size() - entry.size() - 1] == '.';
}

}  // namespace

std::string Proxy::text() const { return fmt::format("{}:{}", host, port); }

std::string proxy_from_environment() { return environment("HTTPS_PROXY", "https_proxy"); }
std::string no_proxy_from_environment() { return environment("NO_PROXY", "no_proxy"); }

Result<Proxy> parse_proxy(std::string_view text) {
  text = text::trim(text);
  const size_t scheme = text.find("://");
  if (scheme != std::string_view::npos && !text::iequals(text.substr(0, scheme), "http")) {
    return Error(Code::invalid_input, "The proxy address must start with http://; other kinds of proxy are not supported.");
  }
  std::string_view rest = scheme == std::string_view::npos ? text : text.substr(scheme + 3);
  Proxy proxy;
  const size_t at = rest.substr(0, rest.find('/')).rfind('@');
  if (at != std::string_view::npos) {
    const std::string credentials = percent_decode(rest.substr(0, at));
    proxy.authorization = "Basic " + crypto::to_base64(credentials);
    register_secret(proxy.authorization.substr(6));
    const size_t colon = credentials.find(':');
    if (colon != std::string::npos) register_secret(std::string_view(credentials).substr(colon + 1));
    rest.remove_prefix(at + 1);
  }
  rest = rest.substr(0, rest.find('/'));
  // The rules for a host and a port are those of any URL.
  const auto url = parse_url(fmt::format("https://{}/", rest));
  if (!url) return Error(Code::invalid_input, "The proxy address is not usable; it should look like http://host:port.");
  proxy.host = url->host;
  const bool has_port = !rest.empty() && rest.back() != ']' && rest.rfind(':') != std::string_view::npos;
  proxy.port = has_port ? url->port : static_cast<uint16_t>(1080);
  return proxy;
}

bool bypasses_proxy(std::string_view no_proxy, const Url& url) {
  for (const auto& entry : text::split(no_proxy, ',')) {
    if (entry_covers(entry, url)) return true;
  }
  return false;
}

Result<std::optional<Proxy>> proxy_for(const Url& url, std::string_view proxy, std::string_view no_proxy) {
  if (proxy.empty() || !url.tls() || url.loopback() || bypasses_proxy(no_proxy, url)) return std::optional<Proxy>();
  TRY(auto parsed, parse_proxy(proxy));
  return std::optional<Proxy>(std::move(parsed));
}

}  // namespace vedette::net

#include "bot/net/url.hpp"

#include <array>

#include <fmt/format.h>

#include "bot/base/text.hpp"

namespace vedette::net {
namespace {

constexpr size_t kLongestUrl = 16 << 10;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_unreserved(char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_escaped(std::string& out, char c) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

uint16_t default_port(std::string_view scheme) { return scheme == "https" || scheme == "wss" ? 443 : 80; }

Error bad(std::string_view what) { return Error(Code::invalid_input, fmt::format("The address is not usable: {}.", what)); }

bool valid_name(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  for (const char c : host) {
    if (!is_alnum(c) && c != '-' && c != '.' && c != '_') return false;
  }
  return host.front() != '.' && host.find("..") == std::string_view::npos;
}

bool valid_ipv6(std::string_view host) {
  if (host.size() < 2 || host.size() > 45 || host.find(':') == std::string_view::npos) return false;
  for (const char c : host) {
    if (hex_digit(c) < 0 && c != ':' && c != '.') return false;
  }
  return true;
}

// Exactly four decimal numbers up to 255: "127.evil.example" and the short forms of inet_aton are names, not addresses.
bool is_ipv4(std::string_view host) {
  const auto parts = text::split(host, '.');
  if (parts.size() != 4) return false;
  for (const auto& part : parts) {
    const auto number = text::parse_integer(part);
    if (!number || *number < 0 || *number > 255 || part.size() > 3 || !is_digit(part.front())) return false;
  }
  return true;
}

// Splits "host", "host:port", "[v6]" or "[v6]:port" into the URL's host and port.
Status take_authority(std::string_view authority, Url& url) {
  std::string_view host = authority;
  std::string_view port;
  if (!authority.empty() && authority.front() == '[') {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos || !valid_ipv6(authority.substr(1, end - 1)))
      return bad("its IPv6 address is malformed");
    host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
    if (!port.empty() && port.front() != ':') return bad("there is text after the IPv6 address");
  } else {
    const size_t colon = authority.find(':');
    if (colon != std::string_view::npos) {
      host = authority.substr(0, colon);
      port = authority.substr(colon);
    }
    if (host.size() > 1 && host.back() == '.') host.remove_suffix(1);  // the root's dot; certificates never carry it
    if (!valid_name(host)) return bad("its host name is missing or malformed");
  }
  url.host = text::lower(host);
  url.port = default_port(url.scheme);
  if (port.size() > 1) {
    const auto number = text::parse_integer(port.substr(1));
    if (!number || !is_digit(port[1]) || *number < 1 || *number > 65535)
      return bad("its port is not a number from 1 to 65535");
    url.port = static_cast<uint16_t>(*number);
  }
  return {};
}

}  // namespace

bool Url::loopback() const { return host == "localhost" || host == "::1" || (host.starts_with("127.") && is_ipv4(host)); }
bool Url::link_local() const { return host.starts_with("169.254.") && is_ipv4(host); }

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != default_port(scheme)) out += fmt::format(":{}", port);
  return out;
}

std::string Url::text() const { return scheme + "://" + authority() + target; }

Result<Url> parse_url(std::string_view text, Plain plain) {
  if (text.size() > kLongestUrl) return bad("it is too long");
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f) {
      return bad("it holds spaces, control characters or letters outside ASCII");
    }
  }
  const size_t colon = text.find("://");
  if (colon == std::string_view::npos) return bad("it does not start with a scheme such as https://");
  Url url;
  url.scheme = text::lower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https" && url.scheme != "ws" && url.scheme != "wss") {
    return bad("only https, wss and, on this machine, http and ws are supported");
  }
  const std::string_view rest = text.substr(colon + 3);
  const size_t end = rest.find_first_of("/?#\\");
  const std::string_view authority = rest.substr(0, end);
  if (authority.find('@') != std::string_view::npos) return bad("user names and passwords do not belong in it");
  TRY_VOID(take_authority(authority, url));
  std::string_view target = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  if (!target.empty() && target.front() == '\\') return bad("there is a backslash after the host");
  target = target.substr(0, target.find('#'));  // a fragment is never sent
  url.target = target.empty() || target.front() != '/' ? "/" : "";
  url.target += target;
  if (!url.tls() && !url.loopback() && !(plain == Plain::link_local && url.link_local()))
    return bad("without TLS only this machine (localhost, 127.0.0.1, ::1) may be addressed");
  return url;
}

std::string join_url(std::string_view base, std::string_view path) {
  while (!base.empty() && base.back() == '/') base.remove_suffix(1);
  while (!path.empty() && path.front() == '/') path.remove_prefix(1);
  std::string out(base);
  out += '/';
  out += path;
  return out;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      append_escaped(out, c);
    }
  }
  return out;
}

std::string form_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '*') {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      append_escaped(out, c);
    }
  }
  return out;
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace vedette::net

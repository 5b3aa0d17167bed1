#pragma once
// An absolute http, https, ws or wss URL, taken apart. Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "bot/base/result.hpp"

namespace vedette::net {

struct Url {
  std::string scheme;  // lower case
  std::string host;    // lower case, without brackets for IPv6
  uint16_t port = 0;   // the scheme's default where none was given
  std::string target;  // path and query, percent-encoded as given; at least "/"

  bool tls() const { return scheme == "https" || scheme == "wss"; }
  bool loopback() const;          // localhost, 127.0.0.0/8 or ::1, by name only: no look-up is made
  bool link_local() const;        // 169.254.0.0/16 (RFC 3927), written as four decimal numbers
  std::string authority() const;  // host[:port], the port left out where it is the default
  std::string text() const;
};

// How far a connection without TLS may go.
enum class Plain {
  loopback,    // this machine alone
  link_local,  // or 169.254.0.0/16, which no router passes on: where a cloud's machines find their identity service
};

// Refuses user names in the URL, other schemes, and plain http/ws to anything but what `plain` names (invalid_input).
Result<Url> parse_url(std::string_view text, Plain plain = Plain::loopback);
// Joins a base (trailing slash or not) and a relative path without a leading slash.
std::string join_url(std::string_view base, std::string_view path);
std::string percent_encode(std::string_view text);                              // RFC 3986 unreserved characters stay
std::string form_encode(std::string_view text);                                 // application/x-www-form-urlencoded value
std::string percent_decode(std::string_view text, bool plus_is_space = false);  // a malformed escape stays as it is

}  // namespace vedette::net

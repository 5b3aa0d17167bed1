#pragma once
// HTTP messages as plain values, shared by client and server.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bot/base/result.hpp"

namespace vedette::net {

// Field names compare without regard to case; order is kept; a name may stand more than once.
class Headers {
 public:
  Headers() = default;
  void add(std::string name, std::string value);
  void set(std::string name, std::string value);      // replaces all of that name
  std::string_view get(std::string_view name) const;  // the first, or ""
  size_t count(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }
  std::vector<std::pair<std::string, std::string>> take() { return std::move(fields_); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct HttpRequest {
  HttpRequest() = default;
  HttpRequest(std::string method_, std::string target_) : method(std::move(method_)), target(std::move(target_)) {}
  std::string method;  // upper case
  std::string target;  // path?query as received (server) or sent (client: absolute URL)
  Headers headers;
  std::string body;

  bool to_link_local = false;  // client: 169.254.0.0/16 may be asked without TLS, for a machine's identity service alone

  // Server side, filled in by the router:
  std::string path;                           // percent-decoded, without the query
  std::map<std::string, std::string> query;   // decoded; the last of a repeated name
  std::map<std::string, std::string> params;  // {name} parts of the route
  std::string peer;                           // address of the other side
  bool tls = false;
};

struct HttpResponse {
  HttpResponse() = default;
  explicit HttpResponse(int code) : status(code) {}
  HttpResponse(int code, std::string content_type, std::string content);
  int status = 200;
  Headers headers;
  std::string body;
};

// RFC 9457 problem details as application/problem+json.
HttpResponse problem(int status, std::string_view title, std::string_view detail = {});
// The problem for an Error: its code chooses the status, its message is the detail; adds Retry-After where there is one.
HttpResponse problem(const Error& error);
int http_status_of(Code code);
// Retry-After of RFC 9110 section 10.2.3: seconds or an HTTP date.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value,
                                                           std::chrono::system_clock::time_point now);

}  // namespace vedette::net

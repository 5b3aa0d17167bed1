#pragma once
// Inside bot/net: finds the route of a request. A literal part beats {name}, which beats {rest...}; an escaped slash stays
// inside its part. HEAD is served by GET routes.

#include <string>
#include <string_view>
#include <vector>

#include "bot/net/http_server.hpp"

namespace vedette::net {

using CheckHandler = std::function<boost::asio::awaitable<HttpResponse>(HttpRequest)>;

struct Target {
  Handler handler;     // of an ordinary route
  CheckHandler check;  // of a WebSocket route
  WebSocketHandler websocket;
};

class Router {
 public:
  // Throws std::logic_error for a malformed pattern or one that is there already.
  void add(std::string method, std::string_view pattern, Target target);

  struct Match {
    const Target* target = nullptr;
    bool path_known = false;  // the path has routes, but none for this method
    std::string allow;        // their methods, for the Allow field
  };
  // Fills in `request.params`; path and query must have been split by split_target().
  Match find(HttpRequest& request) const;

 private:
  struct Part {
    enum class Kind { literal, name, rest } kind = Kind::literal;
    std::string text;
  };
  struct Entry {
    std::string method;
    std::vector<Part> parts;
    Target target;
  };
  static std::vector<Part> parse(std::string_view pattern);
  static bool matches(const Entry& entry, const std::vector<std::string_view>& raw, HttpRequest* request);
  std::vector<Entry> entries_;  // the most specific first
};

// Fills in `path` and `query` from `target` (origin or absolute form). False when it is malformed or holds a NUL.
bool split_target(HttpRequest& request);

}  // namespace vedette::net

#pragma once
// HTTP/1.1 client: connection pool, deadlines, verified TLS (1.2 or newer, chain and host name), proxies from HTTPS_PROXY
// and NO_PROXY through CONNECT. Never follows redirects. Used from the io thread only.

#include <memory>
#include <string>

#include "bot/base/async.hpp"
#include "bot/net/http.hpp"

namespace vedette::net {

struct HttpClientOptions {
  HttpClientOptions();
  std::string ca_file;              // PEM; empty: the system's store
  std::string proxy;                // http://host:port; from HTTPS_PROXY, empty: none
  std::string no_proxy;             // comma list of host suffixes and "*"; from NO_PROXY; loopback is always direct
  size_t connections_per_host = 8;  // more callers wait, inside their deadline
  std::chrono::seconds idle = std::chrono::seconds(30);
  size_t response_bytes = 16 << 20;
};

// The seam for tests of everything that talks HTTP.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // `request.target` is an absolute URL (parse_url's rules hold). Any complete HTTP answer is a value, whatever its status.
  // Errors: unavailable = nothing of the request left this machine, safe to repeat; unknown_outcome = it may have been
  // received (retryable for idempotent methods), also when the caller was cancelled after sending; timeout = the deadline
  // passed before anything was sent; cancelled = the same for the caller's end; too_large; invalid_input.
  // A pooled connection that turns out to be closed is replaced without a word, but no request is sent twice unless its
  // method is idempotent (RFC 9110 section 9.2.2).
  virtual Async<HttpResponse> send(HttpRequest request, Deadline deadline) = 0;
};

std::unique_ptr<HttpClient> make_http_client(Executor executor, HttpClientOptions options);

// Sorts a finished answer: 2xx passes; 429 is rate_limited with Retry-After; 401 unauthenticated; 403 forbidden; 404
// not_found; 408, 502, 503, 504 unavailable; other 5xx upstream and retryable; other 4xx upstream. `what` names the call for
// the message.
Result<HttpResponse> require_success(HttpResponse response, std::string_view what);

}  // namespace vedette::net

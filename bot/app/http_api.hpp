#pragma once
// Vedette's own HTTP interface: alert and event intake, cases for programs, health and metrics. See docs/api.md.

#include <functional>
#include <string>
#include <vector>

#include "bot/base/secret.hpp"
#include "bot/intake/intake.hpp"
#include "bot/net/http_client.hpp"
#include "bot/net/http_server.hpp"
#include "bot/store/store.hpp"

namespace vedette::app {

struct ApiToken {
  std::string name;
  Secret token;
};

struct HttpApiOptions {
  std::vector<ApiToken> tokens;
  // Whether a request carries a console session: the case page reads /v1 with its cookie.
  std::function<boost::asio::awaitable<bool>(const net::HttpRequest&)> signed_in;
  // More lines for /metrics, in the Prometheus text format.
  std::function<std::string()> more_metrics;
  // Whether everything that must be connected is; a sentence when not.
  std::function<std::string()> not_ready;
  // What somebody should look at although everything works; empty: nothing.
  std::function<std::string()> degraded;
};

class HttpApi {
 public:
  HttpApi(Store& store, intake::Intake& intake, net::HttpClient& client, HttpApiOptions options);
  // Adds /v1/…, /healthz, /readyz and /metrics. The object must outlive the server.
  void add_routes(net::HttpServer& server);

 private:
  using Answer = boost::asio::awaitable<net::HttpResponse>;
  Answer alerts(net::HttpRequest request);
  Answer events(net::HttpRequest request);
  Answer cases(net::HttpRequest request);
  Answer one_case(net::HttpRequest request);
  Answer evidence(net::HttpRequest request);
  Answer coverage(net::HttpRequest request);
  Answer confirm(std::string url);
  Answer healthy(net::HttpRequest request);
  Answer ready(net::HttpRequest request);
  Answer metrics(net::HttpRequest request);
  boost::asio::awaitable<bool> authorised(const net::HttpRequest& request);
  Answer check_and_call(net::HttpRequest request, Answer (HttpApi::*handler)(net::HttpRequest));
  net::Handler guarded(Answer (HttpApi::*handler)(net::HttpRequest));

  Store& store_;
  intake::Intake& intake_;
  net::HttpClient& client_;
  HttpApiOptions options_;
};

}  // namespace vedette::app

#pragma once
// Closed-loop load on an HTTP server: each connection sends the next request when the last one was answered.

#include <functional>
#include <string>

#include "bench/support.hpp"

namespace vedette::bench {

struct HttpLoad {
  uint16_t port = 0;
  std::string path;     // "/v1/alerts/bench"
  std::string headers;  // more header lines, each ending in \r\n
  std::function<std::string(int number)> body;
  int wanted = 202;  // status of every answer
  int connections = 64;
  int requests = 20'000;  // in all, after a tenth of it as warm-up
};

struct HttpLoadResult {
  double per_second = 0;
  double p50_micros = 0;
  double p99_micros = 0;
  double processor_micros = 0;  // of the server, for each request
  int refused = 0;              // answers other than the wanted
};

HttpLoadResult run_http_load(const HttpLoad& load);

}  // namespace vedette::bench

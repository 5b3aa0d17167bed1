#pragma once
// Closed-loop load on an HTTP server: each connection sends the next alert when the last one was answered.

#include <string>

#include "bench/support.hpp"

namespace vedette::bench {

struct AlertLoad {
  uint16_t port = 0;
  std::string path;     // "/v1/alerts/bench"
  std::string headers;  // more header lines, each ending in \r\n
  int connections = 64;
  int alerts = 20'000;  // in all, after a tenth of it as warm-up
};

struct AlertResult {
  double per_second = 0;
  double p50_micros = 0;
  double p99_micros = 0;
  double processor_micros = 0;  // of the server, for each alert
  int refused = 0;              // answers other than 202
};

AlertResult run_alert_load(const AlertLoad& load);

}  // namespace vedette::bench

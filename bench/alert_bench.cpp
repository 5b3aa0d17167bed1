#include "bench/alert_bench.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "bench/http_load.hpp"

namespace vedette::bench {
namespace {

using test::Process;

// A Wazuh alert of ordinary size, different each time.
std::string alert(int number) {
  return fmt::format(
      R"({{"timestamp":"2026-11-24T03:12:09.250+0000","rule":{{"level":10,"description":"sshd: brute force trying to get access to the system","id":"5712","mitre":{{"id":["T1110"],"tactic":["Credential Access"],"technique":["Brute Force"]}},"firedtimes":1,"groups":["syslog","sshd","authentication_failures"]}},"agent":{{"id":"{0:03}","name":"host-{0}","ip":"10.1.{1}.{2}"}},"manager":{{"name":"wazuh-01"}},"id":"1764000000.{3}","full_log":"Nov 24 03:12:09 host-{0} sshd[2211]: Failed password for invalid user admin from 203.0.113.{2} port 4022 ssh2","predecoder":{{"program_name":"sshd","hostname":"host-{0}"}},"decoder":{{"parent":"sshd","name":"sshd"}},"data":{{"srcip":"203.0.113.{2}","srcport":"4022","srcuser":"admin"}},"location":"/var/log/auth.log"}})",
      number % 500, number / 250 % 250, number % 250, number);
}

void row(const std::string& what, const char* unit, double ours, double limit) {
  std::printf("| %-44s | %12.1f | %12.1f | %6.2f | %s |\n", what.c_str(), ours, limit, limit > 0 ? ours / limit : 0.0, unit);
}

uint16_t port_in(const std::string& text) { return static_cast<uint16_t>(std::stoi(text.substr(text.rfind(':') + 1))); }

// The processor time of the server from the first alert to the last answer, warm-up included.
HttpLoadResult with_processor_time(const HttpLoad& load, const Process& server) {
  const double before = server.processor_seconds();
  HttpLoadResult result = run_http_load(load);
  result.processor_micros = (server.processor_seconds() - before) * 1e6 / (load.requests * 1.1);
  return result;
}

HttpLoadResult alerts_of_vedette(const Scratch& scratch, int alerts, int connections, int round) {
  const std::string config = scratch.file(fmt::format("alerts-{}-{}.yaml", connections, round));
  write_config(config, scratch.file(fmt::format("alerts-{}-{}.sqlite", connections, round)), "");
  Process vedette({VEDETTE_BINARY, "run", "--config", config}, scratch.file("vedette.log"));
  HttpLoad load;
  load.port = port_in(line_of(vedette, "listening on "));
  load.path = "/v1/alerts/bench";
  load.body = alert;
  load.headers = fmt::format("Authorization: Bearer {}\r\n", kToken);
  load.connections = connections;
  load.requests = connections == 1 ? alerts / 10 : alerts;
  return with_processor_time(load, vedette);
}

HttpLoadResult alerts_of_limit(const Scratch& scratch, int alerts, int connections, int round) {
  Process server({BARE_HTTP_SERVER, scratch.file(fmt::format("limit-{}-{}.sqlite", connections, round))},
                 scratch.file("limit.log"));
  HttpLoad load;
  load.port = static_cast<uint16_t>(std::stoi(line_of(server, "port=")));
  load.path = "/v1/alerts/bench";
  load.body = alert;
  load.connections = connections;
  load.requests = connections == 1 ? alerts / 10 : alerts;
  return with_processor_time(load, server);
}

// Each figure is the median over the rounds; ours and the limit take turns, so that a slow minute of the machine meets both.
void measure_connections(const Scratch& scratch, int alerts, int rounds, int connections) {
  std::vector<double> ours_rate, limit_rate, ours_p50, limit_p50, ours_p99, limit_p99, ours_processor, limit_processor;
  for (int round = 0; round < rounds; ++round) {
    const HttpLoadResult limit = alerts_of_limit(scratch, alerts, connections, round);
    const HttpLoadResult ours = alerts_of_vedette(scratch, alerts, connections, round);
    if (ours.refused + limit.refused > 0) std::printf("refused: ours %d, limit %d\n", ours.refused, limit.refused);
    ours_rate.push_back(ours.per_second), limit_rate.push_back(limit.per_second);
    ours_p50.push_back(ours.p50_micros), limit_p50.push_back(limit.p50_micros);
    ours_p99.push_back(ours.p99_micros), limit_p99.push_back(limit.p99_micros);
    ours_processor.push_back(ours.processor_micros), limit_processor.push_back(limit.processor_micros);
  }
  row(fmt::format("durable alerts, {} connections", connections), "alerts/s", median(ours_rate), median(limit_rate));
  row("  time to the 202, p50", "us", median(ours_p50), median(limit_p50));
  row("  time to the 202, p99", "us", median(ours_p99), median(limit_p99));
  row("  processor time of an alert", "us", median(ours_processor), median(limit_processor));
}

}  // namespace

void measure_alerts(const Scratch& scratch, int alerts, int rounds) {
  std::printf("| %-44s | %12s | %12s | %6s | unit |\n", "alerts", "vedette", "limit", "ratio");
  for (const int connections : {1, 64}) measure_connections(scratch, alerts, rounds, connections);
}

}  // namespace vedette::bench

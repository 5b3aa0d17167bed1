// Prints Vedette's speed beside the limit of the same machine in the same run: durable alerts, Socket Mode acknowledgements,
// memory, time from start to connected. See docs/performance.md.
//
//   build/release/bench/bench [--alerts N] [--envelopes N] [--rounds N] [--only alerts|socket]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "bench/alert_load.hpp"
#include "bench/slack_load.hpp"
#include "tests/support/process.hpp"

namespace {

using namespace vedette::bench;
using vedette::test::Process;

constexpr const char* kToken = "bench-token-0123456789";

struct Options {
  int alerts = 20'000;
  int envelopes = 5'000;
  int rounds = 3;
  std::string only;  // "alerts" or "socket"; both when empty
};

void write_config(const std::string& path, const std::string& database, const std::string& more) {
  std::ofstream(path) << fmt::format(
      "server:\n  listen: 127.0.0.1:0\nstore: sqlite:{}\nlog:\n  level: warning\nsources:\n  - name: bench\n    format: "
      "wazuh\n    auth:\n      "
      "type: bearer\n      tokens: [{}]\n{}",
      database, kToken, more);
}

std::string line_of(Process& process, const char* prefix) {
  const auto line = process.wait_for_line(prefix);
  if (!line) throw std::runtime_error("the program under test did not start; see its log");
  return *line;
}

uint16_t port_in(const std::string& text) { return static_cast<uint16_t>(std::stoi(text.substr(text.rfind(':') + 1))); }

// The processor time of the server from the first alert to the last answer, warm-up included.
AlertResult with_processor_time(const AlertLoad& load, const Process& server) {
  const double before = server.processor_seconds();
  AlertResult result = run_alert_load(load);
  result.processor_micros = (server.processor_seconds() - before) * 1e6 / (load.alerts * 1.1);
  return result;
}

AlertResult alerts_of_vedette(const Scratch& scratch, const Options& options, int connections, int round) {
  const std::string config = scratch.file(fmt::format("alerts-{}-{}.yaml", connections, round));
  write_config(config, scratch.file(fmt::format("alerts-{}-{}.sqlite", connections, round)), "");
  Process vedette({VEDETTE_BINARY, "run", "--config", config}, scratch.file("vedette.log"));
  AlertLoad load;
  load.port = port_in(line_of(vedette, "listening on "));
  load.path = "/v1/alerts/bench";
  load.headers = fmt::format("Authorization: Bearer {}\r\n", kToken);
  load.connections = connections;
  load.alerts = connections == 1 ? options.alerts / 10 : options.alerts;
  return with_processor_time(load, vedette);
}

AlertResult alerts_of_limit(const Scratch& scratch, const Options& options, int connections, int round) {
  Process server({BARE_HTTP_SERVER, scratch.file(fmt::format("limit-{}-{}.sqlite", connections, round))},
                 scratch.file("limit.log"));
  AlertLoad load;
  load.port = static_cast<uint16_t>(std::stoi(line_of(server, "port=")));
  load.path = "/v1/alerts/bench";
  load.connections = connections;
  load.alerts = connections == 1 ? options.alerts / 10 : options.alerts;
  return with_processor_time(load, server);
}

struct SocketRun {
  SlackResult slack;
  long resident_kib = 0;
};

SocketRun socket_of_vedette(const Scratch& scratch, int envelopes, int outstanding, int round) {
  const std::string config = scratch.file(fmt::format("socket-{}-{}.yaml", outstanding, round));
  write_config(config, scratch.file(fmt::format("socket-{}-{}.sqlite", outstanding, round)),
               "chat:\n  slack:\n    channel: C0BENCH\n");
  std::unique_ptr<Process> vedette;
  SocketRun run;
  run.slack = run_slack_load(
      envelopes, outstanding,
      [&](uint16_t port) {
        vedette = std::make_unique<Process>(
            std::vector<std::string>{VEDETTE_BINARY, "run", "--config", config}, scratch.file("vedette.log"),
            std::vector<std::string>{"SLACK_APP_TOKEN=xapp-bench-0123456789", "SLACK_BOT_TOKEN=xoxb-bench-0123456789",
                                     fmt::format("SLACK_API_URL=http://127.0.0.1:{}/api/", port)});
      },
      [&] { run.resident_kib = vedette->resident_kib(); });
  return run;
}

SocketRun socket_of_limit(const Scratch& scratch, int envelopes, int outstanding, int round) {
  std::unique_ptr<Process> client;
  SocketRun run;
  run.slack = run_slack_load(
      envelopes, outstanding,
      [&](uint16_t port) {
        client = std::make_unique<Process>(
            std::vector<std::string>{BARE_SOCKET_CLIENT,
                                     scratch.file(fmt::format("socket-limit-{}-{}.sqlite", outstanding, round)),
                                     std::to_string(port)},
            scratch.file("limit.log"));
      },
      [&] { run.resident_kib = client->resident_kib(); });
  return run;
}

void row(const char* what, const std::string& unit, double ours, double limit) {
  std::printf("| %-44s | %12.1f | %12.1f | %6.2f | %s |\n", what, ours, limit, limit > 0 ? ours / limit : 0.0, unit.c_str());
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const int value = std::atoi(argv[i + 1]);
    if (std::strcmp(argv[i], "--alerts") == 0) options.alerts = value;
    if (std::strcmp(argv[i], "--envelopes") == 0) options.envelopes = value;
    if (std::strcmp(argv[i], "--rounds") == 0) options.rounds = value;
    if (std::strcmp(argv[i], "--only") == 0) options.only = argv[i + 1];
  }
  return options;
}

// Each figure is the median over the rounds; ours and the limit take turns, so that a slow minute of the machine meets both.
void measure_alerts(const Scratch& scratch, const Options& options, int connections) {
  std::vector<double> ours_rate, limit_rate, ours_p50, limit_p50, ours_p99, limit_p99, ours_processor, limit_processor;
  for (int round = 0; round < options.rounds; ++round) {
    const AlertResult limit = alerts_of_limit(scratch, options, connections, round);
    const AlertResult ours = alerts_of_vedette(scratch, options, connections, round);
    if (ours.refused + limit.refused > 0) std::printf("refused: ours %d, limit %d\n", ours.refused, limit.refused);
    ours_rate.push_back(ours.per_second), limit_rate.push_back(limit.per_second);
    ours_p50.push_back(ours.p50_micros), limit_p50.push_back(limit.p50_micros);
    ours_p99.push_back(ours.p99_micros), limit_p99.push_back(limit.p99_micros);
    ours_processor.push_back(ours.processor_micros), limit_processor.push_back(limit.processor_micros);
  }
  row(fmt::format("durable alerts, {} connections", connections).c_str(), "alerts/s", median(ours_rate), median(limit_rate));
  row(fmt::format("  time to the 202, p50").c_str(), "us", median(ours_p50), median(limit_p50));
  row(fmt::format("  time to the 202, p99").c_str(), "us", median(ours_p99), median(limit_p99));
  row("  processor time of an alert", "us", median(ours_processor), median(limit_processor));
}

void measure_socket(const Scratch& scratch, const Options& options, int outstanding) {
  std::vector<double> ours_p50, limit_p50, ours_p99, limit_p99, ours_rate, limit_rate, ours_start, limit_start, ours_memory,
      limit_memory;
  const int envelopes = outstanding == 1 ? options.envelopes / 5 : options.envelopes;
  for (int round = 0; round < options.rounds; ++round) {
    const SocketRun limit = socket_of_limit(scratch, envelopes, outstanding, round);
    const SocketRun ours = socket_of_vedette(scratch, envelopes, outstanding, round);
    if (ours.slack.unacknowledged > 0) std::printf("not acknowledged: %d\n", ours.slack.unacknowledged);
    ours_p50.push_back(ours.slack.p50_micros), limit_p50.push_back(limit.slack.p50_micros);
    ours_p99.push_back(ours.slack.p99_micros), limit_p99.push_back(limit.slack.p99_micros);
    ours_rate.push_back(ours.slack.per_second), limit_rate.push_back(limit.slack.per_second);
    ours_start.push_back(ours.slack.connected_millis), limit_start.push_back(limit.slack.connected_millis);
    ours_memory.push_back(static_cast<double>(ours.resident_kib) / 1024),
        limit_memory.push_back(static_cast<double>(limit.resident_kib) / 1024);
  }
  row(fmt::format("envelope to ack, {} outstanding, p50", outstanding).c_str(), "us", median(ours_p50), median(limit_p50));
  row("  p99", "us", median(ours_p99), median(limit_p99));
  row("  acks", "acks/s", median(ours_rate), median(limit_rate));
  if (outstanding != 1) return;
  row("start to connected", "ms", median(ours_start), median(limit_start));
  row("idle memory (VmRSS)", "MiB", median(ours_memory), median(limit_memory));
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const Scratch scratch;
  std::printf("| %-44s | %12s | %12s | %6s | unit |\n", "figure", "vedette", "limit", "ratio");
  std::printf("|%s|\n", std::string(100, '-').c_str());
  if (options.only != "socket") {
    measure_alerts(scratch, options, 1);
    measure_alerts(scratch, options, 64);
  }
  if (options.only != "alerts") {
    measure_socket(scratch, options, 1);
    measure_socket(scratch, options, 64);
  }
  return 0;
}

#include "bench/socket_bench.hpp"

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>

#include <fmt/format.h>

#include "bench/slack_load.hpp"

namespace vedette::bench {
namespace {

namespace fs = std::filesystem;
using test::Process;

// One bot: how it is started against the Slack at `port`, and what it said in all rounds.
struct Bot {
  std::string name;
  std::function<std::unique_ptr<Process>(uint16_t port, const std::string& label)> start;
  std::vector<double> p50, p99, rate, connected, memory;
  int unacknowledged = 0;
  bool measured = true;
};

std::vector<std::string> environment(uint16_t port) {
  return {"SLACK_APP_TOKEN=xapp-bench-0123456789", "SLACK_BOT_TOKEN=xoxb-bench-0123456789",
          fmt::format("SLACK_API_URL=http://127.0.0.1:{}/api/", port)};
}

std::string on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::string folders = path == nullptr ? "" : path;
  for (size_t at = 0; at < folders.size();) {
    const size_t end = std::min(folders.find(':', at), folders.size());
    const std::string candidate = folders.substr(at, end - at) + "/" + program;
    if (fs::exists(candidate)) return candidate;
    at = end + 1;
  }
  return {};
}

Bot vedette_bot(const Scratch& scratch) {
  return {"vedette", [&scratch](uint16_t port, const std::string& label) {
            const std::string config = scratch.file(label + ".yaml");
            write_config(config, scratch.file(label + ".sqlite"), "chat:\n  slack:\n    channel: C0BENCH\n");
            return std::make_unique<Process>(std::vector<std::string>{VEDETTE_BINARY, "run", "--config", config},
                                             scratch.file("vedette.log"), environment(port));
          }};
}

Bot limit_bot(const Scratch& scratch) {
  return {"limit: commit, then ack", [&scratch](uint16_t port, const std::string& label) {
            return std::make_unique<Process>(
                std::vector<std::string>{BARE_SOCKET_CLIENT, scratch.file(label + ".limit.sqlite"), std::to_string(port)},
                scratch.file("limit.log"));
          }};
}

Bot node_bot(const Scratch& scratch, const std::string& name, const std::string& script) {
  const std::string node = on_path("node");
  return {name, [&scratch, node, script](uint16_t port, const std::string&) {
            return std::make_unique<Process>(std::vector<std::string>{node, BENCH_PEERS "/" + script},
                                             scratch.file("peers.log"), environment(port));
          }};
}

Bot go_bot(const Scratch& scratch, const std::string& program) {
  return {"slack-go", [&scratch, program](uint16_t port, const std::string&) {
            return std::make_unique<Process>(std::vector<std::string>{program}, scratch.file("peers.log"),
                                             environment(port));
          }};
}

// The program made from slack_go.go; empty where Go or the library is missing.
std::string build_slack_go(const Scratch& scratch) {
  const std::string go = on_path("go");
  if (go.empty() || !fs::exists("/usr/share/gocode/src/github.com/slack-go/slack")) return {};
  const std::string program = scratch.file("slack_go");
  Process build(
      {go, "build", "-o", program, BENCH_PEERS "/slack_go.go"}, scratch.file("peers.log"),
      {"GO111MODULE=off", "GOPATH=/usr/share/gocode", "GOCACHE=" + fs::absolute(scratch.file("go-cache")).string()});
  return build.wait() == 0 ? program : std::string();
}

std::vector<Bot> bots(const Scratch& scratch) {
  std::vector<Bot> all = {limit_bot(scratch), vedette_bot(scratch)};
  const bool node = !on_path("node").empty() && fs::exists(BENCH_PEERS "/node_modules");
  if (node) {
    all.push_back(node_bot(scratch, "Bolt for JavaScript", "bolt.mjs"));
    all.push_back(node_bot(scratch, "Hubot", "hubot.mjs"));
  } else {
    std::printf("Bolt and Hubot are not measured: node or bench/peers/node_modules is missing\n");
  }
  if (const std::string program = build_slack_go(scratch); !program.empty()) {
    all.push_back(go_bot(scratch, program));
  } else {
    std::printf("slack-go is not measured: it is not installed\n");
  }
  return all;
}

void run(Bot& bot, const std::string& label, int envelopes, int outstanding) {
  std::unique_ptr<Process> process;
  long resident_kib = 0;
  const SlackResult result = run_slack_load(
      envelopes, outstanding, [&](uint16_t port) { process = bot.start(port, label); },
      [&] { resident_kib = process->resident_kib(); });
  bot.measured = bot.measured && result.connected;
  bot.unacknowledged += result.unacknowledged;
  bot.p50.push_back(result.p50_micros);
  bot.p99.push_back(result.p99_micros);
  bot.rate.push_back(result.per_second);
  bot.connected.push_back(result.connected_millis);
  bot.memory.push_back(static_cast<double>(resident_kib) / 1024);
}

void print(const Bot& bot, const Bot& limit) {
  if (!bot.measured) {
    std::printf("| %-24s | not measured: it did not connect |\n", bot.name.c_str());
    return;
  }
  std::printf("| %-24s | %9.0f | %9.0f | %9.0f | %6.2f | %9.1f | %7.1f |", bot.name.c_str(), median(bot.p50),
              median(bot.p99), median(bot.rate), median(bot.rate) / median(limit.rate), median(bot.connected),
              median(bot.memory));
  if (bot.unacknowledged > 0) std::printf(" not acknowledged: %d", bot.unacknowledged);
  std::printf("\n");
}

}  // namespace

// Each figure is the median over the rounds; all take turns, so that a slow minute of the machine meets everybody.
void measure_sockets(const Scratch& scratch, int envelopes, int rounds) {
  const std::vector<Bot> all = bots(scratch);
  for (const int outstanding : {1, 64, 256}) {
    std::vector<Bot> measured = all;
    for (int round = 0; round < rounds; ++round) {
      const std::string label = fmt::format("socket-{}-{}", outstanding, round);
      for (auto& bot : measured) run(bot, label, outstanding == 1 ? envelopes / 5 : envelopes, outstanding);
    }
    std::printf("| %-24s | %9s | %9s | %9s | %6s | %9s | %7s |\n", fmt::format("{} outstanding", outstanding).c_str(),
                "p50 us", "p99 us", "acks/s", "ratio", "start ms", "RSS MiB");
    for (const auto& bot : measured) print(bot, measured.front());
  }
}

}  // namespace vedette::bench

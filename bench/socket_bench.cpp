#include "bench/socket_bench.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>

#include <fmt/format.h>
#include <sqlite3.h>

#include "bench/slack_load.hpp"

namespace vedette::bench {
namespace {

namespace fs = std::filesystem;
using test::Process;

// One bot: how it is started against the Slack at `port`, and what it said in all rounds.
struct Bot {
  std::string name;
  std::function<std::unique_ptr<Process>(uint16_t port, const std::string& label)> start;
  std::string rows;  // SQL that counts the envelopes in its database; empty: it stores nothing
  std::vector<double> p50, p99, rate, connected, memory;
  int unacknowledged = 0;
  int not_stored = 0;  // acknowledged, and not on disk after a kill
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
  return {"vedette",
          [&scratch](uint16_t port, const std::string& label) {
            const std::string config = scratch.file(label + ".yaml");
            write_config(config, scratch.file(label + ".sqlite"), "chat:\n  slack:\n    channel: C0BENCH\n");
            return std::make_unique<Process>(std::vector<std::string>{VEDETTE_BINARY, "run", "--config", config},
                                             scratch.file("vedette.log"), environment(port));
          },
          "SELECT count(*) FROM inbox"};
}

Bot limit_bot(const Scratch& scratch) {
  return {"limit: commit, then ack",
          [&scratch](uint16_t port, const std::string& label) {
            return std::make_unique<Process>(
                std::vector<std::string>{BARE_SOCKET_CLIENT, scratch.file(label + ".sqlite"), std::to_string(port)},
                scratch.file("limit.log"));
          },
          "SELECT count(*) FROM item WHERE body LIKE '%env-%'"};
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
  const std::string source = BENCH_PEERS "/slack_go.go";
  Process build(
      {go, "build", "-o", program, source}, scratch.file("peers.log"),
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
    std::printf(
        "Bolt and Hubot are not measured: node or bench/peers/node_modules is missing; scripts/setup --bench installs "
        "them\n");
  }
  if (const std::string program = build_slack_go(scratch); !program.empty()) {
    all.push_back(go_bot(scratch, program));
  } else {
    std::printf("slack-go is not measured: it is not installed; scripts/setup --bench installs it\n");
  }
  return all;
}

int count_rows(const std::string& database, const std::string& sql) {
  sqlite3* opened = nullptr;
  sqlite3_stmt* query = nullptr;
  int rows = 0;
  if (sqlite3_open(database.c_str(), &opened) == SQLITE_OK &&
      sqlite3_prepare_v2(opened, sql.c_str(), -1, &query, nullptr) == SQLITE_OK && sqlite3_step(query) == SQLITE_ROW)
    rows = sqlite3_column_int(query, 0);
  sqlite3_finalize(query);
  sqlite3_close(opened);
  return rows;
}

void run(Bot& bot, const Scratch& scratch, const std::string& label, const SlackLoad& load) {
  std::unique_ptr<Process> process;
  long resident_kib = 0;
  const SlackResult result = run_slack_load(
      load, [&](uint16_t port) { process = bot.start(port, label); }, [&] { resident_kib = process->resident_kib(); });
  process.reset();  // kills it: what it has not written by now is lost
  bot.measured = bot.measured && result.connected;
  bot.unacknowledged += result.unacknowledged;
  if (!bot.rows.empty())
    bot.not_stored += std::max(0, result.acknowledged - count_rows(scratch.file(label + ".sqlite"), bot.rows));
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
  if (bot.not_stored > 0) std::printf(" acknowledged and not on disk: %d", bot.not_stored);
  std::printf("\n");
}

void say_whether(const std::string& what, double value, const char* wanted, bool holds) {
  std::printf("  %-44s %10.2f  wanted %s: %s\n", what.c_str(), value, wanted, holds ? "yes" : "no");
}

// What is wanted of the figures: the first bot is the limit, the second Vedette.
void compare(const std::vector<Bot>& bots, int outstanding) {
  const Bot& ours = bots[1];
  const double of_limit = median(ours.rate) / median(bots[0].rate);
  say_whether("acks/s of the limit's", of_limit, ">= 0.70", of_limit >= 0.7);
  for (size_t n = 2; n < bots.size(); ++n) {
    const Bot& theirs = bots[n];
    if (!theirs.measured) continue;
    const double slower = median(ours.p99) / median(theirs.p99);
    if (theirs.name.starts_with("Bolt")) say_whether("p99 of that of " + theirs.name, slower, "< 1", slower < 1);
    const double faster = median(ours.rate) / median(theirs.rate);
    if (outstanding >= 64) say_whether("acks/s of those of " + theirs.name, faster, "> 1", faster > 1);
  }
}

}  // namespace

// Each figure is the median over the rounds; all take turns, so that a slow minute of the machine meets everybody.
bool measure_sockets(const Scratch& scratch, const SocketBenchOptions& options) {
  const std::vector<Bot> all = bots(scratch);
  bool whole = true;
  for (const int outstanding : options.outstanding) {
    SlackLoad load;
    load.outstanding = outstanding;
    load.envelopes = std::max(outstanding == 1 ? options.envelopes / 5 : options.envelopes, 1);
    load.warm_up = std::max(load.envelopes / 5, outstanding);  // bots in JavaScript are translated while they run
    std::vector<Bot> measured = all;
    for (int round = 0; round < options.rounds; ++round) {
      for (size_t n = 0; n < measured.size(); ++n)
        run(measured[n], scratch, fmt::format("socket-{}-{}-{}", n, outstanding, round), load);
    }
    std::printf("| %-24s | %9s | %9s | %9s | %6s | %9s | %7s |\n", fmt::format("{} outstanding", outstanding).c_str(),
                "p50 us", "p99 us", "acks/s", "ratio", "start ms", "RSS MiB");
    for (const auto& bot : measured) {
      print(bot, measured.front());
      whole = whole && bot.measured && bot.unacknowledged == 0 && bot.not_stored == 0;
    }
    compare(measured, outstanding);
    std::fflush(stdout);
  }
  return whole;
}

}  // namespace vedette::bench

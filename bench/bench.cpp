// Prints Vedette's speed beside the limit of the same machine in the same run: durable alerts; Socket Mode acknowledgements,
// beside those of other bots too; activities of Teams; memory; time from start to connected. See docs/performance.md.
//
//   build/release/bench/bench [--alerts N] [--envelopes N] [--rounds N] [--activities N] [--only alerts|socket|activities]
//                             [--outstanding 1,64,256]

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "bench/activity_bench.hpp"
#include "bench/alert_bench.hpp"
#include "bench/socket_bench.hpp"

namespace {

struct Options {
  int alerts = 20'000;
  int rounds = 3;
  vedette::bench::SocketBenchOptions socket;
  vedette::bench::ActivityBenchOptions activities;
  const char* only = "";  // "alerts", "socket" or "activities"; all when empty
};

std::vector<int> numbers_in(const std::string& text) {
  std::vector<int> numbers;
  for (size_t at = 0; at < text.size();) {
    const size_t comma = std::min(text.find(',', at), text.size());
    numbers.push_back(std::max(1, std::atoi(text.substr(at, comma - at).c_str())));
    at = comma + 1;
  }
  return numbers;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const int value = std::atoi(argv[i + 1]);
    if (std::strcmp(argv[i], "--alerts") == 0) options.alerts = value;
    if (std::strcmp(argv[i], "--envelopes") == 0) options.socket.envelopes = value;
    if (std::strcmp(argv[i], "--rounds") == 0) options.rounds = options.socket.rounds = options.activities.rounds = value;
    if (std::strcmp(argv[i], "--activities") == 0) options.activities.activities = value;
    if (std::strcmp(argv[i], "--outstanding") == 0) options.socket.outstanding = numbers_in(argv[i + 1]);
    if (std::strcmp(argv[i], "--only") == 0) options.only = argv[i + 1];
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const vedette::bench::Scratch scratch;
  const std::string only = options.only;
  if (only.empty() || only == "alerts") vedette::bench::measure_alerts(scratch, options.alerts, options.rounds);
  bool good = true;
  if (only.empty() || only == "activities") good = vedette::bench::measure_activities(scratch, options.activities);
  if (only.empty() || only == "socket") good = vedette::bench::measure_sockets(scratch, options.socket) && good;
  return good ? 0 : 1;
}

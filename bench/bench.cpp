// Prints Vedette's speed beside the limit of the same machine in the same run: durable alerts; Socket Mode acknowledgements,
// beside those of other bots too; memory; time from start to connected. See docs/performance.md.
//
//   build/release/bench/bench [--alerts N] [--envelopes N] [--rounds N] [--only alerts|socket]
//                             [--outstanding 1,64,256]

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "bench/alert_bench.hpp"
#include "bench/socket_bench.hpp"

namespace {

struct Options {
  int alerts = 20'000;
  int rounds = 3;
  vedette::bench::SocketBenchOptions socket;
  const char* only = "";  // "alerts" or "socket"; both when empty
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
    if (std::strcmp(argv[i], "--rounds") == 0) options.rounds = options.socket.rounds = value;
    if (std::strcmp(argv[i], "--outstanding") == 0) options.socket.outstanding = numbers_in(argv[i + 1]);
    if (std::strcmp(argv[i], "--only") == 0) options.only = argv[i + 1];
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const vedette::bench::Scratch scratch;
  if (std::strcmp(options.only, "socket") != 0) vedette::bench::measure_alerts(scratch, options.alerts, options.rounds);
  if (std::strcmp(options.only, "alerts") == 0) return 0;
  return vedette::bench::measure_sockets(scratch, options.socket) ? 0 : 1;
}

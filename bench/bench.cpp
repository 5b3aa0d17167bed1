// Prints Vedette's speed beside the limit of the same machine in the same run: durable alerts; Socket Mode acknowledgements,
// beside those of other bots too; memory; time from start to connected. See docs/performance.md.
//
//   build/release/bench/bench [--alerts N] [--envelopes N] [--rounds N] [--only alerts|socket]

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "bench/alert_bench.hpp"
#include "bench/socket_bench.hpp"

namespace {

struct Options {
  int alerts = 20'000;
  int envelopes = 5'000;
  int rounds = 3;
  const char* only = "";  // "alerts" or "socket"; both when empty
};

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

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const vedette::bench::Scratch scratch;
  if (std::strcmp(options.only, "socket") != 0) vedette::bench::measure_alerts(scratch, options.alerts, options.rounds);
  if (std::strcmp(options.only, "alerts") != 0) vedette::bench::measure_sockets(scratch, options.envelopes, options.rounds);
  return 0;
}

#pragma once
// Acknowledgements over Socket Mode: a real Vedette beside a bare client that stores each envelope before it acknowledges,
// and beside bots made with Bolt for JavaScript, Hubot and slack-go, which acknowledge without storing.

#include <vector>

#include "bench/support.hpp"

namespace vedette::bench {

struct SocketBenchOptions {
  int envelopes = 5'000;  // a fifth of it with one outstanding
  int rounds = 3;
  std::vector<int> outstanding = {1, 64, 256};
};

// Prints a table for each number of outstanding envelopes, and what is wanted of it. A bot whose parts are not installed is
// named as not measured; docs/performance.md tells how to install them. False when a bot did not come, did not acknowledge
// an envelope, or acknowledged one that a kill then took from its database.
bool measure_sockets(const Scratch& scratch, const SocketBenchOptions& options);

}  // namespace vedette::bench

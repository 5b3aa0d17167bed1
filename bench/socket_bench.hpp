#pragma once
// Acknowledgements over Socket Mode: a real Vedette beside a bare client that stores each envelope before it acknowledges,
// and beside bots made with Bolt for JavaScript, Hubot and slack-go, which acknowledge without storing.

#include "bench/support.hpp"

namespace vedette::bench {

// Prints a table for 1 outstanding envelope (with a fifth of the envelopes), 64 and 256. A bot whose parts are not installed
// is named as not measured; docs/performance.md tells how to install them.
void measure_sockets(const Scratch& scratch, int envelopes, int rounds);

}  // namespace vedette::bench

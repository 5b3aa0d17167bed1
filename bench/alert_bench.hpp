#pragma once
// Durable alerts over HTTP: a real Vedette beside a bare server that stores each request before it answers.

#include "bench/support.hpp"

namespace vedette::bench {

// Prints a table: 1 connection with a tenth of the alerts, then 64.
void measure_alerts(const Scratch& scratch, int alerts, int rounds);

}  // namespace vedette::bench

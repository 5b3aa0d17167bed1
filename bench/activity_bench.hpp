#pragma once
// Activities from Teams over HTTP, each with its token: a real Vedette, which checks the token and stores what was done
// before it answers, beside a bot made with Microsoft's botbuilder, which checks the token and stores nothing, and beside a
// bare server, which stores and checks nothing.

#include "bench/support.hpp"

namespace vedette::bench {

struct ActivityBenchOptions {
  int activities = 10'000;
  int rounds = 3;
};

// Prints a table. False when a server did not come or refused an activity. botbuilder is named as not measured where its
// package is not installed (scripts/setup --bench).
bool measure_activities(const Scratch& scratch, const ActivityBenchOptions& options);

}  // namespace vedette::bench

#pragma once
// Plays Slack's side of Socket Mode: answers apps.connections.open, says hello, sends messages that mention the bot with a
// fixed number outstanding and measures the time to each acknowledgement.

#include <cstdint>
#include <functional>

#include "bench/support.hpp"

namespace vedette::bench {

struct SlackLoad {
  int envelopes = 0;  // measured
  int warm_up = 0;    // sent before them, just as fast, and not measured
  int outstanding = 1;
};

struct SlackResult {
  bool connected = false;       // it came for a socket within half a minute
  double connected_millis = 0;  // from `start` to the first finished WebSocket handshake
  double p50_micros = 0;
  double p99_micros = 0;
  double per_second = 0;
  int acknowledged = 0;  // warm-up included
  int unacknowledged = 0;
};

// `start` is called once the server listens, with its port; it starts the program under test.
// One socket is driven however many connect. `idle` is called after the handshake and before the first envelope.
SlackResult run_slack_load(const SlackLoad& load, const std::function<void(uint16_t)>& start,
                           const std::function<void()>& idle);

}  // namespace vedette::bench

#pragma once
// `vedette demo`: Vedette with a simulated company, on embedded parts alone.

#include <cstdint>
#include <map>
#include <string>

#include "bot/app/app.hpp"

namespace vedette::app::demo {

struct DemoOptions {
  std::string listen = "127.0.0.1:8080";
  double speed = 1;  // stories as fast as this; 0: all at once, nobody is meant to watch
  std::string data;  // folder of the database; empty: a temporary one, removed at the end
  uint64_t seed = 20261124;
  // Slack beside the console: the channel's id, and who its people are (ann → T0123/U0456). Tokens and another address than
  // Slack's come from the environment, as of any Vedette. Empty: without Slack.
  std::string slack_channel;
  std::map<std::string, std::string> slack_people;
  bool slack_classic = false;  // as chat.slack.blocks: classic
};

// Answers the exit code.
int run_demo(const DemoOptions& options);

}  // namespace vedette::app::demo

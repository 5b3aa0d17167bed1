#pragma once
// `vedette demo`: Vedette with a simulated company, on embedded parts alone.

#include <cstdint>
#include <string>

#include "bot/app/app.hpp"

namespace vedette::app::demo {

struct DemoOptions {
  std::string listen = "127.0.0.1:8080";
  double speed = 1;  // stories as fast as this; 0: all at once, nobody is meant to watch
  std::string data;  // folder of the database; empty: a temporary one, removed at the end
  uint64_t seed = 20261124;
};

// Answers the exit code.
int run_demo(const DemoOptions& options);

}  // namespace vedette::app::demo

#pragma once
// What happens in the simulated company while you watch: attacks, and ordinary work that sets detectors off.

#include <functional>
#include <string>
#include <vector>

#include "bot/app/demo/company.hpp"
#include "bot/app/demo/records.hpp"

namespace vedette::app::demo {

struct Scene {
  std::vector<Record> logs;    // what the logs hold by then
  std::vector<Record> alerts;  // what detectors say, in their own formats; stream is the source's name
};

struct Story {
  std::string name;
  bool malicious = false;
  // Plays the story so that its (last) alert is raised at `at`.
  std::function<Scene(const Company&, Random&, Time at)> play;
};

// In the order they are told: quiet and loud, good and bad mixed.
std::vector<Story> all_stories();

std::vector<Story> attacks();      // stories_attacks.cpp
std::vector<Story> look_alikes();  // stories_look_alikes.cpp

}  // namespace vedette::app::demo

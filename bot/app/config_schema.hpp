#pragma once
// Checks a YAML document against the project's JSON Schema (config/vedette.schema.json, the keywords used there) and says
// where it is wrong: file:line:column and what was expected. Never prints a value, only its kind.

#include <string>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "bot/base/json.hpp"

namespace vedette::app {

struct ConfigProblem {
  int line = 0;    // from 1
  int column = 0;  // from 1
  std::string message;
};

std::vector<ConfigProblem> check_config(const YAML::Node& document, const Json& schema);

}  // namespace vedette::app

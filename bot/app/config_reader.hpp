#pragma once
// What decoding a section of the configuration needs: values with their references resolved, and problems with their place.
// For the time of one decoding.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bot/app/config_schema.hpp"
#include "bot/base/secret.hpp"

namespace vedette::app {

std::string environment(const char* name);  // empty where it is not set

class ConfigReader {
 public:
  explicit ConfigReader(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::vector<ConfigProblem> problems;
  void complain(const YAML::Node& node, std::string message);

  // The text of a scalar, with ${env:NAME} and ${file:PATH} replaced. An absent node is empty.
  std::string text(const YAML::Node& node);
  std::vector<std::string> texts(const YAML::Node& list);
  std::string path(const YAML::Node& node);  // relative ones start at the configuration's folder
  static int64_t number(const YAML::Node& node);
  static bool is_true(const YAML::Node& node);
  // The schema has seen what is written; what a reference stands for is measured here.
  Secret secret(const YAML::Node& node, size_t shortest = 0);
  // A value from elsewhere, such as a variable of the environment; `origin` stands before the complaint.
  Secret long_enough(const YAML::Node& node, std::string value, size_t shortest, const std::string& origin);

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::string resolve(const YAML::Node& node, const std::string& reference);

  std::filesystem::path folder_;
};

}  // namespace vedette::app

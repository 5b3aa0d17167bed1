#pragma once
// The Adaptive Card alone, by the schema and by what Teams asks beyond it. For teams_message_check.cpp.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace vedette::test {

class Problems {
 public:
  explicit Problems(std::string about) : about_(std::move(about)) {}
  void add(const std::string& what) {
    if (all_.size() < 5) all_.push_back(about_ + ": " + what);
  }
  void add_all(const std::vector<std::string>& more) {
    for (const auto& what : more) add(what);
  }
  std::vector<std::string> take() { return std::move(all_); }

 private:
  std::string about_;
  std::vector<std::string> all_;
};

void check_teams_card(const nlohmann::json& card, bool in_dialog, bool by_schema, Problems& problems);

}  // namespace vedette::test

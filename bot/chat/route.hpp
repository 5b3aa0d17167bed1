#pragma once
// Which chat channels a case is shown in. Data from the config.

#include <optional>
#include <string>
#include <vector>

#include "bot/domain/case.hpp"

namespace vedette::chat {

struct Route {
  std::string platform;  // "console", "slack"
  std::string channel;
  std::optional<Severity> at_least;  // severity of the case
  std::string source;                // alert source of one of its alerts; empty: any
  bool flat = false;                 // a chat without threads: the case's card and what needs somebody, nothing below it
};

// The routes that match, without repeating a (platform, channel).
std::vector<Route> routes_for(const CaseView& view, const std::vector<Route>& routes);

}  // namespace vedette::chat

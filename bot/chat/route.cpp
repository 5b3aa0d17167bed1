#include "bot/chat/route.hpp"

#include <algorithm>

namespace vedette::chat {

namespace {
bool matches(const CaseView& view, const Route& route) {
  if (route.at_least && view.record.severity < *route.at_least) return false;
  if (route.source.empty()) return true;
  return std::any_of(view.alerts.begin(), view.alerts.end(),
                     [&](const Alert& alert) { return alert.source == route.source; });
}
}  // namespace

std::vector<Route> routes_for(const CaseView& view, const std::vector<Route>& routes) {
  std::vector<Route> result;
  for (const auto& route : routes) {
    const bool there = std::any_of(result.begin(), result.end(), [&](const Route& other) {
      return other.platform == route.platform && other.channel == route.channel;
    });
    if (!there && matches(view, route)) result.push_back(route);
  }
  return result;
}

}  // namespace vedette::chat

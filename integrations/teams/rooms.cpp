#include "integrations/teams/rooms.hpp"

#include "bot/base/log.hpp"

namespace vedette::teams {
namespace {
// learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#refresh-mechanism
constexpr size_t kSmall = 60;
constexpr std::chrono::minutes kFresh(10);
constexpr size_t kRemembered = 10'000;
}  // namespace

boost::asio::awaitable<std::vector<std::string>> Rooms::small(Place place, Deadline deadline) {
  const std::string conversation = place.conversation;
  const auto known = known_.find(conversation);
  if (known != known_.end() && connector_.clock().steady_now() - known->second.when < kFresh) {
    co_return known->second.members;
  }
  const auto members = co_await connector_.members(std::move(place), kSmall, deadline);
  Known found;
  found.when = connector_.clock().steady_now();
  if (members) {
    for (const auto& member : *members) found.members.push_back(member.id);
  } else if (members.error().code != Code::too_large) {
    log::debug("teams", "who is in a conversation could not be asked: {}", members.error().message);
  }
  if (known_.size() >= kRemembered) known_.clear();
  known_[conversation] = found;
  co_return std::move(found.members);
}

}  // namespace vedette::teams

#include "integrations/teams/people.hpp"

#include "bot/base/log.hpp"
#include "bot/base/text.hpp"
#include "integrations/teams/places.hpp"

namespace vedette::teams {
namespace {
constexpr size_t kRemembered = 10'000;
}

std::optional<std::string> refusal_for(const Member& member, const Identity& who) {
  if (member.role == "guest" || member.role == "anonymous") {
    return "Guests can read along, but not decide. Please ask a member of the organisation.";
  }
  const bool foreign = !member.tenant.empty() && !text::iequals(member.tenant, who.workspace);
  if (foreign) return "Members of another organisation can read along, but not decide. Please ask somebody of this one.";
  return std::nullopt;
}

People::People(Connector& connector, const Book& book, TeamsOptions options, std::vector<std::string> channels)
    : connector_(connector), book_(book), options_(std::move(options)), channels_(std::move(channels)) {}

Async<std::optional<std::string>> People::ask(Identity who, Deadline deadline) {
  std::optional<Error> trouble = Error(Code::unavailable, "there is no channel of ours to look in", true);
  for (const auto& channel : channels_) {
    const auto* known = book_.find(channel);
    if (known != nullptr && known->blocked) continue;
    Place place = place_of(book_, options_, channel);
    auto member = co_await connector_.member(std::move(place), who.user, deadline);
    if (member) co_return refusal_for(*member, who);
    trouble.reset();
    // Removed from one channel, another may still know who is in it.
    if (member.error().code == Code::forbidden) {
      trouble = member.error();
    } else if (member.error().code != Code::not_found) {
      co_return std::move(member).error();
    }
  }
  if (trouble) co_return std::move(*trouble);
  co_return "Teams does not list you in the channel where cases are shown, so you cannot decide anything here.";
}

boost::asio::awaitable<std::optional<std::string>> People::refusal(Identity who, bool deciding, Deadline deadline) {
  const auto now = connector_.clock().steady_now();
  const auto known = known_.find(who);
  if (!deciding && known != known_.end() && now - known->second.when <= options_.person_cache) {
    co_return known->second.refusal;
  }
  auto outcome = co_await ask(who, deadline);
  if (outcome) {
    if (known_.size() >= kRemembered) known_.clear();
    known_[who] = {*outcome, now};
    co_return std::move(*outcome);
  }
  log::warning("teams", "a person could not be looked up: {}", outcome.error().message);
  if (!deciding) {
    if (known_.size() >= kRemembered) known_.clear();
    known_[who] = {std::nullopt, now};  // a Teams that does not answer is not asked with every word
    co_return std::nullopt;
  }
  co_return "I could not check with Teams who you are, so nothing was done. Please try again in a moment.";
}

}  // namespace vedette::teams

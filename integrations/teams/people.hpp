#pragma once
// Whether Teams still vouches for a person at the moment they decide something: they are in the conversation where cases are
// shown, of an allowed tenant, and no guest. Beside the directory, not instead of it. Lives as long as the app; io thread
// only.

#include <map>
#include <optional>
#include <string>

#include "bot/domain/person.hpp"
#include "integrations/teams/book.hpp"
#include "integrations/teams/connector.hpp"

namespace vedette::teams {

class People {
 public:
  // All outlive it; `channels` is where cases are shown, the first one first.
  People(Connector& connector, const Book& book, TeamsOptions options, std::vector<std::string> channels);
  // A sentence that says why this person may not, or nothing. Never an error: what cannot be known is refused where
  // something is decided, and let through where a case is changed.
  boost::asio::awaitable<std::optional<std::string>> refusal(Identity who, bool deciding, Deadline deadline);

 private:
  struct Known {
    std::optional<std::string> refusal;
    SteadyTime when;
  };
  Async<std::optional<std::string>> ask(Identity who, Deadline deadline);

  Connector& connector_;
  const Book& book_;
  TeamsOptions options_;
  std::vector<std::string> channels_;
  std::map<Identity, Known> known_;
};

// The rule itself.
std::optional<std::string> refusal_for(const Member& member, const Identity& who);

}  // namespace vedette::teams

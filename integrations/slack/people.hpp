#pragma once
// Whether Slack vouches for a person at this moment: users.info refuses the deactivated, bots, guests, strangers and members
// of other organisations. Beside the directory, not instead of it. Lives as long as the app; io thread only.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "bot/base/async.hpp"
#include "integrations/slack/web_api.hpp"

namespace vedette::slack {

// What a command does, as far as this check must know.
enum class Weight {
  look,    // reads only: open to everybody the directory lets in
  act,     // changes a case: a look-up no older than `person_cache` will do
  decide,  // requests or decides an action: looked up anew, and refused when Slack does not answer
};
// Any word that decides makes the whole text decide, so that no spelling of the grammar slips past.
Weight weight_of(std::string_view command);

class People {
 public:
  People(Executor executor, WebApi& api, const Clock& clock, SlackOptions options);

  // A sentence that says why this person may not, or nothing. Never an error: what cannot be known is refused for `decide`
  // and let through for `act`.
  boost::asio::awaitable<std::optional<std::string>> refusal(std::string user, Weight weight, Deadline deadline);

 private:
  struct Known {
    std::optional<std::string> refusal;
    SteadyTime when;
  };
  struct Flight;  // a look-up under way, which several interactions of one person share

  Async<std::optional<std::string>> look_up(std::string user, Deadline deadline);
  Async<std::optional<std::string>> ask(std::string user, Deadline deadline);
  void remember(const std::string& user, const std::optional<std::string>& refusal);

  Executor executor_;
  WebApi& api_;
  const Clock& clock_;
  SlackOptions options_;
  std::map<std::string, Known> known_;
  std::map<std::string, std::shared_ptr<Flight>> flights_;
};

// The rule itself.
std::optional<std::string> refusal_for(const User& user, const Self& self);

}  // namespace vedette::slack

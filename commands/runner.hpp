#pragma once
// Carries out commands: finds the verb, checks the permission, parses, calls the handler, turns errors into kind refusals.
// An unknown verb is answered with the nearest ones and never carried out; free text never does anything.
// Used from the io thread; what it is given outlives it.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands/command.hpp"

namespace vedette::commands {

struct Completion {
  std::string text;  // the whole line as it would stand after choosing it: "close C-3 fp "
  std::string hint;  // what it does or what comes next
};

// Asks a platform whether it still vouches for somebody: a sentence that says why not, or nothing.
using Vouch = std::function<boost::asio::awaitable<std::optional<std::string>>(Identity who, Effect effect)>;

class Runner final : public chat::CommandRunner {
 public:
  Runner(Store& store, const policy::Policy& policy, const Directory& directory, respond::ActionService& actions,
         const Clock& clock);

  Async<chat::Reply> run(chat::Interaction interaction, const Person* person, CaseId context) override;

  // From now on whoever comes from this platform is asked about at the moment a command that changes or decides something
  // runs: between a click and that, hours may lie, and an account may have been deactivated.
  void ask_before(std::string platform, Vouch vouch) { vouches_[std::move(platform)] = std::move(vouch); }

  // For a command box: what the line typed so far may become, best first, at most 12. Only what this person may run.
  std::vector<Completion> completions(std::string_view typed, const Person* person) const;

 private:
  bool may(const Spec& spec, const Person* person) const;
  chat::Reply unknown_verb(std::string_view verb, const Person* person) const;

  boost::asio::awaitable<std::optional<std::string>> doubt(Identity who, Effect effect) const;

  Services services_;
  std::map<std::string, Vouch, std::less<>> vouches_;
};

}  // namespace vedette::commands

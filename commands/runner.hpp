#pragma once
// Carries out commands: finds the verb, checks the permission, parses, calls the handler, turns errors into kind refusals.
// An unknown verb is answered with the nearest ones and never carried out; free text never does anything.
// Used from the io thread; what it is given outlives it.

#include <string>
#include <string_view>
#include <vector>

#include "commands/command.hpp"

namespace vedette::commands {

struct Completion {
  std::string text;  // the whole line as it would stand after choosing it: "close C-3 fp "
  std::string hint;  // what it does or what comes next
};

class Runner final : public chat::CommandRunner {
 public:
  Runner(Store& store, const policy::Policy& policy, const Directory& directory, respond::ActionService& actions,
         const Clock& clock);

  Async<chat::Reply> run(chat::Interaction interaction, const Person* person, CaseId context) override;

  // For a command box: what the line typed so far may become, best first, at most 12. Only what this person may run.
  std::vector<Completion> completions(std::string_view typed, const Person* person) const;

 private:
  bool may(const Spec& spec, const Person* person) const;
  chat::Reply unknown_verb(std::string_view verb, const Person* person) const;

  Services services_;
};

}  // namespace vedette::commands

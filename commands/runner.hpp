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

// Roles a platform adds to those of the directory at this moment, such as by its user groups.
struct AddedRoles {
  std::vector<std::string> roles;
  std::string doubt;  // a sentence about what could not be found out; told beside a refusal
};
using Roles = std::function<boost::asio::awaitable<AddedRoles>(Identity who, Effect effect)>;

class Runner final : public chat::CommandRunner {
 public:
  Runner(Store& store, const policy::Policy& policy, const Directory& directory, respond::ActionService& actions,
         const Clock& clock);

  Async<chat::Reply> run(chat::Interaction interaction, const Person* person, CaseId context) override;

  // From now on whoever comes from this platform is asked about at the moment a command that changes or decides something
  // runs: between a click and that, hours may lie, and an account may have been deactivated.
  void ask_before(std::string platform, Vouch vouch) { vouches_[std::move(platform)] = std::move(vouch); }

  // From now on people who come from this platform also have the roles it adds, asked for with every command.
  void add_roles_of(std::string platform, Roles roles) { roles_[std::move(platform)] = std::move(roles); }

  // From now on people can link further accounts of theirs; it outlives this.
  void link_through(chat::LinkBook& links) { services_.links = &links; }

  // For a command box: what the line typed so far may become, best first, at most 12. Only what this person may run.
  std::vector<Completion> completions(std::string_view typed, const Person* person) const;

 private:
  bool may(const Spec& spec, const Person* person) const;
  chat::Reply unknown_verb(std::string_view verb, const Person* person) const;

  boost::asio::awaitable<std::optional<std::string>> doubt(Identity who, Effect effect) const;
  boost::asio::awaitable<std::string> add_roles(Person& person, Identity who, Effect effect) const;

  Services services_;
  std::map<std::string, Vouch, std::less<>> vouches_;
  std::map<std::string, Roles, std::less<>> roles_;
};

}  // namespace vedette::commands

#include "commands/registry.hpp"

#include <algorithm>

namespace vedette::commands {

const std::vector<Spec>& all_commands() {
  static const std::vector<Spec> commands = {
      list_command(),   show_command(),   why_command(),     evidence_command(), timeline_command(), investigate_command(),
      ack_command(),    assign_command(), note_command(),    close_command(),    reopen_command(),   snooze_command(),
      good_command(),   bad_command(),    retract_command(), request_command(),  approve_command(),  deny_command(),
      settle_command(), undo_command(),   edit_command(),    status_command(),   coverage_command(), whoami_command(),
      link_command(),   unlink_command(), help_command(),
  };
  return commands;
}

const Spec* find_command(std::string_view verb) {
  const auto& commands = all_commands();
  const auto found = std::find_if(commands.begin(), commands.end(), [&](const Spec& spec) {
    return spec.name == verb || std::find(spec.aliases.begin(), spec.aliases.end(), verb) != spec.aliases.end();
  });
  return found == commands.end() ? nullptr : &*found;
}

}  // namespace vedette::commands

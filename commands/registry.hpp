#pragma once
// All commands, in the order help shows them. To add one: copy the nearest verb's file, add its row in registry.cpp.

#include <string_view>
#include <vector>

#include "commands/command.hpp"

namespace vedette::commands {

const std::vector<Spec>& all_commands();
// By name or alias, as split_verb() gives it; nullptr for neither.
const Spec* find_command(std::string_view verb);

// One function a verb, each in the file of its name.
Spec help_command();
Spec list_command();
Spec show_command();
Spec why_command();
Spec evidence_command();
Spec timeline_command();
Spec investigate_command();
Spec ack_command();
Spec assign_command();
Spec note_command();
Spec close_command();
Spec reopen_command();
Spec snooze_command();
Spec good_command();
Spec bad_command();
Spec retract_command();
Spec request_command();
Spec approve_command();
Spec deny_command();
Spec settle_command();
Spec undo_command();
Spec edit_command();
Spec status_command();
Spec coverage_command();
Spec whoami_command();
Spec link_command();
Spec unlink_command();

}  // namespace vedette::commands

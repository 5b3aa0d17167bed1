#pragma once
// What good, bad and retract share: one thumb a person and case, the later one counts.

#include "commands/command.hpp"

namespace vedette::commands {

Async<chat::Reply> give_feedback(Call call, bool good);

}  // namespace vedette::commands

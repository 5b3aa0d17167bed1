#pragma once
// The answer to deciding about an action: says what it was about, in full, so that a decision typed without a digest is
// never blind.

#include <string>

#include "commands/command.hpp"

namespace vedette::commands {

chat::Reply decision_reply(const Call& call, const Action& action, std::string sentence);

}  // namespace vedette::commands

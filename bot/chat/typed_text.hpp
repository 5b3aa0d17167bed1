#pragma once
// What people type where a keyboard or app changes it: undoes what only looks different. Pure.

#include <string>

namespace vedette::chat {

// Straight quotes, plain blanks, and two dashes in front of a word where a telephone made one of them ("—digest=…" was typed
// "--digest=…"). Blanks around it go.
std::string as_typed(std::string text);

}  // namespace vedette::chat

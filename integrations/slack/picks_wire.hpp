#pragma once
// Elements whose answer is a value and not a whole command: selects, date and time pickers
// (docs.slack.dev/reference/block-kit/block-elements). The command that the value completes stands in the element's action
// id. Both come back from outside: the command is one that a person could type, and is checked when it runs; here it is kept
// short and readable, and the value must look like what the element can give. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "bot/base/json.hpp"

namespace vedette::slack {

inline constexpr size_t kMostActionId = 255;  // characters, Slack's limit

// "pick:2:assign C-12" for the third element of a message; nothing when that would be too long.
std::optional<std::string> pick_id(size_t number, std::string_view command);

// What stands in the state of an element, in the words of the grammar: the value of an option, "<@U024BE7LH>",
// "2026-11-25T08:00:00Z", "2026-11-25", "08:00", text. Empty: nothing was chosen, or it is not what the element can give.
std::string picked_value(const Json& state);

// The command of an element somebody used: a button's value, a menu's or select's choice, or the command of pick_id() with
// the value behind it. Empty: none.
std::string picked_command(const Json& action);

}  // namespace vedette::slack

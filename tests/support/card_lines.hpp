#pragma once
// What a message has to show of a card, whatever the platform: for the checks of what is rendered.

#include <string>
#include <string_view>
#include <vector>

#include "bot/chat/card.hpp"

namespace vedette::test {

// Without blanks and line breaks, which a renderer may set as it likes.
std::string squeezed(std::string_view text);

// What in a text reverses, hides or controls (Unicode TR 36 and TR 39), or is no UTF-8, as a sentence; empty: nothing.
std::string deception_in(std::string_view text);

// How many lines of the card are not to be seen in a squeezed text, and the beginning of the first. `in_parts`: long lines
// may be cut as chat::parts_of does.
size_t absent_lines(const chat::Card& card, const std::string& seen, bool in_parts, std::string* example);

// Every command that the card's buttons, menus and thumbs carry.
std::vector<std::string> commands_on(const chat::Card& card);

}  // namespace vedette::test

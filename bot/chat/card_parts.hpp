#pragma once
// A card too long for one message, cut into several that are read one after the other. Pure.
//
// Cut between blocks and between the lines, items and rows of a block; a line that is longer than kLongestLine is cut too.
// Buttons stay whole. A block that goes on in the next part says so in its title, a table repeats its header.

#include <functional>
#include <vector>

#include "bot/chat/card.hpp"

namespace vedette::chat {

inline constexpr size_t kLongestLine = 1800;  // characters

// `fits` tells whether one message takes a card whole; it must take any single line, item or row. At most `most` parts: what
// is longer ends with a line that says how much is missing and where all of it is. A card that fits is its only part, and so
// is one without anything to cut: there is always one.
std::vector<Card> parts_of(const Card& card, const std::function<bool(const Card&)>& fits, size_t most);

}  // namespace vedette::chat

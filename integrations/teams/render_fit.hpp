#pragma once
// What of a card stands in a message and what on the pages of the dialog behind "Details"; for the files render*.cpp. Pure.

#include <vector>

#include "bot/chat/card.hpp"

namespace vedette::teams {

// Bytes of a bounded card drawn for Teams, at most: reckoned, as cards are drawn on the one thread there is.
size_t weight_of(const chat::Card& card);

// The content of a bounded card, without what one presses, as pages; never none. The first is what the message shows.
std::vector<chat::Card> pages_of(const chat::Card& card);

// What one presses, as blocks of at most a row each.
std::vector<chat::Block> controls_of(const chat::Card& card);

}  // namespace vedette::teams

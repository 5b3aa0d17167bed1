#pragma once
// The neutral card as an Adaptive Card 1.5 (adaptivecards.io), for the console and for Teams.

#include <string>

#include "bot/chat/card.hpp"

namespace vedette::chat {

// Text from outside appears literally: Markdown characters are escaped, nothing becomes a link or mention.
// Buttons are Action.Execute with verb "command" and data {"command": "..."}.
std::string render_adaptive_card(const Card& card);

}  // namespace vedette::chat

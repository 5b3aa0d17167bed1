#pragma once
// The neutral card as an Adaptive Card 1.5 (adaptivecards.io), for the console and for Teams. Pure.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/chat/card.hpp"

namespace vedette::chat {

// In what hosts of cards differ. As it stands: the console.
struct AdaptiveLook {
  std::string key;               // comes back in the data of every action; empty: none
  bool submit_fallback = false;  // an Action.Submit of the same data for hosts that do not know Action.Execute
  // Whether a command's button opens a dialog of Teams' (task/fetch) instead of being carried out; none: no button does.
  std::function<bool(const std::string& command)> opens_dialog;
  bool asks_inside = false;     // the host does not ask "are you sure?": the question folds out below the button
  size_t actions_in_a_row = 0;  // more stand in a further row; 0: as many as there are
  bool on_phones = false;       // columns get room by what stands in them, so that words stay whole
};

// Text from outside appears literally: nothing in it becomes Markdown, a link or a mention.
// Buttons are Action.Execute with verb "command" and data {"command": "..."}.
std::string render_adaptive_card(const Card& card, const AdaptiveLook& look = {});

// Text as a TextRun shows it and nothing else: made displayable, {{DATE(…)}} and {{TIME(…)}} no longer expanded.
std::string adaptive_text(std::string_view content);

}  // namespace vedette::chat

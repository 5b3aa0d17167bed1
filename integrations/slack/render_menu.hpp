#pragma once
// Inside the renderer: menus and selects as Block Kit elements
// (docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element and its neighbours). Pure.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bot/chat/card.hpp"

namespace vedette::slack {

// Overflow menus of five options each; `count` numbers the menus of a message. `notes` gets what has no room in an option.
std::vector<nlohmann::json> menu_elements(const chat::Menu& menu, size_t& count, std::vector<std::string>& notes);
// One select or picker, or several where there are more options than one holds. None where the command has no room in it.
std::vector<nlohmann::json> select_elements(const chat::Select& select, size_t& count);
// What to type where there is none.
std::string select_in_words(const chat::Select& select);

}  // namespace vedette::slack

#pragma once
// What Teams refuses in an activity, an Adaptive Card or an answer to an invoke. Pure, but for reading the card's schema
// once from the public data sets (without them, only what the schema does not say is checked).

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace vedette::test {

// Bytes as UTF-16, which is how Teams counts (learn.microsoft.com/microsoftteams/platform/bots/how-to/
// format-your-bot-messages).
size_t utf16_size(const std::string& utf8);
inline constexpr size_t kTeamsMostBytes = 102'400;

// Empty when fine, else what is wrong.
std::string card_fault(const nlohmann::json& card);
std::string activity_fault(const nlohmann::json& activity);
// Of adaptiveCard/action, task/fetch, task/submit, message/submitAction, message/fetchTask with HTTP 200.
std::string invoke_answer_fault(const std::string& name, const std::string& body);
// "" unless an activity of the bot's is split into several messages: text beside a card.
bool is_split(const nlohmann::json& activity);

// The Adaptive Cards of an activity.
std::vector<nlohmann::json> cards_in(const nlohmann::json& activity);
// Every action of a card, wherever it stands, with those behind Action.ShowCard; not the fallbacks.
std::vector<nlohmann::json> actions_in(const nlohmann::json& card);
// What the card's inputs hold when nobody touches them.
nlohmann::json initial_inputs(const nlohmann::json& card);

}  // namespace vedette::test

#pragma once
// What Teams' messages, dialogs and texts are made of; for the files render*.cpp alone. Pure.

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "integrations/teams/render.hpp"

namespace vedette::teams {

inline constexpr size_t kSummary = 500;  // characters of the notification
// Desktop and web show six actions of a set and drop the others without a word; phones fold them away
// (github.com/atc0005/go-teams-notify/issues/161).
inline constexpr size_t kActionsInRow = 6;
inline constexpr size_t kKey = 120;  // characters of a message's key

// As it is sent: invalid UTF-8 mended, so nothing throws.
std::string text_of(const nlohmann::json& value);
size_t utf16_bytes_of(const nlohmann::json& value);
// One line that may be shown anywhere as it is, of so many characters at most.
std::string plain(std::string_view text, size_t characters);

// An Adaptive Card as an attachment of a message or a dialog.
nlohmann::json attachment(nlohmann::json card);
// TextRuns are the only text that no client of Teams reads as Markdown.
nlohmann::json text_line(std::string_view text, const char* color = nullptr, bool subtle = false);

// Whether the card says what a model has judged: then Teams labels the message as made by AI.
bool is_judgement(const chat::Card& card);
// The root of the message's schema.org graph, of which there may be one: AI label, citations, sensitivity
// (learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-messages-ai-generated-content). Null: nothing to say.
nlohmann::json message_entity(bool made_by_ai, const Sensitivity* sensitivity, nlohmann::json citations = nullptr);

// The card with everything in it short enough that parts of it fit: names, titles and labels of a line, no table wider than
// a message, no command longer than a button takes. Files are records, as bots have no files in channels.
chat::Card bounded(const chat::Card& card);

}  // namespace vedette::teams

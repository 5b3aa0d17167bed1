#pragma once
// The neutral card as what Teams is sent: an Activity with one Adaptive Card 1.5, or a text where it is an answer. Pure.
//
// Text from outside appears literally. Buttons are Action.Execute with verb "command", data {"command", "key"} and an
// Action.Submit of the same data as fallback; a button whose command asks for something more is an Action.Submit that opens
// a dialog (task/fetch). A text never stands beside a card in one activity: Teams would split it and tell no id.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/chat/card.hpp"
#include "bot/chat/form.hpp"
#include "integrations/teams/options.hpp"

namespace vedette::teams {

// Teams refuses above about 100 KB, counted as UTF-16 (learn.microsoft.com/microsoftteams/platform/bots/how-to/
// format-your-bot-messages); this much of it is used.
inline constexpr size_t kMostBytes = 80'000;
size_t utf16_bytes(std::string_view utf8);

struct RenderLook {
  std::string key;                                       // of the message; comes back with every press
  std::vector<std::string> refresh_for;                  // members ("29:…") whose view is refreshed by itself; 60 at most
  std::function<bool(const std::string&)> opens_dialog;  // whether a button's command has a form
  const Sensitivity* sensitivity = nullptr;
  bool again = false;  // an earlier attempt at the same message may stand there too: say so
};

// One message as the JSON of an Activity. What does not fit is behind a "Details" button that opens a dialog.
struct RenderedActivity {
  std::string json;
  bool whole = true;  // false: "Details" shows the rest
};
RenderedActivity render_activity(const chat::Card& card, const RenderLook& look);
// The same content as text with citations, for the answer to a question in a conversation of two. Cards with buttons, tables
// or records are none of these.
bool is_plain_answer(const chat::Card& card);
std::string render_answer_text(const chat::Card& card, const RenderLook& look);
// Whether one message takes the card whole.
bool fits(const chat::Card& card);

// The Adaptive Card alone, for the answer to an invoke that refreshes it.
std::string render_card(const chat::Card& card, const RenderLook& look);

// A dialog with a form: the value of a task/fetch answer ({"title","height","width","card"}). `context` comes back with
// task/submit as data.context.
std::string render_form_dialog(const chat::Form& form, const std::string& context,
                               const std::map<std::string, std::string>& errors = {});
// A dialog with page `page` (from 0) of a card that is too long for a message; its buttons turn pages by task/submit.
std::string render_details_dialog(const chat::Card& card, size_t page, const std::string& context);

}  // namespace vedette::teams

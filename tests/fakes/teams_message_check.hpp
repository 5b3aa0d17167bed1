#pragma once
// Whether what Teams gets is right, whatever the card says: by Microsoft's schema of Adaptive Cards where it is at hand, by
// what the schema does not know, and by our own rules: untrusted text nowhere but where it is shown literally, and nothing
// gone without a word.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bot/chat/card.hpp"
#include "bot/chat/form.hpp"
#include "tests/fakes/message_corpus.hpp"

namespace vedette::test {

// What is wrong, one sentence each; empty: nothing. An activity as the Connector gets it, and a dialog as the value of a
// task that continues.
std::vector<std::string> activity_problems(const nlohmann::json& activity, bool by_schema = true);
std::vector<std::string> dialog_problems(const nlohmann::json& value);

// Everything that is made of a card: the message with every look it has, the dialogs behind it, the text of an answer.
std::vector<std::string> teams_message_problems(const chat::Card& card);
std::vector<std::string> teams_form_problems(const chat::Form& form);
PlatformChecks teams_checks();

// What a reader of a card sees, folded parts too.
std::string shown_by(const nlohmann::json& card);

}  // namespace vedette::test

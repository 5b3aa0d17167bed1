#pragma once
// Whether what Slack gets is right, whatever the card says: blocks within Slack's limits in every look a message has,
// untrusted text nowhere but in elements that are shown literally, and nothing gone without a word.

#include <string>
#include <vector>

#include "bot/chat/card.hpp"
#include "bot/chat/form.hpp"
#include "tests/fakes/message_corpus.hpp"

namespace vedette::test {

// What is wrong, one sentence each, with the look it is about; empty: nothing.
std::vector<std::string> message_problems(const chat::Card& card);
std::vector<std::string> home_problems(const chat::Card& card);
std::vector<std::string> form_problems(const chat::Form& form);
PlatformChecks slack_checks();

}  // namespace vedette::test

#pragma once
// One piece of evidence in full: question, answer, query, window and records.

#include <vector>

#include "bot/chat/card.hpp"
#include "bot/domain/verdict.hpp"

namespace vedette::commands {

void add_evidence(chat::Card& card, const Evidence& evidence, const std::vector<Entity>& entities);

}  // namespace vedette::commands

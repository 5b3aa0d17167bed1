#pragma once
// The coverage ledger in words: received = investigated + merged + suppressed + queued + failed.

#include <string>

#include "bot/chat/card.hpp"
#include "bot/store/alert_store.hpp"

namespace vedette::commands {

bool adds_up(const Coverage& counts);
std::string coverage_line(const Coverage& counts);
void add_coverage(chat::Card& card, const Coverage& counts);

}  // namespace vedette::commands

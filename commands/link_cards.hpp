#pragma once
// What is said about linking accounts, and the codes it goes by. Pure, but for random_code().

#include <optional>
#include <string>
#include <string_view>

#include "bot/chat/card.hpp"
#include "bot/store/link_store.hpp"

namespace vedette::commands {

inline constexpr std::chrono::minutes kCodeGood(10);
inline constexpr std::chrono::minutes kQuestionOpen(30);

// Twelve characters that are not taken for one another (Crockford's base 32), 60 bits: "K7QF-M2XP-9DTW".
std::string random_code();
// As it was meant: any case, with or without dashes and blanks, O for 0, I and L for 1. Nothing: it cannot be a code.
std::optional<std::string> read_code(std::string_view typed);
// What the store keeps of it.
std::string hash_of_code(std::string_view code);

// "Slack", "Teams", "the console".
std::string spoken_platform(std::string_view platform);

std::string question_slot(int64_t offer);
std::string outcome_slot(int64_t offer);

chat::Card code_card(const std::string& code);
// To the account that offered, once the code was used: is that you?
chat::Card question_card(const LinkOffer& offer);
// One sentence, and another one in small print; both plain.
chat::Card told(std::string sentence, chat::Tone tone, std::string small = {});

// {"person","offered_by","account"}: both accounts, for the audit.
std::string audit_detail(const LinkOffer& offer);

}  // namespace vedette::commands

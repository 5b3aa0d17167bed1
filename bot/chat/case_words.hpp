#pragma once
// The words cards are made of: times, numbers, entities and prose from outside, written for people. Pure functions.

#include <string>
#include <string_view>
#include <vector>

#include "bot/domain/case.hpp"

namespace vedette::chat {

std::string utc_second(Time time);       // "2026-11-24 03:12:09 UTC"
std::string utc_minute(Time time);       // "2026-11-24 03:12 UTC"
std::string utc_day(Time time);          // "2026-11-24"
std::string utc_time_of_day(Time time);  // "03:12:09"
// "2026-11-24 02:12 to 04:12 UTC"; with both days where they differ.
std::string utc_window(Time from, Time to);

std::string thousands(int64_t number);  // "12,345"
// "1 alert", "4 alerts"
std::string counted(int64_t number, std::string_view singular, std::string_view plural);

std::string upper(std::string_view word);     // "HIGH"
std::string_view words_for(Label label);      // "Likely malicious"
std::string_view words_for(EntityType type);  // "IP address"

// An entity's value as it is shown: safe to display, and written so that nothing turns it into a link.
std::string shown(const Entity& entity);
// "Block IP 203[.]0[.]113[.]7"
std::string shown_title(const ActionPlan& plan);
// A sentence from outside or from the analyst: one line, safe to display; addresses, URLs and mail addresses in it, and the
// domains among `entities`, are defanged. At most `limit` characters, with an ellipsis where it is cut.
std::string prose(std::string_view sentence, const std::vector<Entity>& entities, size_t limit = 400);
// Verbatim text over several lines, such as log records: safe to display, otherwise unchanged.
std::string verbatim(std::string_view content);
// A person's id as shown; "Vedette" for the program itself.
std::string who(std::string_view person);

}  // namespace vedette::chat

#pragma once
// How long and why, as typed behind "snooze C-12": 4h REASON; until TIME REASON. A time is RFC 3339, a day with or without a
// time of day (2026-11-25 09:00), "tomorrow", or a time of day alone, the next one there is. Without a zone it is UTC; a day
// without a time of day means its 09:00. Pure.

#include <string>
#include <string_view>

#include "bot/base/clock.hpp"
#include "bot/base/result.hpp"

namespace vedette::commands {

inline constexpr std::chrono::minutes kShortestSnooze(15);

struct WantedSnooze {
  Time until;
  std::string reason;  // may be empty
};
// invalid_input with a sentence.
Result<WantedSnooze> read_snooze(std::string_view given, Time now);
// "rule:5763 host:scan01 4h": alerts, not a case.
bool means_alerts(std::string_view given);

}  // namespace vedette::commands

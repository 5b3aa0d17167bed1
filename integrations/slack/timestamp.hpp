#pragma once
// Slack's `ts`: seconds since 1970 with six decimals, "1710000000.000100". Names a message within its channel. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "bot/base/clock.hpp"

namespace vedette::slack {

std::string to_ts(Time time);
std::optional<Time> from_ts(std::string_view ts);

}  // namespace vedette::slack

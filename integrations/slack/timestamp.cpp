#include "integrations/slack/timestamp.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"

namespace vedette::slack {

std::string to_ts(Time time) {
  const int64_t micros = std::max<int64_t>(to_micros(time), 0);
  return fmt::format("{}.{:06}", micros / 1'000'000, micros % 1'000'000);
}

std::optional<Time> from_ts(std::string_view ts) {
  constexpr int64_t kLargest = 253'402'300'799;  // the year 9999
  const size_t dot = ts.find('.');
  const auto seconds = text::parse_integer(ts.substr(0, dot));
  const auto fraction = dot == std::string_view::npos ? std::string_view("000000") : ts.substr(dot + 1);
  const auto micros = text::parse_integer(fraction);
  if (!seconds || *seconds < 0 || *seconds > kLargest || !micros || *micros < 0 || fraction.size() != 6) return std::nullopt;
  return from_micros(*seconds * 1'000'000 + *micros);
}

}  // namespace vedette::slack

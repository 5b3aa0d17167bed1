#pragma once
// One line an event to standard error, secrets redacted. Thread-safe.
//   log::info("intake", "{} alerts from {}", n, source);
// The first argument is the area. Never log payloads, tokens or message texts.

#include <string>
#include <string_view>

#include <fmt/core.h>

namespace vedette::log {

enum class Level { debug, info, warning, error };

void set_level(Level level);
bool enabled(Level level);
void write(Level level, std::string_view area, std::string text);

template <class... Args>
void debug(std::string_view area, fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::debug)) write(Level::debug, area, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(std::string_view area, fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::info)) write(Level::info, area, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warning(std::string_view area, fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::warning)) write(Level::warning, area, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(std::string_view area, fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, area, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace vedette::log

// Any text as a Retry-After value: a wait between nothing and a day, or none.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bot/net/http.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::chrono::system_clock::time_point now(std::chrono::seconds(784111777));
  const auto wait = vedette::net::parse_retry_after(text, now);
  if (wait && (wait->count() < 0 || *wait > std::chrono::hours(24))) std::abort();
  return 0;
}

#include "bot/base/result.hpp"

namespace vedette {

std::string_view to_string(Code code) {
  switch (code) {
    case Code::invalid_input: return "invalid_input";
    case Code::unauthenticated: return "unauthenticated";
    case Code::forbidden: return "forbidden";
    case Code::not_found: return "not_found";
    case Code::conflict: return "conflict";
    case Code::expired: return "expired";
    case Code::too_large: return "too_large";
    case Code::rate_limited: return "rate_limited";
    case Code::timeout: return "timeout";
    case Code::unavailable: return "unavailable";
    case Code::unknown_outcome: return "unknown_outcome";
    case Code::cancelled: return "cancelled";
    case Code::upstream: return "upstream";
    case Code::internal: return "internal";
  }
  return "internal";
}

namespace {
bool retryable_by_default(Code code) {
  return code == Code::rate_limited || code == Code::unavailable || code == Code::timeout;
}
}  // namespace

Error::Error(Code c, std::string text) : Error(c, std::move(text), retryable_by_default(c)) {}
Error::Error(Code c, std::string text, bool can_retry) : code(c), message(std::move(text)), retryable(can_retry) {}

}  // namespace vedette

#pragma once
// Ids that people type: C-123 case, A-456 alert, R-9 action, E4 evidence within a case.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vedette {

template <char Prefix>
struct NumberedId {
  NumberedId() = default;
  explicit NumberedId(int64_t n) : number(n) {}
  int64_t number = 0;  // 0: none
  explicit operator bool() const { return number != 0; }
  auto operator<=>(const NumberedId&) const = default;
};

using CaseId = NumberedId<'C'>;
using AlertId = NumberedId<'A'>;
using ActionId = NumberedId<'R'>;

template <char Prefix>
std::string to_string(NumberedId<Prefix> id) {
  return std::string(1, Prefix) + "-" + std::to_string(id.number);
}

// "C-12", "c-12" or "C12"; at most 15 digits.
std::optional<int64_t> parse_numbered(char prefix, std::string_view text);
template <class Id>
std::optional<Id> parse_id(std::string_view text);  // for CaseId, AlertId, ActionId

// A sortable unique name: 26 characters, Crockford base 32, milliseconds then 80 random bits (the ULID layout).
std::string new_ulid(int64_t unix_millis);

}  // namespace vedette

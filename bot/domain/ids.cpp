#include "bot/domain/ids.hpp"

#include "bot/base/crypto.hpp"
#include "bot/base/text.hpp"

namespace vedette {

std::optional<int64_t> parse_numbered(char prefix, std::string_view text) {
  if (text.size() < 2 || (text[0] != prefix && text[0] != prefix - 'A' + 'a')) return std::nullopt;
  text.remove_prefix(1);
  if (text.front() == '-') text.remove_prefix(1);
  if (text.empty() || text.size() > 15 || text.front() < '1' || text.front() > '9') return std::nullopt;
  return text::parse_integer(text);
}

template <>
std::optional<CaseId> parse_id<CaseId>(std::string_view text) {
  const auto number = parse_numbered('C', text);
  return number ? std::optional(CaseId(*number)) : std::nullopt;
}
template <>
std::optional<AlertId> parse_id<AlertId>(std::string_view text) {
  const auto number = parse_numbered('A', text);
  return number ? std::optional(AlertId(*number)) : std::nullopt;
}
template <>
std::optional<ActionId> parse_id<ActionId>(std::string_view text) {
  const auto number = parse_numbered('R', text);
  return number ? std::optional(ActionId(*number)) : std::nullopt;
}

std::string new_ulid(int64_t unix_millis) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string id(26, '0');
  auto time = static_cast<uint64_t>(unix_millis);
  for (size_t i = 10; i-- > 0; time >>= 5) id[i] = kAlphabet[time & 31];
  const std::string random = crypto::random_bytes(16);
  for (size_t i = 0; i < 16; ++i) id[10 + i] = kAlphabet[static_cast<unsigned char>(random[i]) & 31];
  return id;
}

}  // namespace vedette

#include "bot/investigate/phrase.hpp"

#include "bot/base/clock.hpp"
#include "bot/base/text.hpp"

namespace vedette::investigate {
namespace {

constexpr size_t kValueCharacters = 120;

// Calls `literal` for text and `name` for each {name|fallback}, in order.
template <class Literal, class Name>
void walk(std::string_view pattern, Literal literal, Name name) {
  size_t at = 0;
  while (at < pattern.size()) {
    const size_t open = pattern.find('{', at);
    literal(pattern.substr(at, open == std::string_view::npos ? open : open - at));
    if (open == std::string_view::npos) return;
    if (pattern.substr(open).starts_with("{{")) {
      literal(std::string_view("{"));
      at = open + 2;
      continue;
    }
    const size_t close = pattern.find('}', open);
    if (close == std::string_view::npos) {
      literal(pattern.substr(open));
      return;
    }
    const auto inside = pattern.substr(open + 1, close - open - 1);
    const size_t bar = inside.find('|');
    std::optional<std::string_view> fallback;
    if (bar != std::string_view::npos) fallback = inside.substr(bar + 1);
    name(inside.substr(0, bar), fallback);
    at = close + 1;
  }
}

// The part of a value that is shown, so that what is quoted is what stands in the text.
std::string shown_part(const std::string& value) {
  std::string part = value.substr(0, value.find_first_of("\r\n\t"));
  if (text::characters(part) > kValueCharacters) {
    part = text::ellipsize(part, kValueCharacters);
    part.resize(part.size() - std::string_view("…").size());
  }
  return part;
}

// The seconds of a stored time, "2026-11-24T03:12:09.250Z" → "2026-11-24T03:12:09"; nothing for other text.
std::optional<std::string> whole_seconds(const std::string& value) {
  constexpr size_t kSeconds = std::string_view("2026-11-24T03:12:09").size();
  if (value.size() <= kSeconds || value[10] != 'T' || !value.ends_with('Z') || !parse_time(value)) return std::nullopt;
  return value.substr(0, kSeconds);
}

struct Shown {
  std::string text;    // for people
  std::string quoted;  // what must occur in the evidence
};

Shown shown(const std::string& value) {
  if (auto seconds = whole_seconds(value)) {
    std::string readable = *seconds;
    readable[10] = ' ';
    return {readable + " UTC", std::move(*seconds)};
  }
  std::string part(text::trim(shown_part(text::to_valid_utf8(value))));
  return {text::displayable(part) + (part.size() < value.size() ? "…" : ""), std::move(part)};
}

}  // namespace

Phrase fill(std::string_view pattern, const PhraseLookup& lookup) {
  Phrase phrase;
  walk(
      pattern, [&](std::string_view words) { phrase.text += words; },
      [&](std::string_view name, std::optional<std::string_view> fallback) {
        const auto found = lookup(name);
        if (!found || found->values.empty() || found->values.front().empty()) {
          phrase.text += fallback.value_or("(not recorded)");
          if (!fallback) phrase.complete = false;
          return;
        }
        std::vector<std::string> texts;
        for (const auto& value : found->values) {
          auto [readable, quoted] = shown(value);
          if (quoted.empty()) continue;
          texts.push_back(std::move(readable));
          (found->from_alert ? phrase.quoted_alert : phrase.quoted).push_back(std::move(quoted));
        }
        phrase.text += text::join(texts, ", ");
      });
  return phrase;
}

std::optional<std::string> fill_exactly(std::string_view pattern, const PhraseLookup& lookup) {
  std::string filled;
  bool complete = true;
  walk(
      pattern, [&](std::string_view words) { filled += words; },
      [&](std::string_view name, std::optional<std::string_view>) {
        const auto found = lookup(name);
        if (!found || found->values.empty() || found->values.front().empty())
          complete = false;
        else
          filled += found->values.front();
      });
  if (!complete) return std::nullopt;
  return filled;
}

}  // namespace vedette::investigate

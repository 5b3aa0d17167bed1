#pragma once
// Fills the {names} of a template. Pure.
//   {name} value by that name, {name|words} the words where there is none, {{ a brace.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::investigate {

struct PhraseValue {
  PhraseValue() = default;
  explicit PhraseValue(std::string one, bool alert = false) : values{std::move(one)}, from_alert(alert) {}
  std::vector<std::string> values;  // as they stand in the evidence; several are shown as a list
  bool from_alert = false;          // they stand in E1
};
using PhraseLookup = std::function<std::optional<PhraseValue>(std::string_view name)>;

struct Phrase {
  std::string text;                       // safe to show: see text::displayable; long values are shortened
  std::vector<std::string> quoted;        // the values put in, as far as they are shown …
  std::vector<std::string> quoted_alert;  // … and those of the alert
  bool complete = true;                   // false when a name without a fallback had no value
};

Phrase fill(std::string_view pattern, const PhraseLookup& lookup);
// For queries: the exact values; nothing when a name has none.
std::optional<std::string> fill_exactly(std::string_view pattern, const PhraseLookup& lookup);

}  // namespace vedette::investigate

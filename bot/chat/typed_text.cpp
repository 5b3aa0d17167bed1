#include "bot/chat/typed_text.hpp"

#include <string_view>
#include <utility>

#include "bot/base/text.hpp"

namespace vedette::chat {

std::string as_typed(std::string text) {
  for (const auto& [from, to] : {std::pair{"“", "\""}, {"”", "\""}, {"„", "\""}, {"‘", "'"}, {"’", "'"}, {"\u00A0", " "}}) {
    text = text::replace_all(std::move(text), from, to);
  }
  for (const std::string_view dash : {"—", "–"}) {
    for (size_t at = text.find(dash); at != std::string::npos; at = text.find(dash, at + 1)) {
      const bool starts_word = (at == 0 || text[at - 1] == ' ') && at + dash.size() < text.size() &&
                               text[at + dash.size()] >= 'a' && text[at + dash.size()] <= 'z';
      if (starts_word) text.replace(at, dash.size(), "--");
    }
  }
  return std::string(text::trim(text));
}

}  // namespace vedette::chat

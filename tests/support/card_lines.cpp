#include "tests/support/card_lines.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/chat/card_parts.hpp"

namespace vedette::test {
namespace {

// Decodes well-formed UTF-8; a check of its own beside bot/base/text.
std::vector<char32_t> code_points(std::string_view text) {
  std::vector<char32_t> out;
  for (size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    char32_t value = length == 1 ? byte : byte & (0xFF >> (length + 1));
    for (size_t next = 1; next < length && at + next < text.size(); ++next) {
      value = (value << 6) | (static_cast<unsigned char>(text[at + next]) & 0x3F);
    }
    out.push_back(value);
    at += length;
  }
  return out;
}

// Unicode TR 36 and TR 39: what reverses, hides or controls.
bool deceives(char32_t c) {
  if (c == '\n') return false;
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x00AD || c == 0x061C || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF || (c >= 0xE0000 && c <= 0xE007F);
}

// The lines of a card, each as the pieces that have to be there: a text, or in parts of a card what one line may hold of it.
class Lines {
 public:
  explicit Lines(bool in_parts) : in_parts_(in_parts) {}
  std::vector<std::vector<std::string>> all;

  void add(const chat::Heading& block) { line({block.text}); }
  void add(const chat::Paragraph& block) {
    for (const auto& item : block.lines) add(item);
  }
  void add(const chat::Bullets& block) {
    line({block.title});
    for (const auto& item : block.items) add(item);
  }
  void add(const chat::Facts& block) {
    for (const auto& [name, value] : block.rows) line({name, value});
  }
  void add(const chat::Chips& block) {
    std::vector<std::string> pieces = block.items;
    pieces.push_back(block.title);
    line(pieces);
  }
  void add(const chat::Steps& block) {
    for (const auto& step : block.items) line({step.text});
  }
  void add(const chat::Records& block) {
    line({block.title});
    for (const auto& row : text::split(block.text, '\n')) line({row});
  }
  void add(const chat::Table& block) {
    // A column without any value may go without its name.
    std::vector<std::string> names;
    for (size_t column = 0; column < block.header.size(); ++column) {
      const auto has_value = [&](const auto& row) {
        return column < row.size() && !squeezed(text::displayable(row[column])).empty();
      };
      if (std::any_of(block.rows.begin(), block.rows.end(), has_value)) names.push_back(block.header[column]);
    }
    line(names);
    for (const auto& row : block.rows) line(row);
  }
  void add(const chat::Buttons& block) {
    for (const auto& button : block.items) {
      const bool typed = button.command.empty() || text::characters(button.command) > 2000;  // no button at all
      if (!typed) line({button.label, button.confirm});
    }
  }
  template <class Other>
  void add(const Other&) {}

 private:
  void add(const chat::Line& item) {
    std::string marks;
    for (const int number : item.evidence) marks += fmt::format("[E{}]", number);
    line({item.text, marks});
  }
  void line(const std::vector<std::string>& pieces) {
    std::vector<std::string> clean;
    for (const auto& piece : pieces) {
      for (const auto& words : in_parts_ ? cut(piece) : std::vector<std::string>{piece}) {
        std::string text = squeezed(text::displayable(words));
        if (!text.empty()) clean.push_back(std::move(text));
      }
    }
    if (!clean.empty()) all.push_back(std::move(clean));
  }
  static std::vector<std::string> cut(const std::string& text) {
    std::vector<std::string> all(1);
    size_t count = 0;
    for (const char c : text) {
      const bool begins = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
      if (begins && ++count > chat::kLongestLine) {
        all.emplace_back();
        count = 1;
      }
      all.back() += c;
    }
    return all;
  }

  bool in_parts_;
};

}  // namespace

std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\n') out += c;
  }
  return out;
}

std::string deception_in(std::string_view text) {
  if (!text::valid_utf8(text)) return "text that is no UTF-8";
  for (const char32_t c : code_points(text)) {
    if (deceives(c)) return fmt::format("U+{:04X} is shown: {}", static_cast<uint32_t>(c), text.substr(0, 60));
  }
  return {};
}

size_t absent_lines(const chat::Card& card, const std::string& seen, bool in_parts, std::string* example) {
  Lines lines(in_parts);
  for (const auto& block : card.blocks) {
    std::visit([&](const auto& one) { lines.add(one); }, block);
  }
  size_t absent = 0;
  for (const auto& line : lines.all) {
    const bool there = std::all_of(line.begin(), line.end(),
                                   [&](const std::string& piece) { return seen.find(piece) != std::string::npos; });
    if (!there && absent++ == 0) *example = line.front().substr(0, 60);
  }
  return absent;
}

std::vector<std::string> commands_on(const chat::Card& card) {
  std::vector<std::string> commands;
  for (const auto& block : card.blocks) {
    if (const auto* buttons = std::get_if<chat::Buttons>(&block)) {
      for (const auto& button : buttons->items) commands.push_back(button.command);
    } else if (const auto* menu = std::get_if<chat::Menu>(&block)) {
      for (const auto& item : menu->items) commands.push_back(item.command);
    } else if (const auto* thumbs = std::get_if<chat::Thumbs>(&block)) {
      commands.push_back(thumbs->good_command);
      commands.push_back(thumbs->bad_command);
    }
  }
  std::erase(commands, std::string());
  return commands;
}

}  // namespace vedette::test

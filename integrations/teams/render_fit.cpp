#include "integrations/teams/render_fit.hpp"

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/chat/card_parts.hpp"
#include "integrations/teams/render_pieces.hpp"

namespace vedette::teams {
namespace {

constexpr size_t kPageBytes = 40'000;  // half of what a message takes: a page is read on a phone, too
constexpr size_t kMostPages = 100;

// Code units of UTF-16 of what stands around a text; what they are is checked against cards that were drawn.
constexpr size_t kCard = 700;
constexpr size_t kRun = 130;
constexpr size_t kLine = 240;  // a RichTextBlock with one run
constexpr size_t kColumns = 200;
constexpr size_t kFold = 500;
constexpr size_t kCell = 40;
constexpr size_t kMark = 14;
constexpr size_t kAction = 1200;
constexpr size_t kSelect = 1000;
constexpr size_t kOption = 50;

// Of a text in JSON. A brace may get a character that is not seen.
size_t units(std::string_view text) {
  if (!text::valid_utf8(text)) return 2 * text.size();
  size_t sum = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) sum += byte >= 0xF0 ? 2 : 1;
    if (c == '"' || c == '\\' || c == '{') ++sum;
  }
  return sum;
}

struct Weight {
  size_t sum = 0;

  void add(const chat::Heading& block) { sum += 2 * kLine + units(block.text); }
  void add(const chat::Paragraph& block) {
    for (const auto& line : block.lines) add(line);
  }
  void add(const chat::Bullets& block) {
    sum += kLine + units(block.title);
    for (const auto& item : block.items) {
      sum += kColumns + kLine;
      add(item);
    }
  }
  void add(const chat::Facts& block) {
    for (const auto& [name, value] : block.rows) sum += kColumns + 2 * kLine + units(name) + units(value);
  }
  void add(const chat::Chips& block) {
    sum += kLine + kRun + units(block.title);
    for (const auto& item : block.items) sum += 2 * kRun + units(item);
  }
  void add(const chat::Steps& block) {
    for (const auto& step : block.items) sum += kColumns + 2 * kLine + units(step.text);
  }
  void add(const chat::Records& block) {
    sum += kFold + 2 * units(block.title) + units(block.text);
    sum += kLine * (1 + static_cast<size_t>(std::count(block.text.begin(), block.text.end(), '\n')));
  }
  void add(const chat::File& block) { add(chat::Records{block.title, block.text, true}); }
  void add(const chat::Table& block) {
    size_t width = block.header.size();
    for (const auto& row : block.rows) width = std::max(width, row.size());
    sum += kLine + width * kCell + (block.rows.size() + 1) * (kCell + width * (kCell + kLine));
    for (const auto& cell : block.header) sum += units(cell);
    for (const auto& row : block.rows) {
      for (const auto& cell : row) sum += units(cell);
    }
  }
  void add(const chat::Divider&) { sum += kCell; }
  void add(const chat::Buttons& block) {
    for (const auto& button : block.items) action(button.label, button.command, button.confirm);
  }
  void add(const chat::Thumbs& block) {
    for (const auto& command : {block.good_command, block.bad_command}) action("+", command, "");
  }
  void add(const chat::Menu& block) {
    sum += kFold + 2 * units(block.label);
    for (const auto& item : block.items) action(item.label, item.command, "");
  }
  void add(const chat::Select& block) {
    sum += kSelect + 2 * units(block.label);
    for (const auto& option : block.options) sum += kOption + units(option.label) + units(option.value);
    action("Choose", block.command, "");
  }

 private:
  void add(const chat::Line& line) { sum += kLine + kRun + units(line.text) + kMark * line.evidence.size(); }
  // With the question before it, and a Submit of the same.
  void action(std::string_view label, std::string_view command, std::string_view confirm) {
    sum += kAction + 6 * units(label) + 2 * units(command) + 3 * units(confirm) + 2 * kKey;
  }
};

bool is_control(const chat::Block& block) {
  return std::holds_alternative<chat::Buttons>(block) || std::holds_alternative<chat::Thumbs>(block) ||
         std::holds_alternative<chat::Menu>(block) || std::holds_alternative<chat::Select>(block);
}

template <class Group>
void add_rows(std::vector<chat::Block>& blocks, const Group& group) {
  Group row = group;
  for (size_t at = 0; at < group.items.size(); at += kActionsInRow) {
    const auto from = group.items.begin() + static_cast<std::ptrdiff_t>(at);
    const size_t count = std::min(kActionsInRow, group.items.size() - at);
    row.items.assign(from, from + static_cast<std::ptrdiff_t>(count));
    blocks.push_back(row);
  }
}

}  // namespace

size_t weight_of(const chat::Card& card) {
  Weight weight;
  weight.sum = kCard + 4 * units(card.summary);
  for (const auto& block : card.blocks) {
    std::visit([&](const auto& one) { weight.add(one); }, block);
  }
  return 2 * weight.sum;
}

std::vector<chat::Card> pages_of(const chat::Card& card) {
  chat::Card content;
  content.summary = card.summary;
  content.tone = card.tone;
  for (const auto& block : card.blocks) {
    if (!is_control(block)) content.blocks.push_back(block);
  }
  const auto on_a_page = [](const chat::Card& part) { return weight_of(part) <= kPageBytes; };
  return chat::parts_of(content, on_a_page, kMostPages);
}

std::vector<chat::Block> controls_of(const chat::Card& card) {
  std::vector<chat::Block> controls;
  for (const auto& block : card.blocks) {
    if (const auto* buttons = std::get_if<chat::Buttons>(&block)) {
      add_rows(controls, *buttons);
    } else if (const auto* menu = std::get_if<chat::Menu>(&block)) {
      add_rows(controls, *menu);
    } else if (is_control(block)) {
      controls.push_back(block);
    }
  }
  return controls;
}

}  // namespace vedette::teams

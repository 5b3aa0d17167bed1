// The neutral card as plain text.

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/chat/card.hpp"

namespace vedette::chat {
namespace {

std::string text_of(const Line& line) {
  const std::string marks = evidence_marks(line.evidence);
  return marks.empty() ? line.text : line.text + " " + marks;
}

void write(std::string& out, const Heading& block) { out += block.text + "\n"; }
void write(std::string& out, const Paragraph& block) {
  for (const auto& line : block.lines) out += text_of(line) + "\n";
}
void write(std::string& out, const Bullets& block) {
  if (!block.title.empty()) out += block.title + "\n";
  for (const auto& item : block.items) out += "• " + text_of(item) + "\n";
}
void write(std::string& out, const Facts& block) {
  for (const auto& [name, value] : block.rows) out += fmt::format("{}: {}\n", name, value);
}
void write(std::string& out, const Chips& block) {
  if (!block.title.empty()) out += block.title + ": ";
  out += text::join(block.items, " · ") + "\n";
}
void write(std::string& out, const Steps& block) {
  for (const auto& step : block.items) {
    const bool over = step.state == StepState::done || step.state == StepState::failed;
    out += (over ? step.state == StepState::done ? "✓ " : "✗ " : "… ") + step.text + "\n";
  }
}
void write(std::string& out, const Records& block) {
  if (block.folded) return;
  if (!block.title.empty()) out += block.title + "\n";
  out += block.text + "\n";
}
void write(std::string& out, const Table& block) {
  if (!block.header.empty()) out += text::join(block.header, " | ") + "\n";
  for (const auto& row : block.rows) out += text::join(row, " | ") + "\n";
}
void write(std::string&, const File&) {}  // folded away, as records are
void write(std::string& out, const Divider&) { out += "---\n"; }
void write(std::string& out, const Buttons& block) {
  for (const auto& button : block.items) {
    if (&button != &block.items.front()) out += ' ';
    out += "[" + button.label + "]";
  }
  out += "\n";
}
// In the line of the buttons before it.
void write(std::string& out, const Menu& block) {
  if (out.ends_with("]\n")) out.back() = ' ';
  out += block.label + ":";
  for (const auto& item : block.items) out += " [" + item.label + "]";
  out += "\n";
}
// Where nothing can be chosen from, the answer is typed.
void write(std::string& out, const Select& block) {
  const char* answer = block.kind == Select::Kind::time ? "TIME" : block.kind == Select::Kind::person ? "@PERSON" : "…";
  out += fmt::format("{} {} {}\n", block.label, block.command, answer);
}
void write(std::string& out, const Thumbs&) { out += "[👍] [👎]\n"; }

}  // namespace

std::string evidence_marks(const std::vector<int>& evidence) {
  std::string marks;
  for (const int number : evidence) marks += fmt::format("[E{}]", number);
  return marks;
}

std::string plain_text(const Card& card) {
  std::string out;
  for (const auto& block : card.blocks) {
    std::visit([&](const auto& content) { write(out, content); }, block);
  }
  return out;
}

std::string summary(const Card& card) {
  std::string line(text::trim(text::displayable(card.summary)));
  if (line.empty()) {
    const std::string all = plain_text(card);
    line = text::displayable(text::trim(std::string_view(all).substr(0, all.find('\n'))));
  }
  return line.empty() ? "A message from Vedette" : line;
}

}  // namespace vedette::chat

// An answer as a text in Teams' Markdown (learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages),
// with its evidence as citations. What is not ours in it is escaped, and what a client might make a link of is broken up by
// a character that is not seen.

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "integrations/teams/render_pieces.hpp"

namespace vedette::teams {
namespace {

using nlohmann::json;

constexpr size_t kClaims = 20;
constexpr size_t kName = 80;
constexpr size_t kAbstract = 160;
constexpr size_t kTextBytes = kMostBytes - 20'000;  // the claims take the rest
constexpr std::string_view kBreak = "\u200B";       // zero-width space

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0; }

// Whether a client would take what is around `at` for a part of an address: "://", "www.", "ann@corp", "evil.example".
bool links(std::string_view text, size_t at) {
  const char before = at > 0 ? text[at - 1] : ' ';
  const char after = at + 1 < text.size() ? text[at + 1] : ' ';
  const auto word = [](char c) { return is_letter(c) || is_digit(c); };
  switch (text[at]) {
    case ':': return after == '/' || text::lower(text.substr(at >= 6 ? at - 6 : 0, std::min<size_t>(at, 6))) == "mailto";
    case '@': return after != ' ';
    case '.': return word(before) && is_letter(after);
    default: return false;
  }
}

// Escaped for Markdown; `first`: it begins a paragraph, where more characters mean something.
std::string escaped(std::string_view outside, bool first = true) {
  const std::string shown = text::displayable(outside);
  const std::string_view content = text::trim(shown);
  const size_t digits = content.find_first_not_of("0123456789");
  std::string out;
  for (size_t at = 0; at < content.size(); ++at) {
    const char c = content[at];
    switch (c) {
      case '&': out += "&amp;"; continue;
      case '<': out += "&lt;"; continue;
      case '>': out += "&gt;"; continue;
      default: break;
    }
    const bool marks_list = first && ((at == 0 && (c == '-' || c == '+' || c == '=' || c == ':')) ||
                                      (at > 0 && at == digits && (c == '.' || c == ')')));
    if (marks_list || std::string_view("\\`*_{}[]()#!|~").find(c) != std::string_view::npos) out += '\\';
    out += c;
    // "[1]" of theirs shall not look like one of our citations.
    if (links(content, at) || (c == '[' && at + 1 < content.size() && is_digit(content[at + 1]))) out += kBreak;
  }
  return out;
}

class Writer {
 public:
  std::string text;

  void add(const chat::Heading& block) { paragraph(bold(block.text)); }
  void add(const chat::Paragraph& block) {
    for (const auto& line : block.lines) paragraph(written(line));
  }
  void add(const chat::Bullets& block) {
    paragraph(bold(block.title));
    std::string list;
    for (const auto& item : block.items) {
      const std::string words = written(item);
      if (!words.empty()) list += (list.empty() ? "- " : "\n- ") + words;
    }
    paragraph(list);
  }
  void add(const chat::Facts& block) {
    for (const auto& [name, value] : block.rows) {
      const std::string label = bold(name);
      paragraph(label.empty() ? escaped(value) : label + ": " + escaped(value, false));
    }
  }
  void add(const chat::Chips& block) {
    std::string line;
    for (const auto& item : block.items) line += (line.empty() ? "" : " · ") + escaped(item, line.empty());
    const std::string label = bold(block.title);
    paragraph(label.empty() || line.empty() ? label + line : label + ": " + line);
  }
  void add(const chat::Steps& block) {
    for (const auto& step : block.items) {
      const char* mark = step.state == chat::StepState::done ? "✓ " : step.state == chat::StepState::failed ? "✗ " : "… ";
      paragraph(mark + escaped(step.text, false));
    }
  }
  template <class Other>
  void add(const Other&) {}  // is_plain_answer tells whether there is any

  json claims() const {
    json result = json::array();
    for (const auto& [number, claim] : claims_) {
      result.push_back({{"@type", "Claim"},
                        {"position", claim.position},
                        {"appearance",
                         {{"@type", "DigitalDocument"},
                          {"name", plain(fmt::format("Evidence E{}", number), kName)},
                          {"abstract", claim.abstract}}}});
    }
    std::sort(result.begin(), result.end(), [](const json& a, const json& b) { return a["position"] < b["position"]; });
    return result;
  }

 private:
  struct Claim {
    size_t position = 0;
    std::string abstract;
  };

  static std::string bold(const std::string& words) {
    const std::string content = escaped(words, false);
    return content.empty() ? std::string() : "**" + content + "**";
  }

  void paragraph(const std::string& content) {
    if (content.empty()) return;
    if (!text.empty()) text += "\n\n";
    text += content;
  }

  std::string written(const chat::Line& line) {
    std::string out = line.strong ? bold(line.text) : escaped(line.text);
    for (const int number : line.evidence) {
      const size_t position = position_of(number, line.text);
      out += position == 0 ? fmt::format(" (E{})", number) : fmt::format(" [{}]", position);
    }
    return out;
  }

  // 0: there is no room for one more claim.
  size_t position_of(int number, const std::string& words) {
    if (const auto known = claims_.find(number); known != claims_.end()) return known->second.position;
    if (claims_.size() == kClaims) return 0;
    Claim claim;
    claim.position = claims_.size() + 1;
    claim.abstract = plain(words, kAbstract - 1);
    if (claim.abstract.empty()) claim.abstract = fmt::format("Evidence E{} of this case", number);
    claims_[number] = claim;
    return claim.position;
  }

  std::map<int, Claim> claims_;
};

Writer written(const chat::Card& card) {
  Writer writer;
  for (const auto& block : card.blocks) {
    std::visit([&](const auto& one) { writer.add(one); }, block);
  }
  return writer;
}

template <class... Kinds>
bool is_one_of(const chat::Block& block) {
  return (std::holds_alternative<Kinds>(block) || ...);
}

}  // namespace

bool is_plain_answer(const chat::Card& card) {
  const bool words = std::all_of(card.blocks.begin(), card.blocks.end(), [](const chat::Block& block) {
    return is_one_of<chat::Heading, chat::Paragraph, chat::Bullets, chat::Facts, chat::Chips, chat::Steps, chat::Divider>(
        block);
  });
  if (!words || card.blocks.empty()) return false;
  const Writer writer = written(card);
  return !writer.text.empty() && utf16_bytes(text_of(json(writer.text))) <= kTextBytes;
}

std::string render_answer_text(const chat::Card& card, const RenderLook& look) {
  Writer writer = written(card);
  if (writer.text.empty()) writer.text = escaped(chat::summary(card));
  if (look.again) {
    writer.text += "\n\n*Sent a second time because the first answer was lost; the same message may stand above.*";
  }
  json activity = {{"type", "message"},
                   {"textFormat", "markdown"},
                   {"text", writer.text},
                   {"summary", plain(chat::summary(card), kSummary)},
                   {"entities", json::array({message_entity(true, look.sensitivity, writer.claims())})}};
  return text_of(activity);
}

}  // namespace vedette::teams

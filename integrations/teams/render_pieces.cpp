#include "integrations/teams/render_pieces.hpp"

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/chat/adaptive_card.hpp"

namespace vedette::teams {
namespace {

using nlohmann::json;

constexpr const char* kMessage = "https://schema.org/Message";
constexpr size_t kTitle = 300;     // of a block, a fact's name, a table's header cell
constexpr size_t kLabel = 150;     // of a button
constexpr size_t kQuestion = 600;  // before a button's command is carried out
constexpr size_t kStep = 1800;
constexpr size_t kCommand = 2000;  // bytes
constexpr size_t kMarks = 200;     // pieces of evidence behind one line
constexpr size_t kColumns = 8;
constexpr size_t kChoices = 100;
constexpr size_t kChoice = 200;

bool usable(const std::string& command) { return !command.empty() && command.size() <= kCommand; }

class Bounding {
 public:
  chat::Card card;

  void add(chat::Heading block) {
    block.text = text::displayable(block.text);
    if (!text::trim(block.text).empty()) put(std::move(block));
  }
  void add(chat::Paragraph block) {
    for (auto& line : block.lines) bound(line);
    if (!block.lines.empty()) put(std::move(block));
  }
  void add(chat::Bullets block) {
    bound_title(block.title);
    for (auto& line : block.items) bound(line);
    if (!block.title.empty() || !block.items.empty()) put(std::move(block));
  }
  void add(chat::Facts block) {
    for (auto& [name, value] : block.rows) {
      if (text::characters(name) <= kTitle) continue;
      say(name);
      name = plain(name, kTitle);
    }
    if (!block.rows.empty()) put(std::move(block));
  }
  void add(chat::Chips block) {
    bound_title(block.title);
    put(std::move(block));
  }
  void add(chat::Steps block) {
    for (auto& step : block.items) {
      if (text::characters(step.text) <= kStep) continue;
      say(step.text);
      step.text = plain(step.text, kStep);
    }
    if (!block.items.empty()) put(std::move(block));
  }
  void add(chat::Records block) {
    bound_title(block.title);
    if (text::trim(block.text).empty() && block.title.empty()) return;
    put(std::move(block));
  }
  void add(chat::File block) { add(chat::Records{std::move(block.title), std::move(block.text), true}); }
  void add(chat::Divider block) { put(block); }

  void add(chat::Table block) {
    size_t width = block.header.size();
    for (const auto& row : block.rows) width = std::max(width, row.size());
    size_t named = 0;
    for (const auto& cell : block.header) named += text::characters(cell);
    if (width <= kColumns && named <= kTitle) return put(std::move(block));
    // Wider than any screen it is read on: row by row instead.
    for (auto& row : block.rows) {
      chat::Facts facts;
      for (size_t at = 0; at < row.size(); ++at) {
        facts.rows.emplace_back(at < block.header.size() ? block.header[at] : std::string(), std::move(row[at]));
      }
      std::erase_if(facts.rows, [](const auto& fact) { return text::trim(fact.second).empty(); });
      add(std::move(facts));
      put(chat::Divider());
    }
  }

  void add(chat::Buttons block) {
    std::erase_if(block.items, [this](const chat::Button& button) { return !takes(button.command); });
    for (auto& button : block.items) {
      bound_label(button.label, kLabel);
      if (button.label.empty()) button.label = plain(button.command, kLabel);
      const bool asks = !button.confirm.empty();
      bound_label(button.confirm, kQuestion);
      if (asks && button.confirm.empty()) button.confirm = "Are you sure?";  // its words were none that can be seen
    }
    if (!block.items.empty()) put(std::move(block));
  }
  void add(chat::Thumbs block) {
    if (usable(block.good_command) && usable(block.bad_command)) return put(std::move(block));
    // Half a pair is an ordinary button.
    chat::Buttons half;
    half.items = {{"👍", block.good_command, chat::Tone::neutral, ""}, {"👎", block.bad_command, chat::Tone::neutral, ""}};
    add(std::move(half));
  }
  void add(chat::Menu block) {
    std::erase_if(block.items, [this](const chat::MenuItem& item) { return !takes(item.command); });
    for (auto& item : block.items) {
      bound_label(item.label, kLabel);
      if (item.label.empty()) item.label = plain(item.command, kLabel);
    }
    bound_label(block.label, kLabel);
    if (block.label.empty()) block.label = "More";
    if (!block.items.empty()) put(std::move(block));
  }
  void add(chat::Select block) {
    bound_label(block.label, kLabel);
    if (block.label.empty()) block.label = "Choose";
    std::erase_if(block.options, [](const auto& option) { return option.value.empty() || option.value.size() > kChoice; });
    if (block.options.size() > kChoices) block.options.resize(kChoices);
    for (auto& option : block.options) {
      option.label = plain(option.label, kChoice);
      if (option.label.empty()) option.label = plain(option.value, kChoice);
    }
    std::erase_if(block.options, [](const auto& option) { return option.label.empty(); });
    const bool something = block.kind == chat::Select::Kind::time || !block.options.empty();
    if (something && usable(block.command)) put(std::move(block));
  }

  // What is too long for its place, in full beside it.
  void say(std::string words) { put(chat::Paragraph{{{std::move(words), {}, false}}, true}); }

 private:
  void put(chat::Block block) { card.blocks.push_back(std::move(block)); }

  static void bound(chat::Line& line) {
    if (line.evidence.size() > kMarks) line.evidence.resize(kMarks);
  }
  void bound_title(std::string& title) {
    if (text::characters(title) > kTitle) put(chat::Paragraph{{{std::exchange(title, {}), {}, true}}, false});
  }
  void bound_label(std::string& label, size_t characters) {
    label = text::displayable(label);
    if (text::characters(label) > characters) say(label);
    label = plain(label, characters);
  }
  bool takes(const std::string& command) {
    if (command.size() > kCommand) say("Too long for a button, type it: " + command);
    return usable(command);
  }
};

}  // namespace

std::string text_of(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

size_t utf16_bytes_of(const json& value) { return utf16_bytes(text_of(value)); }

std::string plain(std::string_view text, size_t characters) {
  const std::string shown = text::displayable(text);
  return text::ellipsize(text::trim(shown), characters);
}

json attachment(json card) {
  return {{"contentType", "application/vnd.microsoft.card.adaptive"}, {"content", std::move(card)}};
}

json text_line(std::string_view text, const char* color, bool subtle) {
  json run = {{"type", "TextRun"}, {"text", chat::adaptive_text(text)}};
  if (color != nullptr) run["color"] = color;
  if (subtle) run["isSubtle"] = true;
  return {{"type", "RichTextBlock"}, {"inlines", json::array({std::move(run)})}};
}

bool is_judgement(const chat::Card& card) {
  const auto cites = [](const std::vector<chat::Line>& lines) {
    return std::any_of(lines.begin(), lines.end(), [](const chat::Line& line) { return !line.evidence.empty(); });
  };
  return std::any_of(card.blocks.begin(), card.blocks.end(), [&](const chat::Block& block) {
    if (const auto* paragraph = std::get_if<chat::Paragraph>(&block)) return cites(paragraph->lines);
    if (const auto* bullets = std::get_if<chat::Bullets>(&block)) return cites(bullets->items);
    return std::holds_alternative<chat::Thumbs>(block);
  });
}

json message_entity(bool made_by_ai, const Sensitivity* sensitivity, json citations) {
  const bool sensitive = sensitivity != nullptr && !sensitivity->name.empty();
  if (!made_by_ai && !sensitive) return nullptr;
  json entity = {{"type", kMessage}, {"@type", "Message"}, {"@context", "https://schema.org"}, {"@id", ""}};
  if (made_by_ai) entity["additionalType"] = json::array({"AIGeneratedContent"});
  if (citations.is_array() && !citations.empty()) entity["citation"] = std::move(citations);
  if (sensitive) {
    entity["usageInfo"] = {{"type", kMessage}, {"@type", "CreativeWork"}, {"name", plain(sensitivity->name, 80)}};
    const std::string description = plain(sensitivity->description, 300);
    if (!description.empty()) entity["usageInfo"]["description"] = description;
  }
  return entity;
}

chat::Card bounded(const chat::Card& card) {
  Bounding bounding;
  const std::string summary = chat::summary(card);
  if (text::characters(summary) > kSummary) bounding.say(summary);
  for (const auto& block : card.blocks) {
    std::visit([&](const auto& one) { bounding.add(one); }, block);
  }
  bounding.card.summary = plain(summary, kSummary);
  bounding.card.tone = card.tone;
  return std::move(bounding.card);
}

}  // namespace vedette::teams

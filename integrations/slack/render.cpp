#include "integrations/slack/render.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "bot/base/text.hpp"
#include "integrations/slack/render_fit.hpp"
#include "integrations/slack/render_menu.hpp"
#include "integrations/slack/render_newer.hpp"
#include "integrations/slack/render_pieces.hpp"
#include "integrations/slack/render_table.hpp"

namespace vedette::slack {
namespace {

using json = nlohmann::json;

constexpr size_t kHeader = 150;
constexpr size_t kLabel = 75;
constexpr size_t kValue = 2000;
constexpr size_t kConfirm = 300;
constexpr size_t kConfirmButton = 30;
constexpr size_t kButtonsInRow = 25;
constexpr size_t kContextText = 2000;
constexpr size_t kNotification = 1500;  // Slack advises 4,000 for `text`; entities make it longer
constexpr size_t kChunk = 2000;         // characters of text in one block of ours; Slack's limit for a section is 3000
constexpr size_t kBlockFrame = 60;      // allowance for what surrounds the text of a block
constexpr size_t kPieceFrame = 20;      // and of a line in it
constexpr size_t kElementFrame = 15;    // and of a button, menu or select in its row

std::string clean(std::string_view text) { return text::displayable(text); }

// What a button, menu or select weighs: all it can show, the question before it and every option.
size_t weight(const json& element) {
  size_t sum = element.is_object() && element.contains("action_id") ? kElementFrame : 0;
  for (const auto& [key, child] : element.items()) {
    if (key == "text" && child.is_string()) sum += text::characters(child.get_ref<const std::string&>());
    if (child.is_structured()) sum += weight(child);
  }
  return sum;
}

class Builder {
 public:
  Builder(const RenderLimits& limits, std::string caption) : limits_(limits), caption_(std::move(caption)) {
    if (limits_.plain) limits_.newer = {};
  }

  void add(const chat::Heading& heading) {
    const std::string text = clean(heading.text);
    if (text::trim(text).empty()) return;
    flush();
    if (limits_.plain || text::characters(text) > kHeader) {
      line({{text, true}});
      flush();
      return;
    }
    unit({{"type", "header"}, {"text", plain_text(text)}}, 1, text::characters(text));
  }

  void add(const chat::Paragraph& paragraph) {
    if (!paragraph.subtle) {
      for (const auto& item : paragraph.lines) line(runs_of(item));
      flush();
      return;
    }
    std::vector<std::string> lines;
    for (const auto& item : paragraph.lines) {
      std::string text;
      for (const auto& run : runs_of(item)) text += run.text;
      if (!text.empty()) lines.push_back(std::move(text));
    }
    context(lines);
  }

  void add(const chat::Bullets& bullets) {
    title(bullets.title);
    for (const auto& item : bullets.items) piece(Piece::Kind::bullet, runs_of(item));
    flush();
  }

  void add(const chat::Facts& facts) {
    for (const auto& [name, value] : facts.rows) {
      std::vector<Run> runs;
      run(runs, clean(name), true);
      run(runs, (runs.empty() ? "" : ": ") + clean(value));
      line(std::move(runs));
    }
    flush();
  }

  void add(const chat::Chips& chips) {
    std::vector<Run> runs;
    run(runs, clean(chips.title), true);
    for (const auto& item : chips.items) {
      const std::string text = clean(item);
      if (text.empty()) continue;
      if (!runs.empty()) run(runs, "  ");
      runs.push_back({text, false, true});
    }
    line(std::move(runs));
    flush();
  }

  void add(const chat::Steps& steps);

  void add(const chat::File& file) {
    title(file.title);
    context({"It is longer than a message may be. The console shows all of it."});
  }

  void add(const chat::Records& records) {
    if (records.folded && limits_.newer.container && folded(records)) return;
    title(records.title);
    fixed(records.text);
    flush();
  }

  void add(const chat::Table& table);

  void add(const chat::Divider&) {
    flush();
    unit({{"type", "divider"}}, 0, 0);
  }

  void add(const chat::Buttons& buttons);

  void add(const chat::Thumbs& thumbs);

  void add(const chat::Menu& menu) {
    std::vector<std::string> notes;
    auto elements = menu_elements(menu, menus_, notes);
    if (!notes.empty()) context(notes);
    for (auto& element : elements) beside_buttons(std::move(element));
  }

  void add(const chat::Select& select) {
    if (select.kind == chat::Select::Kind::one && select.options.empty()) return;
    const auto elements = select_elements(select, selects_);
    if (elements.empty()) {
      flush();
      context({select_in_words(select)});
      return;
    }
    // A picker of times takes no words of its own.
    if (select.kind == chat::Select::Kind::time && !select.label.empty()) context({clean(select.label)});
    for (const auto& element : elements) beside_buttons(element);
  }

  void whole(const std::string& text) {
    line({{text}});
    flush();
  }

  Message finish(std::string notification);

 private:
  static void run(std::vector<Run>& runs, std::string text, bool bold = false) {
    if (!text.empty()) runs.push_back({std::move(text), bold});
  }

  static std::vector<Run> runs_of(const chat::Line& item) {
    std::vector<Run> runs;
    run(runs, clean(item.text), item.strong);
    std::string marks;
    for (const int number : item.evidence) marks += "[E" + std::to_string(number) + "]";
    run(runs, (runs.empty() || marks.empty() ? "" : " ") + marks);
    return runs;
  }

  void title(const std::string& text) {
    std::vector<Run> runs;
    run(runs, clean(text), true);
    line(std::move(runs));
  }

  void line(std::vector<Run> runs) { piece(Piece::Kind::line, std::move(runs)); }

  // Adds a line, in parts where it is longer than a block may be.
  void piece(Piece::Kind kind, std::vector<Run> runs) {
    Piece current{kind, {}};
    size_t length = 0;
    const auto emit = [&] {
      if (current.runs.empty()) return;
      place(std::move(current));
      current = Piece{kind == Piece::Kind::bullet ? Piece::Kind::line : kind, {}};
      length = 0;
    };
    for (auto& item : runs) {
      for (auto& part : split_text(item.text, kChunk)) {
        const size_t size = text::characters(part);
        if (length + size > kChunk) emit();
        current.runs.push_back({std::move(part), item.bold, item.code});
        length += size;
      }
    }
    emit();
  }

  void place(Piece item) {
    const size_t size = item.characters() + kPieceFrame;
    if (!pieces_.empty() && pending_ + size > kChunk + kPieceFrame) flush();
    pending_ += size;
    pieces_.push_back(std::move(item));
  }

  void fixed(std::string_view text) {
    for (const auto& row : text::split(text::displayable(text, true), '\n')) {
      if (row.empty()) {
        place({Piece::Kind::fixed, {{" "}}});  // an empty text element would be refused
      } else {
        piece(Piece::Kind::fixed, {{row}});
      }
    }
  }

  // One line below the other, small and grey.
  void context(const std::vector<std::string>& lines) {
    flush();
    std::vector<std::string> parts;
    size_t count = 0;
    for (const auto& text : lines) {
      for (auto& part : split_text(text, kContextText)) {
        if (parts.empty() || text::characters(parts.back()) + text::characters(part) + 1 > kContextText) {
          parts.push_back(std::move(part));
        } else {
          parts.back() += "\n" + part;
        }
      }
      ++count;
    }
    for (size_t at = 0; at < parts.size(); ++at) {
      const size_t size = text::characters(parts[at]);
      json elements = json::array({plain_text(parts[at])});
      unit({{"type", "context"}, {"elements", std::move(elements)}}, at + 1 == parts.size() ? count : 0, size);
    }
  }

  void flush();

  void unit(json block, size_t lines, size_t characters, bool keep = false) {
    units_.push_back({std::move(block), lines, characters + kBlockFrame, keep, {}});
  }

  json button(const chat::Button& item, std::vector<std::string>& notes);
  bool folded(const chat::Records& records);
  std::string take_heading();

  // In the row of the buttons before it, where there is one with room.
  void beside_buttons(json element) {
    flush();
    const size_t cost = weight(element);
    if (!units_.empty() && units_.back().block["type"] == "actions") {
      json& elements = units_.back().block["elements"];
      if (elements.size() < kButtonsInRow) {
        elements.push_back(std::move(element));
        units_.back().cost += cost;
        return;
      }
    }
    json elements = json::array({std::move(element)});
    unit({{"type", "actions"}, {"elements", std::move(elements)}}, 1, cost, true);
  }

  RenderLimits limits_;
  std::string caption_;  // the card's summary
  NewerBlocks used_;
  std::vector<Unit> units_;
  std::vector<Piece> pieces_;
  size_t pending_ = 0;
  size_t buttons_ = 0;
  size_t thumbs_ = 0;
  size_t menus_ = 0;
  size_t selects_ = 0;
};

void Builder::flush() {
  if (pieces_.empty()) return;
  json block = limits_.plain ? plain_block(pieces_) : rich_block(pieces_);
  unit(std::move(block), pieces_.size(), pending_);
  pieces_.clear();
  pending_ = 0;
}

// The heading right above, which a plan takes for its title.
std::string Builder::take_heading() {
  flush();
  if (units_.empty() || units_.back().block["type"] != "header") return {};
  std::string text = units_.back().block["text"]["text"];
  units_.pop_back();
  return text;
}

void Builder::add(const chat::Steps& steps) {
  if (limits_.newer.plan && !used_.plan && plan_block("Steps", steps)) {
    const std::string heading = take_heading();
    auto plan = plan_block(heading.empty() ? "Steps" : heading, steps);
    unit(std::move(plan->block), plan->lines, plan->characters);
    used_.plan = true;
    return;
  }
  for (const auto& step : steps.items) {
    const bool failed = step.state == chat::StepState::failed;
    line({{(step.state == chat::StepState::done ? "✅ " : failed ? "❌ " : "⏳ ") + clean(step.text)}});
  }
  flush();
}

bool Builder::folded(const chat::Records& records) {
  flush();
  auto parts = container_parts(text::displayable(records.text, true), kChunk);
  if (parts.empty()) return false;
  std::string title = clean(records.title);
  if (text::trim(title).empty()) title = "Records";
  for (size_t at = 0; at < parts.size(); at += kContainerChildren) {
    unit(container_block(at == 0 ? title : title + " (continued)", json::array()), at == 0 ? 1 : 0, text::characters(title));
    const size_t end = std::min(parts.size(), at + kContainerChildren);
    for (size_t part = at; part < end; ++part) {
      auto& [block, lines, characters] = parts[part];
      units_.back().children.push_back({std::move(block), lines, characters + kBlockFrame, false, {}});
    }
  }
  used_.container = true;
  return true;
}

void Builder::add(const chat::Table& table) {
  flush();
  if (limits_.newer.data_table && !used_.data_table) {
    if (auto block = data_table_block(caption_, table)) {
      unit(std::move(block->block), block->lines, block->characters);
      used_.data_table = true;
      return;
    }
  }
  for (auto& item : classic_table(table)) {
    if (item.kind == Piece::Kind::fixed) {
      fixed(item.runs.front().text);
    } else {
      piece(item.kind, std::move(item.runs));
    }
  }
  flush();
}

// `notes` gets what a button has no room for; it stands above the buttons.
json Builder::button(const chat::Button& item, std::vector<std::string>& notes) {
  std::string label = clean(item.label);
  if (text::trim(label).empty()) label = clean(item.command);
  if (text::characters(label) > kLabel) notes.push_back("Button: " + label);
  json element = {{"type", "button"},
                  {"action_id", "command:" + std::to_string(buttons_++)},
                  {"text", plain_text(text::ellipsize(label, kLabel))},
                  {"value", item.command}};
  if (item.tone == chat::Tone::danger) element["style"] = "danger";
  if (item.tone == chat::Tone::good) element["style"] = "primary";
  const std::string question = clean(item.confirm);
  if (!text::trim(question).empty()) {
    if (text::characters(question) > kConfirm) notes.push_back(label + ": " + question);
    json confirm = {{"title", plain_text("Are you sure?")},
                    {"text", plain_text(text::ellipsize(question, kConfirm))},
                    {"confirm", plain_text(text::ellipsize(label, kConfirmButton))},
                    {"deny", plain_text("Cancel")}};
    if (item.tone == chat::Tone::danger) confirm["style"] = "danger";
    element["confirm"] = std::move(confirm);
  }
  return element;
}

void Builder::add(const chat::Buttons& buttons) {
  flush();
  std::vector<std::string> notes;
  std::vector<json> rows;
  for (const auto& item : buttons.items) {
    if (item.command.empty()) continue;
    if (text::characters(item.command) > kValue) {
      notes.push_back("Too long for a button, type it: " + clean(item.command));
      continue;
    }
    if (rows.empty() || rows.back().size() == kButtonsInRow) rows.push_back(json::array());
    rows.back().push_back(button(item, notes));
  }
  context(notes);
  for (auto& row : rows) {
    const size_t count = row.size();
    size_t cost = 0;
    for (const auto& element : row) cost += weight(element);
    unit({{"type", "actions"}, {"elements", std::move(row)}}, count, cost, true);
  }
}

void Builder::add(const chat::Thumbs& thumbs) {
  const auto usable = [](const std::string& command) { return !command.empty() && text::characters(command) <= kValue; };
  const bool good = usable(thumbs.good_command);
  const bool bad = usable(thumbs.bad_command);
  if (!good && !bad) return;
  const std::string number = thumbs_++ == 0 ? "" : ":" + std::to_string(thumbs_);  // an action id stands once in a message
  constexpr const char* kRight = "The verdict is right";
  constexpr const char* kWrong = "The verdict is wrong";
  flush();
  if (limits_.feedback_buttons && !limits_.plain && good && bad) {  // Slack draws the thumbs; the words are their labels
    json element = {{"type", "feedback_buttons"},
                    {"action_id", "thumbs" + number},
                    {"positive_button",
                     {{"text", plain_text("Right")}, {"value", thumbs.good_command}, {"accessibility_label", kRight}}},
                    {"negative_button",
                     {{"text", plain_text("Wrong")}, {"value", thumbs.bad_command}, {"accessibility_label", kWrong}}}};
    json elements = json::array({std::move(element)});
    unit({{"type", "context_actions"}, {"elements", std::move(elements)}}, 0, 2, true);
    return;
  }
  json elements = json::array();
  const auto thumb = [&](const std::string& id, const char* label, const char* spoken, const std::string& command) {
    elements.push_back({{"type", "button"},
                        {"action_id", id + number},
                        {"text", plain_text(label)},
                        {"value", command},
                        {"accessibility_label", spoken}});
  };
  if (good) thumb("thumb:good", "👍", kRight, thumbs.good_command);
  if (bad) thumb("thumb:bad", "👎", kWrong, thumbs.bad_command);
  unit({{"type", "actions"}, {"elements", std::move(elements)}}, 0, 2, true);
}

Message Builder::finish(std::string notification) {
  flush();
  if (units_.empty()) unit({{"type", "section"}, {"text", plain_text(notification)}}, 1, text::characters(notification));
  Message message = fitted(std::move(units_), limits_);
  message.text = escape(notification);
  message.newer = used_;
  return message;
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      default: out += c;
    }
  }
  return out;
}

Message render(const chat::Card& card, const RenderLimits& limits) {
  std::string summary = clean(card.summary);
  if (text::trim(summary).empty()) summary = "Vedette";
  Builder builder(limits, summary);
  const bool cut = text::characters(summary) > kNotification;
  if (card.blocks.empty() || cut) builder.whole(summary);
  for (const auto& block : card.blocks) {
    std::visit([&](const auto& item) { builder.add(item); }, block);
  }
  return builder.finish(text::ellipsize(summary, kNotification));
}

}  // namespace vedette::slack

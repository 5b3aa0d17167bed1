// Adaptive Card 1.5. All text stands in TextRuns: unlike TextBlock and Fact, hosts never read those as Markdown
// (adaptivecards.io/explorer/TextRun.html), so what an attacker wrote appears as it is, whether or not a host processes
// Markdown, and escaping cannot be got wrong. What hosts do expand in a TextRun are {{DATE(…)}} and {{TIME(…)}}; those are
// broken up.

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bot/base/text.hpp"
#include "bot/chat/adaptive_card.hpp"

namespace vedette::chat {
namespace {

using nlohmann::json;

struct RunStyle {
  const char* color = nullptr;
  const char* weight = nullptr;
  const char* size = nullptr;
  bool subtle = false;
  bool monospace = false;
};

std::string literal(std::string_view content) { return adaptive_text(content); }

json run(std::string_view content, const RunStyle& style = {}) {
  json out = {{"type", "TextRun"}, {"text", literal(content)}};
  if (style.color != nullptr) out["color"] = style.color;
  if (style.weight != nullptr) out["weight"] = style.weight;
  if (style.size != nullptr) out["size"] = style.size;
  if (style.subtle) out["isSubtle"] = true;
  if (style.monospace) out["fontType"] = "Monospace";
  return out;
}

json rich(json inlines) { return {{"type", "RichTextBlock"}, {"inlines", std::move(inlines)}}; }
json rich_run(std::string_view content, const RunStyle& style = {}) { return rich(json::array({run(content, style)})); }

json with(json element, const char* property, json value) {
  element[property] = std::move(value);
  return element;
}

const char* color_of(Tone tone) {
  switch (tone) {
    case Tone::good: return "Good";
    case Tone::warning: return "Warning";
    case Tone::danger: return "Attention";
    case Tone::neutral: return nullptr;
  }
  return nullptr;
}

const char* container_style(Tone tone) {
  switch (tone) {
    case Tone::good: return "good";
    case Tone::warning: return "warning";
    case Tone::danger: return "attention";
    case Tone::neutral: return "emphasis";
  }
  return "emphasis";
}

const char* action_style(Tone tone) {
  switch (tone) {
    case Tone::good: return "positive";
    case Tone::danger: return "destructive";
    default: return "default";
  }
}

json inlines_of(const Line& line, bool subtle) {
  RunStyle style;
  style.subtle = subtle;
  if (line.strong) style.weight = "Bolder";
  json inlines = json::array({run(line.text, style)});
  if (!line.evidence.empty()) {
    RunStyle marks;
    marks.color = "Accent";
    inlines.push_back(run(" " + evidence_marks(line.evidence), marks));
  }
  return inlines;
}

json column(json items, json width) {
  return {{"type", "Column"}, {"width", std::move(width)}, {"items", std::move(items)}};
}

// A mark and a text that wraps beside it, not under it.
json marked(json mark, json text) {
  json columns =
      json::array({column(json::array({std::move(mark)}), "auto"), column(json::array({std::move(text)}), "stretch")});
  return {{"type", "ColumnSet"}, {"spacing", "Small"}, {"columns", std::move(columns)}};
}

// learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots
json dialog_action(const std::string& label, json data, Tone tone) {
  data["msteams"] = {{"type", "task/fetch"}};
  return {{"type", "Action.Submit"}, {"title", literal(label)}, {"data", std::move(data)}, {"style", action_style(tone)}};
}

// Of a file, what a page can hold with ease.
constexpr size_t kFileBytesShown = 32 << 10;
std::string beginning_of(const std::string& text) {
  if (text.size() <= kFileBytesShown) return text;
  const size_t end = text.rfind('\n', kFileBytesShown);
  std::string shown = text.substr(0, end == std::string::npos ? 0 : end);
  const auto left = std::count(text.begin() + static_cast<std::ptrdiff_t>(shown.size()), text.end(), '\n');
  return shown + fmt::format("\n(and {} more lines: the page of the case has every piece of evidence whole)", left);
}

class Renderer {
 public:
  explicit Renderer(const AdaptiveLook& look) : look_(look) {}
  json body = json::array();

  void add(const Heading& block) {
    RunStyle style;
    style.size = "Large";
    style.weight = "Bolder";
    if (body.empty()) {
      // The first heading is a coloured band along the top; the words say the same, for those who do not see colours.
      body.push_back({{"type", "Container"},
                      {"style", container_style(block.tone)},
                      {"bleed", true},
                      {"items", json::array({rich_run(block.text, style)})}});
      return;
    }
    style.size = "Medium";
    style.color = color_of(block.tone);
    body.push_back(with(rich_run(block.text, style), "spacing", "Large"));
  }

  void add(const Paragraph& block) {
    for (const auto& line : block.lines) {
      auto element = rich(inlines_of(line, block.subtle));
      element["spacing"] = &line == &block.lines.front() ? "Default" : "Small";
      body.push_back(std::move(element));
    }
  }

  void add(const Bullets& block) {
    if (!block.title.empty()) add_title(block.title);
    RunStyle dot;
    dot.subtle = true;
    for (const auto& item : block.items) body.push_back(marked(rich_run("•", dot), rich(inlines_of(item, false))));
  }

  void add(const Facts& block) {
    RunStyle name_style;
    name_style.subtle = true;
    for (const auto& [name, value] : block.rows) {
      json columns = json::array({column(json::array({rich_run(name, name_style)}), look_.on_phones ? 2 : 1),
                                  column(json::array({rich_run(value)}), look_.on_phones ? 5 : 3)});
      json row = {{"type", "ColumnSet"}, {"columns", std::move(columns)}};
      row["spacing"] = &name == &block.rows.front().first ? "Default" : "Small";
      body.push_back(std::move(row));
    }
  }

  void add(const Chips& block) {
    RunStyle quiet;
    quiet.subtle = true;
    RunStyle value;
    value.monospace = true;
    json inlines = json::array();
    if (!block.title.empty()) inlines.push_back(run(block.title + "  ", quiet));
    for (const auto& item : block.items) {
      if (&item != &block.items.front()) inlines.push_back(run("  ·  ", quiet));
      inlines.push_back(run(item, value));
    }
    if (!inlines.empty()) body.push_back(rich(std::move(inlines)));
  }

  void add(const Steps& block) {
    RunStyle done;
    done.color = "Good";
    RunStyle open;
    open.subtle = true;
    for (const auto& step : block.items) {
      const bool finished = step.state == StepState::done;
      const bool failed = step.state == StepState::failed;
      body.push_back(marked(rich_run(finished ? "✓"
                                     : failed ? "✗"
                                              : "…",
                                     finished ? done : open),
                            rich_run(step.text, finished ? RunStyle() : open)));
    }
  }

  void add(const Records& block) {
    RunStyle style;
    style.monospace = true;
    style.size = "Small";
    json items = json::array();
    for (auto& line : text::split(block.text, '\n')) {
      const size_t indent = std::min(line.find_first_not_of(' '), line.size());
      std::string kept;  // hosts drop leading spaces, not no-break spaces
      for (size_t i = 0; i < indent; ++i) kept += "\u00A0";
      auto element = rich_run(kept + line.substr(indent), style);
      element["spacing"] = items.empty() ? "Default" : "None";
      items.push_back(std::move(element));
    }
    json box = {{"type", "Container"}, {"style", "emphasis"}, {"items", std::move(items)}};
    const std::string title = block.title.empty() ? "Records" : block.title;
    if (!block.folded) {
      add_title(title);
      body.push_back(std::move(box));
      return;
    }
    box["id"] = next_fold();
    box["isVisible"] = false;
    fold(title, box["id"]);
    body.push_back(std::move(box));
  }

  void add(const Table& block) {
    size_t width = block.header.size();
    for (const auto& row : block.rows) width = std::max(width, row.size());
    if (width == 0) return;
    json columns = json::array();
    for (size_t i = 0; i < width; ++i) columns.push_back({{"width", look_.on_phones ? room_for(block, i) : 1}});
    json rows = json::array();
    RunStyle header;
    header.weight = "Bolder";
    if (!block.header.empty()) rows.push_back(table_row(block.header, width, header));
    for (const auto& row : block.rows) rows.push_back(table_row(row, width, {}));
    body.push_back({{"type", "Table"},
                    {"firstRowAsHeader", !block.header.empty()},
                    {"columns", std::move(columns)},
                    {"rows", std::move(rows)}});
  }

  void add(const File& block) { add(Records{block.title, beginning_of(block.text), true}); }

  // A line above what comes next.
  void add(const Divider&) { divide_next_ = true; }

  void add(const Buttons& block) {
    json actions = json::array();
    size_t asking = asks_;
    for (const auto& button : block.items) {
      if (look_.asks_inside && !button.confirm.empty()) {
        actions.push_back(toggle(button.label, button.confirm, ask_id(++asking)));
        actions.back()["style"] = action_style(button.tone);
      } else {
        actions.push_back(action(button.label, button.command, button.tone, button.confirm));
      }
    }
    add_rows(std::move(actions), "Default");
    for (const auto& button : block.items) {
      if (look_.asks_inside && !button.confirm.empty()) add_question(button);
    }
  }

  void add(const Thumbs& block) {
    json good = action("👍", block.good_command, Tone::neutral, "");
    good["tooltip"] = "This verdict is right";
    json bad = action("👎", block.bad_command, Tone::neutral, "");
    bad["tooltip"] = "This verdict is wrong";
    add_rows(json::array({std::move(good), std::move(bad)}), "Small");
  }

  // Folded away like records; hosts have menus of their own only in some versions.
  void add(const Menu& block) {
    json actions = json::array();
    for (const auto& item : block.items) actions.push_back(action(item.label, item.command, Tone::neutral, ""));
    if (actions.empty()) return;
    json box = {{"type", "Container"}, {"id", next_fold()}, {"isVisible", false}, {"items", rows_of(std::move(actions))}};
    fold(block.label, box["id"]);
    body.push_back(std::move(box));
  }

  // The answers of the inputs named in `answers` come behind the command. Labels are ours and options plain text everywhere:
  // none of it is read as Markdown.
  void add(const Select& block) {
    const std::string id = fmt::format("answer-{}", ++selects_);
    json inputs = json::array();
    json answers = json::array({id});
    if (block.kind == Select::Kind::time) {
      answers.push_back(id + "-time");
      json day = {{"type", "Input.Date"}, {"id", id}, {"label", literal(block.label)}};
      json time = {{"type", "Input.Time"}, {"id", id + "-time"}, {"label", "Time (UTC)"}, {"value", "09:00"}};
      inputs.push_back(column(json::array({std::move(day)}), "auto"));
      inputs.push_back(column(json::array({std::move(time)}), "auto"));
    } else {
      json choices = json::array();
      for (const auto& option : block.options) {
        choices.push_back({{"title", literal(option.label)}, {"value", option.value}});
      }
      if (choices.empty()) return;
      json choice = {{"type", "Input.ChoiceSet"},
                     {"id", id},
                     {"label", literal(block.label)},
                     {"style", "compact"},
                     {"choices", std::move(choices)}};
      inputs.push_back(column(json::array({std::move(choice)}), "stretch"));
    }
    json press = action(block.kind == Select::Kind::time ? "Set" : "Choose", block.command, Tone::neutral, "");
    press["data"]["answers"] = std::move(answers);
    if (press.contains("fallback")) press["fallback"]["data"] = press["data"];
    json button = {{"type", "ActionSet"}, {"actions", json::array({std::move(press)})}};
    auto last = column(json::array({std::move(button)}), "auto");
    last["verticalContentAlignment"] = "Bottom";
    inputs.push_back(std::move(last));
    body.push_back({{"type", "ColumnSet"}, {"columns", std::move(inputs)}});
  }

  void add_block(const Block& block) {
    const bool divide = divide_next_;
    const size_t before = body.size();
    divide_next_ = false;
    std::visit([&](const auto& content) { add(content); }, block);
    if (divide && body.size() > before) body[before]["separator"] = true;
    if (divide && body.size() == before) divide_next_ = true;
  }

 private:
  void add_title(const std::string& title) {
    RunStyle style;
    style.weight = "Bolder";
    body.push_back(rich_run(title, style));
  }

  std::string next_fold() { return fmt::format("fold-{}", ++folds_); }

  json action(const std::string& label, const std::string& command, Tone tone, const std::string& confirm) const {
    json data = {{"command", command}};
    if (!look_.key.empty()) data["key"] = look_.key;
    if (look_.opens_dialog && look_.opens_dialog(command)) return dialog_action(label, std::move(data), tone);
    if (!confirm.empty() && !look_.asks_inside) data["confirm"] = confirm;  // a question the console asks first
    json result = {{"type", "Action.Execute"},    {"title", literal(label)},
                   {"verb", "command"},           {"data", data},
                   {"style", action_style(tone)}, {"tooltip", literal(confirm.empty() ? label : confirm)}};
    if (look_.submit_fallback) {
      result["fallback"] = {{"type", "Action.Submit"}, {"title", literal(label)}, {"data", std::move(data)}};
    }
    return result;
  }

  static json toggle(const std::string& title, const std::string& tooltip, const std::string& target) {
    return {{"type", "Action.ToggleVisibility"},
            {"title", literal(title)},
            {"tooltip", literal(tooltip)},
            {"targetElements", json::array({target})}};
  }

  void fold(const std::string& title, const std::string& target) {
    body.push_back({{"type", "ActionSet"},
                    {"spacing", "Small"},
                    {"actions", json::array({toggle("▸ " + title, "Show or hide: " + title, target)})}});
  }

  static std::string ask_id(size_t number) { return fmt::format("ask-{}", number); }

  // The question behind a button: nothing grave is done by one touch of a screen.
  void add_question(const Button& button) {
    const std::string id = ask_id(++asks_);
    RunStyle strong;
    strong.weight = "Bolder";
    json actions = json::array({action("Yes: " + button.label, button.command, button.tone, ""), toggle("No", "No", id)});
    body.push_back({{"type", "Container"},
                    {"id", id},
                    {"isVisible", false},
                    {"style", "emphasis"},
                    {"items", json::array({rich_run(button.confirm, strong),
                                           {{"type", "ActionSet"}, {"actions", std::move(actions)}}})}});
  }

  json rows_of(json actions) const {
    json rows = json::array();
    const size_t most = look_.actions_in_a_row == 0 ? actions.size() : look_.actions_in_a_row;
    for (size_t at = 0; at < actions.size(); at += most) {
      const auto from = actions.begin() + static_cast<std::ptrdiff_t>(at);
      const auto end = actions.begin() + static_cast<std::ptrdiff_t>(std::min(at + most, actions.size()));
      rows.push_back({{"type", "ActionSet"}, {"actions", json(json::array_t(from, end))}});
      if (at > 0) rows.back()["spacing"] = "Small";
    }
    return rows;
  }

  void add_rows(json actions, const char* spacing) {
    for (auto& row : rows_of(std::move(actions))) {
      if (std::string_view(spacing) != "Default" && !row.contains("spacing")) row["spacing"] = spacing;
      body.push_back(std::move(row));
    }
  }

  // Of a table's column: by its longest cell (a header's is bold), yet never so little that the others take it all.
  static size_t room_for(const Table& table, size_t column) {
    const auto length = [column](const std::vector<std::string>& cells) {
      return column < cells.size() ? text::characters(cells[column]) : 0;
    };
    size_t longest = length(table.header) * 5 / 4 + 1;
    for (const auto& row : table.rows) longest = std::max(longest, length(row));
    return std::clamp<size_t>(longest, 6, 13);
  }

  static json table_row(const std::vector<std::string>& cells, size_t width, const RunStyle& style) {
    json out = json::array();
    for (size_t i = 0; i < width; ++i) {
      const std::string content = i < cells.size() ? cells[i] : std::string();
      out.push_back({{"type", "TableCell"}, {"items", json::array({rich_run(content, style)})}});
    }
    return {{"type", "TableRow"}, {"cells", std::move(out)}};
  }

  const AdaptiveLook& look_;
  int folds_ = 0;
  int selects_ = 0;
  size_t asks_ = 0;
  bool divide_next_ = false;
};

// `speak` may be SSML: no angle brackets and ampersands in it.
std::string speakable(const std::string& line) {
  std::string out = text::replace_all(line, "&", " and ");
  for (const auto* bracket : {"<", ">"}) out = text::replace_all(std::move(out), bracket, " ");
  return out;
}

// fallbackText may hold Markdown: escape what starts any of it.
std::string markdown_escaped(const std::string& line) {
  std::string out;
  for (const char c : line) {
    if (std::string_view("\\`*_{}[]()<>#!|~").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string adaptive_text(std::string_view content) {
  std::string out = text::displayable(content, true);
  // A zero-width space between the braces: seen as written, but no longer the macro.
  for (const auto* macro : {"{{DATE(", "{{TIME("}) {
    const std::string broken = std::string("{\u200B") + (macro + 1);
    out = text::replace_all(std::move(out), macro, broken);
  }
  return out;
}

std::string render_adaptive_card(const Card& card, const AdaptiveLook& look) {
  Renderer renderer(look);
  for (const auto& block : card.blocks) renderer.add_block(block);
  const std::string line = literal(summary(card));
  json out = {{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
              {"type", "AdaptiveCard"},
              {"version", "1.5"},
              {"lang", "en"},
              {"fallbackText", markdown_escaped(line)},
              {"speak", speakable(line)},
              {"body", std::move(renderer.body)}};
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace vedette::chat

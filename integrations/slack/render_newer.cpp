#include "integrations/slack/render_newer.hpp"

#include <algorithm>

#include "bot/base/text.hpp"
#include "integrations/slack/render_pieces.hpp"

namespace vedette::slack {

using json = nlohmann::json;

namespace {

constexpr size_t kTasks = 40;
constexpr size_t kTaskTitle = 250;
constexpr size_t kTaskText = 2000;
constexpr size_t kTaskFrame = 20;
constexpr size_t kTitle = 150;
constexpr size_t kColumns = 20;
constexpr size_t kRows = 100;
constexpr size_t kRowsOnPage = 20;
constexpr size_t kTableText = 10'000;
constexpr size_t kCellText = 2000;
constexpr const char* kEmptyCell = "–";  // a cell has at least one character

const char* word_for(chat::StepState state) {
  switch (state) {
    case chat::StepState::waiting: return "pending";
    case chat::StepState::running: return "in_progress";
    case chat::StepState::done: return "complete";
    case chat::StepState::failed: return "error";
  }
  return "pending";
}

std::string cell_text(const std::vector<std::string>& row, size_t column) {
  std::string text = column < row.size() ? text::displayable(row[column]) : std::string();
  return text::trim(text).empty() ? std::string(kEmptyCell) : text;
}

// "1,234" → 1234: what Vedette writes for a count. Nothing else is a number: "007" and "1.10" are names.
std::optional<int64_t> number_in(std::string_view text) {
  std::string digits;
  size_t since_comma = 0;
  bool commas = false;
  for (const char c : text) {
    if (c == ',') {
      if (digits.empty() || (commas ? since_comma != 3 : since_comma > 3)) return std::nullopt;
      commas = true;
      since_comma = 0;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    digits += c;
    ++since_comma;
  }
  if (digits.empty() || digits.size() > 15 || (commas && since_comma != 3)) return std::nullopt;
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  return text::parse_integer(digits);
}

}  // namespace

std::optional<Weighed> plan_block(std::string_view title, const chat::Steps& steps) {
  if (steps.items.empty() || steps.items.size() > kTasks || text::trim(title).empty()) return std::nullopt;
  if (text::characters(title) > kTitle) return std::nullopt;
  Weighed result;
  json tasks = json::array();
  for (const auto& step : steps.items) {
    const std::string text = text::displayable(step.text);
    const size_t size = text::characters(text);
    if (text::trim(text).empty() || size > kTaskText) return std::nullopt;
    json task = {{"type", "task_card"},
                 {"task_id", "step:" + std::to_string(tasks.size() + 1)},
                 {"title", text::ellipsize(text, kTaskTitle)},
                 {"status", word_for(step.state)}};
    if (size > kTaskTitle) {
      const std::vector<Piece> whole = {{Piece::Kind::line, {{text}}}};
      task["details"] = rich_block(whole);
    }
    tasks.push_back(std::move(task));
    result.characters += size + std::min(size, kTaskTitle) + kTaskFrame;
  }
  result.lines = steps.items.size();
  result.characters += text::characters(title);
  result.block = {{"type", "plan"}, {"title", title}, {"tasks", std::move(tasks)}};
  return result;
}

std::optional<Weighed> data_table_block(std::string_view caption, const chat::Table& table) {
  const size_t columns = table.header.size();
  if (columns == 0 || columns > kColumns || table.rows.empty() || table.rows.size() > kRows) return std::nullopt;
  for (const auto& row : table.rows) {
    if (row.size() > columns) return std::nullopt;
  }
  Weighed result;
  result.lines = table.rows.size() + 1;
  result.characters = text::characters(caption);
  json rows = json::array();
  bool fits = true;
  const auto raw_text = [&](std::string text) -> json {
    const size_t size = text::characters(text);
    fits = fits && size <= kCellText;
    result.characters += size;
    return {{"type", "raw_text"}, {"text", std::move(text)}};
  };
  json header = json::array();
  for (size_t column = 0; column < columns; ++column) header.push_back(raw_text(cell_text(table.header, column)));
  rows.push_back(std::move(header));
  for (size_t at = 0; at < table.rows.size(); ++at) rows.push_back(json::array());
  for (size_t column = 0; column < columns; ++column) {
    const bool numbers = std::all_of(table.rows.begin(), table.rows.end(),
                                     [&](const auto& row) { return number_in(cell_text(row, column)).has_value(); });
    for (size_t at = 0; at < table.rows.size(); ++at) {
      const std::string text = cell_text(table.rows[at], column);
      json cell = raw_text(text);
      if (numbers) cell = {{"type", "raw_number"}, {"value", *number_in(text)}, {"text", text}};
      rows[at + 1].push_back(std::move(cell));
    }
  }
  if (!fits || result.characters > kTableText) return std::nullopt;
  result.block = {{"type", "data_table"},
                  {"caption", text::ellipsize(caption, kTitle)},
                  {"page_size", std::min(table.rows.size(), kRowsOnPage)},
                  {"rows", std::move(rows)}};
  return result;
}

std::vector<Weighed> container_parts(const std::string& text, size_t most) {
  std::vector<Weighed> parts;
  std::string open;
  size_t lines = 0;
  const auto close = [&] {
    if (!open.empty() && open.back() == '\n') open.pop_back();
    if (!text::trim(open).empty()) {
      json section = {{"type", "section"}, {"text", plain_text(open)}, {"expand", true}};
      parts.push_back({std::move(section), lines, text::characters(open)});
    }
    open.clear();
    lines = 0;
  };
  for (const auto& row : text::split(text, '\n')) {
    if (text::characters(open) + text::characters(row) > most) close();
    for (auto& part : split_text(row, most)) {
      if (text::characters(open) + text::characters(part) > most) close();
      open += part;
    }
    open += '\n';
    ++lines;
  }
  close();
  return parts;
}

json container_block(std::string_view title, json children) {
  return {{"type", "container"},
          {"title", plain_text(text::ellipsize(title, kTitle))},
          {"is_collapsible", true},
          {"default_collapsed", true},
          {"child_blocks", std::move(children)}};
}

}  // namespace vedette::slack

#include "tests/fakes/fake_slack_new_blocks.hpp"

#include <set>

#include "bot/base/text.hpp"

namespace vedette::test {
namespace {

using json = nlohmann::json;
using Problem = std::optional<std::string>;
using Classic = std::function<Problem(const json&)>;

Problem only(const json& object, const std::set<std::string>& allowed) {
  for (const auto& [key, value] : object.items()) {
    if (!allowed.contains(key)) return "unknown field '" + key + "'";
  }
  return std::nullopt;
}

Problem length(const json& object, const char* name, size_t most) {
  const json text = object.value(name, json());
  if (!text.is_string()) return std::string(name) + " is not a string";
  const size_t size = text::characters(text.get_ref<const std::string&>());
  if (size == 0) return std::string(name) + " is empty";
  if (size > most) return std::string(name) + " has " + std::to_string(size) + " characters";
  return std::nullopt;
}

Problem task(const json& item, const Classic& classic, std::set<std::string>& ids) {
  if (!item.is_object() || item.value("type", "") != "task_card") return "a task that is no task_card";
  if (auto problem = only(item, {"type", "task_id", "title", "status", "details", "output", "sources", "block_id"}))
    return problem;
  if (auto problem = length(item, "task_id", 255)) return problem;
  if (!ids.insert(item["task_id"]).second) return "task_id stands twice";
  if (auto problem = length(item, "title", 256)) return problem;
  static const std::set<std::string> states = {"pending", "in_progress", "complete", "error"};
  if (!states.contains(item.value("status", ""))) return "unknown status";
  for (const char* name : {"details", "output"}) {
    if (!item.contains(name)) continue;
    if (item[name].value("type", "") != "rich_text") return std::string(name) + " is no rich_text";
    if (auto problem = classic(item[name])) return problem;
  }
  return std::nullopt;
}

Problem plan(const json& item, const Classic& classic) {
  if (auto problem = only(item, {"type", "title", "tasks", "block_id"})) return problem;
  if (auto problem = length(item, "title", 256)) return problem;
  if (!item.contains("tasks")) return std::nullopt;
  if (!item["tasks"].is_array() || item["tasks"].size() > 50) return "at most 50 tasks";
  std::set<std::string> ids;
  for (const auto& entry : item["tasks"]) {
    if (auto problem = task(entry, classic, ids)) return problem;
  }
  return std::nullopt;
}

Problem cell(const json& item, bool header, const Classic& classic, size_t* characters) {
  if (!item.is_object()) return "a cell that is no object";
  const std::string type = item.value("type", "");
  if (type == "rich_text" && !header) return classic(item);
  const bool number = type == "raw_number";
  if (!number && type != "raw_text") return "a cell of type '" + type + "'";
  if (auto problem = number ? only(item, {"type", "value", "text"}) : only(item, {"type", "text"})) return problem;
  if (number && !item.value("value", json()).is_number()) return "a raw_number without its value";
  if (auto problem = length(item, "text", 20'000)) return problem;
  *characters += text::characters(item["text"].get_ref<const std::string&>());
  return std::nullopt;
}

Problem data_table(const json& item, const Classic& classic) {
  if (auto problem = only(item, {"type", "caption", "rows", "page_size", "row_header_column_index", "block_id"}))
    return problem;
  if (auto problem = length(item, "caption", 20'000)) return problem;
  if (item.contains("page_size")) {
    const json& size = item["page_size"];
    if (!size.is_number_integer() || size < 1 || size > 100) return "page_size is 1 to 100";
  }
  const json rows = item.value("rows", json());
  if (!rows.is_array() || rows.size() < 2 || rows.size() > 101) return "2 to 101 rows";
  size_t characters = 0;
  for (const auto& row : rows) {
    if (!row.is_array() || row.empty() || row.size() > 20) return "1 to 20 columns";
    if (row.size() != rows[0].size()) return "rows of different lengths";
    for (const auto& entry : row) {
      if (auto problem = cell(entry, &row == &rows[0], classic, &characters)) return problem;
    }
  }
  if (characters > 20'000) return "more than 20,000 characters in a table";
  return std::nullopt;
}

// rich_text is refused inside, as Slack's own validator was seen to do, whatever its documentation lists.
Problem container(const json& item, const Classic& classic) {
  if (auto problem = only(item, {"type", "title", "rich_text_title", "subtitle", "child_blocks", "block_id", "width", "icon",
                                 "is_collapsible", "default_collapsed", "has_header_divider"}))
    return problem;
  const json title = item.value("title", json());
  if (!title.is_object() || title.value("type", "") != "plain_text") return "title is no plain_text";
  if (auto problem = length(title, "text", 150)) return problem;
  if (item.value("default_collapsed", false) && !item.value("is_collapsible", false))
    return "default_collapsed needs is_collapsible";
  const json children = item.value("child_blocks", json());
  if (!children.is_array() || children.empty() || children.size() > 10) return "1 to 10 child_blocks";
  static const std::set<std::string> kinds = {"actions", "context", "divider", "header", "image", "section", "video"};
  for (const auto& child : children) {
    const std::string type = child.is_object() ? child.value("type", "") : "";
    if (!kinds.contains(type)) return "a container with a '" + type + "'";
    if (auto problem = classic(child)) return problem;
  }
  return std::nullopt;
}

}  // namespace

bool is_newer_block(const std::string& type) { return type == "plan" || type == "data_table" || type == "container"; }

Problem newer_block_problem(const json& item, const Classic& classic) {
  const std::string type = item.value("type", "");
  if (type == "plan") return plan(item, classic);
  if (type == "data_table") return data_table(item, classic);
  if (type == "container") return container(item, classic);
  return "unknown block '" + type + "'";
}

}  // namespace vedette::test

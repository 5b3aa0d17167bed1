#include "tests/fakes/teams_card_check.hpp"

#include <map>
#include <set>

#include "bot/base/text.hpp"
#include "tests/support/card_lines.hpp"
#include "tests/support/files.hpp"
#include "tests/support/json_schema.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;

constexpr size_t kActionsShown = 6;  // of a set; desktop drops the others

const json& schema() {
  static const json loaded = [] {
    const auto folder = corpus();
    return folder ? json::parse(read_file(*folder / "teams" / "adaptive-card-1.5.0.json")) : json();
  }();
  return loaded;
}

// What Teams has added to 1.5: the schema, which is not Teams', knows none of it.
json without_additions(json value) {
  if (value.is_object()) {
    if (value.value("type", "") == "AdaptiveCard") value.erase("msteams");
    value.erase("choices.data");
  }
  if (value.is_structured()) {
    for (auto& child : value) child = without_additions(std::move(child));
  }
  return value;
}

std::string type_of(const json& value) {
  return value.is_object() && value.contains("type") && value["type"].is_string() ? value["type"].get<std::string>() : "";
}

class Walk {
 public:
  Walk(bool in_dialog, Problems& problems) : in_dialog_(in_dialog), problems_(problems) {}

  void card(const json& value) {
    if (type_of(value) != "AdaptiveCard" || value.value("version", "") != "1.5") problems_.add("not an Adaptive Card 1.5");
    if (!value.contains("body") || value["body"].empty()) problems_.add("a card without a body");
    for (const char* name : {"fallbackText", "speak"}) {
      if (value.contains(name)) shown(value[name]);
    }
    if (value.contains("fallbackText")) unmarked(value["fallbackText"]);
    if (value.contains("speak") && value["speak"].get<std::string>().find_first_of("<>&") != std::string::npos) {
      problems_.add("speech that may be SSML");
    }
    if (value.contains("refresh")) refresh(value["refresh"]);
    for (const auto& element : value.value("body", json::array())) this->element(element, true);
    if (value.contains("actions")) actions(value["actions"], true);
    for (const auto& target : targets_) {
      if (!ids_.contains(target)) problems_.add("a toggle of what is not there: " + target);
    }
  }

 private:
  void shown(const std::string& text) {
    // Between braces we put one ourselves.
    const std::string theirs = text::replace_all(text, "{\u200B", "{");
    for (const char* name : {"{{DATE(", "{{TIME("}) {
      if (text.find(name) != std::string::npos) problems_.add("a macro of hosts: " + text.substr(0, 60));
    }
    if (const std::string what = deception_in(theirs); !what.empty()) problems_.add(what);
  }

  // Hosts may read this as Markdown.
  void unmarked(const std::string& text) {
    for (size_t at = 0; at < text.size(); ++at) {
      if (text[at] == '\\') {
        ++at;
      } else if (std::string_view("`*_[]()<>!|~").find(text[at]) != std::string_view::npos) {
        return problems_.add("Markdown in fallbackText: " + text.substr(0, 60));
      }
    }
  }

  void id_of(const json& value) {
    if (!value.contains("id")) return;
    if (!ids_.insert(value["id"].get<std::string>()).second) problems_.add("an id twice: " + value["id"].dump());
  }

  void element(const json& value, bool visible) {
    const std::string type = type_of(value);
    id_of(value);
    visible = visible && value.value("isVisible", true);
    if (type == "RichTextBlock") {
      if (value["inlines"].empty()) problems_.add("a RichTextBlock without text");
      for (const auto& inline_text : value["inlines"]) {
        if (type_of(inline_text) != "TextRun") problems_.add("text that is no TextRun");
        if (inline_text.contains("selectAction")) problems_.add("a text that can be pressed");
        shown(inline_text["text"]);
      }
    } else if (type == "ActionSet") {
      actions(value["actions"], visible);
    } else if (type == "Container" || type == "Column" || type == "TableCell") {
      for (const auto& child : value["items"]) element(child, visible);
    } else if (type == "ColumnSet") {
      for (const auto& child : value["columns"]) element(child, visible);
    } else if (type == "Table") {
      for (const auto& row : value["rows"]) {
        for (const auto& cell : row["cells"]) element(cell, visible);
        if (row["cells"].size() != value["columns"].size()) problems_.add("a row that is not as wide as its table");
      }
    } else if (type.starts_with("Input.")) {
      input(value);
    } else {
      problems_.add("an element of type '" + type + "'");
    }
    if (value.contains("selectAction") || value.contains("url") || value.contains("backgroundImage")) {
      problems_.add("something that links: " + type);
    }
  }

  void input(const json& value) {
    if (!value.contains("id")) problems_.add("an input without id");
    for (const char* name : {"label", "placeholder", "errorMessage"}) {
      if (value.contains(name)) shown(value[name]);
    }
    if (value.value("label", "").empty()) problems_.add("an input without a label");
    for (const auto& choice : value.value("choices", json::array())) {
      shown(choice["title"]);
      if (choice.value("title", "").empty()) problems_.add("a choice without a word");
    }
    if (value.value("isRequired", false) && value.value("errorMessage", "").empty()) {
      problems_.add("a field that is required and does not say so");
    }
    // What is written there comes back as it is; nothing is expanded in it.
    if (type_of(value) != "Input.Text") return;
    if (const auto what = deception_in(value.value("value", "")); !what.empty()) problems_.add(what);
  }

  void actions(const json& all, bool) {
    if (all.empty()) problems_.add("an ActionSet without actions");
    if (all.size() > kActionsShown) problems_.add("more actions in a row than Teams shows");
    for (const auto& one : all) action(one);
  }

  void action(const json& value) {
    const std::string type = type_of(value);
    id_of(value);
    for (const char* name : {"title", "tooltip"}) {
      if (value.contains(name)) shown(value[name]);
    }
    if (value.value("title", "").empty()) problems_.add("an action without a title");
    if (type == "Action.ToggleVisibility") {
      for (const auto& target : value["targetElements"]) targets_.insert(target.get<std::string>());
    } else if (type == "Action.Execute") {
      execute(value);
    } else if (type == "Action.Submit") {
      const bool fetches = value.contains("data") && value["data"].contains("msteams") &&
                           value["data"]["msteams"] == json{{"type", "task/fetch"}};
      if (fetches == in_dialog_)
        problems_.add("a Submit that is none of a " + std::string(in_dialog_ ? "dialog" : "message"));
    } else {
      problems_.add("an action of type '" + type + "'");
    }
  }

  void execute(const json& value) {
    if (in_dialog_) problems_.add("Action.Execute in a dialog");
    if (value.value("verb", "").empty()) problems_.add("Action.Execute without a verb");
    if (!value.contains("data") || !value["data"].contains("command")) problems_.add("Action.Execute without a command");
    if (value["data"].contains("confirm")) problems_.add("a question that Teams does not ask");
    const json fallback = value.value("fallback", json());
    if (type_of(fallback) != "Action.Submit" || fallback["data"] != value["data"]) {
      problems_.add("Action.Execute without a Submit of the same");
    }
  }

  void refresh(const json& value) {
    if (type_of(value["action"]) != "Action.Execute" || value["action"].value("verb", "") != "refresh" ||
        value["action"]["data"].contains("command")) {
      problems_.add("a refresh that is more than that");
    }
    if (value["userIds"].empty() || value["userIds"].size() > 60) problems_.add("a refresh for nobody or too many");
  }

  bool in_dialog_;
  Problems& problems_;
  std::set<std::string> ids_;
  std::set<std::string> targets_;
};

}  // namespace

void check_teams_card(const json& card, bool in_dialog, bool by_schema, Problems& problems) {
  if (by_schema && !schema().is_null()) {
    if (const auto wrong = schema_violation(schema(), without_additions(card)); !wrong.empty())
      problems.add("schema: " + wrong);
  }
  Walk(in_dialog, problems).card(card);
}

}  // namespace vedette::test

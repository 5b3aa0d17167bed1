#include "tests/fakes/fake_slack_blocks.hpp"

#include <set>

#include "bot/base/text.hpp"
#include "tests/fakes/fake_slack_new_blocks.hpp"
#include "tests/fakes/fake_slack_pickers.hpp"

namespace vedette::test {
namespace {

using json = nlohmann::json;
using Problem = std::optional<std::string>;

class Checker {
 public:
  Problem check(const json& blocks, bool view) {
    if (!blocks.is_array()) return "blocks is not an array";
    if (blocks.size() > (view ? 100 : 50)) return view ? "more than 100 blocks" : "more than 50 blocks";
    view_ = view;
    for (size_t at = 0; at < blocks.size(); ++at) {
      if (auto problem = block(blocks[at])) return "/" + std::to_string(at) + ": " + *problem;
    }
    return std::nullopt;
  }

 private:
  static Problem text_length(const json& text, size_t least, size_t most, const std::string& name) {
    if (!text.is_string()) return name + " is not a string";
    const size_t size = text::characters(text.get_ref<const std::string&>());
    if (size < least) return name + " is empty";
    if (size > most) return name + " has " + std::to_string(size) + " characters, at most " + std::to_string(most);
    return std::nullopt;
  }

  static Problem text_object(const json& object, size_t most, bool plain_only, const std::string& name) {
    if (!object.is_object()) return name + " is not an object";
    const std::string type = object.value("type", "");
    if (type != "plain_text" && (plain_only || type != "mrkdwn")) return name + " has type '" + type + "'";
    if (type == "mrkdwn" && object.contains("emoji")) return name + ": emoji is for plain_text";
    return text_length(object.value("text", json()), 1, most, name + ".text");
  }

  static Problem only(const json& object, const std::set<std::string>& allowed) {
    for (const auto& [key, value] : object.items()) {
      if (!allowed.contains(key)) return "unknown field '" + key + "'";
    }
    return std::nullopt;
  }

  Problem block(const json& item) {
    if (!item.is_object() || !item.contains("type")) return "no type";
    if (item.contains("block_id")) {
      if (auto problem = text_length(item["block_id"], 1, 255, "block_id")) return problem;
      if (!block_ids_.insert(item["block_id"]).second) return "block_id stands twice";
    }
    const std::string type = item["type"];
    if (type == "divider") return only(item, {"type", "block_id"});
    if (type == "header") {
      if (auto problem = only(item, {"type", "block_id", "text", "level"})) return problem;
      return text_object(item.value("text", json()), 150, true, "text");
    }
    if (type == "section") return section(item);
    if (type == "context") return context(item);
    if (type == "actions") return actions(item);
    if (type == "context_actions" && !view_) return context_actions(item);
    if (type == "rich_text") return rich_text(item);
    if (is_newer_block(type) && !view_) return newer_block_problem(item, [this](const json& child) { return block(child); });
    return "unknown block '" + type + "'";
  }

  Problem section(const json& item) {
    if (auto problem = only(item, {"type", "block_id", "text", "fields", "accessory", "expand"})) return problem;
    if (!item.contains("text") && !item.contains("fields")) return "neither text nor fields";
    if (item.contains("text")) {
      if (auto problem = text_object(item["text"], 3000, false, "text")) return problem;
    }
    if (item.contains("accessory")) {
      if (auto problem = element(item["accessory"])) return "accessory: " + *problem;
    }
    if (!item.contains("fields")) return std::nullopt;
    if (!item["fields"].is_array() || item["fields"].empty() || item["fields"].size() > 10) return "1 to 10 fields";
    for (const auto& field : item["fields"]) {
      if (auto problem = text_object(field, 2000, false, "fields")) return problem;
    }
    return std::nullopt;
  }

  Problem context(const json& item) {
    if (auto problem = only(item, {"type", "block_id", "elements"})) return problem;
    const json elements = item.value("elements", json());
    if (!elements.is_array() || elements.empty() || elements.size() > 10) return "1 to 10 elements";
    for (const auto& element : elements) {
      if (auto problem = text_object(element, 2000, false, "elements")) return problem;
    }
    return std::nullopt;
  }

  Problem actions(const json& item) {
    if (auto problem = only(item, {"type", "block_id", "elements"})) return problem;
    const json elements = item.value("elements", json());
    if (!elements.is_array() || elements.empty() || elements.size() > 25) return "1 to 25 elements";
    for (const auto& one : elements) {
      if (auto problem = element(one)) return problem;
    }
    return std::nullopt;
  }

  Problem element(const json& one) {
    const std::string type = one.value("type", "");
    if (type == "button") return button(one);
    if (!is_picker(one)) return "an element of type '" + type + "'";
    if (auto problem = picker_problem(one, false)) return problem;
    if (!action_ids_.insert(one["action_id"]).second) return "action_id stands twice";
    return one.contains("confirm") ? confirm(one["confirm"]) : std::nullopt;
  }

  Problem context_actions(const json& item) {
    if (auto problem = only(item, {"type", "block_id", "elements"})) return problem;
    const json elements = item.value("elements", json());
    if (!elements.is_array() || elements.empty() || elements.size() > 5) return "1 to 5 elements";
    for (const auto& element : elements) {
      if (element.value("type", "") != "feedback_buttons") return "an element that is no feedback_buttons";
      if (auto problem = only(element, {"type", "action_id", "positive_button", "negative_button"})) return problem;
      if (element.contains("action_id")) {
        if (auto problem = text_length(element["action_id"], 1, 255, "action_id")) return problem;
        if (!action_ids_.insert(element["action_id"]).second) return "action_id stands twice";
      }
      for (const char* name : {"positive_button", "negative_button"}) {
        const json half = element.value(name, json());
        if (!half.is_object()) return std::string(name) + " is missing";
        if (auto problem = only(half, {"text", "value", "accessibility_label"})) return problem;
        if (auto problem = text_object(half.value("text", json()), 75, true, name)) return problem;
        if (auto problem = text_length(half.value("value", json()), 1, 2000, "value")) return problem;
        if (half.contains("accessibility_label")) {
          if (auto problem = text_length(half["accessibility_label"], 1, 75, "accessibility_label")) return problem;
        }
      }
    }
    return std::nullopt;
  }

  Problem button(const json& element) {
    if (auto problem =
            only(element, {"type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label"})) {
      return problem;
    }
    if (auto problem = text_object(element.value("text", json()), 75, true, "button text")) return problem;
    if (auto problem = text_length(element.value("action_id", json()), 1, 255, "action_id")) return problem;
    if (!action_ids_.insert(element["action_id"]).second) return "action_id stands twice";
    if (element.contains("value")) {
      if (auto problem = text_length(element["value"], 1, 2000, "value")) return problem;
    }
    if (element.contains("accessibility_label")) {
      if (auto problem = text_length(element["accessibility_label"], 1, 75, "accessibility_label")) return problem;
    }
    if (element.contains("url")) {
      if (auto problem = text_length(element["url"], 1, 3000, "url")) return problem;
    }
    if (!known_style(element)) return "unknown style";
    return element.contains("confirm") ? confirm(element["confirm"]) : std::nullopt;
  }

  static bool known_style(const json& item) {
    return !item.contains("style") || item["style"] == "primary" || item["style"] == "danger";
  }

  static Problem confirm(const json& item) {
    if (auto problem = only(item, {"title", "text", "confirm", "deny", "style"})) return problem;
    if (!known_style(item)) return "unknown style of a confirm";
    if (auto problem = text_object(item.value("title", json()), 100, true, "confirm title")) return problem;
    if (auto problem = text_object(item.value("text", json()), 300, false, "confirm text")) return problem;
    if (auto problem = text_object(item.value("confirm", json()), 30, true, "confirm button")) return problem;
    return text_object(item.value("deny", json()), 30, true, "deny button");
  }

  static Problem rich_text(const json& item) {
    if (auto problem = only(item, {"type", "block_id", "elements"})) return problem;
    const json elements = item.value("elements", json());
    if (!elements.is_array() || elements.empty()) return "rich_text without elements";
    for (const auto& element : elements) {
      const std::string type = element.value("type", "");
      if (type == "rich_text_list") {
        if (element.value("style", "") != "bullet" && element.value("style", "") != "ordered") return "list style";
        const json items = element.value("elements", json());
        if (!items.is_array() || items.empty()) return "an empty list";
        for (const auto& entry : items) {
          if (entry.value("type", "") != "rich_text_section") return "a list entry that is no section";
          if (auto problem = runs(entry)) return problem;
        }
      } else if (type == "rich_text_section" || type == "rich_text_preformatted" || type == "rich_text_quote") {
        if (auto problem = runs(element)) return problem;
      } else {
        return "unknown rich text '" + type + "'";
      }
    }
    return std::nullopt;
  }

  static Problem runs(const json& holder) {
    const json elements = holder.value("elements", json());
    if (!elements.is_array() || elements.empty()) return "rich text without runs";
    static const std::set<std::string> kinds = {"text",      "link",  "user", "usergroup", "channel",
                                                "broadcast", "emoji", "date", "color"};
    for (const auto& run : elements) {
      const std::string type = run.value("type", "");
      if (!kinds.contains(type)) return "unknown run '" + type + "'";
      if (type != "text") continue;
      if (auto problem = only(run, {"type", "text", "style"})) return problem;
      if (auto problem = text_length(run.value("text", json()), 1, 12'000, "run")) return problem;
      if (!run.contains("style")) continue;
      if (!run["style"].is_object()) return "the style of a run is no object";
      if (auto problem = only(run["style"], {"bold", "italic", "strike", "underline", "code"})) return problem;
    }
    return std::nullopt;
  }

  bool view_ = false;
  std::set<std::string> block_ids_;
  std::set<std::string> action_ids_;
};

}  // namespace

std::optional<std::string> blocks_problem(const json& blocks) { return Checker().check(blocks, false); }
std::optional<std::string> view_blocks_problem(const json& blocks) { return Checker().check(blocks, true); }

json pressed(const json& blocks, const std::string& value) {
  const auto is_it = [&](const json& button) {
    return button.value("value", "") == value || button["text"].value("text", "") == value;
  };
  for (const auto& block : blocks) {
    const std::string type = block.value("type", "");
    if (type != "actions" && type != "context_actions") continue;
    for (const auto& element : block["elements"]) {
      if (is_picker(element)) {
        if (json action = picked(element, value); !action.is_null()) return action;
        continue;
      }
      json action = {{"type", element["type"]}, {"action_id", element["action_id"]}, {"block_id", "b"}};
      const bool feedback = element["type"] == "feedback_buttons";
      for (const char* half : {"positive_button", "negative_button"}) {
        if (!feedback && std::string_view(half) == "negative_button") continue;
        const json& button = feedback ? element[half] : element;
        if (!is_it(button)) continue;
        action["text"] = button["text"];
        action["value"] = button.value("value", "");
        return action;
      }
    }
  }
  return nullptr;
}

size_t blocks_text(const json& value) {
  size_t sum = 0;
  if (value.is_object() || value.is_array()) {
    for (const auto& [key, child] : value.items()) {
      if (key == "text" && child.is_string())
        sum += text::characters(child.get_ref<const std::string&>());
      else
        sum += blocks_text(child);
    }
  }
  return sum;
}

}  // namespace vedette::test

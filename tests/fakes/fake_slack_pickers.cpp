#include "tests/fakes/fake_slack_pickers.hpp"

#include <map>
#include <set>

#include "bot/base/text.hpp"

namespace vedette::test {
namespace {

using json = nlohmann::json;
using Problem = std::optional<std::string>;

struct Kind {
  std::set<std::string> fields;  // besides type, action_id, confirm and focus_on_load
  const char* answer;            // the field its answer stands in
};
const std::map<std::string, Kind>& kinds() {
  static const std::map<std::string, Kind> all = {
      {"overflow", {{"options"}, "selected_option"}},
      {"static_select", {{"placeholder", "options", "initial_option"}, "selected_option"}},
      {"users_select", {{"placeholder", "initial_user"}, "selected_user"}},
      {"datepicker", {{"placeholder", "initial_date"}, "selected_date"}},
      {"timepicker", {{"placeholder", "initial_time", "timezone"}, "selected_time"}},
      {"datetimepicker", {{"initial_date_time"}, "selected_date_time"}},
  };
  return all;
}

Problem text_length(const json& text, size_t most, const std::string& name) {
  if (!text.is_string()) return name + " is no string";
  const size_t size = text::characters(text.get_ref<const std::string&>());
  if (size == 0 || size > most) return name + " has " + std::to_string(size) + " characters, 1 to " + std::to_string(most);
  return std::nullopt;
}

Problem plain(const json& object, size_t most, const std::string& name) {
  if (!object.is_object() || object.value("type", "") != "plain_text") return name + " is no plain_text";
  return text_length(object.value("text", json()), most, name + ".text");
}

Problem options_problem(const json& element, size_t most) {
  const json options = element.value("options", json());
  if (!options.is_array() || options.empty() || options.size() > most) return "1 to " + std::to_string(most) + " options";
  std::set<std::string> values;
  for (const auto& option : options) {
    for (const auto& [field, value] : option.items()) {
      if (field != "text" && field != "value" && field != "description") return "unknown field '" + field + "' of an option";
    }
    if (auto problem = plain(option.value("text", json()), 75, "option")) return problem;
    if (auto problem = text_length(option.value("value", json()), 150, "option.value")) return problem;
    if (!values.insert(option["value"]).second) return "an option's value stands twice";
  }
  if (!element.contains("initial_option")) return std::nullopt;
  for (const auto& option : options) {
    if (option == element["initial_option"]) return std::nullopt;
  }
  return "initial_option is none of the options";
}

bool is_user(const std::string& answer) {
  return answer.size() > 1 && (answer[0] == 'U' || answer[0] == 'W') &&
         answer.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string::npos;
}

bool has_shape(const std::string& answer, const std::string& shape) {
  if (answer.size() != shape.size()) return false;
  for (size_t at = 0; at < shape.size(); ++at) {
    const bool digit = answer[at] >= '0' && answer[at] <= '9';
    if (shape[at] == '0' ? !digit : answer[at] != shape[at]) return false;
  }
  return true;
}

// The value of the answer's field.
json answer_of(const json& element, const std::string& answer, bool by_label) {
  const std::string type = element.value("type", "");
  if (type == "users_select") return is_user(answer) ? json(answer) : json();
  if (type == "datepicker") return has_shape(answer, "0000-00-00") ? json(answer) : json();
  if (type == "timepicker") return has_shape(answer, "00:00") ? json(answer) : json();
  if (type == "datetimepicker") return has_shape(answer, "0000000000") ? json(std::stoll(answer)) : json();
  for (const auto& option : element["options"]) {
    if (option["value"] == answer || (by_label && option["text"]["text"] == answer)) return option;
  }
  return nullptr;
}

}  // namespace

bool is_picker(const json& element) { return kinds().contains(element.value("type", "")); }

Problem picker_problem(const json& element, bool in_form) {
  const std::string type = element.value("type", "");
  const auto kind = kinds().find(type);
  if (kind == kinds().end()) return "unknown element '" + type + "'";
  if (in_form && type == "overflow") return "an overflow menu in a form";
  for (const auto& [field, value] : element.items()) {
    const bool common = field == "type" || field == "action_id" || field == "confirm" || field == "focus_on_load";
    if (!common && !kind->second.fields.contains(field)) return type + ": unknown field '" + field + "'";
  }
  if (auto problem = text_length(element.value("action_id", json()), 255, "action_id")) return type + ": " + *problem;
  if (element.contains("placeholder")) {
    if (auto problem = plain(element["placeholder"], 150, "placeholder")) return type + ": " + *problem;
  }
  if (kind->second.fields.contains("options")) {
    if (auto problem = options_problem(element, type == "overflow" ? 5 : 100)) return type + ": " + *problem;
  }
  if (element.contains("initial_date_time") &&
      !(element["initial_date_time"].is_number_integer() && has_shape(element["initial_date_time"].dump(), "0000000000"))) {
    return "initial_date_time is no time in seconds";
  }
  return std::nullopt;
}

json picker_state(const json& element, const std::string& answer) {
  const auto kind = kinds().find(element.value("type", ""));
  if (kind == kinds().end()) return nullptr;
  json given = answer.empty() ? json() : answer_of(element, answer, false);
  if (!answer.empty() && given.is_null()) return nullptr;
  return {{"type", kind->first}, {kind->second.answer, std::move(given)}};
}

json picked(const json& element, const std::string& answer) {
  const auto kind = kinds().find(element.value("type", ""));
  if (kind == kinds().end() || answer.empty()) return nullptr;
  json given = answer_of(element, answer, true);
  if (given.is_null()) return nullptr;
  return {{"type", kind->first},
          {"action_id", element["action_id"]},
          {"block_id", "b"},
          {kind->second.answer, std::move(given)}};
}

}  // namespace vedette::test

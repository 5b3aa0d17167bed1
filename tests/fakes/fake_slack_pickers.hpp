#pragma once
// Menus, selects and pickers of the fake Slack: whether Slack would take one, and what it sends when somebody uses it
// (docs.slack.dev/reference/block-kit/block-elements).

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace vedette::test {

// overflow, static_select, users_select, datepicker, timepicker, datetimepicker
bool is_picker(const nlohmann::json& element);
// Nothing when fine, else what is wrong. An overflow menu is no input of a form.
std::optional<std::string> picker_problem(const nlohmann::json& element, bool in_form);
// What stands in a form's state for this answer: an option's value, a user id, seconds since 1970, a day, a time of day;
// empty: nothing was chosen. null when the element cannot give this answer.
nlohmann::json picker_state(const nlohmann::json& element, const std::string& answer);
// The action of a block_actions payload, without its time; an option may be named by its label. null as above.
nlohmann::json picked(const nlohmann::json& element, const std::string& answer);

}  // namespace vedette::test

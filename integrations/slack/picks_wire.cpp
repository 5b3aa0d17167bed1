#include "integrations/slack/picks_wire.hpp"

#include "bot/base/clock.hpp"
#include "bot/base/text.hpp"

namespace vedette::slack {
namespace {

constexpr std::string_view kPick = "pick:";
constexpr size_t kMostValue = 3000;
constexpr int64_t kLatest = 100'000'000'000;  // seconds; beyond it is no time anybody means

std::string user_mention(std::string_view user) {
  const bool fits = user.size() >= 2 && user.size() <= 30 && (user[0] == 'U' || user[0] == 'W') &&
                    user.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string_view::npos;
  return fits ? "<@" + std::string(user) + ">" : std::string();
}

// "2026-11-25", "08:30"
bool has_shape(std::string_view value, std::string_view shape) {
  if (value.size() != shape.size()) return false;
  for (size_t at = 0; at < shape.size(); ++at) {
    const bool digit = value[at] >= '0' && value[at] <= '9';
    if (shape[at] == '0' ? !digit : value[at] != shape[at]) return false;
  }
  return true;
}

// The command of "pick:<number>:<command>", nothing for another id.
std::optional<std::string> command_before(std::string_view action_id) {
  if (!action_id.starts_with(kPick) || text::characters(action_id) > kMostActionId) return std::nullopt;
  const size_t colon = action_id.find(':', kPick.size());
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view command = action_id.substr(colon + 1);
  if (text::displayable(command) != command) return std::nullopt;
  return std::string(text::trim(command));
}

}  // namespace

std::optional<std::string> pick_id(size_t number, std::string_view command) {
  std::string id = std::string(kPick) + std::to_string(number) + ":" + std::string(command);
  if (text::characters(id) > kMostActionId || !command_before(id)) return std::nullopt;
  return id;
}

std::string picked_value(const Json& state) {
  const std::string type = state["type"].string_or("");
  if (type == "datetimepicker") {
    const int64_t seconds = state["selected_date_time"].integer_or(0);
    return seconds > 0 && seconds < kLatest ? to_rfc3339(from_micros(seconds * 1'000'000)) : std::string();
  }
  if (type == "users_select") return user_mention(state["selected_user"].string_or(""));
  if (type == "datepicker") {
    std::string day = state["selected_date"].string_or("");
    return has_shape(day, "0000-00-00") ? day : std::string();
  }
  if (type == "timepicker") {
    std::string time = state["selected_time"].string_or("");
    return has_shape(time, "00:00") ? time : std::string();
  }
  for (const char* place : {"/selected_option/value", "/value"}) {
    std::string found = state.at(place).string_or("");
    if (!found.empty() && found.size() <= 4 * kMostValue) return found;
  }
  return {};
}

std::string picked_command(const Json& action) {
  const std::string type = action["type"].string_or("");
  const auto before = command_before(action["action_id"].string_or(""));
  const std::string value = picked_value(action);
  const bool completes = type == "datetimepicker" || type == "datepicker" || type == "timepicker" || type == "users_select";
  if (!before || before->empty()) return completes ? std::string() : value;
  return value.empty() ? std::string() : *before + " " + value;
}

}  // namespace vedette::slack

#include "bot/domain/action.hpp"

#include <algorithm>
#include <array>

#include "bot/base/crypto.hpp"
#include "bot/base/text.hpp"

namespace vedette {

namespace {
constexpr std::array<std::pair<ActionState, std::string_view>, 10> kStates = {{
    {ActionState::proposed, "proposed"},
    {ActionState::awaiting, "awaiting"},
    {ActionState::approved, "approved"},
    {ActionState::executing, "executing"},
    {ActionState::succeeded, "succeeded"},
    {ActionState::failed, "failed"},
    {ActionState::unknown, "unknown"},
    {ActionState::denied, "denied"},
    {ActionState::expired, "expired"},
    {ActionState::withdrawn, "withdrawn"},
}};

// What the beginnings of verbs do, and what takes it back.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kOpposites = {
    {{"block_", "unblock_"}, {"isolate_", "release_"}, {"suspend_", "restore_"}, {"disable_", "enable_"}}};

// Every part is preceded by its length, so that no two different plans have the same bytes.
void append_part(std::string& canonical, std::string_view part) {
  canonical += std::to_string(part.size());
  canonical += ':';
  canonical += part;
}
}  // namespace

std::string_view to_string(ActionState state) {
  for (const auto& [value, name] : kStates) {
    if (value == state) return name;
  }
  return "proposed";
}

std::optional<ActionState> action_state_from(std::string_view name) {
  for (const auto& [value, word] : kStates) {
    if (word == name) return value;
  }
  return std::nullopt;
}

bool is_final(ActionState state) {
  return state == ActionState::succeeded || state == ActionState::failed || state == ActionState::denied ||
         state == ActionState::expired || state == ActionState::withdrawn;
}

std::string ActionPlan::digest(CaseId case_id) const {
  std::string canonical;
  append_part(canonical, to_string(case_id));
  append_part(canonical, verb);
  append_part(canonical, provider);
  append_part(canonical, to_text(target));
  for (const auto& [name, value] : parameters) {
    append_part(canonical, name);
    append_part(canonical, value);
  }
  return crypto::sha256_hex(canonical);
}

bool undoes(std::string_view verb) {
  return std::any_of(kOpposites.begin(), kOpposites.end(), [&](const auto& pair) { return verb.starts_with(pair.second); });
}

std::optional<ActionPlan> undo_of(const ActionPlan& plan) {
  for (const auto& [does, undoes] : kOpposites) {
    if (!plan.verb.starts_with(does)) continue;
    ActionPlan undo;
    undo.verb = std::string(undoes) + plan.verb.substr(does.size());
    undo.provider = plan.provider;
    undo.target = plan.target;
    return undo;
  }
  return std::nullopt;
}

std::string ActionPlan::title() const {
  std::string words = text::replace_all(verb, "_", " ");
  words = text::replace_all(std::move(words), " ip", " IP");
  words = text::replace_all(std::move(words), " url", " URL");
  if (!words.empty() && words[0] >= 'a' && words[0] <= 'z') words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return words + " " + target.value;
}

}  // namespace vedette

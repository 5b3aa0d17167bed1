// Changing a plan that nobody has decided on yet.

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/respond/action_service.hpp"

namespace vedette::respond {
namespace {

constexpr size_t kValueCharacters = 200;

std::string names_of(const std::vector<PlanSetting>& settings) {
  std::vector<std::string> names;
  names.reserve(settings.size());
  for (const auto& setting : settings) names.push_back(setting.name);
  return text::join(names, ", ");
}

const PlanSetting* find_setting(const std::vector<PlanSetting>& settings, const std::string& name) {
  const auto found =
      std::find_if(settings.begin(), settings.end(), [&](const PlanSetting& setting) { return setting.name == name; });
  return found == settings.end() ? nullptr : &*found;
}

// The plan with these changes; invalid_input for a parameter nobody may set.
Result<ActionPlan> changed_plan(const ActionPlan& plan, const std::vector<PlanSetting>& settings,
                                const std::map<std::string, std::string>& changes) {
  ActionPlan changed = plan;
  for (const auto& [name, value] : changes) {
    const PlanSetting* setting = find_setting(settings, name);
    if (setting == nullptr) {
      return Error(Code::invalid_input, fmt::format("'{}' is nothing that can be changed about it. These are: {}.",
                                                    text::ellipsize(text::displayable(name), 40), names_of(settings)));
    }
    const std::string plain(text::trim(text::displayable(value)));
    if (text::characters(plain) > kValueCharacters) {
      return Error(Code::invalid_input, fmt::format("That is too long for the {}.", name));
    }
    // What the provider does anyway is left unsaid, so that saying it is no change.
    if (plain.empty()) {
      changed.parameters.erase(name);
    } else if (changed.parameters.contains(name) || plain != setting->value) {
      changed.parameters[name] = plain;
    }
  }
  return changed;
}

}  // namespace

Async<Action> ActionService::with_settings(ActionId id) {
  std::string as_stored;
  CO_TRY(auto action, load(id, std::move(as_stored)));
  action.settings = providers_.settings(action.plan);
  co_return action;
}

Async<Action> ActionService::edit(ActionId id, std::string digest, std::map<std::string, std::string> changes,
                                  const Person& person, Actor actor) {
  CO_TRY(const auto action, load(id, std::move(digest)));
  const auto decision = policy_.may_request(person, action.plan);
  if (!decision.allowed) co_return Error(Code::forbidden, decision.reason);
  if (action.state != ActionState::proposed && action.state != ActionState::awaiting) {
    const std::string_view rule = action.replaced_by ? "" : "Only what nobody has decided on can be changed. ";
    co_return Error(Code::conflict, std::string(rule) + standing(action));
  }
  const auto settings = providers_.settings(action.plan);
  if (settings.empty()) {
    co_return Error(Code::invalid_input, fmt::format("There is nothing to change about {}: {} does it in one way only.",
                                                     to_string(id), text::displayable(action.plan.provider)));
  }
  auto edited = changed_plan(action.plan, settings, changes);
  if (!edited) co_return std::move(edited).error();
  ActionPlan plan = *std::move(edited);
  std::string bound = action.plan.digest(action.case_id);
  if (plan.digest(action.case_id) == bound) {
    co_return Error(Code::conflict, fmt::format("That is how {} is already, so nothing was changed.", to_string(id)));
  }
  if (const auto runnable = providers_.check(plan); !runnable) {
    co_return Error(Code::invalid_input, fmt::format("{} was not changed: {}", to_string(id), runnable.error().message));
  }
  // An edit never lowers how many must agree: where the requester counts as one, what is stored has been lowered for that
  // already, or was asked for by somebody who does not count.
  const int own = action.state == ActionState::awaiting && decision.requester_counts ? 1 : 0;
  const int approvals = std::max(decision.approvals - own, action.approvals_needed);
  const Time expires = clock_.now() + policy_.expiry();
  auto audit = action_audit(action, "action.edit", actor, "now: " + describe_plan(plan));
  std::string editor = person.id;
  auto replaced = co_await actions_.replace(id, std::move(bound), std::move(plan), std::move(editor), approvals, expires,
                                            std::move(audit));
  if (replaced) co_return std::move(replaced).value();
  Error error = std::move(replaced).error();
  if (error.code != Code::conflict) co_return error;
  auto now = co_await actions_.get(id);
  if (now && !is_final(now->state)) co_return error;  // another action has the plan
  co_return co_await explain(id, std::move(error));
}

}  // namespace vedette::respond

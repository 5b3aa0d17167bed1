#include "bot/respond/action_service.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/text.hpp"

namespace vedette::respond {
namespace {

std::string voters(const Action& action, bool approve) {
  std::vector<std::string> names;
  for (const auto& vote : action.votes) {
    if (vote.approve == approve) names.push_back("@" + vote.person);
  }
  return names.empty() ? "somebody" : text::join(names, " and ");
}

std::string clock_time(Time time) {
  const std::string stamp = to_rfc3339(time);  // 2026-11-24T03:12:09Z
  return stamp.substr(11, 5) + " UTC";
}

Error changed_plan(const Action& action) {
  return {Code::conflict,
          fmt::format("{} is no longer what you saw, so nothing was done. It is now: {}. Look at it again and decide "
                      "anew.",
                      to_string(action.id), describe_plan(action.plan))};
}

Error cannot_run(const Action& action, const Error& why) {
  return {
      why.code == Code::not_found ? Code::invalid_input : why.code,
      fmt::format("{} cannot run: {} Do it by hand, or have the configuration changed.", to_string(action.id), why.message)};
}

}  // namespace

std::string describe_plan(const ActionPlan& plan) {
  ActionPlan shown = plan;
  shown.verb = text::displayable(plan.verb);
  shown.target.value = text::defang(text::displayable(plan.target.value));
  std::string sentence = fmt::format("{} with {}", shown.title(), text::displayable(plan.provider));
  std::vector<std::string> parameters;
  for (const auto& [name, value] : plan.parameters) {
    parameters.push_back(text::displayable(name) + " " + text::defang(text::displayable(value)));
  }
  if (!parameters.empty()) sentence += " (" + text::join(parameters, ", ") + ")";
  return sentence;
}

std::string standing(const Action& action) {
  const std::string id = to_string(action.id);
  switch (action.state) {
    case ActionState::proposed: return fmt::format("{0} is only proposed so far: 'request {0}' asks for its approval.", id);
    case ActionState::awaiting: {
      const auto given =
          std::count_if(action.votes.begin(), action.votes.end(), [](const Vote& vote) { return vote.approve; });
      return fmt::format("{} waits for approval: @{} asked for it, {} of {} approvals are in{}.", id, action.requester,
                         given, action.approvals_needed,
                         action.expires ? ", it runs out at " + clock_time(*action.expires) : "");
    }
    case ActionState::approved:
      return fmt::format("{} was approved by {} and starts in a moment.", id, voters(action, true));
    case ActionState::executing: return fmt::format("{} was approved by {} and is running.", id, voters(action, true));
    case ActionState::succeeded: return fmt::format("{} is done: {}", id, text::displayable(action.result));
    case ActionState::failed: return fmt::format("{} failed: {}", id, text::displayable(action.result));
    case ActionState::unknown:
      return fmt::format("Whether {} was carried out is unknown. Vedette keeps asking {} and will not repeat it by itself.",
                         id, text::displayable(action.plan.provider));
    case ActionState::denied: return fmt::format("{} was denied by {}.", id, voters(action, false));
    case ActionState::expired: return fmt::format("{} ran out before it was approved; nothing was done.", id);
    case ActionState::withdrawn: return fmt::format("{} was withdrawn; nothing was done.", id);
  }
  return id;
}

ActionService::ActionService(ActionStore& actions, const policy::Policy& policy, const Providers& providers,
                             const Clock& clock)
    : actions_(actions), policy_(policy), providers_(providers), clock_(clock) {}

Async<Action> ActionService::load(ActionId id, std::string digest) {
  auto found = co_await actions_.get(id);
  if (!found && found.error().code == Code::not_found) {
    co_return Error(Code::not_found,
                    fmt::format("There is no action {}. 'list pending' shows those that wait.", to_string(id)));
  }
  if (!found) co_return std::move(found).error();
  const std::string stored = found->plan.digest(found->case_id);
  if (!digest.empty() && !crypto::constant_time_equal(stored, digest)) co_return changed_plan(*found);
  co_return std::move(found).value();
}

Async<Action> ActionService::explain(ActionId id, Error error) {
  if (error.code != Code::conflict && error.code != Code::expired) co_return error;
  auto now = co_await actions_.get(id);
  if (!now) co_return std::move(now).error();
  if (error.code == Code::expired && now->state == ActionState::awaiting) now->state = ActionState::expired;
  co_return Error(error.code, standing(*now));
}

Async<Action> ActionService::request(ActionId id, std::string digest, const Person& person, Actor actor) {
  CO_TRY(auto action, load(id, std::move(digest)));
  const auto decision = policy_.may_request(person, action.plan);
  if (!decision.allowed) co_return Error(Code::forbidden, decision.reason);
  if (action.state != ActionState::proposed) co_return Error(Code::conflict, standing(action));
  if (const auto runnable = providers_.check(action.plan); !runnable) co_return cannot_run(action, runnable.error());

  const int own = decision.requester_counts ? 1 : 0;
  const int approvals = std::max(decision.approvals, action.approvals_needed) - own;
  const Time expires = clock_.now() + policy_.expiry();
  auto audit = action_audit(action, "action.request", actor);
  std::string bound = action.plan.digest(action.case_id);
  auto requested = co_await actions_.request(id, std::move(bound), person.id, approvals, expires, std::move(audit));
  if (requested) co_return std::move(requested).value();
  Error error = std::move(requested).error();
  co_return co_await explain(id, std::move(error));
}

Async<Action> ActionService::approve(ActionId id, std::string digest, const Person& person, Actor actor) {
  std::string no_reason;
  co_return co_await vote(id, std::move(digest), true, std::move(no_reason), person, std::move(actor));
}

Async<Action> ActionService::deny(ActionId id, std::string digest, std::string reason, const Person& person, Actor actor) {
  co_return co_await vote(id, std::move(digest), false, std::move(reason), person, std::move(actor));
}

Async<Action> ActionService::vote(ActionId id, std::string digest, bool approve, std::string reason, const Person& person,
                                  Actor actor) {
  CO_TRY(auto action, load(id, std::move(digest)));
  const auto decision = policy_.may_approve(person, action);
  if (!decision.allowed) {
    // Somebody who clicks twice should hear that the click counted, not that they lack something.
    const bool voted =
        std::any_of(action.votes.begin(), action.votes.end(), [&](const Vote& v) { return v.person == person.id; });
    co_return Error(voted ? Code::conflict : Code::forbidden,
                    voted && action.state != ActionState::awaiting ? standing(action) : decision.reason);
  }
  if (action.state != ActionState::awaiting) co_return Error(Code::conflict, standing(action));
  if (approve) {
    if (const auto runnable = providers_.check(action.plan); !runnable) co_return cannot_run(action, runnable.error());
  }
  Vote ballot;
  ballot.person = person.id;
  ballot.approve = approve;
  ballot.at = clock_.now();
  const Time now = ballot.at;
  auto audit = action_audit(action, approve ? "action.approve" : "action.deny", actor, reason);
  std::string bound = action.plan.digest(action.case_id);
  auto voted = co_await actions_.vote(id, std::move(bound), std::move(ballot), now, std::move(audit));
  if (voted) co_return std::move(voted).value();
  Error error = std::move(voted).error();
  co_return co_await explain(id, std::move(error));
}

}  // namespace vedette::respond

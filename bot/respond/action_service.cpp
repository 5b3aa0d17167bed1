#include "bot/respond/action_service.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/secret.hpp"
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

// Ended without being done: nothing stands in the way of asking for the same once more. It needs its approvals anew.
bool may_be_proposed_again(ActionState state) {
  return state == ActionState::expired || state == ActionState::failed || state == ActionState::denied;
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
  parameters.reserve(plan.parameters.size());
  for (const auto& [name, value] : plan.parameters) {
    parameters.push_back(text::displayable(name) + " " + text::defang(text::displayable(value)));
  }
  if (!parameters.empty()) sentence += " (" + text::join(parameters, ", ") + ")";
  return sentence;
}

std::string standing(const Action& action) {
  std::string id = to_string(action.id);
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
    case ActionState::failed:
      return fmt::format("{0} failed: {1} 'request {0}' asks for it again.", id, text::displayable(action.result));
    case ActionState::unknown:
      return fmt::format(
          "Whether {0} was carried out is unknown. Vedette keeps asking {1} and will not repeat it by itself. Who knows "
          "better says 'settle {0} done|not-done REASON'.",
          id, text::displayable(action.plan.provider));
    case ActionState::denied:
      return fmt::format("{0} was denied by {1}. 'request {0}' asks for it again.", id, voters(action, false));
    case ActionState::expired:
      return fmt::format("{0} ran out before it was approved; nothing was done. 'request {0}' asks for it again.", id);
    case ActionState::withdrawn:
      if (action.replaced_by) {
        return fmt::format("{} was changed: {} stands in its place. Nothing was done.", id, to_string(action.replaced_by));
      }
      return fmt::format("{} was withdrawn: the evidence changed, and it is no longer proposed. Nothing was done.", id);
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

Async<Action> ActionService::propose_again(Action ended, std::string proposer, Actor actor) {
  // The same interaction, delivered again, must not find "the same once more" to do: its row in the audit chain is the old
  // action's, which the store takes only once for one cause.
  auto audit = action_audit(ended, "action.propose", actor, "the same plan again");
  CaseId case_id = ended.case_id;
  co_return co_await actions_.propose(case_id, std::move(ended.plan), std::move(ended.reason), std::move(proposer),
                                      ended.approvals_needed, std::move(audit));
}

// The latest action of the case with the same plan: the named one, or what came after it.
Async<Action> ActionService::newest_alike(Action named) {
  const std::string digest = named.plan.digest(named.case_id);
  const CaseId case_id = named.case_id;
  CO_TRY(auto all, actions_.of_case(case_id));
  for (auto& other : all) {
    if (other.id.number > named.id.number && other.plan.digest(case_id) == digest) named = std::move(other);
  }
  co_return named;
}

Async<Action> ActionService::request(ActionId id, std::string digest, const Person& person, Actor actor, Asked asked) {
  CO_TRY(auto action, load(id, std::move(digest)));
  auto decision = policy_.may_request(person, action.plan);
  if (!decision.allowed) co_return Error(Code::forbidden, decision.reason);
  bool again = may_be_proposed_again(action.state);
  if (again || action.state == ActionState::withdrawn) {
    CO_TRY(auto newest, newest_alike(action));
    // Only what is proposed now is taken in its place: anything else about the newer one is to be said to it by its name.
    if (newest.id != action.id && newest.state != ActionState::proposed) co_return Error(Code::conflict, standing(newest));
    again = again && newest.id == action.id;
    action = std::move(newest);
    id = action.id;
  }
  if (action.state != ActionState::proposed && !again) co_return Error(Code::conflict, standing(action));
  if (action.state == ActionState::denied && asked == Asked::pressed) {
    co_return Error(Code::conflict,
                    fmt::format("{0} was denied by {1}, so a button is not enough to ask for it again. To ask all the same, "
                                "type 'request {0}'.",
                                to_string(id), voters(action, false)));
  }
  if (const auto runnable = providers_.check(action.plan); !runnable) co_return cannot_run(action, runnable.error());
  if (again) {
    const ActionId old = id;
    std::string proposer = person.id;
    auto proposed = co_await propose_again(std::move(action), std::move(proposer), actor);
    if (!proposed) {
      Error why = std::move(proposed).error();
      co_return co_await explain(old, std::move(why));
    }
    action = std::move(proposed).value();
    if (action.state != ActionState::proposed) co_return Error(Code::conflict, standing(action));
  }
  co_return co_await open_approval(std::move(action), std::move(decision), person, std::move(actor));
}

Async<Action> ActionService::undo(ActionId id, std::string digest, const Person& person, Actor actor) {
  CO_TRY(const auto done, load(id, std::move(digest)));
  auto plan = undo_of(done.plan);
  if (!plan) {
    co_return Error(Code::invalid_input,
                    fmt::format("{} cannot be taken back through Vedette: there is no opposite of '{}'. Do it by hand.",
                                to_string(id), describe_plan(done.plan)));
  }
  if (done.state != ActionState::succeeded) {
    co_return Error(Code::conflict, "Only what was done can be undone. " + standing(done));
  }
  auto decision = policy_.may_request(person, *plan);
  if (!decision.allowed) co_return Error(Code::forbidden, decision.reason);
  if (const auto runnable = providers_.check(*plan); !runnable) {
    co_return Error(Code::invalid_input, fmt::format("{} cannot be undone through Vedette: {} Do it by hand.", to_string(id),
                                                     runnable.error().message));
  }
  Action wanted = done;
  wanted.plan = *plan;
  CO_TRY(const auto newest, newest_alike(std::move(wanted)));
  const bool stands = newest.id != done.id && newest.state != ActionState::proposed &&
                      !may_be_proposed_again(newest.state) && newest.state != ActionState::withdrawn;
  if (stands) co_return Error(Code::conflict, "That is under way or done already. " + standing(newest));

  // The row in the audit chain is the done action's: the same click, delivered again, does not ask a second time.
  auto audit = action_audit(done, "action.undo", actor, describe_plan(*plan));
  std::string reason = fmt::format("Takes back {}.", to_string(id));
  std::string proposer = person.id;
  const CaseId case_id = done.case_id;
  auto proposed = co_await actions_.propose(case_id, std::move(*plan), std::move(reason), std::move(proposer),
                                            decision.approvals, std::move(audit));
  if (!proposed) {
    Error why = std::move(proposed).error();
    if (why.code != Code::conflict) co_return why;
    co_return Error(Code::conflict, fmt::format("The undoing of {} was asked for already.", to_string(id)));
  }
  if (proposed->state != ActionState::proposed) co_return Error(Code::conflict, standing(*proposed));
  co_return co_await open_approval(std::move(*proposed), std::move(decision), person, std::move(actor));
}

Async<Action> ActionService::open_approval(Action action, policy::Decision decision, const Person& person, Actor actor) {
  const ActionId id = action.id;
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

Async<Action> ActionService::settle(ActionId id, bool done, std::string reason, const Person& person, Actor actor) {
  std::string as_stored;
  CO_TRY(const auto action, load(id, std::move(as_stored)));
  const auto decision = policy_.may(person, policy::Permission::approve);
  if (!decision.allowed) co_return Error(Code::forbidden, decision.reason);
  const bool own = person.id == action.requester && !policy_.may_request(person, action.plan).requester_counts;
  if (own) {
    co_return Error(Code::forbidden,
                    fmt::format("You asked for {} yourself, so somebody else has to settle it.", to_string(id)));
  }
  if (action.state != ActionState::executing && action.state != ActionState::unknown) {
    co_return Error(Code::conflict, standing(action));
  }
  const auto state = done ? ActionState::succeeded : ActionState::failed;
  const std::string_view outcome = done ? "done" : "not done";
  std::string result = redact(fmt::format("@{} settled it as {}: {}", person.id, outcome, text::displayable(reason)));
  auto audit = action_audit(action, "action.settle", actor, result);
  auto settled = co_await actions_.finish(id, state, std::move(result), std::move(audit));
  if (settled) co_return std::move(settled).value();
  Error error = std::move(settled).error();
  co_return co_await explain(id, std::move(error));
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

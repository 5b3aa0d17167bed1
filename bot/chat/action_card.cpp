// The approval card, and the receipt it turns into.

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/chat/case_cards.hpp"
#include "bot/chat/case_words.hpp"

namespace vedette::chat {
namespace {

constexpr size_t kDigestShown = 12;

struct Look {
  std::string first;  // before the action's title
  Tone tone = Tone::neutral;
};

Look look_of(ActionState state) {
  switch (state) {
    case ActionState::proposed: return {"💡 Proposed", Tone::neutral};
    case ActionState::awaiting: return {"✋ Approval needed", Tone::warning};
    case ActionState::approved: return {"⏳ Approved, about to run", Tone::neutral};
    case ActionState::executing: return {"⏳ Running", Tone::neutral};
    case ActionState::succeeded: return {"✅ Done", Tone::good};
    case ActionState::failed: return {"❌ Failed", Tone::danger};
    case ActionState::unknown: return {"❓ Outcome unknown", Tone::warning};
    case ActionState::denied: return {"🚫 Denied", Tone::neutral};
    case ActionState::expired: return {"⌛ Not approved in time", Tone::neutral};
    case ActionState::withdrawn: return {"↩️ Withdrawn", Tone::neutral};
  }
  return {"", Tone::neutral};
}

int approvals(const Action& action) {
  int count = 0;
  for (const auto& vote : action.votes) count += vote.approve ? 1 : 0;
  return count;
}

std::string parameters_of(const ActionPlan& plan) {
  std::vector<std::string> parts;
  parts.reserve(plan.parameters.size());
  for (const auto& [name, value] : plan.parameters) {
    parts.push_back(text::displayable(name) + " " + text::ellipsize(text::displayable(value), 120));
  }
  return text::join(parts, ", ");
}

// "by ann: R-9 had duration 4h"
std::string change_in_words(const CaseView& view, const Action& action) {
  std::string words = fmt::format("by {}: {} had ", who(action.editor), to_string(action.replaces));
  for (const auto& other : view.actions) {
    if (other.id != action.replaces) continue;
    const std::string parameters = parameters_of(other.plan);
    return words + (parameters.empty() ? "nothing set" : parameters);
  }
  return words + "other values";
}

void add_plan(Facts& facts, const CaseView& view, const Action& action) {
  const auto& plan = action.plan;
  facts.rows.emplace_back("Target",
                          fmt::format("{} {}", words_for(plan.target.type), text::ellipsize(shown(plan.target), 300)));
  if (auto parameters = parameters_of(plan); !parameters.empty()) facts.rows.emplace_back("With", parameters);
  facts.rows.emplace_back("Through", text::ellipsize(text::displayable(plan.provider), 60));
  facts.rows.emplace_back("Why",
                          action.reason.empty() ? "No reason was given" : prose(action.reason, view.record.entities, 300));
  facts.rows.emplace_back("Case", to_string(view.record.id));
  facts.rows.emplace_back("Plan", plan.digest(view.record.id).substr(0, kDigestShown));
  if (!action.proposer.empty()) facts.rows.emplace_back("Proposed by", who(action.proposer));
  if (action.replaces) facts.rows.emplace_back("Changed", change_in_words(view, action));
  if (!action.requester.empty()) facts.rows.emplace_back("Asked for by", who(action.requester));
}

void add_votes(Facts& facts, const Action& action) {
  for (const auto& vote : action.votes) {
    facts.rows.emplace_back(vote.approve ? "Approved by" : "Denied by",
                            fmt::format("{}, {}", who(vote.person), utc_second(vote.at)));
  }
}

void add_what_is_needed(Facts& facts, const Action& action) {
  facts.rows.emplace_back("Approvals", fmt::format("{} of {}", approvals(action), action.approvals_needed));
  facts.rows.emplace_back("Who may approve",
                          action.requester.empty()
                              ? std::string("Anyone entitled to approve this action")
                              : fmt::format("Anyone entitled to approve this action, other than {}", who(action.requester)));
  if (action.expires) facts.rows.emplace_back("Expires", utc_second(*action.expires));
}

// With the present values, for the form that a platform may show: "edit R-9 --digest=… --from="duration=4h"".
std::string edit_command(CaseId case_id, const Action& action) {
  std::vector<std::string> present;
  for (const auto& setting : action.settings) {
    if (setting.value.find_first_of("\",\\") == std::string::npos) present.push_back(setting.name + "=" + setting.value);
  }
  return fmt::format("edit {} --digest={} --from=\"{}\"", to_string(action.id), action.plan.digest(case_id),
                     text::join(present, ","));
}

// What is asked before it is approved: everything that will run.
std::string in_words(const ActionPlan& plan) {
  const std::string parameters = parameters_of(plan);
  return text::ellipsize(text::displayable(plan.title()), 180) + (parameters.empty() ? "" : ", " + parameters);
}

Buttons decision_buttons(const CaseView& view, const Action& action) {
  const std::string id = to_string(action.id);
  const bool last = approvals(action) + 1 >= action.approvals_needed;
  Buttons buttons;
  buttons.items.push_back(
      {"Approve", fmt::format("approve {} --digest={}", id, action.plan.digest(view.record.id)), Tone::good,
       in_words(action.plan) + (last ? "? It runs at once." : "? It runs when the others have approved too.")});
  buttons.items.push_back({"Deny", "deny " + id, Tone::danger, ""});
  if (!action.settings.empty()) {
    buttons.items.push_back({"Edit…", edit_command(view.record.id, action), Tone::neutral, ""});
  }
  return buttons;
}

// The latest action of the case, other than this one and after it, with this plan.
const Action* later_with(const CaseView& view, const Action& action, const ActionPlan& plan) {
  const std::string digest = plan.digest(view.record.id);
  const Action* found = nullptr;
  for (const auto& other : view.actions) {
    if (other.id.number > action.id.number && other.plan.digest(view.record.id) == digest) found = &other;
  }
  return found;
}

bool ended_undone(ActionState state) {
  return state == ActionState::failed || state == ActionState::denied || state == ActionState::expired ||
         state == ActionState::withdrawn;
}

// What can be done about an action that has ended, as long as nothing newer stands in its place: ask once more for what
// failed or ran out, take back what was done. What was denied takes more than a button.
void add_what_next(Card& card, const CaseView& view, const Action& action) {
  const std::string id = to_string(action.id);
  const std::string digest = action.plan.digest(view.record.id);
  const std::string title = text::ellipsize(text::displayable(action.plan.title()), 200);
  const bool again = action.state == ActionState::failed || action.state == ActionState::expired;
  if (again) {
    const Action* newer = later_with(view, action, action.plan);
    if (newer != nullptr) {
      card.blocks.push_back(Paragraph{{{"Asked for again as " + to_string(newer->id) + ".", {}, false}}, true});
      return;
    }
    card.blocks.push_back(Paragraph{{{"Vedette does not propose it again by itself.", {}, false}}, true});
    card.blocks.push_back(Buttons{{{"Ask again", fmt::format("request {} --digest={}", id, digest), Tone::neutral,
                                    "Ask once more: " + title + "? It needs its approval anew."}}});
  }
  if (action.state != ActionState::succeeded) return;
  const auto undo = undo_of(action.plan);
  if (!undo) return;
  const Action* newer = later_with(view, action, *undo);
  if (newer != nullptr && !ended_undone(newer->state)) {
    const std::string words = newer->state == ActionState::succeeded ? "Undone by " : "Undoing it was asked for: ";
    card.blocks.push_back(Paragraph{{{words + to_string(newer->id) + ".", {}, false}}, true});
    return;
  }
  if (!action.undo_offered) {
    const std::string words = fmt::format("{} has no way to undo this: do it by hand there.", action.plan.provider);
    card.blocks.push_back(Paragraph{{{words, {}, false}}, true});
    return;
  }
  const std::string undo_title = text::ellipsize(text::displayable(undo->title()), 200);
  card.blocks.push_back(Buttons{{{"Undo", fmt::format("undo {} --digest={}", id, digest), Tone::neutral,
                                  "Ask for: " + undo_title + "? It needs an approval like any action."}}});
}

std::string changed_by(const CaseView& view, const Action& action) {
  const auto found =
      std::find_if(view.actions.begin(), view.actions.end(), [&](const Action& a) { return a.id == action.replaced_by; });
  return found == view.actions.end() ? "somebody" : who(found->editor);
}

// One sentence under the facts: what came of it.
std::string outcome(const CaseView& view, const Action& action) {
  std::string result = prose(action.result, view.record.entities, 400);
  switch (action.state) {
    case ActionState::unknown:
      return "It was sent, but no clear answer came back. Vedette looks it up and does not send it again." +
             (result.empty() ? "" : " " + result) +
             fmt::format(" Who knows better says: settle {} done|not-done REASON.", to_string(action.id));
    case ActionState::expired: return "The time for approval ran out. Nothing was done.";
    case ActionState::denied:
      return fmt::format(
          "Nothing was done, and Vedette does not propose it again. To ask for it all the same, type: request {}",
          to_string(action.id));
    case ActionState::withdrawn:
      if (action.replaced_by) {
        return fmt::format("Changed by {}: {} stands in its place. Nothing was done.", changed_by(view, action),
                           to_string(action.replaced_by));
      }
      return "The evidence changed, and it is no longer proposed. Nothing was done.";
    default: return result;
  }
}

}  // namespace

bool has_card(const Action& action) {
  return action.state != ActionState::proposed && !(action.state == ActionState::withdrawn && action.requester.empty());
}

Card action_card(const CaseView& view, const Action& action) {
  const Look look = look_of(action.state);
  const std::string title = text::ellipsize(shown_title(action.plan), 120);
  Card card;
  const std::string first = fmt::format("{}: {} · {}", look.first, title, to_string(action.id));
  card.summary = text::ellipsize(fmt::format("{} ({})", first, to_string(view.record.id)), 240);
  card.tone = look.tone;
  card.blocks.push_back(Heading{first, look.tone});
  if (const std::string line = outcome(view, action); !line.empty())
    card.blocks.push_back(Paragraph{{{line, {}, true}}, false});
  Facts facts;
  add_plan(facts, view, action);
  add_votes(facts, action);
  const bool awaiting = action.state == ActionState::awaiting;
  if (awaiting) add_what_is_needed(facts, action);
  if (is_final(action.state)) facts.rows.emplace_back("Ended", utc_second(action.changed));
  if (action.state == ActionState::unknown) facts.rows.emplace_back("Unknown since", utc_second(action.changed));
  card.blocks.push_back(std::move(facts));
  if (awaiting) card.blocks.push_back(decision_buttons(view, action));
  add_what_next(card, view, action);
  return card;
}

}  // namespace vedette::chat

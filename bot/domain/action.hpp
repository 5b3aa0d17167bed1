#pragma once
// A response action from proposal to result. Plain values.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/clock.hpp"
#include "bot/domain/entity.hpp"
#include "bot/domain/ids.hpp"

namespace vedette {

// proposed → awaiting → approved → executing → succeeded | failed | unknown;  awaiting → denied | expired;
// proposed | awaiting → withdrawn. `unknown` is looked up with the provider, never repeated blindly.
enum class ActionState { proposed, awaiting, approved, executing, succeeded, failed, unknown, denied, expired, withdrawn };
std::string_view to_string(ActionState state);
std::optional<ActionState> action_state_from(std::string_view name);
bool is_final(ActionState state);  // succeeded, failed, denied, expired, withdrawn

// What would run. The digest binds an approval to exactly this.
struct ActionPlan {
  std::string verb;      // "block_ip", "unblock_ip", "isolate_host", "suspend_user", ...
  std::string provider;  // configured name, e.g. "crowdsec"
  Entity target;
  std::map<std::string, std::string> parameters;  // e.g. duration=4h
  // SHA-256 (hex) over the canonical form of the four fields and the case.
  std::string digest(CaseId case_id) const;
  std::string title() const;  // "Block IP 203.0.113.7"
};

// What takes back what the plan did: the opposite verb on the same target with the same provider; nothing where there is no
// such thing. Whether the provider offers it is the provider's to say.
std::optional<ActionPlan> undo_of(const ActionPlan& plan);

// Whether an action of this verb takes back what another one did: "unblock_ip", "release_host", …
bool undoes(std::string_view verb);

struct Vote {
  std::string person;  // Person::id
  bool approve = true;
  Time at;
};

// Something about a plan that people may change before it is approved, and what it is now.
struct PlanSetting {
  std::string name;   // of the parameter: "duration"
  std::string label;  // "For how long"
  std::string hint;   // how it is written: "30m, 4h, 7d"
  std::string value;  // in this plan, or what is meant where the plan does not say
};

struct Action {
  ActionId id;
  CaseId case_id;
  ActionPlan plan;
  ActionState state = ActionState::proposed;
  std::string reason;     // why it is proposed, citing evidence: "[E3]"
  std::string proposer;   // Person::id, or "vedette"
  std::string requester;  // who pressed the button; empty while proposed
  std::vector<Vote> votes;
  int approvals_needed = 1;           // besides the requester
  std::optional<Time> expires;        // of the approval, set when requested
  std::string result;                 // what the provider said, one sentence
  bool undo_offered = true;           // not stored: whether the provider has the opposite at all
  std::vector<PlanSetting> settings;  // not stored: what the provider lets people change about the plan
  ActionId replaced_by;               // the action that stands in its place since somebody changed the plan; mostly none
  ActionId replaces;                  // the other way round: the action whose plan was changed into this one; mostly none
  std::string editor;                 // Person::id of who changed it; empty where it replaces none
  std::vector<std::string> barred;    // who proposed, asked for or changed what it replaces: none of them may approve it
  Time created;
  Time changed;
};

}  // namespace vedette

#pragma once
// The audit rows of actions: one shape for people's decisions and for what the executor does. Pure.

#include <string>
#include <string_view>

#include "bot/domain/action.hpp"
#include "bot/store/audit_store.hpp"

namespace vedette::respond {

// Who does something to an action, and the interaction that made them: see AuditEntry.
struct Actor {
  Actor() = default;
  Actor(std::string person_, std::string identity_, std::string cause_)
      : person(std::move(person_)), identity(std::move(identity_)), cause(std::move(cause_)) {}
  std::string person;    // Person::id, or "vedette"
  std::string identity;  // Identity::text(); empty for Vedette itself
  std::string cause;     // interaction key; may be empty
};

// `what` is the audit action ("action.approve"). The detail names the whole plan and its digest, and `note` where there is
// one.
AuditEntry action_audit(const Action& action, std::string_view what, const Actor& actor, std::string_view note = {});

// What one attempt at an action is known by on the other side: "R-9/1a2b3c4d". The same for every attempt at the same plan.
std::string execution_key(const Action& action);

}  // namespace vedette::respond

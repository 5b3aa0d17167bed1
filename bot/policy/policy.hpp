#pragma once
// Who may do what, with how many approvers. Pure: the same question gets the same answer. Deny wins over everything.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "bot/domain/action.hpp"
#include "bot/domain/person.hpp"

namespace vedette::policy {

// What a command needs. Roles hold permissions; "admin" holds all.
enum class Permission { read, triage, respond, approve, administer };
std::string_view to_string(Permission permission);

struct ActionRule {
  std::string verb;                      // "block_ip" or "*"
  int approvals = 1;                     // people besides the requester
  std::vector<std::string> approver_roles = {"approver", "admin"};
};

struct PolicyOptions {
  std::vector<ActionRule> rules;         // first match; without one: one approver
  std::vector<std::string> protected_targets;  // entities as text, "host:dc01", "ip:10.0.0.0/8": no action on these, by anyone
  std::chrono::minutes expiry = std::chrono::minutes(30);
  bool requester_may_approve = false;    // for one-person test set-ups only; doctor warns
};

struct Decision {
  bool allowed = false;
  std::string reason;      // a sentence for people, also when allowed
  int approvals = 1;       // besides the requester
};

class Policy {
 public:
  explicit Policy(PolicyOptions options);
  Decision may(const Person& person, Permission permission) const;
  Decision may_request(const Person& person, const ActionPlan& plan) const;
  // Also refuses the requester and the one who already voted.
  Decision may_approve(const Person& person, const Action& action) const;
  std::chrono::minutes expiry() const { return options_.expiry; }

 private:
  PolicyOptions options_;
};

}  // namespace vedette::policy

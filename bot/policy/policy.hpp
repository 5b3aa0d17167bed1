#pragma once
// Who may do what, with how many approvers. Pure: the same question gets the same answer. Deny wins over everything.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/result.hpp"
#include "bot/domain/action.hpp"
#include "bot/domain/person.hpp"

namespace vedette::policy {

// What a command needs. Roles hold permissions: viewer reads; analyst also triages and asks for actions; approver also
// approves; "admin" holds all. A role that is none of these holds nothing, except where an ActionRule names it as approver.
enum class Permission { read, triage, respond, approve, administer };
std::string_view to_string(Permission permission);

struct ActionRule {
  std::string verb;   // "block_ip" or "*"
  int approvals = 1;  // people besides the requester
  std::vector<std::string> approver_roles = {"approver", "admin"};
};

struct PolicyOptions {
  std::vector<ActionRule> rules;  // first match; without one: one approver
  // No action on these, by anyone. Entities as text: "host:dc01", "host:dc*", "user:*-admin", "ip:10.0.0.0/8". A short name
  // and its full one ("dc01", "dc01.corp.example"; "root", "root@corp.example") are taken for the same.
  std::vector<std::string> protected_targets;
  std::chrono::minutes expiry = std::chrono::minutes(30);
  std::chrono::minutes longest_snooze = std::chrono::hours(24 * 7);  // how long a case may be kept quiet at a time
  // For one-person test set-ups only; doctor warns. Asking then counts as the asker's own approval.
  bool requester_may_approve = false;
};

struct Decision {
  bool allowed = false;
  std::string reason;             // a sentence for people, also when allowed
  int approvals = 1;              // besides the requester
  bool requester_counts = false;  // asking is already one of them; see PolicyOptions::requester_may_approve
};

// What a Policy would not accept: an unreadable protected target, a rule that nobody can satisfy, no or an over-long expiry.
Status validate(const PolicyOptions& options);

class Policy {
 public:
  explicit Policy(PolicyOptions options);  // throws std::invalid_argument for what validate() refuses
  Decision may(const Person& person, Permission permission) const;
  Decision may_request(const Person& person, const ActionPlan& plan) const;
  // Also refuses the requester, who proposed, asked for or changed what it replaces, and the one who already voted.
  Decision may_approve(const Person& person, const Action& action) const;
  // The last gate, right before an action leaves: target not protected, enough approvals by distinct and other people, no
  // denial. Asks what is stored, so that no path around may_approve() leads to execution.
  Decision may_run(const Action& action) const;
  std::chrono::minutes expiry() const { return options_.expiry; }
  std::chrono::minutes longest_snooze() const { return options_.longest_snooze; }

 private:
  struct Pattern {
    EntityType type = EntityType::host;
    std::string value;  // lower case, without the stars
    bool open_front = false;
    bool open_back = false;
  };
  static Result<Pattern> parse_pattern(std::string_view text);
  friend Status validate(const PolicyOptions& options);

  const ActionRule& rule_for(const ActionPlan& plan) const;
  bool is_protected(const Entity& target) const;

  PolicyOptions options_;
  std::vector<Pattern> patterns_;
};

}  // namespace vedette::policy

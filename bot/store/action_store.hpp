#pragma once
#include <optional>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/domain/action.hpp"
#include "bot/store/audit_store.hpp"

namespace vedette {

// Every change is a compare-and-set on the state and the plan's digest: `conflict` when the action moved on or the digest is
// not that of the stored plan, `expired` when the approval's time is over. All bump the case's version and append the audit
// row in the same transaction.
class ActionStore {
 public:
  virtual ~ActionStore() = default;
  virtual Async<Action> get(ActionId id) = 0;
  virtual Async<std::vector<Action>> of_case(CaseId id) = 0;
  virtual Async<std::vector<Action>> in_state(ActionState state, size_t limit) = 0;
  virtual Async<std::vector<Action>> pending(size_t limit) = 0;  // awaiting, oldest first
  // A person's own proposal; answers the existing action when the case has an open one with the same plan.
  virtual Async<Action> propose(CaseId id, ActionPlan plan, std::string reason, std::string proposer, int approvals_needed,
                                AuditEntry audit) = 0;
  // proposed → awaiting; opens the approval.
  virtual Async<Action> request(ActionId id, std::string digest, std::string requester, int approvals_needed, Time expires,
                                AuditEntry audit) = 0;
  // proposed | awaiting → withdrawn, and an action with the changed plan in its place: proposed, or where the old one was
  // awaiting, awaiting again from the start with the editor as its requester. Whatever had been approved is void. It keeps
  // the old one's proposer; neither they (persons, that is) nor the old requester nor the editor may vote on it. Appends a
  // second audit row, "action.replace" of the new one. Answers the new one. conflict also when the plan is the same, or
  // another open action of the case has it already.
  virtual Async<Action> replace(ActionId id, std::string digest, ActionPlan plan, std::string editor, int approvals_needed,
                                Time expires, AuditEntry audit) = 0;
  // One vote a person; a person who voted, requested or is barred gets `conflict`. Enough approvals: awaiting → approved.
  // One denial: awaiting → denied. `now` decides expiry.
  virtual Async<Action> vote(ActionId id, std::string digest, Vote vote, Time now, AuditEntry audit) = 0;
  // approved → executing: the intent is on disk before the request leaves. `conflict` when somebody else took it.
  // `runs` is false where it is only begun to be ended at once, without being let go: started_since() does not count that.
  virtual Async<Action> begin(ActionId id, AuditEntry audit, bool runs = true) = 0;
  // How many actions of this verb were let go at that time or later.
  virtual Async<int64_t> started_since(std::string verb, Time since) = 0;
  // executing | unknown → succeeded | failed | unknown.
  virtual Async<Action> finish(ActionId id, ActionState state, std::string result, AuditEntry audit) = 0;
  // What became known after people had settled it: put before the result, told in the history; the state stays theirs.
  // `conflict` when the action has not ended.
  virtual Async<Action> add_answer(ActionId id, std::string answer, AuditEntry audit) = 0;
  // awaiting and over its time → expired; answers them.
  virtual Async<std::vector<Action>> expire(Time now) = 0;
};

}  // namespace vedette

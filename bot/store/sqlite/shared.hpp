#pragma once
// Steps that several aggregates take inside their transactions.

#include "bot/store/sqlite/engine.hpp"
#include "bot/store/sqlite/rows.hpp"

namespace vedette::sqlite {

// not_found when there is no such case. With its entities.
Result<Case> load_case(Transaction& tx, CaseId id);
std::vector<Entity> case_entities(Transaction& tx, CaseId id);
// Raises the version: every change of a case does. Wakes the presenter.
void bump_case(Transaction& tx, CaseId id, Time now);
// A line of history. `at` is `now` where the note has no time.
void add_note(Transaction& tx, CaseId id, const CaseNote& note, Time now);
// Queues the case's investigation for another round, or lets the running one be followed by one. Alerts that could not be
// investigated are queued with it.
void queue_investigation(Transaction& tx, CaseId id, Time now);

// Ends the case's snooze, if it has one. `why` is a sentence: what has happened.
Status wake(Transaction& tx, CaseId id, std::string_view why, Time now);
// The same where the case is about to become worse than it is: more severe, or with a worse verdict (benign or inconclusive,
// suspicious, malicious). To be called before that is written. `cause` is a sentence: what makes it so.
Status wake_if_worse(Transaction& tx, CaseId id, Severity severity, std::optional<Label> label, std::string_view cause,
                     Time now);

// With its votes, oldest first.
Result<Action> load_action(Transaction& tx, ActionId id);
std::vector<Action> actions_of_case(Transaction& tx, CaseId id);
ActionId insert_action(Transaction& tx, CaseId id, const ActionPlan& plan, const std::string& reason,
                       const std::string& proposer, int approvals_needed, Time now);
// Moves an action on, tells it in the case's history and raises the case's version.
void move_action(Transaction& tx, const Action& action, ActionState to, const std::string& author, const std::string& text,
                 Time now);

// Adds a row to the chain. conflict when its cause was there before; invalid_input when the detail is not a JSON object.
Status append_audit(Transaction& tx, const AuditEntry& entry, Time now);

// Creates or changes the slots. True when anything changed.
void put_messages(Transaction& tx, const std::vector<OutboxMessage>& messages, Time now);

std::vector<Evidence> evidence_of_case(Transaction& tx, CaseId id);

Error no_such_case(CaseId id);

}  // namespace vedette::sqlite

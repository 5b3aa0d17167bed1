#pragma once
#include <optional>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/domain/case.hpp"
#include "bot/store/audit_store.hpp"
#include "bot/store/outbox_store.hpp"

namespace vedette {

struct CaseFilter {
  std::optional<CaseStatus> status;
  bool only_open = false;            // open or acknowledged
  std::optional<std::string> owner;  // "" asks for cases without an owner
  std::optional<Severity> at_least;
  std::optional<Time> since;    // created since
  std::optional<bool> snoozed;  // only those that are, or are not, snoozed now
  size_t limit = 20;
  int64_t before = 0;  // cases with a smaller number only, for paging; 0: from the newest
};

// What a person (or the clock) changes about a case; unset members stay.
struct CaseChange {
  std::optional<CaseStatus> status;
  std::optional<std::string> owner;
  std::optional<Severity> severity;
  std::optional<Disposition> disposition;  // with status closed
  std::string closing_reason;
  CaseNote note;  // the history line of this change
};

struct PastCaseQuery {
  CaseId except;
  std::vector<Entity> entities;  // shares any of these …
  std::string rule;              // … or this rule, by which is given
  size_t limit = 10;
};

class CaseStore {
 public:
  virtual ~CaseStore() = default;
  virtual Async<Case> get(CaseId id) = 0;
  virtual Async<CaseView> view(CaseId id) = 0;
  virtual Async<std::vector<Case>> list(CaseFilter filter) = 0;  // newest first
  virtual Async<std::vector<PastCase>> past(PastCaseQuery query) = 0;
  // Applies the change, adds the note, appends the audit row; one transaction. Answers the case as it is now.
  // conflict when the case already has the status or owner asked for.
  virtual Async<Case> change(CaseId id, CaseChange change, AuditEntry audit) = 0;
  // One thumb a person and case; a later one replaces it, nullopt takes it back.
  virtual Async<Case> feedback(CaseId id, std::string person, std::optional<bool> good, std::string reason,
                               AuditEntry audit) = 0;
  // Takes back this thumb and no other. conflict, and nothing is written, when the person's thumb is not that one (any
  // more).
  virtual Async<Case> take_back(CaseId id, std::string person, bool good, AuditEntry audit) = 0;

  // Snoozing. A later snooze takes the place of an earlier one; conflict when the case is closed. Closing a case ends its
  // snooze. So does, in the transaction that brings it, a rise of the severity, a worse verdict, an investigation that
  // fails, or an alert that is more severe than the case was or, where it is high or critical, of a rule that the case did
  // not have: the history says why, as a note of kind "awake".
  virtual Async<Case> snooze(CaseId id, Snooze snooze, CaseNote note, AuditEntry audit) = 0;
  // Ends it by hand. conflict when the case is not snoozed.
  virtual Async<Case> wake(CaseId id, CaseNote note, AuditEntry audit) = 0;
  virtual Async<std::optional<Time>> next_wake() = 0;  // when the next snooze ends; nothing: none
  // Ends those whose time has come, each once, and says so in their history; answers them, at most `limit`.
  virtual Async<std::vector<CaseId>> wake_due(Time now, size_t limit) = 0;

  // Presentation: cases whose version is ahead of what was last rendered.
  virtual Async<std::vector<CaseId>> unpresented(size_t limit) = 0;
  // Stores the messages (see OutboxStore::put) and remembers that `version` was rendered; one transaction.
  virtual Async<void> presented(CaseId id, int64_t version, std::vector<OutboxMessage> messages) = 0;
};

}  // namespace vedette

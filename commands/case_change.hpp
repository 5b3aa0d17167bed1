#pragma once
// Changing a case for a person: the change, its history line and its audit row in one transaction; a change that somebody
// else (or an earlier delivery of the same click) has made already is told, kindly, and is not an error.

#include <string>

#include "bot/store/case_store.hpp"
#include "commands/command.hpp"

namespace vedette::commands {

struct WantedChange {
  CaseId id;
  CaseChange change;
  std::string audit_action;  // "case.ack"
  std::string audit_detail;  // JSON object
  std::string done;          // "You have acknowledged C-12."
};

Async<chat::Reply> apply_change(Call call, WantedChange wanted);

// Who last changed the status, for "already acknowledged by @ann".
std::string last_status_author(const CaseView& view);
// The answer to a status the case has already: a confirmation to the one who gave it that status (a second click, a repeated
// delivery), otherwise a conflict that names who was faster.
Result<chat::Reply> has_status_already(const Call& call, const CaseView& view);

}  // namespace vedette::commands

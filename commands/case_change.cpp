#include "commands/case_change.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

const CaseNote* last_status_note(const CaseView& view) {
  const auto found =
      std::find_if(view.notes.rbegin(), view.notes.rend(), [](const CaseNote& note) { return note.kind == "status"; });
  return found == view.notes.rend() ? nullptr : &*found;
}

// What the case is like already, in the words of the change that was wanted.
std::string already(const CaseView& view, const CaseChange& wanted) {
  const std::string id = to_string(view.record.id);
  if (wanted.owner && !wanted.status && view.record.owner == *wanted.owner) {
    return wanted.owner->empty() ? fmt::format("{} has no owner already.", id)
                                 : fmt::format("{} is {}'s already.", id, at(*wanted.owner));
  }
  if (!wanted.status && !wanted.owner) return fmt::format("That is on {} already.", id);
  return fmt::format("{} has changed meanwhile; look at it with 'show {}' and say it again if it still fits.", id, id);
}

}  // namespace

std::string last_status_author(const CaseView& view) {
  const auto* note = last_status_note(view);
  if (note != nullptr && !note->author.empty()) return at(note->author);
  return view.record.owner.empty() ? "somebody" : at(view.record.owner);
}

Result<chat::Reply> has_status_already(const Call& call, const CaseView& view) {
  const std::string id = to_string(view.record.id);
  const auto status = view.record.status;
  const auto* note = last_status_note(view);
  const bool own = note != nullptr && note->author == call.person->id;
  if (status == CaseStatus::closed) {
    if (own) return receipt(call, view.record.id, fmt::format("You have closed {}.", id));
    return Error(Code::conflict,
                 fmt::format("{} was already closed by {}. 'reopen {}' opens it again.", id, last_status_author(view), id));
  }
  if (status == CaseStatus::acknowledged) {
    if (own) return receipt(call, view.record.id, fmt::format("You have acknowledged {}.", id));
    return Error(Code::conflict, fmt::format("{} is already acknowledged by {}.", id, last_status_author(view)));
  }
  if (own) return receipt(call, view.record.id, fmt::format("You have reopened {}.", id));
  return Error(Code::conflict, fmt::format("{} is open already.", id));
}

Async<chat::Reply> apply_change(Call call, WantedChange wanted) {
  auto& cases = call.services->store.cases();
  auto audit = audit_of(call, wanted.audit_action, to_string(wanted.id), wanted.audit_detail);
  CaseChange change = wanted.change;
  auto changed = co_await cases.change(wanted.id, std::move(change), std::move(audit));
  if (changed) co_return receipt(call, wanted.id, std::move(wanted.done));
  if (changed.error().code != Code::conflict) co_return std::move(changed).error();
  CO_TRY(const auto view, cases.view(wanted.id));
  if (wanted.change.status && view.record.status == *wanted.change.status) co_return has_status_already(call, view);
  co_return Error(Code::conflict, already(view, wanted.change));
}

}  // namespace vedette::commands

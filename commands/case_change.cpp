#include "commands/case_change.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

// What the case is like already, in the words of the change that was wanted.
std::string already(const CaseView& view, const CaseChange& wanted) {
  const std::string id = to_string(view.record.id);
  const std::string by = last_status_author(view);
  if (wanted.status && view.record.status == *wanted.status) {
    if (*wanted.status == CaseStatus::acknowledged) return fmt::format("{} is already acknowledged by {}.", id, by);
    if (*wanted.status == CaseStatus::closed) return fmt::format("{} was already closed by {}.", id, by);
    return fmt::format("{} is open already.", id);
  }
  if (wanted.owner && view.record.owner == *wanted.owner) {
    return wanted.owner->empty() ? fmt::format("{} has no owner already.", id)
                                 : fmt::format("{} is already {}'s.", id, at(*wanted.owner));
  }
  if (!wanted.status && !wanted.owner) return fmt::format("That is on {} already.", id);
  return fmt::format("{} has changed meanwhile; look at it with 'show {}' and say it again if it still fits.", id, id);
}

}  // namespace

std::string last_status_author(const CaseView& view) {
  const auto found =
      std::find_if(view.notes.rbegin(), view.notes.rend(), [](const CaseNote& note) { return note.kind == "status"; });
  if (found != view.notes.rend() && !found->author.empty()) return at(found->author);
  return view.record.owner.empty() ? "somebody" : at(view.record.owner);
}

Async<chat::Reply> apply_change(Call call, WantedChange wanted) {
  auto& cases = call.services->store.cases();
  auto audit = audit_of(call, wanted.audit_action, to_string(wanted.id), wanted.audit_detail);
  CaseChange change = wanted.change;
  auto changed = co_await cases.change(wanted.id, std::move(change), std::move(audit));
  if (changed) co_return receipt(call, wanted.id, std::move(wanted.done));
  if (changed.error().code != Code::conflict) co_return std::move(changed).error();
  CO_TRY(const auto view, cases.view(wanted.id));
  co_return Error(Code::conflict, already(view, wanted.change));
}

}  // namespace vedette::commands

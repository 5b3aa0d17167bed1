// ack [C-12]

#include <fmt/format.h>

#include "commands/case_change.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

Async<chat::Reply> ack(Call call) {
  CO_TRY(const auto view, load_case(*call.services, call.arguments.reference));
  const auto& record = view.record;
  const std::string id = to_string(record.id);
  if (record.status == CaseStatus::acknowledged) co_return has_status_already(call, view);
  if (record.status == CaseStatus::closed) {
    co_return Error(Code::conflict,
                    fmt::format("{} was closed by {}. 'reopen {}' opens it again.", id, last_status_author(view), id));
  }
  WantedChange wanted;
  wanted.id = record.id;
  wanted.change.status = CaseStatus::acknowledged;
  if (record.owner.empty()) wanted.change.owner = call.person->id;
  wanted.change.note = note_of(call, "status", "acknowledged");
  wanted.audit_action = "case.ack";
  wanted.audit_detail = "{}";
  const bool owns = record.owner.empty() || record.owner == call.person->id;
  wanted.done = owns ? fmt::format("{} is acknowledged and {}'s now.", id, at(call.person->id))
                     : fmt::format("{} is acknowledged by {}; it stays {}'s.", id, at(call.person->id), at(record.owner));
  co_return co_await apply_change(std::move(call), std::move(wanted));
}

}  // namespace

Spec ack_command() {
  Spec spec;
  spec.name = "ack";
  spec.aliases = {"acknowledge", "take"};
  spec.usage = "ack [C-12]";
  spec.summary = "acknowledge a case; it becomes yours if it is nobody's";
  spec.arguments = {{"case", ArgumentKind::case_ref}};
  spec.permission = policy::Permission::triage;
  spec.effect = Effect::changes_case;
  spec.handler = ack;
  return spec;
}

}  // namespace vedette::commands

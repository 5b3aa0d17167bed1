// reopen [C-12] [REASON]

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "commands/case_change.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

Async<chat::Reply> reopen(Call call) {
  CO_TRY(const auto view, load_case(*call.services, call.arguments.reference));
  const std::string id = to_string(view.record.id);
  if (view.record.status == CaseStatus::open) co_return has_status_already(call, view);
  if (view.record.status != CaseStatus::closed) {
    co_return Error(Code::conflict, fmt::format("{} is not closed, so there is nothing to reopen.", id));
  }
  const std::string reason = text::ellipsize(text::displayable(call.arguments.word("reason")), 500);
  JsonWriter detail;
  detail.begin_object().field("reason", reason).end_object();
  WantedChange wanted;
  wanted.id = view.record.id;
  wanted.change.status = CaseStatus::open;
  wanted.change.note = note_of(call, "status", reason.empty() ? "reopened" : "reopened: " + reason);
  wanted.audit_action = "case.reopen";
  wanted.audit_detail = detail.take();
  wanted.done = fmt::format("{} is open again.", id);
  co_return co_await apply_change(std::move(call), std::move(wanted));
}

}  // namespace

Spec reopen_command() {
  Spec spec;
  spec.name = "reopen";
  spec.usage = "reopen [C-12] [REASON]";
  spec.summary = "open a closed case again";
  spec.arguments = {{"case", ArgumentKind::case_ref}, {"reason", ArgumentKind::text, false}};
  spec.permission = policy::Permission::triage;
  spec.effect = Effect::changes_case;
  spec.handler = reopen;
  return spec;
}

}  // namespace vedette::commands

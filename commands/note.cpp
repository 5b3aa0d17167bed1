// note [C-12] TEXT

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "commands/case_change.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

constexpr size_t kNoteCharacters = 2000;

Async<chat::Reply> note(Call call) {
  CO_TRY(const auto view, load_case(*call.services, call.arguments.reference));
  const std::string content = std::string(text::trim(text::displayable(call.arguments.word("text"), true)));
  if (text::characters(content) > kNoteCharacters) {
    co_return Error(Code::too_large,
                    fmt::format("A note holds at most {} characters; nothing was noted. Please split it.", kNoteCharacters));
  }
  if (content.empty()) co_return Error(Code::invalid_input, "There is nothing in that note that could be shown.");
  JsonWriter detail;
  detail.begin_object().field("text", content).end_object();
  WantedChange wanted;
  wanted.id = view.record.id;
  wanted.change.note = note_of(call, "note", content);
  wanted.audit_action = "case.note";
  wanted.audit_detail = detail.take();
  wanted.done = fmt::format("Noted on {}.", to_string(view.record.id));
  co_return co_await apply_change(std::move(call), std::move(wanted));
}

}  // namespace

Spec note_command() {
  Spec spec;
  spec.name = "note";
  spec.aliases = {"comment"};
  spec.usage = "note [C-12] TEXT";
  spec.summary = "add a line to a case's history";
  spec.arguments = {{"case", ArgumentKind::case_ref}, {"text", ArgumentKind::text}};
  spec.permission = policy::Permission::triage;
  spec.effect = Effect::changes_case;
  spec.handler = note;
  return spec;
}

}  // namespace vedette::commands

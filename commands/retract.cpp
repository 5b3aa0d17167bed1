// retract [C-12] good|bad

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

Async<chat::Reply> retract(Call call) {
  CO_TRY(const auto view, load_case(*call.services, call.arguments.reference));
  const CaseId id = view.record.id;
  const bool good = call.arguments.word("thumb") == "good";
  JsonWriter detail;
  detail.begin_object().field("good", good).end_object();
  auto audit = audit_of(call, "case.retract", to_string(id), detail.take());
  std::string person = call.person->id;
  const char* thumb = good ? "👍" : "👎";
  auto stored = co_await call.services->store.cases().take_back(id, std::move(person), good, std::move(audit));
  if (stored) co_return receipt(call, id, fmt::format("Your {} for {} is taken back.", thumb, to_string(id)));
  if (stored.error().code != Code::conflict) co_return std::move(stored).error();
  // Said before, or another thumb has taken its place since: that one stays.
  co_return receipt(call, id, fmt::format("There is no {} of yours on {}, so nothing was changed.", thumb, to_string(id)));
}

}  // namespace

Spec retract_command() {
  Spec spec;
  spec.name = "retract";
  spec.usage = "retract [C-12] good|bad";
  spec.summary = "take your 👍 or 👎 back";
  spec.arguments = {{"case", ArgumentKind::case_ref}, {"thumb", ArgumentKind::choice, true, {"good", "bad"}}};
  spec.permission = policy::Permission::triage;
  spec.effect = Effect::changes_case;
  spec.handler = retract;
  return spec;
}

}  // namespace vedette::commands

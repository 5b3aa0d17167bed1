// good [C-12] [REASON]

#include "commands/feedback.hpp"

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

std::string bad_words(const std::string& id, bool explained) {
  if (explained) return fmt::format("Thank you: 👎 for {} is recorded, with what was wrong.", id);
  return fmt::format("Thank you: 👎 for {} is recorded. 'bad {} REASON' tells what was wrong.", id, id);
}

Async<chat::Reply> good(Call call) { return give_feedback(std::move(call), true); }

}  // namespace

Async<chat::Reply> give_feedback(Call call, bool good) {
  CO_TRY(const auto view, load_case(*call.services, call.arguments.reference));
  const CaseId id = view.record.id;
  if (!view.record.verdict) {
    co_return Error(Code::conflict,
                    fmt::format("{} has no verdict yet to judge. Please come back when it has.", to_string(id)));
  }
  std::string reason = text::ellipsize(text::displayable(call.arguments.word("reason")), 500);
  const bool explained = !reason.empty();
  JsonWriter detail;
  detail.begin_object().field("good", good).field("reason", reason).end_object();
  auto audit = audit_of(call, good ? "case.good" : "case.bad", to_string(id), detail.take());
  std::string person = call.person->id;
  const std::optional<bool> thumb(good);
  auto stored =
      co_await call.services->store.cases().feedback(id, std::move(person), thumb, std::move(reason), std::move(audit));
  // conflict: this very click was recorded before.
  if (!stored && stored.error().code != Code::conflict) co_return std::move(stored).error();
  co_return receipt(
      call, id,
      good ? fmt::format("Thank you: 👍 for {} is recorded.", to_string(id)) : bad_words(to_string(id), explained));
}

Spec good_command() {
  Spec spec;
  spec.name = "good";
  spec.aliases = {"👍", "+1", "thumbsup"};
  spec.usage = "good [C-12] [REASON]";
  spec.summary = "👍 the verdict is right";
  spec.arguments = {{"case", ArgumentKind::case_ref}, {"reason", ArgumentKind::text, false}};
  spec.permission = policy::Permission::triage;
  spec.effect = Effect::changes_case;
  spec.handler = good;
  return spec;
}

}  // namespace vedette::commands

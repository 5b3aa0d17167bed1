// bad [C-12] [REASON]

#include "commands/feedback.hpp"
#include "commands/registry.hpp"

namespace vedette::commands {
namespace {

Async<chat::Reply> bad(Call call) { return give_feedback(std::move(call), false); }

}  // namespace

Spec bad_command() {
  Spec spec;
  spec.name = "bad";
  spec.aliases = {"👎", "-1", "thumbsdown"};
  spec.usage = "bad [C-12] [REASON]";
  spec.summary = "👎 the verdict is wrong; say what is";
  spec.arguments = {{"case", ArgumentKind::case_ref}, {"reason", ArgumentKind::text, false}};
  spec.permission = policy::Permission::triage;
  spec.effect = Effect::changes_case;
  spec.handler = bad;
  return spec;
}

}  // namespace vedette::commands

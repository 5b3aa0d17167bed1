// timeline [C-12]

#include "bot/chat/case_cards.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

Async<chat::Reply> timeline(Call call) {
  CO_TRY(const auto view, load_case(*call.services, call.arguments.reference));
  co_return answer(chat::timeline_card(view));
}

}  // namespace

Spec timeline_command() {
  Spec spec;
  spec.name = "timeline";
  spec.aliases = {"tl", "history"};
  spec.usage = "timeline [C-12]";
  spec.summary = "show what happened, in order";
  spec.arguments = {{"case", ArgumentKind::case_ref}};
  spec.handler = timeline;
  return spec;
}

}  // namespace vedette::commands

// show [C-12]

#include "bot/chat/case_cards.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

Async<chat::Reply> show(Call call) {
  CO_TRY(const auto view, load_case(*call.services, call.arguments.reference));
  co_return answer(chat::root_card(view));
}

}  // namespace

Spec show_command() {
  Spec spec;
  spec.name = "show";
  spec.aliases = {"get", "case"};
  spec.usage = "show [C-12]";
  spec.summary = "show a case as it stands now";
  spec.arguments = {{"case", ArgumentKind::case_ref}};
  spec.handler = show;
  return spec;
}

}  // namespace vedette::commands

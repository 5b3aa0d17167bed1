// deny R-9 [--digest=HEX] [REASON]

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "commands/decision_card.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

Async<chat::Reply> deny(Call call) {
  const ActionId id = call.arguments.action;
  std::string digest = call.arguments.flag("digest");
  std::string reason = text::ellipsize(text::displayable(call.arguments.word("reason")), 500);
  auto actor = actor_of(call);
  CO_TRY(const auto action,
         call.services->actions.deny(id, std::move(digest), std::move(reason), *call.person, std::move(actor)));
  // A denial does no harm unseen, so a button's needs no words: the card shows it.
  if (call.interaction.button) co_return chat::Reply();
  co_return decision_reply(call, action, fmt::format("You have denied {}. Nothing was done.", to_string(id)));
}

}  // namespace

Spec deny_command() {
  Spec spec;
  spec.name = "deny";
  spec.aliases = {"reject", "no"};
  spec.usage = "deny R-9 [--digest=HEX] [REASON]";
  spec.summary = "deny an action; one denial is enough";
  spec.arguments = {{"action", ArgumentKind::action}, {"reason", ArgumentKind::text, false}};
  spec.flags = {{"digest", FlagKind::digest}};
  spec.permission = policy::Permission::approve;
  spec.effect = Effect::decides_action;
  spec.handler = deny;
  return spec;
}

}  // namespace vedette::commands

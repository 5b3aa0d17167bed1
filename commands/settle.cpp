// settle R-9 done|not-done REASON

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "commands/decision_card.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

Async<chat::Reply> settle(Call call) {
  const ActionId id = call.arguments.action;
  const bool done = call.arguments.word("outcome") == "done";
  std::string reason = text::ellipsize(text::displayable(call.arguments.word("reason")), 500);
  auto actor = actor_of(call);
  CO_TRY(const auto action, call.services->actions.settle(id, done, std::move(reason), *call.person, std::move(actor)));
  const std::string sentence =
      done ? fmt::format("You have settled {} as done.", to_string(id))
           : fmt::format("You have settled {0} as not done. 'request {0}' asks for it again.", to_string(id));
  co_return decision_reply(call, action, sentence);
}

}  // namespace

Spec settle_command() {
  Spec spec;
  spec.name = "settle";
  spec.usage = "settle R-9 done|not-done REASON";
  spec.summary = "end an action whose outcome is unknown, because you know it";
  spec.arguments = {{"action", ArgumentKind::action},
                    {"outcome", ArgumentKind::choice, true, {"done", "not-done"}},
                    {"reason", ArgumentKind::text}};
  spec.permission = policy::Permission::approve;
  spec.effect = Effect::decides_action;
  spec.handler = settle;
  return spec;
}

}  // namespace vedette::commands

// undo R-9 [--digest=HEX]

#include <fmt/format.h>

#include "bot/chat/case_words.hpp"
#include "commands/decision_card.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

Async<chat::Reply> undo(Call call) {
  const ActionId id = call.arguments.action;
  std::string digest = call.arguments.flag("digest");
  auto actor = actor_of(call);
  CO_TRY(const auto action, call.services->actions.undo(id, std::move(digest), *call.person, std::move(actor)));
  std::string sentence = action.state == ActionState::awaiting
                             ? fmt::format("{} would undo {} and now waits for {} by somebody else.", to_string(action.id),
                                           to_string(id), chat::counted(action.approvals_needed, "approval", "approvals"))
                             : fmt::format("{} undoes {} and starts in a moment.", to_string(action.id), to_string(id));
  co_return decision_reply(call, action, std::move(sentence));
}

}  // namespace

Spec undo_command() {
  Spec spec;
  spec.name = "undo";
  spec.usage = "undo R-9 [--digest=HEX]";
  spec.summary = "ask to undo a done action, such as a block; it needs its own approval";
  spec.arguments = {{"action", ArgumentKind::action}};
  spec.flags = {{"digest", FlagKind::digest}};
  spec.permission = policy::Permission::respond;
  spec.effect = Effect::decides_action;
  spec.handler = undo;
  return spec;
}

}  // namespace vedette::commands

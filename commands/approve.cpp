// approve R-9 [--digest=HEX]

#include <algorithm>

#include <fmt/format.h>

#include "bot/chat/case_words.hpp"
#include "commands/decision_card.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

std::string sentence_of(const Action& action) {
  const std::string id = to_string(action.id);
  if (action.state != ActionState::awaiting) return fmt::format("You have approved {}. It starts in a moment.", id);
  const auto given = std::count_if(action.votes.begin(), action.votes.end(), [](const Vote& vote) { return vote.approve; });
  const auto left = std::max<int64_t>(action.approvals_needed - given, 0);
  return fmt::format("You have approved {}. It waits for {} more.", id, chat::counted(left, "approval", "approvals"));
}

Async<chat::Reply> approve(Call call) {
  const ActionId id = call.arguments.action;
  std::string digest = call.arguments.flag("digest");
  auto actor = actor_of(call);
  CO_TRY(const auto action, call.services->actions.approve(id, std::move(digest), *call.person, std::move(actor)));
  co_return decision_reply(call, action, sentence_of(action));
}

}  // namespace

Spec approve_command() {
  Spec spec;
  spec.name = "approve";
  spec.aliases = {"yes"};
  spec.usage = "approve R-9 [--digest=HEX]";
  spec.summary = "approve an action that somebody else asked for; it then runs once";
  spec.arguments = {{"action", ArgumentKind::action}};
  spec.flags = {{"digest", FlagKind::digest}};
  spec.permission = policy::Permission::approve;
  spec.effect = Effect::decides_action;
  spec.handler = approve;
  return spec;
}

}  // namespace vedette::commands

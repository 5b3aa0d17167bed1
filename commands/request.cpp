// request R-9 [--digest=HEX]

#include <fmt/format.h>

#include "bot/chat/case_words.hpp"
#include "commands/decision_card.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

std::string sentence_of(const Action& action, ActionId named) {
  std::string id = to_string(action.id);
  if (action.id != named) id = fmt::format("{} had ended, so it is asked for anew as {}, which", to_string(named), id);
  if (action.state != ActionState::awaiting) return fmt::format("{} needs nobody else and starts in a moment.", id);
  return fmt::format("{} now waits for {} by somebody else.", id,
                     chat::counted(action.approvals_needed, "approval", "approvals"));
}

Async<chat::Reply> request(Call call) {
  const ActionId id = call.arguments.action;
  std::string digest = call.arguments.flag("digest");
  auto actor = actor_of(call);
  const auto asked = call.interaction.button ? respond::Asked::pressed : respond::Asked::typed;
  CO_TRY(const auto action, call.services->actions.request(id, std::move(digest), *call.person, std::move(actor), asked));
  co_return decision_reply(call, action, sentence_of(action, id));
}

}  // namespace

chat::Reply decision_reply(const Call& call, const Action& action, std::string sentence) {
  // Who pressed a button bound to the plan has just seen it, and the card in the thread shows what became of it.
  const bool same = action.id == call.arguments.action;
  const bool seen = same && call.interaction.button && !call.arguments.flag("digest").empty();
  chat::Reply reply;
  if (seen) return reply;
  chat::Card card;
  card.summary = sentence;
  card.tone = chat::Tone::good;
  card.blocks.push_back(chat::Paragraph{{{std::move(sentence), {}, true}}, false});
  chat::Facts facts;
  facts.rows.emplace_back("What", respond::describe_plan(action.plan));
  facts.rows.emplace_back("Case", to_string(action.case_id));
  facts.rows.emplace_back("Plan", action.plan.digest(action.case_id).substr(0, 12));
  if (action.state == ActionState::awaiting && action.expires)
    facts.rows.emplace_back("Runs out", chat::utc_second(*action.expires));
  card.blocks.push_back(std::move(facts));
  reply.card = std::move(card);
  reply.only_for_sender = !(call.context && call.context == action.case_id);
  return reply;
}

Spec request_command() {
  Spec spec;
  spec.name = "request";
  spec.aliases = {"propose"};
  spec.usage = "request R-9 [--digest=HEX]";
  spec.summary = "ask for the approval of a proposed action";
  spec.arguments = {{"action", ArgumentKind::action}};
  spec.flags = {{"digest", FlagKind::digest}};
  spec.permission = policy::Permission::respond;
  spec.effect = Effect::decides_action;
  spec.handler = request;
  return spec;
}

}  // namespace vedette::commands

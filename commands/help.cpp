// help [VERB]

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

bool may(const Call& call, const Spec& spec) {
  if (spec.for_strangers) return true;
  if (spec.for_all_known) return call.person != nullptr;
  return call.person != nullptr && call.services->policy.may(*call.person, spec.permission).allowed;
}

std::string_view what_it_does(Effect effect) {
  switch (effect) {
    case Effect::reads: return "nothing, it only looks things up";
    case Effect::changes_case: return "the case";
    case Effect::decides_action: return "whether an action is carried out";
    case Effect::links_account: return "which accounts are you to me";
  }
  return "nothing";
}

chat::Card about(const Spec& spec) {
  chat::Card card;
  card.summary = fmt::format("{}: {}", spec.name, spec.summary);
  card.blocks.push_back(chat::Heading{std::string(spec.name), chat::Tone::neutral});
  card.blocks.push_back(chat::Paragraph{{{std::string(spec.summary), {}, false}}, false});
  chat::Facts facts;
  facts.rows.emplace_back("Usage", std::string(spec.usage));
  if (!spec.aliases.empty()) facts.rows.emplace_back("Also", text::join({spec.aliases.begin(), spec.aliases.end()}, ", "));
  facts.rows.emplace_back("Changes", std::string(what_it_does(spec.effect)));
  const bool free = spec.for_strangers || spec.for_all_known;
  facts.rows.emplace_back("Needs", free ? "nothing" : fmt::format("the permission to {}", to_string(spec.permission)));
  card.blocks.push_back(std::move(facts));
  return card;
}

chat::Card overview(const Call& call) {
  chat::Card card;
  card.summary = "What I understand";
  card.blocks.push_back(chat::Heading{"What I understand", chat::Tone::neutral});
  chat::Table table;
  table.header = {"Say", "And I"};
  for (const auto& spec : all_commands()) {
    if (may(call, spec)) table.rows.push_back({std::string(spec.usage), std::string(spec.summary)});
  }
  card.blocks.push_back(std::move(table));
  const bool stranger = call.person == nullptr;
  const std::string last =
      stranger ? fmt::format(
                     "I don't know you yet. Ask an administrator of Vedette to add {} to the people it knows. If I "
                     "know you elsewhere, say 'link' to me there.",
                     text::displayable(call.interaction.who.text()))
               : "In a case's thread you may leave out the case. 'help close' tells more about one of them. Anything else "
                 "you write "
                 "is only text to me: it never makes me do something.";
  card.blocks.push_back(chat::Paragraph{{{last, {}, false}}, true});
  return card;
}

Async<chat::Reply> help(Call call) {
  const std::string verb = text::lower(call.arguments.word("verb"));
  if (verb.empty()) co_return answer(overview(call));
  const Spec* spec = find_command(verb);
  if (spec == nullptr || !may(call, *spec)) {
    co_return Error(Code::not_found, fmt::format("I know no '{}' that you may use. 'help' lists what there is.",
                                                 text::ellipsize(text::displayable(verb), 40)));
  }
  co_return answer(about(*spec));
}

}  // namespace

Spec help_command() {
  Spec spec;
  spec.name = "help";
  spec.aliases = {"?", "h"};
  spec.usage = "help [VERB]";
  spec.summary = "tell what you can ask of me";
  spec.arguments = {{"verb", ArgumentKind::word, false}};
  spec.for_strangers = true;
  spec.handler = help;
  return spec;
}

}  // namespace vedette::commands

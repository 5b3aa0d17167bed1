// whoami

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

std::vector<std::string> permissions_of(const policy::Policy& policy, const Person& person) {
  using policy::Permission;
  std::vector<std::string> names;
  for (const auto permission :
       {Permission::read, Permission::triage, Permission::respond, Permission::approve, Permission::administer}) {
    if (policy.may(person, permission).allowed) names.emplace_back(to_string(permission));
  }
  return names;
}

std::string joined(const std::vector<std::string>& values) { return values.empty() ? "none" : text::join(values, ", "); }

Async<chat::Reply> whoami(Call call) {
  const std::string identity = text::displayable(call.interaction.who.text());
  chat::Card card;
  if (call.person == nullptr) {
    card.summary = fmt::format(
        "I don't know you yet: you are {} to me. An administrator of Vedette can add that to the people it knows.",
        identity);
    card.tone = chat::Tone::warning;
    card.blocks.push_back(chat::Paragraph{{{card.summary, {}, false}}, false});
    co_return answer(std::move(card));
  }
  card.summary = fmt::format("You are @{}", call.person->id);
  card.blocks.push_back(chat::Heading{card.summary, chat::Tone::neutral});
  chat::Facts facts;
  if (!call.person->name.empty()) facts.rows.emplace_back("Name", text::displayable(call.person->name));
  facts.rows.emplace_back("Here as", identity);
  facts.rows.emplace_back("Roles", joined(call.person->roles));
  facts.rows.emplace_back("May", joined(permissions_of(call.services->policy, *call.person)));
  card.blocks.push_back(std::move(facts));
  co_return answer(std::move(card));
}

}  // namespace

Spec whoami_command() {
  Spec spec;
  spec.name = "whoami";
  spec.aliases = {"me"};
  spec.usage = "whoami";
  spec.summary = "tell who you are to me and what you may do";
  spec.for_strangers = true;
  spec.handler = whoami;
  return spec;
}

}  // namespace vedette::commands

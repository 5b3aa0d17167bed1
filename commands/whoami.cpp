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

std::string where_from(const KnownAs& known, const Identity& here) {
  std::string words = known.identity == here ? "this one, " : "";
  if (known.configured) return words + "from the configuration";
  words += fmt::format("linked on {} through {}", to_rfc3339(known.since).substr(0, 10), known.confirmed_by.text());
  if (!known.ignored.empty()) words += ", but not in force: " + known.ignored;
  return words;
}

chat::Bullets accounts_of(const Call& call) {
  chat::Bullets accounts;
  accounts.title = "Your accounts";
  for (const auto& known : call.services->directory.accounts_of(call.person->id)) {
    const std::string line = fmt::format("{}: {}", known.identity.text(), where_from(known, call.interaction.who));
    accounts.items.push_back({text::displayable(line), {}, false});
  }
  return accounts;
}

Async<chat::Reply> whoami(Call call) {
  const std::string identity = text::displayable(call.interaction.who.text());
  chat::Card card;
  if (call.person == nullptr) {
    card.summary = fmt::format(
        "I don't know you yet: you are {} to me. An administrator of Vedette can add that to the people it knows. If I know "
        "you elsewhere, say 'link' to me there.",
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
  card.blocks.push_back(accounts_of(call));
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

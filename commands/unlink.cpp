// unlink [ACCOUNT]

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "commands/link_cards.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

constexpr size_t kOffered = 10;

chat::Reply choice(const Call& call) {
  chat::Card card;
  chat::Buttons buttons;
  chat::Bullets accounts;
  for (const auto& known : call.services->directory.accounts_of(call.person->id)) {
    if (known.configured || buttons.items.size() == kOffered) continue;
    const std::string account = text::displayable(known.identity.text());
    accounts.items.push_back({account + (known.ignored.empty() ? "" : " (not in force)"), {}, false});
    buttons.items.push_back({"Unlink " + account, "unlink " + known.identity.text(), chat::Tone::danger,
                             fmt::format("Shall {} not be you any more?", account)});
  }
  if (buttons.items.empty()) {
    return answer(told("You have linked no account, so there is nothing to take away.", chat::Tone::neutral,
                       "'whoami' shows your accounts. What the configuration says is changed there."));
  }
  card.summary = "Which account shall not be you any more?";
  card.blocks.push_back(chat::Heading{card.summary, chat::Tone::neutral});
  card.blocks.push_back(std::move(accounts));
  card.blocks.push_back(std::move(buttons));
  return answer(std::move(card));
}

Error none_such(const Call& call, const std::string& account) {
  for (const auto& person : call.services->directory.people()) {
    for (const auto& identity : person.identities) {
      if (identity.text() != account) continue;
      return Error(Code::conflict,
                   fmt::format("{} stands in the configuration, so it is taken away there.", text::displayable(account)));
    }
  }
  return Error(Code::not_found, fmt::format("{} is linked to nobody. 'unlink' alone lists what you have linked.",
                                            text::ellipsize(text::displayable(account), 80)));
}

Async<chat::Reply> unlink(Call call) {
  if (call.services->links == nullptr) co_return Error(Code::conflict, "Accounts cannot be linked here.");
  const std::string account = call.arguments.word("account");
  if (account.empty()) co_return choice(call);
  auto& book = *call.services->links;
  const auto& links = book.links();
  const auto found =
      std::find_if(links.begin(), links.end(), [&](const LinkedIdentity& link) { return link.identity.text() == account; });
  const bool admin = call.services->policy.may(*call.person, policy::Permission::administer).allowed;
  if (found == links.end()) co_return none_such(call, account);
  const std::string owner = found->person;
  if (owner != call.person->id && !admin) {
    co_return Error(
        Code::forbidden,
        "That is somebody else's account. You can take away what you have linked; administrators can do it for all.");
  }
  JsonWriter detail;
  detail.begin_object().field("person", owner).field("account", account);
  detail.field("confirmed_by", found->confirmed_by.text()).end_object();
  auto audit = audit_of(call, "link.remove", account, detail.take());
  const Identity identity = found->identity;  // the book changes while we wait for the store
  CO_TRY_VOID(book.remove(identity, std::move(audit)));
  co_return answer(
      told(fmt::format("Unlinked: {} is not {} to me any more.", account, owner == call.person->id ? "you" : at(owner)),
           chat::Tone::good, "What was done and voted from there stays: it was done by the person."));
}

}  // namespace

Spec unlink_command() {
  Spec spec;
  spec.name = "unlink";
  spec.usage = "unlink [ACCOUNT]";
  spec.summary = "take an account away that you have linked";
  spec.arguments = {{"account", ArgumentKind::text, false}};
  spec.effect = Effect::links_account;
  spec.for_all_known = true;
  spec.handler = unlink;
  return spec;
}

}  // namespace vedette::commands

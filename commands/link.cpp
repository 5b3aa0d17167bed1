// link [CODE | confirm N | refuse N]
//
// An account that is known offers a code; one that is not known says it; the first one confirms. Only then do both stand for
// the same person. Rights come from the directory alone: linking adds an account to somebody known, and gives nothing else.

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/chat/case_words.hpp"
#include "commands/link_cards.hpp"
#include "commands/parser.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

using Outcome = LinkTry::Outcome;

LinkPlace place_of(const Call& call) { return {call.interaction.channel, call.interaction.direct}; }

AuditEntry step_of(const Call& call, std::string action, const LinkOffer& offer) {
  AuditEntry entry;
  entry.actor = call.person == nullptr ? "nobody" : call.person->id;
  entry.identity = call.interaction.who.text();
  entry.action = std::move(action);
  entry.subject = fmt::format("link/{}", offer.id);
  entry.detail = audit_detail(offer);
  entry.cause = call.interaction.key;
  return entry;
}

chat::LinkBook& book_of(const Call& call) { return *call.services->links; }

// ---- an offer

Async<chat::Reply> offer(Call call) {
  if (call.person == nullptr) {
    co_return Error(
        Code::forbidden,
        "I don't know you here yet. If I know you elsewhere, say 'link' to me there: I give you a code to say here. "
        "If I don't, ask an administrator of Vedette to add you to the people it knows.");
  }
  auto& links = book_of(call);
  const Identity who = call.interaction.who;
  CO_TRY(const auto open, links.store().open_of(who));
  if (open && open->state == LinkState::used) co_return answer(question_card(*open));
  const std::string code = random_code();
  LinkOffer offered;
  offered.person = call.person->id;
  offered.offered_by = who;
  auto audit = step_of(call, "link.offer", offered);
  const Time expires = call.services->clock.now() + kCodeGood;
  CO_TRY_VOID(links.store().offer(call.person->id, who, place_of(call), hash_of_code(code), expires, std::move(audit)));
  co_return answer(code_card(code));
}

// ---- a code

std::string known_already(const Call& call) {
  return fmt::format(
      "You are {} to me here already. A code is to be said from the account that I don't know yet; it is still good there.",
      at(call.person->id));
}

std::string minutes_until(const Call& call, Time until) {
  const auto left = std::chrono::ceil<std::chrono::minutes>(until - call.services->clock.now());
  return chat::counted(std::max<int64_t>(left.count(), 1), "minute", "minutes");
}

std::string in_vain(const Call& call, const LinkTry& tried) {
  std::string sentence;
  switch (tried.outcome) {
    case Outcome::paused:
      return fmt::format("Too many codes in a row were no good. Please wait {} before the next one.",
                         minutes_until(call, tried.paused_until));
    case Outcome::expired:
      sentence = "The time of this code is over. Say 'link' where I know you, and I give you another one.";
      break;
    case Outcome::spent:
      sentence = "This code was used or replaced already: each is good once. Say 'link' where I know you for another one.";
      break;
    case Outcome::wrong:
    case Outcome::good:
    case Outcome::again:
      sentence =
          "That is none of my codes. Please look again: it is the one I gave you when you said 'link' where I know you.";
      break;
  }
  if (tried.paused_until != Time()) {
    sentence +=
        fmt::format(" That was one too many: please wait {} before the next one.", minutes_until(call, tried.paused_until));
  }
  return sentence;
}

// Why this account cannot become that person's, as far as the directory knows; empty: it can.
std::string why_not(const Directory& directory, const LinkOffer& offer, const Identity& account) {
  const Person* person = directory.find(offer.offered_by);
  if (person == nullptr || person->id != offer.person) {
    return "Whoever gave you this code is not known to me any more, so it is of no use.";
  }
  if (const Person* owner = directory.find(account)) {
    return fmt::format("{} is {} to me already. An account belongs to one person.", text::displayable(account.text()),
                       at(owner->id));
  }
  for (const auto& known : directory.accounts_of(person->id)) {
    if (!known.ignored.empty() || known.identity.platform != account.platform) continue;
    if (known.identity.workspace != account.workspace) continue;
    return fmt::format("{} has an account there already, {}. A person has one account of a workspace.", at(person->id),
                       text::displayable(known.identity.text()));
  }
  return {};
}

chat::Reply asked_elsewhere(const LinkOffer& offer) {
  return answer(told(fmt::format("Almost done: I have asked {} in {} whether this is them. Please answer there.",
                                 at(offer.person), spoken_platform(offer.offered_by.platform)),
                     chat::Tone::good, "Until then nothing changes here."));
}

Async<void> note_refused_use(Call call, LinkOffer offer) {
  offer.used_by = call.interaction.who;
  auto audit = step_of(call, "link.unfit", offer);
  auto noted = co_await call.services->store.audit().append(std::move(audit));
  if (!noted && noted.error().code != Code::conflict) co_return noted;  // done again after a crash, it is there already
  co_return Status();
}

Async<chat::Reply> use(Call call, LinkOffer offer) {
  auto& links = book_of(call);
  const std::string unfit = why_not(call.services->directory, offer, call.interaction.who);
  if (!unfit.empty()) {
    CO_TRY_VOID(note_refused_use(call, offer));
    co_return Error(Code::conflict, unfit);
  }
  offer.used_by = call.interaction.who;
  offer.used_name = call.interaction.name;
  OutboxMessage question =
      links.message_for(offer.offered_by, offer.offered_at, question_slot(offer.id), question_card(offer));
  LinkUse use;
  use.by = offer.used_by;
  use.name = offer.used_name;
  use.at = place_of(call);
  use.asked_in = question.channel;
  use.expires = call.services->clock.now() + kQuestionOpen;
  std::vector<OutboxMessage> messages;
  messages.push_back(std::move(question));
  auto audit = step_of(call, "link.use", offer);
  CO_TRY(const auto used, links.store().use(offer.id, std::move(use), std::move(messages), std::move(audit)));
  co_return asked_elsewhere(used);
}

Async<chat::Reply> say_code(Call call, std::string typed) {
  if (call.person != nullptr) co_return Error(Code::conflict, known_already(call));
  const auto code = read_code(typed);
  if (!code) {
    co_return Error(Code::invalid_input,
                    "I can't read that as a code. It looks like K7QF-M2XP-9DTW; say 'link' where I know you to get one.");
  }
  AuditEntry failure;
  failure.actor = "nobody";
  failure.identity = call.interaction.who.text();
  failure.action = "link.try";
  failure.subject = "link";
  failure.cause = call.interaction.key;
  const Identity who = call.interaction.who;
  const LinkTries rule;
  CO_TRY(const auto tried, book_of(call).store().try_code(hash_of_code(*code), who, rule, std::move(failure)));
  if (tried.outcome == Outcome::again) co_return asked_elsewhere(*tried.offer);
  if (tried.outcome != Outcome::good) co_return Error(Code::forbidden, in_vain(call, tried));
  LinkOffer offer = *tried.offer;
  co_return co_await use(std::move(call), std::move(offer));
}

// ---- the answer of the account that offered

Async<LinkOffer> asked_about(const Call& call, int64_t id) {
  CO_TRY(const auto offer, book_of(call).store().find(id));
  if (!offer || offer->offered_by != call.interaction.who || call.person == nullptr) {
    co_return Error(Code::forbidden, "That is not asked of you here. Only the account that got the code can answer it.");
  }
  if (offer->state == LinkState::refused) co_return Error(Code::conflict, "You have said no to that. Nothing was linked.");
  if (offer->state == LinkState::withdrawn || offer->state == LinkState::offered) {
    co_return Error(Code::conflict, "That question is not open. 'link' gives you another code.");
  }
  if (offer->state == LinkState::used && call.services->clock.now() >= offer->expires) {
    co_return Error(Code::expired,
                    "That question has waited too long, so nothing was linked. 'link' gives you another code.");
  }
  co_return *offer;
}

// What became of it, in place of the question where that can be changed, and to the account that said the code.
std::vector<OutboxMessage> outcome_messages(const Call& call, const LinkOffer& offer, const chat::Card& to_first,
                                            const chat::Card& to_second) {
  const auto& links = book_of(call);
  std::vector<OutboxMessage> messages;
  if (offer.asked_in == offer.offered_at.channel) {
    messages.push_back(links.message_for(offer.offered_by, offer.offered_at, question_slot(offer.id), to_first));
  }
  messages.push_back(links.message_for(offer.used_by, offer.used_at, outcome_slot(offer.id), to_second));
  return messages;
}

// A press is answered by the changed question, where that is changed.
chat::Reply outcome_reply(const Call& call, const LinkOffer& offer, chat::Card card) {
  chat::Reply reply;
  if (call.interaction.button && offer.asked_in == offer.offered_at.channel) return reply;
  return answer(std::move(card));
}

chat::Card linked_card(const LinkOffer& offer) {
  return told(fmt::format("Linked: {} is you now, {}.", offer.used_by.text(), at(offer.person)), chat::Tone::good,
              "'whoami' shows your accounts, 'unlink' takes one away.");
}

Async<chat::Reply> confirm(Call call, int64_t id) {
  CO_TRY(const auto offer, asked_about(call, id));
  auto& links = book_of(call);
  if (offer.state == LinkState::linked) {  // pressed twice
    CO_TRY_VOID(links.load());
    const Person* now = call.services->directory.find(offer.used_by);
    if (now != nullptr && now->id == offer.person) co_return answer(linked_card(offer));
    co_return Error(Code::conflict, "You have said yes to that, and the account was unlinked since. 'link' starts anew.");
  }
  const std::string unfit = why_not(call.services->directory, offer, offer.used_by);
  if (!unfit.empty()) co_return Error(Code::conflict, unfit);
  const auto card = linked_card(offer);
  const auto to_second = told(fmt::format("Linked: you are {} to me here now.", at(offer.person)), chat::Tone::good,
                              "'help' tells what you can ask of me, 'whoami' what you may do.");
  auto messages = outcome_messages(call, offer, card, to_second);
  auto audit = step_of(call, "link.confirm", offer);
  const Identity who = call.interaction.who;
  CO_TRY_VOID(links.confirm(offer.id, who, std::move(messages), std::move(audit)));
  co_return outcome_reply(call, offer, card);
}

Async<chat::Reply> refuse(Call call, int64_t id) {
  CO_TRY(const auto offer, asked_about(call, id));
  if (offer.state == LinkState::linked) {
    co_return Error(Code::conflict, fmt::format("You have said yes to that. 'unlink {}' takes it back.",
                                                text::displayable(offer.used_by.text())));
  }
  const auto card = told(fmt::format("Nothing was linked: you said that {} is not you.", offer.used_by.text()),
                         chat::Tone::warning, "If you did not give the code away, tell whoever looks after security here.");
  const auto to_second =
      told("That was not confirmed, so nothing was linked.", chat::Tone::warning, "You are still nobody to me here.");
  auto messages = outcome_messages(call, offer, card, to_second);
  auto audit = step_of(call, "link.refuse", offer);
  const Identity who = call.interaction.who;
  CO_TRY_VOID(book_of(call).store().refuse(offer.id, who, std::move(messages), std::move(audit)));
  co_return outcome_reply(call, offer, card);
}

Async<chat::Reply> link(Call call) {
  if (call.services->links == nullptr) co_return Error(Code::conflict, "Accounts cannot be linked here.");
  const std::string said = call.arguments.word("code");
  if (said.empty()) co_return co_await offer(std::move(call));
  const auto words = split_words(said);
  const std::string first = text::lower(words.front().text);
  if (first != "confirm" && first != "refuse") co_return co_await say_code(std::move(call), said);
  const auto number = words.size() == 2 ? text::parse_integer(words.back().text) : std::nullopt;
  if (!number) {
    co_return Error(Code::invalid_input, "Which question? Press its button, or say 'link' to see it again.");
  }
  if (first == "confirm") co_return co_await confirm(std::move(call), *number);
  co_return co_await refuse(std::move(call), *number);
}

}  // namespace

Spec link_command() {
  Spec spec;
  spec.name = "link";
  spec.usage = "link [CODE]";
  spec.summary = "make two accounts of yours one: get a code where I know you, say it where I don't";
  spec.arguments = {{"code", ArgumentKind::text, false}};
  spec.effect = Effect::links_account;
  spec.for_strangers = true;
  spec.handler = link;
  return spec;
}

}  // namespace vedette::commands

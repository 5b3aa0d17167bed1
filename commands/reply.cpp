#include "commands/reply.hpp"

#include <fmt/format.h>

#include "bot/base/text.hpp"

namespace vedette::commands {

chat::Reply refusal(std::string sentence) {
  chat::Card card;
  card.summary = text::displayable(sentence);
  card.tone = chat::Tone::warning;
  card.blocks.push_back(chat::Paragraph{{{text::displayable(sentence), {}, false}}, false});
  return answer(std::move(card));
}

chat::Reply answer(chat::Card card) {
  chat::Reply reply;
  reply.card = std::move(card);
  reply.only_for_sender = true;
  return reply;
}

chat::Reply receipt(const Call& call, CaseId subject, std::string sentence) {
  chat::Reply reply;
  if (call.interaction.button) return reply;
  chat::Card card;
  card.summary = sentence;
  card.tone = chat::Tone::good;
  card.blocks.push_back(chat::Paragraph{{{std::move(sentence), {}, false}}, false});
  reply.card = std::move(card);
  reply.only_for_sender = !(call.context && call.context == subject);
  return reply;
}

Async<CaseView> load_case(const Services& services, Reference reference) {
  CaseId id = reference.case_id;
  if (reference.alert_id) {
    auto alert = co_await services.store.alerts().get(reference.alert_id);
    if (!alert && alert.error().code == Code::not_found) {
      co_return Error(Code::not_found, fmt::format("There is no alert {}.", to_string(reference.alert_id)));
    }
    if (!alert) co_return std::move(alert).error();
    if (!alert->case_id) {
      co_return Error(Code::not_found,
                      fmt::format("{} belongs to no case (it is {}).", to_string(alert->id), to_string(alert->state)));
    }
    id = alert->case_id;
  }
  auto view = co_await services.store.cases().view(id);
  if (!view && view.error().code == Code::not_found) {
    co_return Error(Code::not_found, fmt::format("There is no case {}. 'list' shows the newest ones.", to_string(id)));
  }
  co_return view;
}

AuditEntry audit_of(const Call& call, std::string action, std::string subject, std::string detail) {
  AuditEntry entry;
  entry.actor = call.person->id;
  entry.identity = call.interaction.who.text();
  entry.action = std::move(action);
  entry.subject = std::move(subject);
  entry.detail = std::move(detail);
  entry.cause = call.interaction.key;
  return entry;
}

respond::Actor actor_of(const Call& call) {
  return respond::Actor(call.person->id, call.interaction.who.text(), call.interaction.key);
}

CaseNote note_of(const Call& call, std::string kind, std::string text) {
  CaseNote note;
  note.at = call.services->clock.now();
  note.kind = std::move(kind);
  note.author = call.person->id;
  note.text = std::move(text);
  return note;
}

std::string at(std::string_view person) { return person.empty() ? "nobody" : "@" + std::string(person); }

}  // namespace vedette::commands

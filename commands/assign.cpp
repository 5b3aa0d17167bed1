// assign [C-12] @ann|me|nobody

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "commands/case_change.hpp"
#include "commands/forms.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

constexpr size_t kPeopleOffered = 100;

// "@ann", "ann", "me", or a platform's own mention: <@U024BE7LH> or <@U024BE7LH|ann>, by user id alone.
const Person* person_meant(const Call& call, std::string_view word) {
  if (text::iequals(word, "me")) return call.person;
  if (word.starts_with("<@") && word.ends_with('>')) {
    const auto inner = word.substr(2, word.size() - 3);
    const std::string user(inner.substr(0, inner.find('|')));
    return call.services->directory.find(Identity(call.interaction.who.platform, call.interaction.who.workspace, user));
  }
  if (word.starts_with('@')) word.remove_prefix(1);
  return call.services->directory.find(std::string_view(text::lower(word)));
}

// Without a person: whom? Everybody who could have it is offered where the platform does not know people itself.
chat::Card offer(const Call& call, const Case& record) {
  const std::string id = to_string(record.id);
  chat::Card card;
  card.summary = fmt::format("Who shall have {}?", id);
  card.blocks.push_back(chat::Heading{card.summary, chat::Tone::neutral});
  chat::Buttons buttons;
  buttons.items.push_back({"Me", fmt::format("assign {} me", id), chat::Tone::neutral, ""});
  if (!record.owner.empty()) {
    buttons.items.push_back({"Nobody", fmt::format("assign {} nobody", id), chat::Tone::neutral, ""});
  }
  card.blocks.push_back(std::move(buttons));
  chat::Select people;
  people.kind = chat::Select::Kind::person;
  people.label = "Choose a person";
  people.command = "assign " + id;
  for (const auto& person : call.services->directory.people()) {
    if (people.options.size() == kPeopleOffered) break;
    if (!call.services->policy.may(person, policy::Permission::triage).allowed) continue;
    people.options.push_back({text::displayable(person.name), "@" + person.id});
  }
  card.blocks.push_back(std::move(people));
  return card;
}

std::optional<chat::Form> form(const Arguments& given) {
  if (!given.reference || !given.word("person").empty()) return std::nullopt;
  const std::string id = text_of(given.reference);
  chat::Form form;
  form.title = "Assign " + id;
  form.submit = "Assign";
  form.instead = fmt::format("assign {} @ann", id);
  chat::FormField person;
  person.kind = chat::FormField::Kind::person;
  person.name = "person";
  person.label = "Who shall have it?";
  form.fields = {std::move(person)};
  return form;
}

chat::FilledForm fill(const Arguments& given, const chat::FormAnswers& answers) {
  chat::FilledForm filled;
  const std::string person = answer_to(answers, "person");
  if (person.empty() || person.find_first_of(" \t\n") != std::string::npos) {
    filled.errors["person"] = "Please choose somebody.";
    return filled;
  }
  filled.command = fmt::format("assign {} {}", text_of(given.reference), person);
  return filled;
}

Async<chat::Reply> assign(Call call) {
  CO_TRY(const auto view, load_case(*call.services, call.arguments.reference));
  const auto& record = view.record;
  const std::string id = to_string(record.id);
  const std::string word = call.arguments.word("person");
  if (word.empty()) co_return answer(offer(call, record));
  std::string owner;
  if (!text::iequals(word, "nobody")) {
    const Person* person = person_meant(call, word);
    if (person == nullptr) {
      co_return Error(Code::not_found, fmt::format("I know nobody called '{}'. Say 'assign {} @ann', 'me' or 'nobody'.",
                                                   text::ellipsize(text::displayable(word), 40), id));
    }
    if (!call.services->policy.may(*person, policy::Permission::triage).allowed) {
      co_return Error(
          Code::conflict,
          fmt::format("{} may not change cases, so a case is of no use there. Choose somebody else.", at(person->id)));
    }
    owner = person->id;
  }
  if (record.status == CaseStatus::closed) {
    co_return Error(Code::conflict,
                    fmt::format("{} was closed by {}. 'reopen {}' opens it again.", id, last_status_author(view), id));
  }
  JsonWriter detail;
  detail.begin_object().field("owner", owner).field("before", record.owner).end_object();
  WantedChange wanted;
  wanted.id = record.id;
  wanted.change.owner = owner;
  wanted.change.note = note_of(call, "owner", "gave it to " + at(owner));
  wanted.audit_action = "case.assign";
  wanted.audit_detail = detail.take();
  wanted.done = fmt::format("{} is {} now.", id, owner.empty() ? "nobody's" : at(owner) + "'s");
  co_return co_await apply_change(std::move(call), std::move(wanted));
}

}  // namespace

Spec assign_command() {
  Spec spec;
  spec.name = "assign";
  spec.aliases = {"give"};
  spec.usage = "assign [C-12] @ann|me|nobody";
  spec.summary = "make a case somebody's";
  spec.arguments = {{"case", ArgumentKind::case_ref}, {"person", ArgumentKind::person, false}};
  spec.permission = policy::Permission::triage;
  spec.effect = Effect::changes_case;
  spec.handler = assign;
  spec.form = form;
  spec.fill = fill;
  return spec;
}

}  // namespace vedette::commands

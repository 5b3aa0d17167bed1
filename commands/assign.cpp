// assign [C-12] @ann|me|nobody

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "commands/case_change.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

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

Async<chat::Reply> assign(Call call) {
  CO_TRY(const auto view, load_case(*call.services, call.arguments.reference));
  const auto& record = view.record;
  const std::string id = to_string(record.id);
  const std::string word = call.arguments.word("person");
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
  spec.arguments = {{"case", ArgumentKind::case_ref}, {"person", ArgumentKind::person}};
  spec.permission = policy::Permission::triage;
  spec.effect = Effect::changes_case;
  spec.handler = assign;
  return spec;
}

}  // namespace vedette::commands

// close [C-12] tp|btp|fp|dup|inconclusive REASON

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "commands/case_change.hpp"
#include "commands/forms.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

constexpr size_t kReasonCharacters = 500;

struct Choice {
  Disposition disposition;
  std::string_view label;
  std::string_view reason;
};
constexpr Choice kChoices[] = {
    {Disposition::tp, "True positive", "confirmed"},
    {Disposition::btp, "Real but expected", "real activity that was expected"},
    {Disposition::fp, "False positive", "the detection was wrong"},
    {Disposition::dup, "Duplicate", "handled in another case"},
    {Disposition::inconclusive, "Inconclusive", "not enough to tell"},
};

// Without how it ended: offers the five endings as buttons, each with a plain reason.
chat::Card offer(const Case& record) {
  const std::string id = to_string(record.id);
  chat::Card card;
  card.summary = fmt::format("How did {} end?", id);
  card.blocks.push_back(chat::Heading{card.summary, chat::Tone::neutral});
  const std::string hint = fmt::format("In your own words: close {} fp \"scan by our own team\"", id);
  card.blocks.push_back(chat::Paragraph{{{hint, {}, false}}, false});
  chat::Buttons buttons;
  for (const auto& choice : kChoices) {
    chat::Button button;
    button.label = std::string(choice.label);
    button.command = fmt::format("close {} {} \"{}\"", id, to_string(choice.disposition), choice.reason);
    buttons.items.push_back(std::move(button));
  }
  card.blocks.push_back(std::move(buttons));
  return card;
}

const Choice* choice_of(std::string_view word) {
  for (const auto& choice : kChoices) {
    if (to_string(choice.disposition) == word) return &choice;
  }
  return nullptr;
}

// How it ended and why, where both are missing.
std::optional<chat::Form> form(const Arguments& given) {
  if (!given.reference || !given.word("how").empty()) return std::nullopt;
  const std::string id = text_of(given.reference);
  chat::Form form;
  form.title = "Close " + id;
  form.submit = "Close it";
  form.instead = fmt::format("close {} fp \"scan by our own team\"", id);
  chat::FormField how;
  how.name = "how";
  how.label = "How did it end?";
  for (const auto& choice : kChoices) {
    how.choices.push_back({std::string(to_string(choice.disposition)), fmt::format("{}: {}", choice.label, choice.reason)});
  }
  chat::FormField reason;
  reason.name = "reason";
  reason.label = "Why, in your own words";
  reason.hint = "It stands on the case and in its history. Left empty, the words of the ending count.";
  reason.required = false;
  reason.several_lines = true;
  reason.longest = kReasonCharacters;
  form.fields = {std::move(how), std::move(reason)};
  return form;
}

chat::FilledForm fill(const Arguments& given, const chat::FormAnswers& answers) {
  chat::FilledForm filled;
  const Choice* choice = choice_of(answer_to(answers, "how"));
  std::string reason = answer_to(answers, "reason");
  if (choice == nullptr) filled.errors["how"] = "Please choose how it ended.";
  if (text::characters(reason) > kReasonCharacters) {
    filled.errors["reason"] = fmt::format("At most {} characters, please.", kReasonCharacters);
  }
  if (!filled.errors.empty()) return filled;
  if (reason.empty()) reason = choice->reason;
  filled.command =
      fmt::format("close {} {} {}", text_of(given.reference), to_string(choice->disposition), as_text_argument(reason));
  return filled;
}

std::string detail_of(Disposition disposition, std::string_view reason) {
  JsonWriter w;
  w.begin_object().field("disposition", to_string(disposition)).field("reason", reason).end_object();
  return w.take();
}

Async<chat::Reply> close_case(Call call) {
  CO_TRY(const auto view, load_case(*call.services, call.arguments.reference));
  const auto& record = view.record;
  const std::string id = to_string(record.id);
  if (record.status == CaseStatus::closed) co_return has_status_already(call, view);
  const auto disposition = disposition_from(call.arguments.word("how"));
  if (!disposition) co_return answer(offer(record));
  const std::string given = call.arguments.word("reason");
  if (given.empty()) {
    co_return Error(Code::invalid_input, fmt::format("Please say why, in a few words: close {} {} \"scan by our own team\"",
                                                     id, to_string(*disposition)));
  }
  const std::string reason = text::ellipsize(text::displayable(given), kReasonCharacters);
  WantedChange wanted;
  wanted.id = record.id;
  wanted.change.status = CaseStatus::closed;
  wanted.change.disposition = disposition;
  wanted.change.closing_reason = reason;
  wanted.change.note = note_of(call, "status", fmt::format("closed as {}: {}", describe(*disposition), reason));
  wanted.audit_action = "case.close";
  wanted.audit_detail = detail_of(*disposition, reason);
  wanted.done = fmt::format("{} is closed as {}: {}", id, describe(*disposition), reason);
  co_return co_await apply_change(std::move(call), std::move(wanted));
}

}  // namespace

Spec close_command() {
  Spec spec;
  spec.name = "close";
  spec.aliases = {"resolve"};
  spec.usage = "close [C-12] tp|btp|fp|dup|inconclusive REASON";
  spec.summary = "close a case: true positive, real but expected, false positive, duplicate, inconclusive";
  spec.arguments = {{"case", ArgumentKind::case_ref},
                    {"how", ArgumentKind::choice, false, {"tp", "btp", "fp", "dup", "inconclusive"}},
                    {"reason", ArgumentKind::text, false}};
  spec.permission = policy::Permission::triage;
  spec.effect = Effect::changes_case;
  spec.handler = close_case;
  spec.form = form;
  spec.fill = fill;
  return spec;
}

}  // namespace vedette::commands

// snooze [C-12] 4h|until TIME|off REASON

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "bot/chat/case_words.hpp"
#include "commands/case_change.hpp"
#include "commands/forms.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"
#include "commands/snooze_time.hpp"

namespace vedette::commands {
namespace {

constexpr size_t kReasonCharacters = 300;
constexpr std::chrono::hours kLongestWhenGrave(8);

struct Choice {
  std::string_view value;
  std::string_view label;
  std::string_view words;  // of the command
};
constexpr Choice kChoices[] = {
    {"30m", "30 minutes", "30m"},
    {"2h", "2 hours", "2h"},
    {"8h", "8 hours", "8h"},
    {"tomorrow", "Until tomorrow, 09:00 UTC", "until tomorrow 09:00"},
    {"time", "Until the time below", ""},
};

Error wrong(std::string sentence, std::string_view id) {
  return {Code::invalid_input, fmt::format("{} It goes: snooze {} 4h \"waiting for the owner\", or: snooze {} until "
                                           "2026-11-25 09:00 \"patch day\", or: snooze {} off",
                                           sentence, id, id, id)};
}

// Critical, or likely malicious: not to be forgotten over night.
bool is_grave(const Case& record) {
  return record.severity == Severity::critical || (record.verdict && record.verdict->label == Label::malicious);
}

// Without how long: what there is to choose from.
chat::Card offer(const Case& record) {
  const std::string id = to_string(record.id);
  chat::Card card;
  card.summary = fmt::format("How long shall {} be quiet?", id);
  card.blocks.push_back(chat::Heading{card.summary, chat::Tone::neutral});
  const std::string hint = fmt::format("In your own words: snooze {} 4h \"waiting for the owner\"", id);
  card.blocks.push_back(chat::Paragraph{{{hint, {}, false}}, false});
  chat::Buttons buttons;
  for (const auto& choice : kChoices) {
    if (choice.words.empty() || (is_grave(record) && choice.value == "tomorrow")) continue;
    buttons.items.push_back(
        {std::string(choice.label), fmt::format("snooze {} {} later", id, choice.words), chat::Tone::neutral, ""});
  }
  card.blocks.push_back(std::move(buttons));
  chat::Select until;
  until.kind = chat::Select::Kind::time;
  until.label = "Or pick until when; picking snoozes it at once:";
  until.command = fmt::format("snooze {} until", id);
  card.blocks.push_back(std::move(until));
  return card;
}

std::optional<chat::Form> form(const Arguments& given) {
  if (!given.reference || !given.word("how").empty()) return std::nullopt;
  const std::string id = text_of(given.reference);
  chat::Form form;
  form.title = "Snooze " + id;
  form.submit = "Snooze it";
  form.intro = "It leaves the lists and comes back by itself: at its time, or at once when it gets worse.";
  form.instead = fmt::format("snooze {} 4h \"waiting for the owner\"", id);
  chat::FormField how;
  how.name = "how";
  how.label = "For how long?";
  for (const auto& choice : kChoices) how.choices.push_back({std::string(choice.value), std::string(choice.label)});
  how.initial = "2h";
  chat::FormField until;
  until.kind = chat::FormField::Kind::time;
  until.name = "until";
  until.label = "Until when";
  until.hint = "Only for “Until the time below”.";
  until.required = false;
  chat::FormField reason;
  reason.name = "reason";
  reason.label = "Why";
  reason.hint = "It stands on the case until it is back.";
  reason.longest = kReasonCharacters;
  form.fields = {std::move(how), std::move(until), std::move(reason)};
  return form;
}

chat::FilledForm fill(const Arguments& given, const chat::FormAnswers& answers) {
  chat::FilledForm filled;
  const std::string chosen = answer_to(answers, "how");
  const std::string until = answer_to(answers, "until");
  const std::string reason = answer_to(answers, "reason");
  const Choice* choice = nullptr;
  for (const auto& item : kChoices) {
    if (item.value == chosen) choice = &item;
  }
  std::string words(choice == nullptr ? std::string_view() : choice->words);
  if (choice == nullptr) {
    filled.errors["how"] = "Please choose how long.";
  } else if (words.empty()) {
    const auto time = parse_time(until);
    if (time) words = "until " + to_rfc3339(*time);
    if (!time) filled.errors["until"] = "Please say until when.";
  } else if (!until.empty()) {
    filled.errors["how"] = "You have chosen a time below: choose “Until the time below”, or clear that time.";
  }
  if (reason.empty()) filled.errors["reason"] = "Please say why, in a few words.";
  if (text::characters(reason) > kReasonCharacters) {
    filled.errors["reason"] = fmt::format("At most {} characters, please.", kReasonCharacters);
  }
  if (!filled.errors.empty()) return filled;
  filled.command = fmt::format("snooze {} {} {}", text_of(given.reference), words, as_text_argument(reason));
  return filled;
}

// A sentence, or nothing.
std::string out_of_range(Time until, const FormRules& rules) {
  if (until >= rules.now + kShortestSnooze - std::chrono::seconds(1) && until <= rules.now + rules.longest_snooze) return {};
  return fmt::format("A snooze lasts from 15 minutes to {}; until {} is not in there.",
                     format_duration(rules.longest_snooze), chat::utc_minute(until));
}

std::map<std::string, std::string> check(const Arguments& filled, const FormRules& rules) {
  std::map<std::string, std::string> errors;
  const auto wanted = read_snooze(filled.word("how"), rules.now);
  if (!wanted) return errors;  // the handler says it
  const std::string sentence = out_of_range(wanted->until, rules);
  if (!sentence.empty()) errors[text::lower(filled.word("how")).starts_with("until 2") ? "until" : "how"] = sentence;
  return errors;
}

Async<chat::Reply> end_by_hand(Call call, CaseView view) {
  const std::string id = to_string(view.record.id);
  if (!view.record.snooze) co_return Error(Code::conflict, fmt::format("{} is not snoozed.", id));
  auto note = note_of(call, "snooze", "ended the snooze");
  auto audit = audit_of(call, "case.wake", id, "{}");
  const CaseId case_id = view.record.id;
  auto woken = co_await call.services->store.cases().wake(case_id, std::move(note), std::move(audit));
  std::string done = fmt::format("{} is back.", id);
  if (woken || woken.error().code == Code::conflict) co_return receipt(call, case_id, std::move(done));
  co_return std::move(woken).error();
}

std::string in_words(const Snooze& snooze) {
  return fmt::format("snoozed until {}: {}", chat::utc_minute(snooze.until), snooze.reason);
}

Async<chat::Reply> snooze(Call call) {
  const std::string given = call.arguments.word("how");
  if (means_alerts(given)) {
    co_return Error(Code::invalid_input,
                    "Alerts of a rule or host cannot be snoozed yet, only cases: snooze C-12 4h \"authorised scan\". To "
                    "drop such alerts for good, have a rule for it added to the configuration.");
  }
  if (!call.arguments.reference) {
    co_return Error(Code::invalid_input, "Which case? Name it, as in: snooze C-12 4h \"waiting for the owner\".");
  }
  CO_TRY(auto view, load_case(*call.services, call.arguments.reference));
  const auto& record = view.record;
  const std::string id = to_string(record.id);
  if (text::iequals(given, "off")) co_return co_await end_by_hand(std::move(call), std::move(view));
  if (record.status == CaseStatus::closed) {
    co_return Error(Code::conflict,
                    fmt::format("{} was closed by {}, so it is quiet already.", id, last_status_author(view)));
  }
  if (given.empty()) co_return answer(offer(record));
  const Time now = call.services->clock.now();
  auto wanted = read_snooze(given, now);
  if (!wanted) co_return wrong(std::move(wanted).error().message, id);
  const std::string too_long = out_of_range(wanted->until, FormRules{now, call.services->policy.longest_snooze()});
  if (!too_long.empty()) co_return wrong(too_long, id);
  if (is_grave(record) && wanted->until > now + kLongestWhenGrave) {
    co_return Error(Code::invalid_input,
                    fmt::format("{} is critical or likely malicious, so it can be quiet for 8 hours at most.", id));
  }
  if (wanted->reason.empty() && call.interaction.button) wanted->reason = "later";
  if (wanted->reason.empty()) co_return wrong("Please say why, in a few words.", id);
  Snooze snooze;
  snooze.until = wanted->until;
  snooze.by = call.person->id;
  snooze.reason = text::ellipsize(text::displayable(wanted->reason), kReasonCharacters);
  JsonWriter detail;
  detail.begin_object().field("until", to_rfc3339(snooze.until)).field("reason", snooze.reason).end_object();
  std::string words = in_words(snooze);
  auto note = note_of(call, "snooze", words);
  auto audit = audit_of(call, "case.snooze", id, detail.take());
  const CaseId case_id = record.id;
  auto done = co_await call.services->store.cases().snooze(case_id, std::move(snooze), std::move(note), std::move(audit));
  // The same click, delivered again, has done it already.
  if (!done && done.error().code != Code::conflict) co_return std::move(done).error();
  if (!done) {
    CO_TRY(const auto again, call.services->store.cases().get(case_id));
    if (!again.snooze || again.snooze->by != call.person->id) {
      co_return Error(Code::conflict, fmt::format("{} has changed meanwhile; look at it with 'show {}'.", id, id));
    }
    words = in_words(*again.snooze);
  }
  co_return receipt(call, case_id, fmt::format("{} is {}. 'snooze {} off' ends it.", id, words, id));
}

}  // namespace

Spec snooze_command() {
  Spec spec;
  spec.name = "snooze";
  spec.aliases = {"silence", "ignore"};
  spec.usage = "snooze [C-12] 4h|until TIME|off REASON";
  spec.summary = "keep a case quiet for a while; it comes back at its time, or at once when it gets worse";
  spec.arguments = {{"case", ArgumentKind::case_ref, false}, {"how", ArgumentKind::text, false}};
  spec.permission = policy::Permission::triage;
  spec.effect = Effect::changes_case;
  spec.handler = snooze;
  spec.form = form;
  spec.fill = fill;
  spec.check = check;
  return spec;
}

}  // namespace vedette::commands

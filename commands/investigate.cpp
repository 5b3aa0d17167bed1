// investigate TEXT

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "bot/chat/case_words.hpp"
#include "bot/intake/format.hpp"
#include "bot/intake/free_text.hpp"
#include "commands/forms.hpp"
#include "commands/parser.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

constexpr const char* kSource = "chat";
constexpr size_t kMostAlerts = 20;    // in one pasted document
constexpr size_t kEntitiesNamed = 8;  // in the answer
constexpr size_t kNoteCharacters = 200;
constexpr size_t kFormCharacters = 3000;
constexpr std::chrono::milliseconds kPlacingWait(1500);

// The message it is about, whoever presses its shortcut and however often, or this very command.
std::string dedup_key(const chat::Interaction& interaction) {
  if (interaction.about_ref.empty()) return interaction.who.platform + "/" + interaction.key;
  return fmt::format("{}/message/{}/{}", interaction.who.platform, interaction.channel, interaction.about_ref);
}

// What was pasted may be an alert of a detector that is known.
Result<std::vector<Alert>> pasted_alerts(std::string_view given, Time now) {
  std::vector<Alert> alerts;
  if (!given.starts_with("{") && !given.starts_with("[")) return alerts;
  const auto document = Json::parse(given);
  if (!document) return alerts;
  const auto* format = intake::recognise_format(*document);
  if (format == nullptr) return alerts;
  auto parsed = format->parse(*document);
  if (!parsed) return alerts;
  if (parsed->alerts.size() > kMostAlerts) {
    return Error(Code::too_large,
                 fmt::format("That holds {} alerts, and I take {} at once here. Nothing was done; a source can send me any "
                             "number.",
                             parsed->alerts.size(), kMostAlerts));
  }
  for (size_t at = 0; at < parsed->alerts.size(); ++at) {
    intake::complete(parsed->alerts[at], parsed->records[at], kSource, format->name, now);
  }
  return std::move(parsed->alerts);
}

Result<Alert> written_alert(const Call& call, const std::string& given) {
  const auto& interaction = call.interaction;
  JsonWriter raw;
  raw.begin_object().field("text", given).field("platform", interaction.who.platform).field("channel", interaction.channel);
  raw.field("message", interaction.about_ref).end_object();
  Alert alert = intake::alert_from_text(given);
  alert.raw = raw.take();
  alert.dedup_key = dedup_key(interaction);
  alert.rule = "asked-in-chat";
  alert.rule_name = "Somebody asked in chat";
  alert.category = "asked";
  const Time now = call.services->clock.now();
  alert.time = interaction.about_time == Time() ? now : interaction.about_time;
  TRY(const Json record, Json::parse(alert.raw));
  intake::complete(alert, record, kSource, "text", now);
  return alert;
}

Result<std::vector<Alert>> alerts_of(const Call& call, const std::string& given) {
  TRY(auto alerts, pasted_alerts(given, call.services->clock.now()));
  if (alerts.empty()) {
    TRY(auto alert, written_alert(call, given));
    alerts.push_back(std::move(alert));
  }
  return alerts;
}

// The alert once the pipeline has given it a case, which takes moments; or as it is when it takes longer.
Async<Alert> placed(const Services& services, AlertId id, Deadline deadline) {
  while (true) {
    CO_TRY(Alert alert, services.store.alerts().get(id));
    if (alert.case_id || alert.state != AlertState::queued || deadline.passed()) co_return alert;
    const bool stop = co_await cancelled();
    if (stop) co_return Error(Code::cancelled, "shutting down");
    co_await sleep_for(std::chrono::milliseconds(10));
  }
}

// Who asked: on every case it became a part of, and on the alert itself where that is not known yet.
Async<void> note_it(Call call, Alert alert, std::string given) {
  JsonWriter detail;
  detail.begin_object().field("text", text::ellipsize(given, kNoteCharacters)).end_object();
  const std::string subject = alert.case_id ? to_string(alert.case_id) : to_string(alert.id);
  auto audit = audit_of(call, "case.investigate", subject, detail.take());
  Status noted;
  if (alert.case_id) {
    CaseChange change;
    change.note = note_of(call, "note", "Asked to look into: " + text::ellipsize(text::displayable(given), kNoteCharacters));
    const auto changed = co_await call.services->store.cases().change(alert.case_id, std::move(change), std::move(audit));
    if (!changed) noted = changed.error();
  } else {
    noted = co_await call.services->store.audit().append(std::move(audit));
  }
  // conflict: this very command noted it before.
  if (!noted && noted.error().code != Code::conflict) co_return noted.error();
  co_return Status();
}

std::string sentence_for(const Alert& alert, bool known, bool of_message) {
  const std::string id = to_string(alert.id);
  if (!alert.case_id && alert.state == AlertState::queued) {
    return fmt::format("It is {} and becomes a case in a moment: 'show {}'.", id, id);
  }
  if (!alert.case_id) return fmt::format("It is {}, and no case: it is {}.", id, to_string(alert.state));
  const std::string of = to_string(alert.case_id);
  if (known && of_message) return fmt::format("Somebody asked about this message before: it is {}.", of);
  if (known) return fmt::format("I know this one: it is {}.", of);
  if (alert.state == AlertState::merged) return fmt::format("It belongs to {}, which I look at again with it.", of);
  return fmt::format("I am looking into it: {}.", of);
}

std::string found_in(const Alert& alert) {
  if (alert.entities.empty()) {
    return "I found no address, host, user, file or the like in it, so there is little to look up. 'host: web-01' or 'user: "
           "ann' say what a name is.";
  }
  std::vector<std::string> names;
  for (const auto& entity : alert.entities) {
    if (names.size() == kEntitiesNamed) {
      names.push_back(fmt::format("and {} more", alert.entities.size() - kEntitiesNamed));
      break;
    }
    names.push_back(fmt::format("{} {}", to_string(entity.type), text::ellipsize(chat::shown(entity), 80)));
  }
  return "Found in it: " + text::join(names, ", ");
}

chat::Card answer_card(const std::vector<Alert>& alerts, const std::vector<AcceptedAlert>& accepted, bool of_message) {
  chat::Card card;
  chat::Paragraph lines;
  chat::Buttons buttons;
  for (size_t at = 0; at < alerts.size(); ++at) {
    const auto& alert = alerts[at];
    lines.lines.push_back({sentence_for(alert, accepted[at].duplicate, of_message), {}, true});
    lines.lines.push_back({found_in(alert), {}, false});
    if (!alert.case_id) continue;
    const std::string command = "show " + to_string(alert.case_id);
    const bool there = std::any_of(buttons.items.begin(), buttons.items.end(),
                                   [&](const chat::Button& button) { return button.command == command; });
    if (!there && buttons.items.size() < 5) buttons.items.push_back({"Show " + to_string(alert.case_id), command, {}, ""});
  }
  card.summary = lines.lines.front().text;
  card.blocks.push_back(std::move(lines));
  if (!buttons.items.empty()) card.blocks.push_back(std::move(buttons));
  return card;
}

Async<chat::Reply> investigate(Call call) {
  const std::string given(text::trim(text::displayable(call.arguments.word("text"), true)));
  if (given.empty()) {
    co_return Error(Code::invalid_input,
                    "What shall I look into? An address, a host, a pasted alert: investigate 203[.]0[.]113[.]7");
  }
  auto alerts = alerts_of(call, given);
  if (!alerts) co_return std::move(alerts).error();
  CO_TRY(const auto accepted, call.services->store.alerts().accept(std::move(*alerts)));
  std::vector<Alert> ended;
  const Deadline deadline = Deadline::after(kPlacingWait);  // for all of them: commands of others wait meanwhile
  for (const auto& one : accepted) {
    CO_TRY(auto alert, placed(*call.services, one.id, deadline));
    ended.push_back(std::move(alert));
  }
  if (ended.empty()) co_return Error(Code::internal, "nothing was accepted");
  const bool of_message = !call.interaction.about_ref.empty();
  for (size_t at = 0; at < ended.size(); ++at) {
    Alert alert = ended[at];
    CO_TRY_VOID(note_it(call, std::move(alert), given));
  }
  co_return answer(answer_card(ended, accepted, of_message));
}

std::optional<chat::Form> form(const Arguments& given) {
  if (!given.word("text").empty()) return std::nullopt;
  chat::Form form;
  form.title = "Investigate";
  form.submit = "Look into it";
  form.instead = "investigate 203[.]0[.]113[.]7";
  chat::FormField field;
  field.name = "text";
  field.label = "What shall I look into?";
  field.hint = "An address, a domain, a file's hash, 'host: web-01', 'user: ann', or an alert as you got it.";
  field.several_lines = true;
  field.longest = kFormCharacters;
  form.fields = {std::move(field)};
  return form;
}

chat::FilledForm fill(const Arguments&, const chat::FormAnswers& answers) {
  chat::FilledForm filled;
  const std::string given = answer_to(answers, "text");
  if (given.empty()) {
    filled.errors["text"] = "Please write or paste what I shall look into.";
  } else {
    filled.command = "investigate " + as_text_argument(given);
  }
  return filled;
}

}  // namespace

Spec investigate_command() {
  Spec spec;
  spec.name = "investigate";
  spec.aliases = {"look-into"};
  spec.usage = "investigate TEXT";
  spec.summary = "look into an address, a host, a pasted alert: it becomes a case";
  spec.arguments = {{"text", ArgumentKind::text, false}};
  spec.permission = policy::Permission::triage;
  spec.effect = Effect::changes_case;
  spec.handler = investigate;
  spec.form = form;
  spec.fill = fill;
  return spec;
}

}  // namespace vedette::commands

// edit R-9 [--digest=HEX] NAME=VALUE…

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/chat/case_words.hpp"
#include "commands/decision_card.hpp"
#include "commands/forms.hpp"
#include "commands/parser.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

constexpr size_t kMostSettings = 10;
constexpr size_t kValueCharacters = 200;

using Settings = std::map<std::string, std::string>;

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 40 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

// "duration=8h" → name and value.
Result<Settings> read_settings(std::string_view given) {
  Settings settings;
  const auto words = split_words(given);
  for (size_t at = 0; at < words.size(); ++at) {
    std::string text = words[at].text;
    const size_t equals = text.find('=');
    std::string name = text::lower(std::string_view(text).substr(0, equals));
    if (words[at].quoted || equals == std::string::npos || !is_name(name) || settings.size() == kMostSettings) {
      return Error(Code::invalid_input, fmt::format("'{}' is no change. A change is NAME=VALUE, as in duration=8h.",
                                                    text::ellipsize(text::displayable(text), 60)));
    }
    std::string value = text.substr(equals + 1);
    settings[std::move(name)] = std::move(value);
  }
  return settings;
}

// What the button said the plan has now: "duration=4h,mode=soft".
Settings present_of(const Arguments& given) {
  Settings present;
  for (const auto& part : text::split(given.flag("from"), ',')) {
    const size_t equals = part.find('=');
    const std::string name = part.substr(0, equals);
    if (equals != std::string::npos && is_name(name) && present.size() < kMostSettings) {
      present[name] = part.substr(equals + 1);
    }
  }
  return present;
}

std::string label_of(std::string name) {
  if (name == "duration") return "For how long (as in 30m, 4h, 7d)";
  name = text::replace_all(std::move(name), "_", " ");
  name[0] = static_cast<char>(name[0] >= 'a' && name[0] <= 'z' ? name[0] - 'a' + 'A' : name[0]);
  return name;
}

std::optional<chat::Form> form(const Arguments& given) {
  const auto present = present_of(given);
  if (!given.action || present.empty() || !given.word("changes").empty()) return std::nullopt;
  const std::string id = to_string(given.action);
  chat::Form form;
  form.title = "Change " + id;
  form.submit = "Change it";
  form.intro = "What has been approved of it so far counts no more: the changed action is approved anew.";
  form.instead = fmt::format("edit {} {}={}", id, present.begin()->first, present.begin()->second);
  for (const auto& [name, value] : present) {
    chat::FormField field;
    field.name = name;
    field.label = label_of(name);
    field.hint = "Left empty, it is as usual.";
    field.required = false;
    field.longest = kValueCharacters;
    field.initial = value;
    form.fields.push_back(std::move(field));
  }
  return form;
}

chat::FilledForm fill(const Arguments& given, const chat::FormAnswers& answers) {
  chat::FilledForm filled;
  const auto present = present_of(given);
  std::string changes;
  for (const auto& [name, before] : present) {
    const std::string value = answer_to(answers, name);
    if (value == before) continue;
    const bool plain = value.find_first_of(" \t\n\"'“”„‘’«»\\") == std::string::npos;
    if (!plain || value.size() > kValueCharacters) filled.errors[name] = "Please say it in one word, as in 8h.";
    if (plain && name == "duration" && !value.empty() && !parse_duration(value)) {
      filled.errors[name] = "That is no time span. It goes: 30m, 4h or 7d.";
    }
    changes += fmt::format(" {}={}", name, value);
  }
  if (changes.empty() && !present.empty()) filled.errors[present.begin()->first] = "That is how it is already.";
  if (!filled.errors.empty()) return filled;
  filled.command = fmt::format("edit {}", to_string(given.action));
  if (const std::string digest = given.flag("digest"); !digest.empty()) filled.command += " --digest=" + digest;
  filled.command += changes;
  return filled;
}

// Without changes: what there is to change, and how.
chat::Reply offer(const Action& action) {
  const std::string id = to_string(action.id);
  if (action.settings.empty()) {
    return refusal(
        fmt::format("There is nothing to change about {}: {} does it in one way only.", id, action.plan.provider));
  }
  chat::Card card;
  card.summary = fmt::format("What can be changed about {}", id);
  card.blocks.push_back(chat::Heading{card.summary, chat::Tone::neutral});
  chat::Facts facts;
  for (const auto& setting : action.settings) {
    facts.rows.emplace_back(setting.name, fmt::format("{} ({})", text::displayable(setting.value), setting.hint));
  }
  card.blocks.push_back(std::move(facts));
  const auto& first = action.settings.front();
  const std::string hint = fmt::format("To change it, type: edit {} {}=…", id, first.name);
  card.blocks.push_back(chat::Paragraph{{{hint, {}, false}}, false});
  return answer(std::move(card));
}

Async<chat::Reply> edit(Call call) {
  const ActionId id = call.arguments.action;
  auto read = read_settings(call.arguments.word("changes"));
  if (!read) co_return std::move(read).error();
  Settings changes = *std::move(read);
  if (changes.empty()) {
    CO_TRY(const auto action, call.services->actions.with_settings(id));
    co_return offer(action);
  }
  std::string digest = call.arguments.flag("digest");
  auto actor = actor_of(call);
  CO_TRY(const auto action,
         call.services->actions.edit(id, std::move(digest), std::move(changes), *call.person, std::move(actor)));
  std::string sentence = fmt::format("{} is changed: {} stands in its place", to_string(id), to_string(action.id));
  if (action.state == ActionState::awaiting) {
    sentence +=
        fmt::format(" and waits for {} by somebody else.", chat::counted(action.approvals_needed, "approval", "approvals"));
  } else if (action.state == ActionState::proposed) {
    sentence += fmt::format(". 'request {}' asks for its approval.", to_string(action.id));
  } else {
    sentence += " and starts in a moment.";
  }
  co_return decision_reply(call, action, std::move(sentence));
}

}  // namespace

Spec edit_command() {
  Spec spec;
  spec.name = "edit";
  spec.usage = "edit R-9 [--digest=HEX] NAME=VALUE…";
  spec.summary = "change how a proposed action would be done, as in duration=8h; its approvals start anew";
  spec.arguments = {{"action", ArgumentKind::action}, {"changes", ArgumentKind::text, false}};
  spec.flags = {{"digest", FlagKind::digest}, {"from", FlagKind::text}};
  spec.permission = policy::Permission::respond;
  spec.effect = Effect::decides_action;
  spec.handler = edit;
  spec.form = form;
  spec.fill = fill;
  return spec;
}

}  // namespace vedette::commands

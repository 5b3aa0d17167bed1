// bad [C-12] [REASON]

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "commands/feedback.hpp"
#include "commands/forms.hpp"
#include "commands/registry.hpp"

namespace vedette::commands {
namespace {

constexpr size_t kWordsCharacters = 450;  // with the kind in front they fit into a thumb's reason

struct Kind {
  std::string_view value;
  std::string_view label;
};
constexpr Kind kKinds[] = {
    {"verdict", "Wrong verdict"},      {"severity", "Wrong severity"},
    {"evidence", "Missed evidence"},   {"duplicate", "Duplicate of another case"},
    {"unclear", "Hard to understand"}, {"other", "Something else"},
};

Async<chat::Reply> bad(Call call) { return give_feedback(std::move(call), false); }

// The thumb counts at once; what was wrong is asked on top of it.
std::optional<chat::Form> form(const Arguments& given) {
  if (!given.reference || !given.word("reason").empty()) return std::nullopt;
  const std::string id = text_of(given.reference);
  chat::Form form;
  form.title = "What was wrong?";
  form.submit = "Send";
  form.intro = fmt::format("Your 👎 for {} is being recorded. What was wrong helps to do better next time.", id);
  form.instead = fmt::format("bad {} missed evidence: the user was on holiday", id);
  form.after_the_fact = true;
  chat::FormField kind;
  kind.name = "kind";
  kind.label = "What was wrong?";
  for (const auto& item : kKinds) kind.choices.push_back({std::string(item.value), std::string(item.label)});
  chat::FormField words;
  words.name = "words";
  words.label = "In your own words";
  words.required = false;
  words.several_lines = true;
  words.longest = kWordsCharacters;
  form.fields = {std::move(kind), std::move(words)};
  return form;
}

chat::FilledForm fill(const Arguments& given, const chat::FormAnswers& answers) {
  chat::FilledForm filled;
  const std::string chosen = answer_to(answers, "kind");
  const std::string words = answer_to(answers, "words");
  const Kind* kind = nullptr;
  for (const auto& item : kKinds) {
    if (item.value == chosen) kind = &item;
  }
  if (kind == nullptr) filled.errors["kind"] = "Please choose what was wrong.";
  if (kind != nullptr && kind->value == "other" && words.empty()) filled.errors["words"] = "Please say what it was.";
  if (text::characters(words) > kWordsCharacters) {
    filled.errors["words"] = fmt::format("At most {} characters, please.", kWordsCharacters);
  }
  if (!filled.errors.empty()) return filled;
  std::string reason = text::lower(kind->label);
  if (kind->value == "other") reason = words;
  if (kind->value != "other" && !words.empty()) reason += ": " + words;
  filled.command = fmt::format("bad {} {}", text_of(given.reference), as_text_argument(reason));
  return filled;
}

}  // namespace

Spec bad_command() {
  Spec spec;
  spec.name = "bad";
  spec.aliases = {"👎", "-1", "thumbsdown"};
  spec.usage = "bad [C-12] [REASON]";
  spec.summary = "👎 the verdict is wrong; say what is";
  spec.arguments = {{"case", ArgumentKind::case_ref}, {"reason", ArgumentKind::text, false}};
  spec.permission = policy::Permission::triage;
  spec.effect = Effect::changes_case;
  spec.handler = bad;
  spec.form = form;
  spec.fill = fill;
  return spec;
}

}  // namespace vedette::commands

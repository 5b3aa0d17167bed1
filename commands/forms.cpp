#include "commands/forms.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "commands/parser.hpp"
#include "commands/registry.hpp"

namespace vedette::commands {
namespace {

struct Asking {
  const Spec* spec = nullptr;
  Arguments given;
};

// The verb and arguments of a command that has a form.
std::optional<Asking> read(std::string_view command) {
  if (command.size() > kLongestCommand || !text::valid_utf8(command)) return std::nullopt;
  const auto split = split_verb(command);
  Asking asking;
  asking.spec = find_command(split.verb);
  if (asking.spec == nullptr || asking.spec->form == nullptr || asking.spec->fill == nullptr) return std::nullopt;
  auto given = parse_arguments(*asking.spec, split.rest, CaseId());
  if (!given) return std::nullopt;
  asking.given = std::move(*given);
  return asking;
}

}  // namespace

std::optional<chat::Form> CommandForms::form_of(std::string_view command) const {
  const auto asking = read(command);
  return asking ? asking->spec->form(asking->given) : std::nullopt;
}

chat::FilledForm CommandForms::fill(std::string_view command, const chat::FormAnswers& answers) const {
  const auto asking = read(command);
  if (!asking) return {};
  const auto form = asking->spec->form(asking->given);
  if (!form || form->fields.empty()) return {};
  auto filled = asking->spec->fill(asking->given, answers);
  if (!filled.errors.empty()) return filled;
  const std::string& last = form->fields.back().name;
  if (filled.command.size() > kLongestCommand) {
    filled.command.clear();
    filled.errors[last] = "That is longer than I can read. Please say it in fewer words.";
    return filled;
  }
  const auto split = split_verb(filled.command);
  const auto parsed = parse_arguments(*asking->spec, split.rest, CaseId());
  if (find_command(split.verb) == asking->spec && parsed) {
    if (clock_ == nullptr || asking->spec->check == nullptr) return filled;
    filled.errors = asking->spec->check(*parsed, FormRules{clock_->now(), longest_snooze_});
    if (!filled.errors.empty()) filled.command.clear();
    return filled;
  }
  filled.command.clear();
  filled.errors[last] = parsed ? "I cannot read that. Please say it in other words." : parsed.error().message;
  return filled;
}

std::string text_of(const Reference& reference) {
  return reference.alert_id ? to_string(reference.alert_id) : to_string(reference.case_id);
}

std::string answer_to(const chat::FormAnswers& answers, std::string_view field) {
  const auto found = answers.find(field);
  if (found == answers.end()) return {};
  return std::string(text::trim(text::displayable(text::to_valid_utf8(found->second), true)));
}

std::string as_text_argument(std::string_view given) {
  constexpr std::array<std::string_view, 9> kMeaningful = {"-", "—", "–", "\"", "'", "“", "„", "‘", "«"};
  std::string plain(text::trim(given));
  const bool plain_start =
      std::none_of(kMeaningful.begin(), kMeaningful.end(), [&](std::string_view start) { return plain.starts_with(start); });
  if (plain_start) return plain;
  // Within « and » nothing else ends the word, and a backslash stands for itself when doubled.
  plain = text::replace_all(std::move(plain), "\\", "\\\\");
  plain = text::replace_all(std::move(plain), "»", ">");
  return "«" + plain + "»";
}

}  // namespace vedette::commands

#pragma once
// The forms of commands, for platforms that can ask: each verb's file says what it asks and what the answers make. Pure.

#include <string>
#include <string_view>

#include "commands/command.hpp"

namespace vedette::commands {

class CommandForms final : public chat::Forms {
 public:
  // With a clock, which outlives this, times are checked while the form is open.
  explicit CommandForms(const Clock* clock = nullptr, std::chrono::minutes longest_snooze = std::chrono::hours(24 * 7))
      : clock_(clock), longest_snooze_(longest_snooze) {}
  std::optional<chat::Form> form_of(std::string_view command) const override;
  // Whatever it makes parses as a command of the same verb; what would not is an error of the last field.
  chat::FilledForm fill(std::string_view command, const chat::FormAnswers& answers) const override;

 private:
  const Clock* clock_;
  std::chrono::minutes longest_snooze_;
};

// For the verbs.
// "C-12" or "A-34".
std::string text_of(const Reference& reference);
// An answer without what cannot be shown and without blanks around it; empty where there is none. Line breaks stay.
std::string answer_to(const chat::FormAnswers& answers, std::string_view field);
// Text as the last argument of a line: in quotes where its first characters would mean something to the grammar.
std::string as_text_argument(std::string_view text);

}  // namespace vedette::commands

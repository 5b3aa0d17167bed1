#include "commands/forms.hpp"

#include <gtest/gtest.h>

#include "commands/parser.hpp"
#include "commands/registry.hpp"

namespace vedette::commands {
namespace {

std::vector<std::string> fields_of(const chat::Form& form) {
  std::vector<std::string> names;
  for (const auto& field : form.fields) names.push_back(field.name);
  return names;
}

// What the handler of a command would get for this argument.
std::string argument_of(const std::string& command, std::string_view name) {
  const auto split = split_verb(command);
  const Spec* spec = find_command(split.verb);
  if (spec == nullptr) return "no command: " + command;
  const auto arguments = parse_arguments(*spec, split.rest, CaseId());
  return arguments ? arguments->word(name) : arguments.error().message;
}

TEST(Forms, close_asks_for_the_ending_and_the_reason) {
  const CommandForms forms;
  const auto form = forms.form_of("close C-3");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->title, "Close C-3");
  EXPECT_FALSE(form->after_the_fact);
  EXPECT_EQ(fields_of(*form), (std::vector<std::string>{"how", "reason"}));
  // Every ending the command knows, and no other.
  std::vector<std::string_view> endings;
  for (const auto& choice : form->fields[0].choices) endings.push_back(choice.value);
  EXPECT_EQ(endings, find_command("close")->arguments[1].choices);
  EXPECT_EQ(argument_of(form->instead, "how"), "fp");
}

TEST(Forms, complete_and_foreign_commands_ask_nothing) {
  const CommandForms forms;
  for (const char* command : {"close C-3 fp \"a scan\"", "close", "ack C-3", "bad C-3 missed evidence", "good C-3", "",
                              "nonsense", "approve R-1 --digest=ab", "close C-3 --what"}) {
    EXPECT_FALSE(forms.form_of(command)) << command;
    EXPECT_TRUE(forms.fill(command, {{"how", "fp"}}).command.empty()) << command;
  }
  EXPECT_FALSE(forms.form_of("close C-3 " + std::string(kLongestCommand, 'x')));
}

TEST(Forms, a_reason_arrives_as_it_was_written) {
  const CommandForms forms;
  for (const std::string reason : {"scan by our own team", "--digest=ab was on it", "\"quoted\" at the start",
                                   "“typographic” start", "— a dash", "-1 of them", "'tis a scan \\ with \"both\" kinds",
                                   "two\nlines", "«in French» and on", "approve R-9", "C:\\Temp\\x.exe", "\\\"", "-\\\""}) {
    const auto filled = forms.fill("close C-3", {{"how", "fp"}, {"reason", reason}});
    EXPECT_TRUE(filled.errors.empty());
    EXPECT_EQ(split_verb(filled.command).verb, "close");
    EXPECT_EQ(argument_of(filled.command, "how"), "fp") << filled.command;
    // One closing quotation mark of its own kind is the only thing that is written otherwise.
    const std::string expected = reason == "«in French» and on" ? "«in French> and on" : reason;
    EXPECT_EQ(argument_of(filled.command, "reason"), expected) << filled.command;
  }
}

TEST(Forms, an_empty_reason_is_that_of_the_ending) {
  const CommandForms forms;
  for (const auto& answers : {chat::FormAnswers{{"how", "dup"}}, chat::FormAnswers{{"how", "dup"}, {"reason", " \n "}}}) {
    EXPECT_EQ(forms.fill("close C-3", answers).command, "close C-3 dup handled in another case");
  }
}

TEST(Forms, what_is_wrong_is_said_at_its_field) {
  const CommandForms forms;
  const auto forged = forms.fill("close C-3", {{"how", "tp --digest"}});
  EXPECT_TRUE(forged.command.empty());
  EXPECT_TRUE(forged.errors.contains("how"));
  const auto without = forms.fill("close C-3", {});
  EXPECT_TRUE(without.errors.contains("how"));
  const auto too_long = forms.fill("close C-3", {{"how", "fp"}, {"reason", std::string(501, 'x')}});
  EXPECT_TRUE(too_long.command.empty());
  EXPECT_TRUE(too_long.errors.contains("reason"));
  const auto other = forms.fill("bad C-3", {{"kind", "other"}});
  EXPECT_TRUE(other.errors.contains("words"));
}

TEST(Forms, a_thumb_down_counts_at_once_and_asks_on_top) {
  const CommandForms forms;
  const auto form = forms.form_of("bad C-3");
  ASSERT_TRUE(form);
  EXPECT_TRUE(form->after_the_fact);
  EXPECT_EQ(fields_of(*form), (std::vector<std::string>{"kind", "words"}));
  EXPECT_EQ(forms.fill("bad C-3", {{"kind", "evidence"}, {"words", "the VPN log"}}).command,
            "bad C-3 missed evidence: the VPN log");
  EXPECT_EQ(forms.fill("bad C-3", {{"kind", "severity"}}).command, "bad C-3 wrong severity");
  EXPECT_EQ(argument_of(forms.fill("bad C-3", {{"kind", "other"}, {"words", "--none"}}).command, "reason"), "--none");
  // Whatever is chosen fits into a thumb's reason.
  for (const auto& choice : form->fields[0].choices) {
    const auto filled =
        forms.fill("bad C-3", {{"kind", choice.value}, {"words", std::string(form->fields[1].longest, 'x')}});
    EXPECT_LE(argument_of(filled.command, "reason").size(), 500u) << choice.value;
    EXPECT_TRUE(filled.errors.empty());
  }
}

TEST(Forms, investigate_asks_for_the_text_when_there_is_none) {
  const CommandForms forms;
  const auto form = forms.form_of("investigate");
  ASSERT_TRUE(form);
  EXPECT_EQ(fields_of(*form), std::vector<std::string>{"text"});
  EXPECT_FALSE(forms.form_of("investigate 203.0.113.7"));
  for (const std::string given : {"203.0.113.7", "--flag first", "two\nlines", "{\"a\":1}"}) {
    EXPECT_EQ(argument_of(forms.fill("investigate", {{"text", given}}).command, "text"), given);
  }
  EXPECT_TRUE(forms.fill("investigate", {{"text", " \u200b "}}).errors.contains("text"));
  EXPECT_TRUE(forms.fill("investigate", {{"text", std::string(kLongestCommand, 'x')}}).errors.contains("text"));
}

}  // namespace
}  // namespace vedette::commands

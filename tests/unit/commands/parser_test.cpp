#include "commands/parser.hpp"

#include <gtest/gtest.h>

#include "commands/registry.hpp"

namespace vedette::commands {
namespace {

std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> result;
  for (const auto& word : split_words(line)) result.push_back(word.text);
  return result;
}

TEST(CommandParser, splits_words_and_quotes) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(words(""), Words{});
  EXPECT_EQ(words("  a\t b\n"), (Words{"a", "b"}));
  EXPECT_EQ(words("a \"b c\" d"), (Words{"a", "b c", "d"}));
  EXPECT_EQ(words("'b c'd"), (Words{"b c", "d"}));
  EXPECT_EQ(words("“b c” „d e“ ‘f g’"), (Words{"b c", "d e", "f g"})) << "what phones type";
  EXPECT_EQ(words("\"say \\\"hi\\\" \\\\ \\n\""), (Words{"say \"hi\" \\ \\n"}));
  EXPECT_EQ(words("it's C:\\temp\\x"), (Words{"it's", "C:\\temp\\x"})) << "an apostrophe inside a word is one";
  EXPECT_EQ(words("\"open end"), (Words{"open end"}));
  EXPECT_EQ(words("--sev=\"very high\" x"), (Words{"--sev=very high", "x"}));
  EXPECT_EQ(words("—sev=high –since=2h"), (Words{"--sev=high", "--since=2h"})) << "phones join two dashes";
  EXPECT_EQ(words("\"\""), (Words{""}));
}

TEST(CommandParser, finds_the_verb) {
  const auto verb = [](std::string_view line) { return split_verb(line).verb; };
  EXPECT_EQ(verb("ack C-3"), "ack");
  EXPECT_EQ(verb("  ACK"), "ack");
  EXPECT_EQ(verb("/soc list open"), "list");
  EXPECT_EQ(verb("soc list open"), "list");
  EXPECT_EQ(verb("/soc soc"), "soc") << "only once";
  EXPECT_EQ(verb("👍🏽 C-3"), "👍");
  EXPECT_EQ(verb("👍\uFE0F"), "👍");
  EXPECT_EQ(verb(":+1::skin-tone-4: C-3"), "+1");
  EXPECT_EQ(verb(":thumbsdown:"), "thumbsdown");
  EXPECT_EQ(verb(""), "");
  EXPECT_EQ(split_verb("note C-3  two  blanks").rest, " C-3  two  blanks");
}

struct Row {
  const char* line;
  bool in_thread;        // of C-12
  const char* expected;  // "case=… action=… e=… n=… word=value … --flag=value", or "!part of the error"
};

std::string shown(const Arguments& arguments) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : " ") + part; };
  if (arguments.reference.case_id) add("case=" + to_string(arguments.reference.case_id));
  if (arguments.reference.alert_id) add("alert=" + to_string(arguments.reference.alert_id));
  if (arguments.action) add("action=" + to_string(arguments.action));
  if (arguments.evidence) add("e=" + std::to_string(*arguments.evidence));
  if (arguments.number) add("n=" + std::to_string(*arguments.number));
  for (const auto& [name, value] : arguments.words) add(name + "=" + value);
  for (const auto& [name, value] : arguments.flags) add("--" + name + "=" + value);
  return text;
}

class CommandTable : public testing::TestWithParam<Row> {};

TEST_P(CommandTable, parses) {
  const auto& row = GetParam();
  const auto split = split_verb(row.line);
  const Spec* spec = find_command(split.verb);
  ASSERT_NE(spec, nullptr) << row.line;
  const auto parsed = parse_arguments(*spec, split.rest, row.in_thread ? CaseId(12) : CaseId());
  const std::string expected = row.expected;
  if (expected.starts_with('!')) {
    ASSERT_FALSE(parsed.has_value()) << row.line << " gave " << shown(*parsed);
    EXPECT_EQ(parsed.error().code, Code::invalid_input);
    EXPECT_NE(parsed.error().message.find(expected.substr(1)), std::string::npos) << parsed.error().message;
    EXPECT_NE(parsed.error().message.find(std::string(spec->usage)), std::string::npos) << parsed.error().message;
  } else {
    ASSERT_TRUE(parsed.has_value()) << row.line << ": " << parsed.error().message;
    EXPECT_EQ(shown(*parsed), expected) << row.line;
  }
}

constexpr const char* kDigest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kApprove = std::string("approve R-9 --digest=") + kDigest;
const std::string kApproved = std::string("action=R-9 --digest=") + kDigest;

INSTANTIATE_TEST_SUITE_P(
    Grammar, CommandTable,
    testing::Values(
        Row{"ack C-3", false, "case=C-3"}, Row{"ack c3", false, "case=C-3"}, Row{"ack", true, "case=C-12"},
        Row{"ack this", true, "case=C-12"}, Row{"ack C-3", true, "case=C-3"}, Row{"ack A-7", false, "alert=A-7"},
        Row{"ack", false, "!Which case?"}, Row{"ack this", false, "!not one"}, Row{"ack C-3 now", false, "!'now'"},
        Row{"ack C-0", false, "!Which case?"}, Row{"ack C-99999999999999999999", false, "!Which case?"},
        Row{"acknowledge C-3", false, "case=C-3"}, Row{"👍 C-3", false, "case=C-3"},
        Row{"👎 wrong host", true, "case=C-12 reason=wrong host"}, Row{"+1 C-3", false, "case=C-3"}, Row{"ls", false, ""},
        Row{"list open --sev=high --since=24h", false, "which=open --sev=high --since=24h"},
        Row{"list --sev high pending", false, "which=pending --sev=high"}, Row{"list MINE", false, "which=mine"},
        Row{"list —since=2d", false, "--since=2d"}, Row{"list --sev=purple", false, "!severity"},
        Row{"list --since=yesterday", false, "!time span"}, Row{"list --since", false, "!time span"},
        Row{"list --limit=4", false, "!no --limit"}, Row{"list nonsense", false, "!'nonsense'"},
        Row{"close C-3 fp \"pentest by ourselves\"", false, "case=C-3 how=fp reason=pentest by ourselves"},
        Row{"resolve C-3 TP it's real: \"x\" seen", false, "case=C-3 how=tp reason=it's real: \"x\" seen"},
        Row{"close fp pentest", true, "case=C-12 how=fp reason=pentest"}, Row{"close C-3", false, "case=C-3"},
        Row{"close C-3 fp", false, "case=C-3 how=fp"}, Row{"close C-3 because", false, "case=C-3 reason=because"},
        Row{"close C-3 fp   two  blanks --sev=high", false, "case=C-3 how=fp reason=two  blanks --sev=high"},
        Row{"close C-3 fp 'tis fine", false, "case=C-3 how=fp reason='tis fine"},
        Row{"assign @ben", true, "case=C-12 person=@ben"},
        Row{"assign C-3 <@U024BE7LH|ben>", false, "case=C-3 person=<@U024BE7LH|ben>"}, Row{"assign C-3", false, "case=C-3"},
        Row{"snooze C-3 4h \"a b\"", false, "case=C-3 how=4h \"a b\""}, Row{"snooze 4h x", true, "case=C-12 how=4h x"},
        Row{"silence C-3 off", false, "case=C-3 how=off"},
        Row{"edit R-9 duration=8h", false, "action=R-9 changes=duration=8h"},
        Row{"edit C-3 duration=8h", false, "!an action"}, Row{"note C-3 seen before", false, "case=C-3 text=seen before"},
        Row{"note this is odd", true, "case=C-12 text=this is odd"}, Row{"note this is odd", false, "!Which case?"},
        Row{"note C-3", false, "!A text is missing"}, Row{"note C-3 \"\"", false, "!A text is missing"},
        Row{"note \"C-3 looks alike\"", true, "case=C-12 text=C-3 looks alike"},
        Row{"note C-3 first\nsecond", false, "case=C-3 text=first\nsecond"}, Row{"why C-3 2", false, "case=C-3 n=2"},
        Row{"why 2", true, "case=C-12 n=2"}, Row{"why C-3 0", false, "!'0'"}, Row{"why C-3 two", false, "!'two'"},
        Row{"evidence C-3 E4", false, "case=C-3 e=4"}, Row{"ev e4", true, "case=C-12 e=4"},
        Row{"evidence C-3 4", false, "!'4'"}, Row{"approve R-9", false, "action=R-9"},
        Row{"approve r9", false, "action=R-9"}, Row{kApprove.c_str(), false, kApproved.c_str()},
        Row{"approve R-9 --digest=abc", false, "!64 hexadecimal"}, Row{"approve", true, "!an action"},
        Row{"approve C-9", false, "!'C-9' is not an action"}, Row{"approve R-9 R-10", false, "!'R-10'"},
        Row{"deny R-9 not our address", false, "action=R-9 reason=not our address"}, Row{"request R-9", false, "action=R-9"},
        Row{"help close", false, "verb=close"}, Row{"status now", false, "!'now'"}));

TEST(CommandRegistry, names_and_aliases_are_unique) {
  std::map<std::string, int> seen;
  for (const auto& spec : all_commands()) {
    EXPECT_NE(spec.handler, nullptr) << spec.name;
    EXPECT_FALSE(spec.summary.empty()) << spec.name;
    EXPECT_TRUE(spec.usage.starts_with(spec.name)) << spec.usage;
    ++seen[std::string(spec.name)];
    for (const auto alias : spec.aliases) ++seen[std::string(alias)];
    for (size_t i = 0; i < spec.arguments.size(); ++i) {
      if (spec.arguments[i].kind == ArgumentKind::text) {
        EXPECT_EQ(i + 1, spec.arguments.size()) << spec.name;
      }
    }
    // Whatever changes something takes more than reading, but for one's own accounts.
    if (spec.effect == Effect::links_account) {
      EXPECT_TRUE(spec.for_strangers || spec.for_all_known) << spec.name;
      continue;
    }
    EXPECT_FALSE(spec.for_all_known) << spec.name;
    if (spec.effect != Effect::reads) {
      EXPECT_NE(spec.permission, policy::Permission::read) << spec.name;
    }
    if (spec.for_strangers) {
      EXPECT_EQ(spec.effect, Effect::reads) << spec.name;
    }
  }
  for (const auto& [name, count] : seen) EXPECT_EQ(count, 1) << name;
}

TEST(CommandParser, survives_anything) {
  const std::string nasty[] = {std::string(5000, '"'),
                               "\\",
                               "\"\\",
                               "--",
                               "—",
                               "--=",
                               "close --",
                               std::string("a\0b", 3),
                               "“",
                               "list --sev=\"",
                               "\xff\xfe",
                               "note C-3 \xF0\x9F"};
  for (const auto& line : nasty) {
    const auto split = split_verb(line);
    for (const auto& spec : all_commands()) (void)parse_arguments(spec, line, CaseId(1)).has_value();
    (void)split;
  }
}

}  // namespace
}  // namespace vedette::commands

// Times as people type them behind "snooze", and the forms of snooze, assign and edit.

#include <gtest/gtest.h>

#include "commands/forms.hpp"
#include "commands/parser.hpp"
#include "commands/registry.hpp"
#include "commands/snooze_time.hpp"
#include "tests/support/fake_clock.hpp"

namespace vedette::commands {
namespace {

const Time kNow = *parse_time("2026-11-24T15:30:00Z");

std::string until(std::string_view given) {
  const auto read = read_snooze(given, kNow);
  return read ? to_rfc3339(read->until) : "! " + read.error().message;
}
std::string reason(std::string_view given) {
  const auto read = read_snooze(given, kNow);
  return read ? read->reason : "! " + read.error().message;
}

TEST(SnoozeTime, spans_and_points_in_time) {
  EXPECT_EQ(until("4h waiting"), "2026-11-24T19:30:00Z");
  EXPECT_EQ(until("30m"), "2026-11-24T16:00:00Z");
  EXPECT_EQ(until("2d patch day"), "2026-11-26T15:30:00Z");
  EXPECT_EQ(until("until 2026-11-25 09:00 patch day"), "2026-11-25T09:00:00Z");
  EXPECT_EQ(until("until 2026-11-25 9:00 patch day"), "2026-11-25T09:00:00Z");
  EXPECT_EQ(until("until 2026-11-25 patch day"), "2026-11-25T09:00:00Z");
  EXPECT_EQ(until("until 2026-11-25T09:00:00Z patch day"), "2026-11-25T09:00:00Z");
  EXPECT_EQ(until("until tomorrow x"), "2026-11-25T09:00:00Z");
  EXPECT_EQ(until("until tomorrow 07:15 x"), "2026-11-25T07:15:00Z");
  EXPECT_EQ(until("until 18:00 x"), "2026-11-24T18:00:00Z");
  EXPECT_EQ(until("until 09:00 x"), "2026-11-25T09:00:00Z") << "the next one";
  EXPECT_EQ(until("this 4h waiting"), "2026-11-24T19:30:00Z");
}

TEST(SnoozeTime, a_zone_is_kept_to_and_none_is_utc) {
  EXPECT_EQ(until("until 2026-11-25 09:00+01:00 x"), "2026-11-25T08:00:00Z");
  EXPECT_EQ(until("until 2026-11-25 09:00 +01:00 x"), "2026-11-25T08:00:00Z");
  EXPECT_EQ(until("until 2026-11-25 09:00 UTC x"), "2026-11-25T09:00:00Z");
  EXPECT_EQ(until("until 2026-11-25T09:00:00-05:00 x"), "2026-11-25T14:00:00Z");
}

TEST(SnoozeTime, the_reason_is_the_rest) {
  EXPECT_EQ(reason("4h \"waiting for the owner\""), "waiting for the owner");
  EXPECT_EQ(reason("4h waiting for “the” owner"), "waiting for “the” owner");
  EXPECT_EQ(reason("until 2026-11-25 09:00 UTC 'patch day'"), "patch day");
  EXPECT_EQ(reason("until tomorrow until the owner is back"), "until the owner is back");
  EXPECT_EQ(reason("until tomorrow \"09:00\""), "09:00") << "what is quoted is no time";
  EXPECT_EQ(reason("4h"), "");
}

TEST(SnoozeTime, what_is_no_time_is_refused) {
  for (const char* given : {"", "this", "soon", "until", "until someday x", "until 2026-13-45 x", "until 2026-11-25 25:00 x",
                            "until 99:99", "4", "-4h", "99999999999d x", "until 2026-11-25T09 x", "forever"}) {
    EXPECT_FALSE(read_snooze(given, kNow)) << given;
  }
}

TEST(SnoozeTime, alerts_are_told_from_a_case) {
  EXPECT_TRUE(means_alerts("rule:5763 host:scan01 4h \"authorised scan\""));
  EXPECT_TRUE(means_alerts("host:scan01 4h"));
  EXPECT_FALSE(means_alerts("4h waiting for host:scan01"));
  EXPECT_FALSE(means_alerts("4h host:scan01 is being patched"));
  EXPECT_FALSE(means_alerts("until 09:00 x"));
  EXPECT_FALSE(means_alerts("until 2026-11-25T09:00:00Z x"));
  EXPECT_FALSE(means_alerts(""));
}

std::vector<std::string> errors_of(const chat::FilledForm& filled) {
  std::vector<std::string> fields;
  for (const auto& [field, sentence] : filled.errors) fields.push_back(field);
  return fields;
}

TEST(SnoozeForm, asks_how_long_and_why) {
  const CommandForms forms;
  const auto form = forms.form_of("snooze C-3");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->title, "Snooze C-3");
  ASSERT_EQ(form->fields.size(), 3u);
  EXPECT_EQ(form->fields[1].kind, chat::FormField::Kind::time);
  EXPECT_FALSE(forms.form_of("snooze C-3 4h waiting"));
  EXPECT_FALSE(forms.form_of("snooze C-3 off"));
  EXPECT_FALSE(forms.form_of("snooze"));
  EXPECT_EQ(forms.fill("snooze C-3", {{"how", "2h"}, {"reason", "the owner"}}).command, "snooze C-3 2h the owner");
  EXPECT_EQ(forms.fill("snooze C-3", {{"how", "tomorrow"}, {"reason", "-quoted-"}}).command,
            "snooze C-3 until tomorrow 09:00 «-quoted-»");
  EXPECT_EQ(forms.fill("snooze C-3", {{"how", "time"}, {"until", "2026-11-25T08:00:00Z"}, {"reason", "x"}}).command,
            "snooze C-3 until 2026-11-25T08:00:00Z x");
}

TEST(SnoozeForm, says_at_the_field_what_is_wrong) {
  const CommandForms forms;
  using Fields = std::vector<std::string>;
  EXPECT_EQ(errors_of(forms.fill("snooze C-3", {})), (Fields{"how", "reason"}));
  EXPECT_EQ(errors_of(forms.fill("snooze C-3", {{"how", "time"}, {"reason", "x"}})), Fields{"until"});
  EXPECT_EQ(errors_of(forms.fill("snooze C-3", {{"how", "time"}, {"until", "later"}, {"reason", "x"}})), Fields{"until"});
  EXPECT_EQ(errors_of(forms.fill("snooze C-3", {{"how", "99d"}, {"reason", "x"}})), Fields{"how"});
  EXPECT_EQ(errors_of(forms.fill("snooze C-3", {{"how", "2h"}, {"until", "2026-11-25T08:00:00Z"}, {"reason", "x"}})),
            Fields{"how"});
  EXPECT_EQ(errors_of(forms.fill("snooze C-3", {{"how", "2h"}, {"reason", std::string(301, 'x')}})), Fields{"reason"});
}

TEST(SnoozeForm, a_time_that_is_over_or_too_far_off_is_said_at_its_field) {
  test::FakeClock clock(kNow);
  const CommandForms forms(&clock, std::chrono::hours(8));
  const auto errors = [&](const char* how, const char* until) {
    chat::FormAnswers answers = {{"how", how}, {"reason", "x"}};
    if (*until != '\0') answers["until"] = until;
    const auto filled = forms.fill("snooze C-3", answers);
    EXPECT_EQ(filled.command.empty(), !filled.errors.empty());
    return errors_of(filled);
  };
  using Fields = std::vector<std::string>;
  EXPECT_EQ(errors("time", "2026-11-24T15:00:00Z"), Fields{"until"});
  EXPECT_EQ(errors("time", "2026-11-24T23:31:00Z"), Fields{"until"});
  EXPECT_EQ(errors("time", "2026-11-24T23:30:00Z"), Fields{});
  EXPECT_EQ(errors("tomorrow", ""), Fields{"how"});
  EXPECT_EQ(errors("8h", ""), Fields{});
}

TEST(AssignForm, asks_for_a_person) {
  const CommandForms forms;
  const auto form = forms.form_of("assign C-3");
  ASSERT_TRUE(form);
  ASSERT_EQ(form->fields.size(), 1u);
  EXPECT_EQ(form->fields[0].kind, chat::FormField::Kind::person);
  EXPECT_FALSE(forms.form_of("assign C-3 me"));
  EXPECT_EQ(forms.fill("assign C-3", {{"person", "<@U8>"}}).command, "assign C-3 <@U8>");
  EXPECT_EQ(errors_of(forms.fill("assign C-3", {})), std::vector<std::string>{"person"});
  EXPECT_EQ(errors_of(forms.fill("assign C-3", {{"person", "me --x"}})), std::vector<std::string>{"person"});
}

TEST(EditForm, shows_what_is_and_sends_what_changed) {
  const CommandForms forms;
  const std::string digest(64, 'a');
  const std::string button = "edit R-9 --digest=" + digest + " --from=\"duration=4h,mode=soft\"";
  const auto form = forms.form_of(button);
  ASSERT_TRUE(form);
  EXPECT_EQ(form->title, "Change R-9");
  ASSERT_EQ(form->fields.size(), 2u);
  EXPECT_EQ(form->fields[0].name, "duration");
  EXPECT_EQ(form->fields[0].initial, "4h");
  EXPECT_EQ(form->instead, "edit R-9 duration=4h");
  EXPECT_FALSE(forms.form_of("edit R-9"));
  EXPECT_FALSE(forms.form_of(button + " duration=8h"));
  EXPECT_EQ(forms.fill(button, {{"duration", "8h"}, {"mode", "soft"}}).command,
            "edit R-9 --digest=" + digest + " duration=8h");
  EXPECT_EQ(forms.fill(button, {{"mode", "soft"}}).command, "edit R-9 --digest=" + digest + " duration=")
      << "left empty: as usual";
  EXPECT_EQ(errors_of(forms.fill(button, {{"duration", "4h"}, {"mode", "soft"}})), std::vector<std::string>{"duration"});
  EXPECT_EQ(errors_of(forms.fill(button, {{"duration", "long"}, {"mode", "soft"}})), std::vector<std::string>{"duration"});
  EXPECT_EQ(errors_of(forms.fill(button, {{"duration", "8h --digest=1"}, {"mode", "soft"}})),
            std::vector<std::string>{"duration"});
}

}  // namespace
}  // namespace vedette::commands

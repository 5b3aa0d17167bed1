// Forms as Slack modals, and what comes back from them.

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bot/base/text.hpp"
#include "commands/forms.hpp"
#include "integrations/slack/events_wire.hpp"
#include "integrations/slack/forms_wire.hpp"
#include "integrations/slack/render_form.hpp"
#include "tests/fakes/fake_slack_views.hpp"
#include "tests/support/files.hpp"

namespace vedette::slack {
namespace {

using json = nlohmann::json;

Json payload_of(std::string_view file) {
  auto parsed = Json::parse(test::read_file(*test::corpus() / "slack" / file));
  EXPECT_TRUE(parsed) << file;
  return parsed ? *parsed : Json();
}

Json parsed(const json& value) { return Json::parse(value.dump()).value(); }

TEST(SlackForms, every_form_is_a_view_slack_takes) {
  const commands::CommandForms forms;
  for (const auto& [name, command] :
       {std::pair{"close", "close C-12"}, std::pair{"bad", "bad C-12"}, std::pair{"investigate", "investigate"},
        std::pair{"snooze", "snooze C-12"}, std::pair{"assign", "assign C-12"},
        std::pair{"edit", "edit R-9 --from=\"duration=4h\""}}) {
    const auto form = forms.form_of(command);
    ASSERT_TRUE(form) << name;
    const json view = json::parse(render_form(*form, to_metadata(FormPlace(command, "C1", "1583636382.000300"))));
    EXPECT_EQ(test::view_problem(view).value_or(""), "") << name;
    test::expect_golden(std::string("slack/view_") + name + ".json", view.dump(2) + "\n");
  }
}

TEST(SlackForms, a_form_of_any_size_is_a_view_slack_takes) {
  chat::Form form;
  form.title = std::string(300, 't') + "\u202E<!channel>";
  form.submit = std::string(300, 's');
  form.intro = std::string(9000, 'i');
  chat::FormField field;
  field.name = "one";
  field.label = std::string(9000, 'l');
  field.hint = std::string(9000, 'h');
  for (int at = 0; at < 300; ++at) field.choices.push_back({std::to_string(at), std::string(300, 'c')});
  form.fields = {field, field};
  form.fields[1].name = "two";
  form.fields[1].choices.clear();
  form.fields[1].longest = 100'000;
  const json view = json::parse(render_form(form, std::string(kMostMetadata, 'm')));
  EXPECT_EQ(test::view_problem(view).value_or(""), "");
}

TEST(SlackForms, the_place_comes_back) {
  const auto place = place_from(to_metadata(FormPlace("close C-3", "C1", "12.5")));
  ASSERT_TRUE(place);
  EXPECT_EQ(place->command, "close C-3");
  EXPECT_EQ(place->channel, "C1");
  EXPECT_EQ(place->thread, "12.5");
  for (const char* foreign :
       {"", "This is for you!", "{}", "[]", R"({"command":"close C-3"})", R"({"command":7,"channel":"C1"})"}) {
    EXPECT_FALSE(place_from(foreign)) << foreign;
  }
}

TEST(SlackForms, a_submission_is_read) {
  if (!test::corpus()) GTEST_SKIP() << test::kNoCorpus;
  EXPECT_FALSE(read_submission(payload_of("body.interactive.view_submission.json")));  // of another app's view
  json payload = json::parse(test::read_file(*test::corpus() / "slack" / "body.interactive.view_submission.json"));
  payload["view"]["callback_id"] = kFormCallback;
  payload["view"]["private_metadata"] = to_metadata(FormPlace("close C-3", "C1", "12.5"));
  payload["view"]["state"]["values"]["how"]["answer"] = {{"type", "static_select"}, {"selected_option", {{"value", "fp"}}}};
  payload["view"]["state"]["values"]["empty"]["answer"] = {{"type", "plain_text_input"}, {"value", nullptr}};
  const auto submission = read_submission(parsed(payload));
  ASSERT_TRUE(submission) << submission.error().message;
  EXPECT_TRUE(submission->key.starts_with("view/V111/1596530361.3wRYuk3R/")) << submission->key;
  EXPECT_EQ(read_submission(parsed(payload))->key, submission->key);
  json corrected = payload;
  corrected["view"]["state"]["values"]["how"]["answer"]["selected_option"]["value"] = "tp";
  EXPECT_NE(read_submission(parsed(corrected))->key, submission->key)
      << "what was corrected would be dropped as a repetition";
  EXPECT_EQ(submission->who.workspace, "E111");
  EXPECT_EQ(submission->who.user, "W111");
  EXPECT_EQ(submission->first_field, "hspI");
  EXPECT_EQ(submission->answers, (chat::FormAnswers{{"how", "fp"}, {"hspI", "test"}}));
  payload["user"].erase("id");
  EXPECT_FALSE(read_submission(parsed(payload)));
}

TEST(SlackForms, an_acknowledgement_stays_small) {
  std::map<std::string, std::string> errors;
  for (int at = 0; at < 500; ++at) errors["field" + std::to_string(at)] = std::string(5000, 'x') + "\"";
  const std::string frame = ack_frame("envelope", errors_answer(errors));
  EXPECT_LT(frame.size(), 20'480u);
  const json ack = json::parse(frame);
  EXPECT_EQ(ack["envelope_id"], "envelope");
  EXPECT_EQ(ack["payload"]["response_action"], "errors");
  EXPECT_FALSE(ack["payload"]["errors"].empty());
  // What cannot be sent whole is left out; the acknowledgement itself never is.
  EXPECT_EQ(ack_frame("envelope", "\"" + std::string(30'000, 'x') + "\""), ack_frame("envelope"));
}

TEST(SlackForms, pickers_are_read) {
  json payload = {{"type", "view_submission"}, {"user", {{"id", "U7"}}}, {"team", {{"id", "T1"}}}};
  json& view = payload["view"];
  view = {
      {"id", "V1"}, {"callback_id", kFormCallback}, {"private_metadata", to_metadata(FormPlace("snooze C-3", "C1", ""))}};
  json& values = view["state"]["values"];
  values["until"]["answer"] = {{"type", "datetimepicker"}, {"selected_date_time", 1795600800}};
  values["person"]["answer"] = {{"type", "users_select"}, {"selected_user", "W8"}};
  values["odd"]["answer"] = {{"type", "users_select"}, {"selected_user", "nobody"}};
  values["none"]["answer"] = {{"type", "datetimepicker"}, {"selected_date_time", nullptr}};
  const auto submission = read_submission(parsed(payload));
  ASSERT_TRUE(submission) << submission.error().message;
  EXPECT_EQ(submission->answers, (chat::FormAnswers{{"until", "2026-11-25T10:00:00Z"}, {"person", "<@W8>"}}));
}

TEST(SlackForms, what_stands_there_at_first_is_shown) {
  chat::Form form;
  form.title = "T";
  form.submit = "S";
  chat::FormField text;
  text.name = "text";
  text.label = "l";
  text.initial = "4h";
  chat::FormField choice = text;
  choice.name = "choice";
  choice.choices = {{"2h", "Two"}, {"4h", "Four"}};
  chat::FormField time = text;
  time.name = "time";
  time.kind = chat::FormField::Kind::time;
  time.initial = "2026-11-25T10:00:00Z";
  form.fields = {text, choice, time};
  const json view = json::parse(render_form(form, "m"));
  EXPECT_EQ(test::view_problem(view).value_or(""), "");
  EXPECT_EQ(view["blocks"][0]["element"]["initial_value"], "4h");
  EXPECT_EQ(view["blocks"][1]["element"]["initial_option"]["value"], "4h");
  EXPECT_EQ(view["blocks"][2]["element"]["initial_date_time"], 1795600800);
}

TEST(SlackForms, shortcuts_are_read) {
  if (!test::corpus()) GTEST_SKIP() << test::kNoCorpus;
  const auto message = read_shortcut(payload_of("body.interactive.message_action.json"));
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->of_message);
  EXPECT_EQ(message->callback, "test-shortcut");
  EXPECT_EQ(message->channel, "C111");
  EXPECT_EQ(message->message_ts, "1583636382.000300");
  EXPECT_EQ(message->message_time, from_micros(1'583'636'382'000'000));
  EXPECT_EQ(message->who.workspace, "E111");
  EXPECT_EQ(message->reply_url, "https://hooks.slack.com/app/T111/111/xxx");
  EXPECT_EQ(message_text(payload_of("body.interactive.message_action.json")["message"], 1000), "<@W222> test\ntest")
      << "the block lacks the mention: another line";
  const auto global = read_shortcut(payload_of("body.interactive.shortcut.global.json"));
  ASSERT_TRUE(global);
  EXPECT_FALSE(global->of_message);
  EXPECT_EQ(global->trigger, "111.111.xxxxxx");
  EXPECT_FALSE(read_shortcut(parsed({{"type", "shortcut"}, {"trigger_id", "1"}})));
  EXPECT_FALSE(read_shortcut(parsed({{"type", "message_action"}, {"trigger_id", "1"}, {"user", {{"id", "U1"}}}})));
}

TEST(SlackForms, a_line_within_a_longer_one_is_kept) {
  const json message = {{"text", "203.0.113.10\n203.0.113.1\n203.0.113.10"}};
  EXPECT_EQ(message_text(parsed(message), 1000), "203.0.113.10\n203.0.113.1");
}

TEST(SlackForms, all_that_a_message_says_is_read_once) {
  const json message = {
      {"text", "Alert: <https://siem.example/a|details> &lt;b&gt;"},
      {"attachments", json::array({{{"title", "Brute force"},
                                    {"title_link", "https://siem.example/b"},
                                    {"fallback", "Brute force on web-01"},
                                    {"fields", json::array({{{"title", "Host"}, {"value", "web-01"}}})}}})},
      {"blocks",
       json::parse(
           R"([{"type":"section","text":{"type":"mrkdwn","text":"Alert: <https://siem.example/a|details> &lt;b&gt;"}},
         {"type":"section","fields":[{"type":"mrkdwn","text":"*Source*: 203.0.113.7"}]},
         {"type":"rich_text","elements":[{"type":"rich_text_list","elements":[{"type":"rich_text_section","elements":[
           {"type":"text","text":"seen at "},{"type":"link","url":"https://evil.example/x","text":"bank"}]}]}]}])")}};
  EXPECT_EQ(message_text(parsed(message), 10'000),
            "Alert: details (https://siem.example/a) <b>\nBrute force\nhttps://siem.example/b\nHost: web-01\n"
            "Brute force on web-01\n*Source*: 203.0.113.7\nseen at bank (https://evil.example/x)");
}

TEST(SlackForms, a_long_message_is_cut_where_it_says_so) {
  std::string text;
  for (int at = 0; at < 2000; ++at) text += "ä" + std::to_string(at) + " ";
  const std::string cut = message_text(parsed({{"text", text}}), 3500);
  EXPECT_LE(cut.size(), 3500u);
  EXPECT_TRUE(text::valid_utf8(cut));
  EXPECT_NE(cut.find("[the message goes on: "), std::string::npos);
  // Nested without end, it ends.
  json deep = {{"type", "mrkdwn"}, {"text", "bottom"}};
  for (int at = 0; at < 40; ++at) deep = {{"type", "section"}, {"inner", deep}};
  EXPECT_EQ(message_text(parsed({{"text", "top"}, {"blocks", json::array({deep})}}), 3500), "top");
}

}  // namespace
}  // namespace vedette::slack

// What comes back from cards and dialogs: total, bounded, and the same command that typing would have made.

#include "integrations/teams/picks_wire.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "commands/forms.hpp"
#include "integrations/teams/render.hpp"

namespace vedette::teams {
namespace {

using json = nlohmann::json;

Json parsed(const json& value) {
  auto result = Json::parse(value.dump());
  EXPECT_TRUE(result);
  return result ? *result : Json();
}

// Every action of a card that Teams would send us back, with its data.
void gather_data(const json& value, std::vector<json>& all) {
  if (value.is_object() && value.contains("data") && value["data"].is_object()) all.push_back(value["data"]);
  if (!value.is_structured()) return;
  for (const auto& [name, child] : value.items()) {
    if (name != "fallback") gather_data(child, all);
  }
}

TEST(TeamsPicks, a_button_is_its_command) {
  EXPECT_EQ(picked_command(parsed({{"command", " ack C-12 "}, {"key", "case/12/root"}})), "ack C-12");
  for (const json& nothing : {json(), json::array(), json("ack C-12"), json{{"command", 7}}, json{{"command", ""}},
                              json{{"command", json::array()}}, json{{"key", "case/12/root"}}}) {
    EXPECT_EQ(picked_command(parsed(nothing)), "") << nothing;
  }
}

// As a card of ours is answered.
TEST(TeamsPicks, choices_complete_their_command) {
  chat::Card card;
  card.summary = "x";
  card.blocks = {chat::Select{chat::Select::Kind::one, "Show a case…", "show", {{"C-1 · x", "C-1"}}},
                 chat::Select{chat::Select::Kind::person, "Whose?", "assign C-1", {{"Ann", "@ann"}}},
                 chat::Select{chat::Select::Kind::time, "Until…", "snooze C-1 until", {}}};
  RenderLook look;
  look.key = "reply/1";
  std::vector<json> all;
  gather_data(json::parse(render_card(card, look)), all);
  ASSERT_EQ(all.size(), 3u);
  const auto answered = [](json data, const std::vector<std::string>& answers) {
    for (size_t at = 0; at < answers.size(); ++at) data[data["answers"][at].get<std::string>()] = answers[at];
    return picked_command(parsed(data));
  };
  EXPECT_EQ(answered(all[0], {"C-1"}), "show C-1");
  EXPECT_EQ(answered(all[1], {"@ann"}), "assign C-1 @ann");
  EXPECT_EQ(answered(all[2], {"2026-11-25", "09:30"}), "snooze C-1 until 2026-11-25T09:30:00Z");
  EXPECT_EQ(answered(all[2], {"2026-11-25", "09:30:15"}), "snooze C-1 until 2026-11-25T09:30:15Z");
  EXPECT_EQ(answered(all[2], {"2026-11-25"}), "snooze C-1 until 2026-11-25T00:00:00Z");
  EXPECT_EQ(answered(all[0], {}), "") << "nothing was chosen";
  EXPECT_EQ(answered(all[0], {"  "}), "");
  EXPECT_EQ(answered(all[2], {"", "09:30"}), "");
  EXPECT_EQ(answered(all[2], {"2026-13-77", "09:30"}), "") << "no day";
  EXPECT_EQ(answered(all[0], {std::string(9000, 'x')}), "") << "longer than any answer";
}

TEST(TeamsPicks, more_answers_than_a_card_asks_for_are_none) {
  json data = {{"command", "show"}, {"answers", json::array()}};
  for (int n = 0; n < 9; ++n) {
    data["answers"].push_back("a" + std::to_string(n));
    data["a" + std::to_string(n)] = "x";
  }
  EXPECT_EQ(picked_command(parsed(data)), "");
}

TEST(TeamsPicks, pages) {
  EXPECT_TRUE(is_details(parsed({{"details", 2}, {"key", "case/12/root"}})));
  EXPECT_FALSE(is_details(parsed({{"details", "2"}, {"key", "case/12/root"}})));
  EXPECT_FALSE(is_details(parsed({{"details", 2}})));
  EXPECT_FALSE(is_details(parsed(json())));
  const DetailsPage page = details_page(parsed({{"details", 2}, {"key", "case/12/root"}}));
  EXPECT_EQ(page.slot, "case/12/root");
  EXPECT_EQ(page.page, 2u);
  EXPECT_EQ(details_page(parsed({{"details", -5}, {"key", "x"}})).page, 0u);
  EXPECT_LE(details_page(parsed({{"details", INT64_MAX}, {"key", "x"}})).page, 1000u);
}

// A form of ours, filled in, is the command that the console or Slack would make of it.
TEST(TeamsPicks, a_filled_form_is_a_command) {
  const commands::CommandForms forms;
  const auto sent_with = [&](const std::string& command, json answers) {
    const auto form = forms.form_of(command);
    EXPECT_TRUE(form) << command;
    const json dialog = json::parse(render_form_dialog(*form, form_context(command)));
    json data = dialog["card"]["content"]["actions"][0]["data"];
    data.update(answers);
    const Json back = parsed(data);
    EXPECT_EQ(command_of_form(back), command);
    return forms.fill(command, form_answers(back, *form)).command;
  };
  EXPECT_EQ(sent_with("assign C-12", {{"person", "0F0E0D0C-1111-4222-8333-444455556666"}}),
            "assign C-12 <@0f0e0d0c-1111-4222-8333-444455556666>");
  EXPECT_EQ(sent_with("assign C-12", {{"person", ""}}), "") << "nobody was chosen";
  const std::string closed = sent_with("close C-12", {{"how", "fp"}});
  EXPECT_TRUE(closed.starts_with("close C-12 fp")) << closed;
  const std::string snoozed =
      sent_with("snooze C-12", {{"how", "time"}, {"until", "2099-11-25"}, {"until-time", "09:30"}, {"reason", "patching"}});
  EXPECT_NE(snoozed.find("2099-11-25T09:30:00Z"), std::string::npos) << snoozed;
}

TEST(TeamsPicks, what_was_answered_stands_in_the_form_again) {
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
  time.initial = "2026-11-25T10:05:00Z";
  chat::FormField person = text;
  person.name = "person";
  person.kind = chat::FormField::Kind::person;
  person.initial = "<@0f0e0d0c-1111-4222-8333-444455556666>";
  form.fields = {text, choice, time, person};
  const json body = json::parse(render_form_dialog(form, form_context("x")))["card"]["content"]["body"];
  EXPECT_EQ(body[0]["value"], "4h");
  EXPECT_EQ(body[1]["value"], "4h");
  EXPECT_EQ(body[2]["columns"][0]["items"][0]["value"], "2026-11-25");
  EXPECT_EQ(body[2]["columns"][1]["items"][0]["value"], "10:05");
  EXPECT_EQ(body[3]["value"], "0f0e0d0c-1111-4222-8333-444455556666");
  EXPECT_EQ(body[3]["choices.data"], (json{{"type", "Data.Query"}, {"dataset", "graph.microsoft.com/users"}}));
  EXPECT_EQ(body[0]["isRequired"], true);
  EXPECT_FALSE(body[0]["errorMessage"].get<std::string>().empty());
}

TEST(TeamsPicks, answers_of_another_kind_are_none) {
  chat::Form form;
  chat::FormField field;
  field.name = "text";
  form.fields = {field};
  for (const json& value : {json(), json::array({1}), json::object(), json("   ")}) {
    EXPECT_TRUE(form_answers(parsed({{"text", value}}), form).empty()) << value;
  }
  EXPECT_TRUE(form_answers(parsed(json::array()), form).empty());
  EXPECT_EQ(form_answers(parsed({{"text", "words"}, {"other", "x"}}), form), (chat::FormAnswers{{"text", "words"}}));
  EXPECT_EQ(command_of_form(parsed({{"form", 5}})), "");
  EXPECT_EQ(command_of_form(parsed(json())), "");
}

}  // namespace
}  // namespace vedette::teams

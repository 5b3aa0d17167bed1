// Cards, answers and forms as Teams is sent them.

#include "integrations/teams/render.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bot/chat/adaptive_card.hpp"
#include "bot/chat/case_cards.hpp"
#include "bot/chat/home_card.hpp"
#include "commands/forms.hpp"
#include "integrations/teams/picks_wire.hpp"
#include "integrations/teams/render_fit.hpp"
#include "integrations/teams/render_pieces.hpp"
#include "tests/fakes/teams_message_check.hpp"
#include "tests/support/case_fixtures.hpp"
#include "tests/support/files.hpp"
#include "tests/support/hostile_alerts.hpp"
#include "tests/unit/slack/cards.hpp"

namespace vedette::teams {
namespace {

using json = nlohmann::json;
using test::full_card;
using test::line;

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& one : lines) all += one + "\n";
  return all;
}

RenderLook look_of(std::string key) {
  static const commands::CommandForms forms;
  RenderLook look;
  look.key = std::move(key);
  look.opens_dialog = [](const std::string& command) { return forms.form_of(command).has_value(); };
  return look;
}

json activity_of(const chat::Card& card, const RenderLook& look) {
  json activity = json::parse(render_activity(card, look).json);
  EXPECT_EQ(joined(test::activity_problems(activity)), "");
  return activity;
}

json card_of(const chat::Card& card, const RenderLook& look) { return activity_of(card, look)["attachments"][0]["content"]; }

void expect_golden_message(const std::string& name, const chat::Card& card, const RenderLook& look) {
  EXPECT_EQ(joined(test::teams_message_problems(card)), "") << name;
  test::expect_golden("teams/" + name + ".json", activity_of(card, look).dump(1) + "\n");
}

// All actions of a card, those of folded containers too, by title.
void gather_actions(const json& value, std::map<std::string, json>& actions) {
  if (value.is_object() && value.value("type", "").starts_with("Action.")) actions[value.value("title", "")] = value;
  if (!value.is_structured()) return;
  for (const auto& [name, child] : value.items()) {
    if (name != "fallback" && name != "refresh") gather_actions(child, actions);
  }
}
std::map<std::string, json> actions_of(const json& card) {
  std::map<std::string, json> actions;
  gather_actions(card, actions);
  return actions;
}

chat::Card answer_card() {
  chat::Card card;
  card.summary = "Why C-12";
  card.blocks = {
      chat::Heading{"C-12 · Likely malicious 86 %", chat::Tone::danger},
      chat::Paragraph{{{"Somebody guessed a password.", {1, 4}, false}, {"It worked on web01.", {4}, false}}, false},
      chat::Bullets{"Against it", {{"ann signs in from there, too", {7}, false}}}, chat::Facts{{{"Confidence", "86 %"}}}};
  return card;
}

chat::Card long_card(size_t lines) {
  chat::Card card = full_card();
  chat::Records records{"E2 · a long log", "", true};
  for (size_t n = 0; n < lines; ++n) records.text += "record " + std::to_string(n) + " of the log\n";
  card.blocks.insert(card.blocks.begin() + 3, records);
  return card;
}

TEST(TeamsRender, golden_every_kind_of_block) { expect_golden_message("every_block", full_card(), look_of("case/12/root")); }

TEST(TeamsRender, golden_with_everything_a_look_has) {
  const Sensitivity sensitivity{"Confidential", "Only for the SOC"};
  RenderLook look = look_of("case/12/root");
  look.refresh_for = {"29:1-aaa", "29:1-bbb"};
  look.sensitivity = &sensitivity;
  look.again = true;
  expect_golden_message("every_look", full_card(), look);
}

// One golden file a case, slot → activity, as for the other platforms.
TEST(TeamsRender, golden_cases) {
  for (const auto& [name, view] : test::all_cases()) {
    json all;
    chat::Route route;
    route.platform = "teams";
    route.channel = "19:soc@thread.tacv2";
    const auto messages = chat::case_messages(view, route);
    const bool about_action = std::any_of(messages.begin(), messages.end(), [](const auto& message) {
      return message.slot.find("/action/") != std::string::npos;
    });
    for (const auto& message : messages) {
      const auto card = chat::card_from_json(message.card);
      ASSERT_TRUE(card) << message.slot;
      EXPECT_EQ(joined(test::teams_message_problems(*card)), "") << name << " " << message.slot;
      const bool shown = message.slot.ends_with("/root") || message.slot.find("/action/") != std::string::npos;
      if (about_action && !shown && name != "hostile") continue;
      all[message.slot] = activity_of(*card, look_of(message.slot));
    }
    test::expect_golden("teams/case_" + name + ".json", all.dump(1) + "\n");
  }
}

TEST(TeamsRender, golden_steps_folded_table_and_menus) {
  chat::Card steps;
  steps.summary = "🔎 Investigating · C-12 · 1 of 3 questions";
  steps.blocks = {chat::Heading{steps.summary, {}},
                  chat::Steps{{{"Read the alert", chat::StepState::done},
                               {"Who else signed in?", chat::StepState::running},
                               {"Which processes did sshd start?", chat::StepState::waiting},
                               {"What does the firewall know?", chat::StepState::failed}}}};
  expect_golden_message("steps", steps, look_of("case/12/progress"));
  chat::Card folded;
  folded.summary = "🧾 Evidence · C-12";
  folded.blocks = {chat::Heading{folded.summary, {}},
                   chat::Paragraph{{{"E1 · How often did sign-ins fail?", {}, true}}, false},
                   chat::Records{"E1: query and 2 of 412 records", "Query: source.ip = 203.0.113.7\n\n{\"n\":1}", true}};
  expect_golden_message("folded", folded, look_of("case/12/evidence"));
  chat::Card table;
  table.summary = "Open cases: 2";
  table.blocks = {chat::Heading{table.summary, {}},
                  chat::Table{{"Case", "What", "Records", "Owner"},
                              {{"C-12", "Password guessed <at>all</at>", "1,412", "ann"}, {"C-9", "Odd process", "7", ""}}}};
  expect_golden_message("table", table, look_of("reply/1"));
  chat::Card menus;
  menus.summary = "Menus";
  menus.blocks = {chat::Heading{"Menus", {}},
                  chat::Buttons{{{"Ack", "ack C-1", chat::Tone::good, ""}}},
                  chat::Menu{"More", {{"Timeline", "timeline C-1"}, {"Evidence", "evidence C-1"}}},
                  chat::Select{chat::Select::Kind::one, "Show a case…", "show", {{"C-1 · x", "C-1"}, {"C-2 · y", "C-2"}}},
                  chat::Select{chat::Select::Kind::person, "Choose a person", "assign C-1", {{"Ann", "@ann"}}},
                  chat::Select{chat::Select::Kind::time, "Or pick until when", "snooze C-1 until", {}}};
  expect_golden_message("menus", menus, look_of("reply/2"));
}

TEST(TeamsRender, golden_too_long_and_its_details) {
  const chat::Card card = long_card(1500);
  EXPECT_FALSE(fits(card));
  const auto rendered = render_activity(card, look_of("case/12/evidence"));
  EXPECT_FALSE(rendered.whole);
  EXPECT_EQ(joined(test::teams_message_problems(card)), "");
  const json shown = card_of(card, look_of("case/12/evidence"));
  const auto actions = actions_of(shown);
  ASSERT_TRUE(actions.contains("Details"));
  EXPECT_EQ(actions.at("Details")["data"],
            (json{{"details", 1}, {"key", "case/12/evidence"}, {"msteams", {{"type", "task/fetch"}}}}));
  EXPECT_TRUE(actions.contains("Ack")) << "what one presses stays";
  const json last = json::parse(render_details_dialog(card, 10'000, "case/12/evidence"));
  EXPECT_EQ(joined(test::dialog_problems(last)), "");
  EXPECT_EQ(actions_of(last["card"]["content"]).size(), 1u) << "only back";
  const json small = json::parse(render_details_dialog(full_card(), 0, "case/12/root"));
  EXPECT_EQ(joined(test::dialog_problems(small)), "");
  test::expect_golden("teams/dialog_details.json", small.dump(1) + "\n");
  EXPECT_TRUE(fits(full_card()));
}

TEST(TeamsRender, golden_answer) {
  const chat::Card card = answer_card();
  ASSERT_TRUE(is_plain_answer(card));
  RenderLook look;
  const json activity = json::parse(render_answer_text(card, look));
  EXPECT_EQ(joined(test::activity_problems(activity)), "");
  EXPECT_EQ(joined(test::teams_message_problems(card)), "");
  const json claims = activity["entities"][0]["citation"];
  ASSERT_EQ(claims.size(), 3u);
  EXPECT_EQ(claims[1]["appearance"]["name"], "Evidence E4");
  EXPECT_EQ(claims[1]["position"], 2);
  test::expect_golden("teams/answer.json", activity.dump(1) + "\n");
}

TEST(TeamsRender, golden_forms) {
  const commands::CommandForms forms;
  for (const auto& [name, command] :
       {std::pair{"close", "close C-12"}, std::pair{"bad", "bad C-12"}, std::pair{"investigate", "investigate"},
        std::pair{"snooze", "snooze C-12"}, std::pair{"assign", "assign C-12"},
        std::pair{"edit", "edit R-9 --from=\"duration=4h\""}}) {
    const auto form = forms.form_of(command);
    ASSERT_TRUE(form) << name;
    EXPECT_EQ(joined(test::teams_form_problems(*form)), "") << name;
    const json dialog = json::parse(render_form_dialog(*form, form_context(command)));
    test::expect_golden(std::string("teams/dialog_") + name + ".json", dialog.dump(1) + "\n");
  }
  const auto close = forms.form_of("close C-12");
  const json corrected = json::parse(
      render_form_dialog(*close, form_context("close C-12"), {{close->fields.front().name, "Please choose one."}}));
  test::expect_golden("teams/dialog_corrected.json", corrected.dump(1) + "\n");
}

// Pressing a button whose question was not answered does nothing.
TEST(TeamsRender, a_question_folds_out_before_its_command_can_be_pressed) {
  const json shown = card_of(full_card(), look_of("case/12/root"));
  const auto actions = actions_of(shown);
  const json asks = actions.at("Block IP");
  EXPECT_EQ(asks["type"], "Action.ToggleVisibility");
  EXPECT_EQ(asks["style"], "destructive");
  const json yes = actions.at("Yes: Block IP");
  EXPECT_EQ(yes["data"], (json{{"command", "request R-9 --digest=ab12"}, {"key", "case/12/root"}}));
  EXPECT_EQ(actions.at("No")["targetElements"], asks["targetElements"]);
  const std::string id = asks["targetElements"][0];
  size_t found = 0;
  for (const auto& element : shown["body"]) {
    if (element.value("id", "") != id) continue;
    ++found;
    EXPECT_EQ(element["isVisible"], false);
    EXPECT_NE(test::shown_by(json{{"body", json::array({element})}}).find("Block 203[.]0[.]113[.]7 for 4 h?"),
              std::string::npos);
  }
  EXPECT_EQ(found, 1u);
}

TEST(TeamsRender, a_command_with_a_form_opens_a_dialog) {
  const auto actions = actions_of(card_of(full_card(), look_of("case/12/root")));
  const json close = actions.at("Close…");
  EXPECT_EQ(close["type"], "Action.Submit");
  EXPECT_EQ(close["data"],
            (json{{"command", "close C-12"}, {"key", "case/12/root"}, {"msteams", {{"type", "task/fetch"}}}}));
  const json ack = actions.at("Ack");
  EXPECT_EQ(ack["type"], "Action.Execute");
  EXPECT_EQ(ack["verb"], "command");
  EXPECT_EQ(ack["fallback"]["type"], "Action.Submit");
  EXPECT_EQ(ack["fallback"]["data"], ack["data"]);
}

TEST(TeamsRender, thumbs_are_buttons_and_a_feedback_loop) {
  const json activity = activity_of(full_card(), look_of("case/12/root"));
  EXPECT_EQ(activity["channelData"], (json{{"feedbackLoop", {{"type", "default"}}}}));
  const auto actions = actions_of(activity["attachments"][0]["content"]);
  EXPECT_EQ(actions.at("👍")["data"]["command"], "good C-12");
  EXPECT_EQ(actions.at("👎")["type"], "Action.Submit") << "it asks why";
  EXPECT_EQ(activity["entities"][0]["additionalType"], json::array({"AIGeneratedContent"}));
  chat::Card plain;
  plain.summary = "Done";
  plain.blocks = {chat::Paragraph{{line("Acknowledged.")}, false}};
  const json other = activity_of(plain, look_of("reply/1"));
  EXPECT_FALSE(other.contains("channelData"));
  EXPECT_FALSE(other.contains("entities")) << "nobody judged anything";
}

TEST(TeamsRender, sensitivity_is_said_of_every_message_and_the_label_only_of_judgements) {
  const Sensitivity sensitivity{"Confidential", ""};
  RenderLook look = look_of("reply/1");
  look.sensitivity = &sensitivity;
  chat::Card plain;
  plain.summary = "Done";
  plain.blocks = {chat::Paragraph{{line("Acknowledged.")}, false}};
  const json entity = activity_of(plain, look)["entities"][0];
  EXPECT_EQ(entity["usageInfo"]["name"], "Confidential");
  EXPECT_FALSE(entity["usageInfo"].contains("description"));
  EXPECT_FALSE(entity.contains("additionalType"));
  const Sensitivity none;
  look.sensitivity = &none;
  EXPECT_FALSE(activity_of(plain, look).contains("entities"));
}

TEST(TeamsRender, refresh_names_sixty_at_most_and_nobody_without_a_list) {
  RenderLook look = look_of("case/12/root");
  EXPECT_FALSE(card_of(full_card(), look).contains("refresh"));
  for (int n = 0; n < 100; ++n) look.refresh_for.push_back("29:" + std::to_string(n));
  look.refresh_for[3] = std::string(5000, 'x');
  const json refresh = card_of(full_card(), look)["refresh"];
  EXPECT_EQ(refresh["userIds"].size(), 60u);
  EXPECT_EQ(refresh["action"]["verb"], "refresh");
  EXPECT_EQ(refresh["action"]["data"], (json{{"key", "case/12/root"}}));
}

TEST(TeamsRender, the_console_keeps_its_own_look) {
  const json console = json::parse(chat::render_adaptive_card(full_card()));
  const auto actions = actions_of(console);
  EXPECT_EQ(actions.at("Block IP")["data"]["confirm"], "Block 203[.]0[.]113[.]7 for 4 h?");
  EXPECT_FALSE(actions.at("Ack").contains("fallback"));
  EXPECT_FALSE(actions.at("Ack")["data"].contains("key"));
}

TEST(TeamsRender, text_of_others_is_never_markup) {
  const std::string hostile =
      "<at>All</at> [Open](https://evil.example) ![x](http://evil.example/p.png) **bold** _it_ `code` # head <b>b</b> [1] "
      "https://evil.example/x www.evil.example ann@evil.example mailto:x {{DATE(2026-11-24T00:00:00Z)}} \u202Eexe\u200Bx & "
      "| ~~";
  chat::Card card;
  card.summary = hostile;
  chat::Line whole{hostile, {1}, true};
  card.blocks = {chat::Heading{hostile, {}},
                 chat::Paragraph{{whole, {"- " + hostile, {}, false}, {"1. x", {}, false}}, true},
                 chat::Bullets{hostile, {whole, {"# " + hostile, {}, false}}},
                 chat::Facts{{{hostile, hostile}}},
                 chat::Chips{hostile, {hostile}},
                 chat::Steps{{{hostile, chat::StepState::done}}}};
  ASSERT_TRUE(is_plain_answer(card));
  EXPECT_EQ(joined(test::teams_message_problems(card)), "");
  const std::string text = json::parse(render_answer_text(card, {}))["text"];
  EXPECT_EQ(text.find("<at>"), std::string::npos);
  EXPECT_EQ(text.find("]("), std::string::npos);
  EXPECT_NE(text.find("&lt;at&gt;All&lt;/at&gt; \\[Open\\]\\("), std::string::npos) << text;
}

TEST(TeamsRender, which_cards_are_answers) {
  EXPECT_TRUE(is_plain_answer(answer_card()));
  EXPECT_FALSE(is_plain_answer(full_card())) << "it has buttons";
  EXPECT_FALSE(is_plain_answer(chat::Card()));
  chat::Card long_answer = answer_card();
  long_answer.blocks.push_back(chat::Paragraph{{line(std::string(40'000, 'x'))}, false});
  EXPECT_FALSE(is_plain_answer(long_answer)) << "a card has a way to the rest";
}

TEST(TeamsRender, empty_cards_say_something) {
  for (const auto& summary : {std::string(), std::string("  "), std::string("\u200B"), std::string("All quiet")}) {
    chat::Card card;
    card.summary = summary;
    EXPECT_EQ(joined(test::teams_message_problems(card)), "");
    card.blocks = {chat::Heading{"", {}},
                   chat::Paragraph{{line("")}, false},
                   chat::Paragraph{{}, true},
                   chat::Bullets{"", {}},
                   chat::Facts{},
                   chat::Chips{},
                   chat::Steps{},
                   chat::Records{"", "", true},
                   chat::Table{},
                   chat::Buttons{},
                   chat::Thumbs{},
                   chat::Buttons{{{"", "", {}, ""}}},
                   chat::Chips{"", {""}},
                   chat::Facts{{{"", ""}}},
                   chat::Table{{}, {{}}},
                   chat::Table{{"", ""}, {{"", ""}}},
                   chat::Menu{},
                   chat::Select{}};
    EXPECT_EQ(joined(test::teams_message_problems(card)), "");
  }
}

TEST(TeamsRender, more_buttons_than_a_row_shows) {
  chat::Card card;
  card.summary = "x";
  chat::Buttons buttons;
  for (int n = 0; n < 14; ++n) buttons.items.push_back({"b" + std::to_string(n), "ack C-" + std::to_string(n), {}, ""});
  card.blocks = {buttons};
  EXPECT_EQ(card_of(card, look_of("reply/1"))["body"].size(), 3u);
  for (int n = 0; n < 60; ++n) card.blocks.push_back(buttons);
  EXPECT_EQ(joined(test::teams_message_problems(card)), "");
  EXPECT_NE(render_activity(card, look_of("reply/1")).json.find("buttons have no room here"), std::string::npos);
}

// What a card weighs is reckoned before it is drawn; never too little, or a message would be refused.
TEST(TeamsRender, cards_are_not_larger_than_reckoned) {
  test::Hostile hostile(5, 2000);
  RenderLook look;
  look.key = std::string(kKey, 'k');
  std::vector<chat::Card> cards = {full_card(), answer_card(), long_card(100), chat::Card()};
  for (int n = 0; n < 60; ++n) cards.push_back(hostile.card());
  for (const auto& given : cards) {
    const chat::Card card = bounded(given);
    const auto rendered = render_activity(card, look);
    if (!rendered.whole) continue;
    EXPECT_LE(utf16_bytes(render_card(card, look)), weight_of(card)) << to_json(card).substr(0, 400);
  }
  const size_t drawn = utf16_bytes(render_card(full_card(), look));
  EXPECT_LT(weight_of(bounded(full_card())), 3 * drawn) << "reckoned too much, hardly anything would fit";
}

TEST(TeamsRender, sizes_are_counted_as_utf16) {
  EXPECT_EQ(utf16_bytes(""), 0u);
  EXPECT_EQ(utf16_bytes("abc"), 6u);
  EXPECT_EQ(utf16_bytes("äß"), 4u);
  EXPECT_EQ(utf16_bytes("€"), 2u);
  EXPECT_EQ(utf16_bytes("🔎"), 4u);
}

}  // namespace
}  // namespace vedette::teams

// Menus, selects and pickers: drawn, and read when somebody uses them.

#include "integrations/slack/picks_wire.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "integrations/slack/events_wire.hpp"
#include "integrations/slack/render.hpp"
#include "tests/fakes/fake_slack_blocks.hpp"
#include "tests/support/files.hpp"

namespace vedette::slack {
namespace {

using json = nlohmann::json;

chat::Card menus_card() {
  chat::Card card;
  card.summary = "C-12";
  chat::Select show;
  show.label = "Show a case…";
  show.command = "show";
  show.options = {{"C-1 · Something", "C-1"}, {"C-2 · Something else", "C-2"}};
  chat::Select person;
  person.kind = chat::Select::Kind::person;
  person.label = "Choose a person";
  person.command = "assign C-12";
  person.options = {{"Ann", "@ann"}};
  chat::Select time;
  time.kind = chat::Select::Kind::time;
  time.label = "Until…";
  time.command = "snooze C-12 until";
  chat::Menu more{"More", {}};
  for (const char* word : {"Snooze…", "Assign to me", "Timeline", "Why…", "Five", "Six"}) {
    more.items.push_back({word, std::string("note C-12 ") + word});
  }
  card.blocks = {chat::Buttons{{{"Ack", "ack C-12", {}, ""}}}, more, chat::Divider{}, show, person, time};
  return card;
}

json blocks_of(const chat::Card& card) { return json::parse(render(card).blocks); }

chat::Interaction used(const json& blocks, const std::string& answer) {
  json action = test::pressed(blocks, answer);
  EXPECT_FALSE(action.is_null()) << answer;
  action["action_ts"] = "1710000000.000200";
  const json payload = {
      {"type", "block_actions"},         {"user", {{"id", "U7"}, {"team_id", "T1"}}}, {"team", {{"id", "T1"}}},
      {"channel", {{"id", "C1"}}},       {"message", {{"ts", "1710000000.000100"}}},  {"container", {{"type", "message"}}},
      {"actions", json::array({action})}};
  const Meaning meaning = interpret("interactive", *Json::parse(payload.dump()), {"U0BOT", "B0BOT", "T1", ""});
  const auto* said = std::get_if<chat::Interaction>(&meaning);
  return said == nullptr ? chat::Interaction() : *said;
}

TEST(SlackMenus, stand_beside_the_buttons_and_are_taken_by_slack) {
  const json blocks = blocks_of(menus_card());
  EXPECT_EQ(test::blocks_problem(blocks).value_or(""), "");
  test::expect_golden("slack/menus.json", blocks.dump(2) + "\n");
  ASSERT_EQ(blocks[0]["elements"].size(), 3u);
  EXPECT_EQ(blocks[0]["elements"][1]["options"].size(), 5u);  // as many as Slack takes
  EXPECT_EQ(blocks[0]["elements"][2]["options"].size(), 1u);
  RenderLimits plain;
  plain.plain = true;
  EXPECT_EQ(test::blocks_problem(json::parse(render(menus_card(), plain).blocks)).value_or(""), "");
}

TEST(SlackMenus, what_is_chosen_is_a_command) {
  const json blocks = blocks_of(menus_card());
  EXPECT_EQ(used(blocks, "Timeline").text, "note C-12 Timeline");
  EXPECT_EQ(used(blocks, "Six").text, "note C-12 Six");
  EXPECT_EQ(used(blocks, "C-2").text, "show C-2");
  EXPECT_EQ(used(blocks, "U8").text, "assign C-12 <@U8>");
  EXPECT_EQ(used(blocks, "1795600800").text, "snooze C-12 until 2026-11-25T10:00:00Z");
  EXPECT_TRUE(used(blocks, "C-2").button);
  EXPECT_EQ(used(blocks, "C-2").thread_ref, "1710000000.000100");
}

std::string command_of(const json& action) { return picked_command(*Json::parse(action.dump())); }

TEST(SlackMenus, what_an_element_cannot_give_is_nothing) {
  const std::string id = "pick:0:assign C-12";
  EXPECT_EQ(command_of({{"type", "users_select"}, {"action_id", id}, {"selected_user", "U8"}}), "assign C-12 <@U8>");
  for (const json& user : {json("U8> ack C-1"), json("me"), json(""), json(7), json(), json("u8"), json("U8 nobody"),
                           json(std::string(40, 'U'))}) {
    EXPECT_EQ(command_of({{"type", "users_select"}, {"action_id", id}, {"selected_user", user}}), "") << user;
  }
  for (const json& seconds : {json(-5), json(0), json(1e15), json("1795600800"), json()}) {
    const json action = {
        {"type", "datetimepicker"}, {"action_id", "pick:0:snooze C-1 until"}, {"selected_date_time", seconds}};
    EXPECT_EQ(command_of(action), "") << seconds;
  }
  const auto day = [](const char* value) {
    return command_of({{"type", "datepicker"}, {"action_id", "pick:0:snooze C-1 until"}, {"selected_date", value}});
  };
  EXPECT_EQ(day("2026-11-25"), "snooze C-1 until 2026-11-25");
  EXPECT_EQ(day("2026-11-25 x"), "");
  EXPECT_EQ(command_of({{"type", "timepicker"}, {"action_id", "pick:0:snooze C-1 until"}, {"selected_time", "08:30"}}),
            "snooze C-1 until 08:30");
  // Ids that are not ours complete nothing.
  for (const std::string& foreign :
       {std::string("assign"), std::string("pick:"), std::string("pick:0"), std::string("pick:0:"),
        "pick:0:" + std::string(300, 'x'), std::string("pick:0:note C-1\nack C-1"), std::string("")}) {
    EXPECT_EQ(command_of({{"type", "users_select"}, {"action_id", foreign}, {"selected_user", "U8"}}), "") << foreign;
  }
  EXPECT_EQ(command_of({{"type", "button"}, {"action_id", "command:0"}, {"value", "ack C-1"}}), "ack C-1");
}

TEST(SlackMenus, nothing_is_cut_into_another_command) {
  EXPECT_FALSE(pick_id(0, std::string(300, 'x')));
  EXPECT_FALSE(pick_id(0, "note C-1\nack C-1"));
  chat::Card card = menus_card();
  std::get<chat::Menu>(card.blocks[1]).items = {{"Long", "note C-1 " + std::string(200, 'x')}, {"", "ack C-1"}};
  std::get<chat::Select>(card.blocks[3]).options = {{std::string(500, 'l'), "C-1"}, {"long", std::string(200, 'v')}};
  for (int at = 0; at < 250; ++at)
    std::get<chat::Select>(card.blocks[3]).options.push_back({"", "C-" + std::to_string(100 + at)});
  std::get<chat::Select>(card.blocks[4]).command = "assign " + std::string(300, 'x');
  const json blocks = blocks_of(card);
  EXPECT_EQ(test::blocks_problem(blocks).value_or(""), "");
  EXPECT_EQ(blocks.dump().find("xxx\"}"), std::string::npos);
  EXPECT_NE(blocks.dump().find("Choose a person Type it: assign"), std::string::npos);
  EXPECT_EQ(used(blocks, "C-349").text, "show C-349");
}

}  // namespace
}  // namespace vedette::slack

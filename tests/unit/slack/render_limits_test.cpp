// What the blocks of a row weigh, and what has no room in a menu.

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "integrations/slack/render.hpp"
#include "tests/fakes/fake_slack_blocks.hpp"

namespace vedette::slack {
namespace {

using json = nlohmann::json;

// Slack counts every label, question and option of a message, not the paragraphs alone.
TEST(SlackRenderLimits, many_buttons_with_questions_and_long_selects_stay_under_the_limit_of_all_text) {
  chat::Card card;
  card.summary = "Busy";
  chat::Paragraph paragraph;
  for (int line = 0; line < 100; ++line) paragraph.lines.push_back({std::string(100, 'p'), {}, false});
  chat::Buttons buttons;
  for (int number = 0; number < 30; ++number) {
    buttons.items.push_back({std::string(75, 'b'), "request R-" + std::to_string(number), {}, std::string(300, 'q')});
  }
  chat::Select select{chat::Select::Kind::one, "Show a case", "show", {}};
  for (int number = 0; number < 100; ++number)
    select.options.push_back({std::string(75, 'o'), "C-" + std::to_string(number)});
  card.blocks = {paragraph, buttons, select};
  const Message message = render(card);
  const json blocks = json::parse(message.blocks);
  EXPECT_EQ(test::blocks_problem(blocks).value_or(""), "");
  EXPECT_LE(test::blocks_text(blocks), test::kMostBlocksText);
  EXPECT_GT(message.missing_lines, 0u);
  EXPECT_NE(message.blocks.find("did not fit into this message"), std::string::npos);
}

TEST(SlackRenderLimits, a_command_too_long_for_a_menu_is_told) {
  chat::Card card;
  card.summary = "Menu";
  const std::string command = "note C-1 " + std::string(200, 'w');
  card.blocks = {chat::Buttons{{{"Ack", "ack C-1", {}, ""}}}, chat::Menu{"More", {{"Short", "why C-1"}, {"Long", command}}}};
  const json blocks = json::parse(render(card).blocks);
  EXPECT_EQ(test::blocks_problem(blocks).value_or(""), "");
  EXPECT_NE(blocks.dump().find("Too long for a menu, type it: " + command), std::string::npos);
  EXPECT_NE(blocks.dump().find("\"value\":\"why C-1\""), std::string::npos);
}

}  // namespace
}  // namespace vedette::slack

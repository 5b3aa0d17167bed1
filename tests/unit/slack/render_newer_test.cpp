// The kinds of block of 2026, and that the same is said without them.

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bot/base/text.hpp"
#include "integrations/slack/render.hpp"
#include "tests/fakes/fake_slack_blocks.hpp"
#include "tests/support/files.hpp"

namespace vedette::slack {
namespace {

using json = nlohmann::json;
using chat::StepState;

RenderLimits classic() {
  RenderLimits limits;
  limits.newer = {};
  return limits;
}

json blocks_of(const chat::Card& card, const RenderLimits& limits = {}) {
  const Message message = render(card, limits);
  json blocks = json::parse(message.blocks);
  EXPECT_EQ(test::blocks_problem(blocks).value_or(""), "");
  EXPECT_LE(test::blocks_text(blocks), test::kMostBlocksText);
  return blocks;
}

chat::Card investigation() {
  chat::Card card;
  card.summary = "🔎 Investigating · C-12 · 1 of 3 questions";
  card.blocks = {chat::Heading{card.summary, {}},
                 chat::Steps{{{"Read the alert", StepState::done},
                              {"Who else signed in from 203[.]0[.]113[.]7?", StepState::running},
                              {"Which processes did sshd start on web01?", StepState::waiting},
                              {"What does the firewall know?", StepState::failed}}}};
  return card;
}

chat::Card evidence() {
  chat::Card card;
  card.summary = "🧾 Evidence · C-12";
  card.blocks = {
      chat::Heading{card.summary, {}},
      chat::Paragraph{{{"E1 · How often did sign-ins fail?", {}, true}, {"412 times in an hour.", {}, false}}, false},
      chat::Paragraph{{{"event log · 412 records", {}, false}}, true},
      chat::Records{"E1: query and 2 of 412 records", "Query: source.ip = 203.0.113.7\n\n{\"n\":1}\n{\"n\":2}", true}};
  return card;
}

chat::Card pending() {
  chat::Card card;
  card.summary = "Open cases: 2";
  card.blocks = {chat::Heading{card.summary, {}},
                 chat::Table{{"Case", "What", "Records", "Owner"},
                             {{"C-12", "Password guessed <!channel>", "1,412", "ann"}, {"C-9", "Odd process", "7", ""}}}};
  return card;
}

void expect_golden_pair(const std::string& name, const chat::Card& card) {
  test::expect_golden("slack/" + name + ".json", blocks_of(card).dump(2) + "\n");
  test::expect_golden("slack/" + name + "_classic.json", blocks_of(card, classic()).dump(2) + "\n");
}

TEST(SlackRenderNewer, golden_steps) { expect_golden_pair("steps", investigation()); }
TEST(SlackRenderNewer, golden_folded_evidence) { expect_golden_pair("folded", evidence()); }
TEST(SlackRenderNewer, golden_table) { expect_golden_pair("table", pending()); }

TEST(SlackRenderNewer, a_plan_takes_the_heading_above_for_its_title) {
  const json blocks = blocks_of(investigation());
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0]["title"], "🔎 Investigating · C-12 · 1 of 3 questions");
  EXPECT_EQ(blocks[0]["tasks"][1]["status"], "in_progress");
  EXPECT_EQ(blocks[0]["tasks"][3]["status"], "error");
  chat::Card alone = investigation();
  alone.blocks.erase(alone.blocks.begin());
  EXPECT_EQ(blocks_of(alone)[0]["title"], "Steps");
}

TEST(SlackRenderNewer, a_step_longer_than_a_title_is_there_in_full) {
  chat::Card card = investigation();
  const std::string lengthy = "Who " + std::string(400, 'o') + "?";
  std::get<chat::Steps>(card.blocks[1]).items[0].text = lengthy;
  const json task = blocks_of(card)[0]["tasks"][0];
  EXPECT_EQ(task["details"]["elements"][0]["elements"][0]["text"], lengthy);
}

TEST(SlackRenderNewer, more_steps_than_a_plan_takes_are_lines) {
  chat::Card card = investigation();
  for (int n = 0; n < 60; ++n) std::get<chat::Steps>(card.blocks[1]).items.push_back({"step", StepState::done});
  const Message message = render(card);
  EXPECT_FALSE(message.newer.any());
  EXPECT_EQ(json::parse(message.blocks)[0]["type"], "header");
  EXPECT_EQ(message.missing_lines, 0u);
}

TEST(SlackRenderNewer, a_column_of_numbers_sorts_as_numbers_and_no_other) {
  const json rows = blocks_of(pending())[1]["rows"];
  EXPECT_EQ(rows[0][2]["type"], "raw_text");
  EXPECT_EQ(rows[1][2], (json{{"type", "raw_number"}, {"value", 1412}, {"text", "1,412"}}));
  EXPECT_EQ(rows[2][2]["value"], 7);
  EXPECT_EQ(rows[2][3]["text"], "–") << "a cell is never empty";
  for (const char* name : {"1,41", "007", "1.5", "-1", "12,3456", "1,,234", "", "9999999999999999"}) {
    chat::Card card = pending();
    std::get<chat::Table>(card.blocks[1]).rows[0][2] = name;
    EXPECT_EQ(blocks_of(card)[1]["rows"][2][2]["type"], "raw_text") << name;
  }
}

TEST(SlackRenderNewer, tables_beyond_the_limits_are_classic) {
  const auto type_of = [](const chat::Table& table) {
    chat::Card card;
    card.summary = "x";
    card.blocks = {table};
    return blocks_of(card)[0]["type"].get<std::string>();
  };
  EXPECT_EQ(type_of({{"a"}, {{"1"}}}), "data_table");
  EXPECT_EQ(type_of({{}, {{"1"}}}), "rich_text") << "no header";
  EXPECT_EQ(type_of({{"a"}, {{"1", "2"}}}), "rich_text") << "a row longer than the header";
  EXPECT_EQ(type_of({std::vector<std::string>(21, "a"), {{"1"}}}), "rich_text");
  EXPECT_EQ(type_of({std::vector<std::string>(20, "a"), {{"1"}}}), "data_table");
  EXPECT_EQ(type_of({{"a"}, std::vector<std::vector<std::string>>(100, {"1"})}), "data_table");
  EXPECT_EQ(type_of({{"a"}, std::vector<std::vector<std::string>>(101, {"1"})}), "rich_text");
  EXPECT_EQ(type_of({{"a"}, std::vector<std::vector<std::string>>(8, {std::string(1300, 'x')})}), "rich_text");
}

TEST(SlackRenderNewer, only_the_first_table_and_plan_of_a_message) {
  chat::Card card = pending();
  card.blocks.push_back(card.blocks[1]);
  card.blocks.push_back(investigation().blocks[1]);
  card.blocks.push_back(investigation().blocks[1]);
  const json blocks = blocks_of(card);
  size_t tables = 0;
  size_t plans = 0;
  for (const auto& block : blocks) {
    tables += block["type"] == "data_table" ? 1 : 0;
    plans += block["type"] == "plan" ? 1 : 0;
  }
  EXPECT_EQ(tables, 1u);
  EXPECT_EQ(plans, 1u);
}

TEST(SlackRenderNewer, folded_text_is_whole_and_closed_at_first) {
  chat::Card card = evidence();
  std::string all;
  for (int n = 0; n < 60; ++n) all += "record " + std::to_string(n) + " " + std::string(70, 'r') + "\n";
  all += std::string(3000, 'z');
  card.blocks[3] = chat::Records{"Log", all, true};
  const json folded = blocks_of(card)[3];
  ASSERT_EQ(folded["type"], "container");
  EXPECT_EQ(folded["default_collapsed"], true);
  std::string seen;
  for (const auto& child : folded["child_blocks"]) seen += child["text"]["text"].get<std::string>() + "\n";
  for (int n = 0; n < 60; ++n) EXPECT_NE(seen.find("record " + std::to_string(n) + " "), std::string::npos) << n;
  EXPECT_EQ(static_cast<size_t>(std::count(seen.begin(), seen.end(), 'z')), 3000u);
  card.blocks[3] = chat::Records{"Log", all, false};
  EXPECT_EQ(blocks_of(card)[3]["type"], "rich_text") << "what is not to be folded stays open";
}

TEST(SlackRenderNewer, a_container_is_filled_as_far_as_the_message_holds) {
  chat::Card card = evidence();
  std::string all;
  for (int n = 0; n < 500; ++n) all += "record " + std::to_string(n) + " " + std::string(50, 'r') + "\n";
  card.blocks[3] = chat::Records{"Log", all, true};
  const Message message = render(card);
  const json blocks = json::parse(message.blocks);
  EXPECT_EQ(test::blocks_problem(blocks).value_or(""), "");
  ASSERT_EQ(blocks[3]["type"], "container");
  size_t shown = 0;
  for (const auto& child : blocks[3]["child_blocks"]) {
    const std::string text = child["text"]["text"];
    shown += static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  }
  EXPECT_GT(shown, 100u);
  EXPECT_GE(shown + message.missing_lines, 500u) << "none is lost without a word";
  EXPECT_LE(shown + message.missing_lines, 503u);
}

TEST(SlackRenderNewer, a_file_in_a_message_says_where_its_text_is) {
  chat::Card card;
  card.summary = "📎 Evidence of C-12 in full: E1";
  card.blocks = {chat::Heading{card.summary, {}}, chat::File{"C-12-evidence.txt", "Evidence of C-12 in full: E1", "secret"}};
  const std::string message = render(card).blocks;
  EXPECT_NE(message.find("The console shows all of it."), std::string::npos);
  EXPECT_EQ(message.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace vedette::slack

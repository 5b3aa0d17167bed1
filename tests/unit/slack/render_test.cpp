#include "integrations/slack/render.hpp"

#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bot/base/text.hpp"
#include "tests/fakes/fake_slack_blocks.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/slack/cards.hpp"

namespace vedette::slack {
namespace {

using json = nlohmann::json;
using test::full_card;
using test::line;

json blocks_of(const Message& message) { return json::parse(message.blocks); }

void expect_acceptable(const Message& message) {
  const json blocks = blocks_of(message);
  EXPECT_EQ(test::blocks_problem(blocks).value_or(""), "");
  EXPECT_LE(test::blocks_text(blocks), test::kMostBlocksText);
  EXPECT_FALSE(blocks.empty());
  EXPECT_FALSE(message.text.empty());
  EXPECT_LE(text::characters(message.text), 8000u);
}

// Everything a reader can see or press, in order.
std::string visible(const json& value) {
  std::string out;
  if (value.is_object()) {
    for (const auto& [key, child] : value.items()) {
      if ((key == "text" || key == "title") && child.is_string())
        out += child.get<std::string>() + "\n";
      else
        out += visible(child);
    }
  } else if (value.is_array()) {
    for (const auto& child : value) out += visible(child);
  }
  return out;
}

// No element that notifies, links or has Slack read markup.
void expect_literal(const json& value) {
  static const std::set<std::string> forbidden = {"mrkdwn",    "markdown", "link",      "user",
                                                  "usergroup", "channel",  "broadcast", "emoji"};
  if (value.is_object()) {
    if (value.contains("type")) {
      EXPECT_FALSE(forbidden.contains(value["type"].get<std::string>())) << value.dump();
    }
    if (value.value("type", "") == "plain_text") {
      EXPECT_EQ(value["emoji"], false) << value.dump();
    }
    EXPECT_FALSE(value.contains("url"));
  }
  if (value.is_structured()) {
    for (const auto& child : value) expect_literal(child);
  }
}

// context_actions are for messages; a view takes ordinary buttons.
TEST(SlackRender, thumbs_of_each_kind) {
  chat::Card card;
  card.summary = "s";
  card.blocks = {chat::Thumbs{"good C-1", "bad C-1"}, chat::Thumbs{"good C-2", "bad C-2"}, chat::Thumbs{"good C-3", ""}};
  const Message usual = render(card);
  expect_acceptable(usual);
  const json blocks = blocks_of(usual);
  ASSERT_EQ(blocks.size(), 3u);
  EXPECT_EQ(blocks[0]["type"], "context_actions");
  EXPECT_EQ(blocks[0]["elements"][0]["positive_button"]["value"], "good C-1");
  EXPECT_EQ(blocks[0]["elements"][0]["negative_button"]["value"], "bad C-1");
  EXPECT_EQ(blocks[1]["type"], "context_actions");
  EXPECT_EQ(blocks[2]["type"], "actions") << "half a pair is an ordinary button";
  RenderLimits view;
  view.feedback_buttons = false;
  const json in_view = blocks_of(render(card, view));
  EXPECT_EQ(test::view_blocks_problem(in_view).value_or(""), "");
  EXPECT_EQ(in_view[0]["type"], "actions");
  EXPECT_EQ(in_view[0]["elements"].size(), 2u);
  EXPECT_NE(test::view_blocks_problem(blocks).value_or(""), "") << "the check itself";
}

size_t count(const std::string& haystack, const std::string& needle) {
  size_t found = 0;
  for (size_t at = haystack.find(needle); at != std::string::npos; at = haystack.find(needle, at + 1)) ++found;
  return found;
}

TEST(SlackRender, golden_every_kind_of_block) {
  const Message message = render(full_card());
  expect_acceptable(message);
  json shown = {{"text", message.text}, {"blocks", blocks_of(message)}};
  test::expect_golden("slack/every_block.json", shown.dump(2) + "\n");
}

// What a workspace without the newer kinds gets.
TEST(SlackRender, golden_classic_blocks) {
  RenderLimits classic;
  classic.newer = {};
  const Message message = render(full_card(), classic);
  expect_acceptable(message);
  EXPECT_FALSE(message.newer.any());
  json shown = {{"text", message.text}, {"blocks", blocks_of(message)}};
  test::expect_golden("slack/every_block_classic.json", shown.dump(2) + "\n");
}

TEST(SlackRender, golden_plain_blocks) {
  const Message message = render(full_card(), {50, 6000, true});
  expect_acceptable(message);
  for (const auto& block : blocks_of(message)) {
    static const std::set<std::string> oldest = {"section", "context", "divider", "actions"};
    EXPECT_TRUE(oldest.contains(block["type"].get<std::string>())) << block.dump();
  }
  json shown = {{"text", message.text}, {"blocks", blocks_of(message)}};
  test::expect_golden("slack/every_block_plain.json", shown.dump(2) + "\n");
}

TEST(SlackRender, golden_message_that_overflows) {
  chat::Card card;
  card.summary = "Long";
  chat::Bullets bullets{"Many", {}};
  for (int n = 0; n < 3; ++n) bullets.items.push_back(line("line " + std::to_string(n)));
  card.blocks = {chat::Heading{"Long", {}}, bullets,
                 chat::Records{"Log", std::string(400, 'x') + "\n" + std::string(400, 'y'), true},
                 chat::Buttons{{{"Ack", "ack C-1", {}, ""}}}};
  const Message message = render(card, {4, 600, false});
  EXPECT_EQ(message.missing_lines, 3u);  // the title and two records
  json shown = {{"text", message.text}, {"blocks", blocks_of(message)}};
  test::expect_golden("slack/overflow.json", shown.dump(2) + "\n");
}

TEST(SlackRender, hostile_text_stays_text) {
  const std::string hostile =
      "<!channel> <@U123> <#C1> <!subteam^S1> <https://evil.example|Open the case> *bold* _it_ `code` :rotating_light: & "
      "@here https://evil.example/x?y=<z> \u202Eexe.cod\u202C a\u200Bb \U000E0041";
  chat::Card card;
  card.summary = hostile;
  chat::Line whole{hostile, {1}, true};
  card.blocks = {chat::Heading{hostile, {}},
                 chat::Paragraph{{whole}, false},
                 chat::Paragraph{{whole}, true},
                 chat::Bullets{hostile, {whole}},
                 chat::Facts{{{hostile, hostile}}},
                 chat::Chips{hostile, {hostile}},
                 chat::Steps{{{hostile, chat::StepState::done}}},
                 chat::Records{hostile, "```\n" + hostile, true},
                 chat::Table{{hostile}, {{hostile}}},
                 chat::Buttons{{{hostile, "ack C-1", {}, hostile}}}};
  for (const bool plain : {false, true}) {
    const Message message = render(card, {50, 11'000, plain});
    expect_acceptable(message);
    expect_literal(blocks_of(message));
    EXPECT_EQ(message.text.find('<'), std::string::npos);
    EXPECT_EQ(message.text.find('>'), std::string::npos);
    EXPECT_NE(message.text.find("&lt;!channel&gt;"), std::string::npos);
    EXPECT_EQ(message.blocks.find("\u202E"), std::string::npos);
    EXPECT_EQ(message.blocks.find("\u200B"), std::string::npos);
    EXPECT_EQ(message.blocks.find("\U000E0041"), std::string::npos);
    // Shown, not swallowed.
    EXPECT_GE(count(visible(blocks_of(message)), "<!channel>"), 8u);
  }
}

TEST(SlackRender, invalid_utf8_is_mended) {
  chat::Card card;
  card.summary = "a\xFF\xFE";
  card.blocks = {chat::Heading{"b\xC3(", {}}, chat::Records{"t\x80", "c\xF0\x28\x8C\x28", true}};
  expect_acceptable(render(card));
}

TEST(SlackRender, long_text_is_split_and_complete) {
  std::string long_line;
  for (int n = 0; n < 900; ++n) long_line += "w" + std::to_string(n) + "é ";
  chat::Card card;
  card.summary = "x";
  card.blocks = {chat::Paragraph{{line(long_line)}, false}};
  const Message message = render(card);
  expect_acceptable(message);
  EXPECT_EQ(message.missing_lines, 0u);
  EXPECT_GT(blocks_of(message).size(), 1u);
  const std::string seen = visible(blocks_of(message));
  for (int n = 0; n < 900; ++n) EXPECT_NE(seen.find("w" + std::to_string(n) + "é"), std::string::npos) << n;
}

TEST(SlackRender, what_does_not_fit_is_counted_and_buttons_stay) {
  chat::Card card;
  card.summary = "x";
  chat::Records records{"Log", "", true};
  for (int n = 0; n < 2000; ++n) records.text += "record " + std::to_string(n) + " of the log\n";
  chat::Paragraph paragraph;
  for (int n = 0; n < 100; ++n) paragraph.lines.push_back(line("after " + std::to_string(n) + "."));
  card.blocks = {chat::Heading{"Head", {}},
                 records,
                 paragraph,
                 chat::Heading{"Tail", {}},
                 chat::Buttons{{{"Ack", "ack C-1", {}, ""}}},
                 chat::Thumbs{"good C-1", "bad C-1"}};
  const Message message = render(card);
  expect_acceptable(message);
  const json blocks = blocks_of(message);
  const std::string seen = visible(blocks);
  size_t shown = 0;
  for (int n = 0; n < 2000; ++n) shown += seen.find("record " + std::to_string(n) + " of") != std::string::npos ? 1 : 0;
  for (int n = 0; n < 100; ++n) shown += seen.find("after " + std::to_string(n) + ".") != std::string::npos ? 1 : 0;
  // The title "Log" is shown; the log's last line, which is empty, and the tail are not.
  EXPECT_EQ(shown + message.missing_lines, 2000u + 100u + 1u + 1u);
  EXPECT_GT(shown, 100u);
  EXPECT_NE(seen.find(std::to_string(message.missing_lines) + " more lines"), std::string::npos);
  EXPECT_EQ(blocks[blocks.size() - 2]["elements"][0]["value"], "ack C-1");
  EXPECT_EQ(blocks.back()["elements"][0]["negative_button"]["value"], "bad C-1");
  EXPECT_EQ(seen.find("after"), std::string::npos);
  EXPECT_EQ(seen.find("Tail"), std::string::npos) << "it would fit, but would hide where the gap is";
}

TEST(SlackRender, more_than_fifty_blocks) {
  chat::Card card;
  card.summary = "x";
  for (int n = 0; n < 80; ++n) card.blocks.push_back(chat::Heading{"h" + std::to_string(n), {}});
  const Message message = render(card);
  expect_acceptable(message);
  EXPECT_EQ(blocks_of(message).size(), 50u);
  EXPECT_EQ(message.missing_lines, 31u);
}

TEST(SlackRender, exactly_fifty_blocks_need_no_notice) {
  chat::Card card;
  card.summary = "x";
  for (int n = 0; n < 50; ++n) card.blocks.push_back(chat::Heading{"h" + std::to_string(n), {}});
  const Message message = render(card);
  EXPECT_EQ(blocks_of(message).size(), 50u);
  EXPECT_EQ(message.missing_lines, 0u);
}

TEST(SlackRender, hundreds_of_buttons) {
  chat::Card card;
  card.summary = "x";
  chat::Buttons buttons;
  for (int n = 0; n < 60; ++n) buttons.items.push_back({"b" + std::to_string(n), "ack C-" + std::to_string(n), {}, ""});
  card.blocks = {buttons};
  const Message message = render(card);
  expect_acceptable(message);
  EXPECT_EQ(blocks_of(message).size(), 3u);
  for (int n = 0; n < 40; ++n) card.blocks.push_back(buttons);
  const Message too_many = render(card);
  expect_acceptable(too_many);
  EXPECT_GT(too_many.missing_lines, 0u);
}

TEST(SlackRender, long_labels_questions_and_commands_are_shown_in_full_elsewhere) {
  const std::string label = "Isolate " + std::string(90, 'h');
  const std::string question = "Really? " + std::string(400, 'q');
  const std::string command = "note C-1 " + std::string(2100, 'c');
  chat::Card card;
  card.summary = "x";
  card.blocks = {chat::Buttons{{{label, "request R-1", chat::Tone::danger, question}, {"Note", command, {}, ""}}}};
  const Message message = render(card);
  expect_acceptable(message);
  const std::string seen = visible(blocks_of(message));
  EXPECT_NE(seen.find(label), std::string::npos);
  EXPECT_NE(seen.find(question), std::string::npos);
  size_t c_count = 0;
  for (const char c : seen) c_count += c == 'c' ? 1 : 0;
  EXPECT_GE(c_count, 2100u);
  EXPECT_EQ(count(message.blocks, "\"type\":\"button\""), 1u);
}

TEST(SlackRender, empty_cards_say_something) {
  for (const auto& summary : {std::string(), std::string("  "), std::string("\u200B"), std::string("All quiet")}) {
    chat::Card card;
    card.summary = summary;
    expect_acceptable(render(card));
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
                   chat::Table{{"", ""}, {{"", ""}}}};
    expect_acceptable(render(card));
    expect_acceptable(render(card, {50, 6000, true}));
  }
}

TEST(SlackRender, an_overlong_summary_is_in_the_message_too) {
  chat::Card card;
  card.summary = std::string(1600, 's');
  card.blocks = {chat::Heading{"Head", {}}};
  const Message message = render(card);
  expect_acceptable(message);
  EXPECT_EQ(text::characters(message.text), 1500u);
  EXPECT_NE(visible(blocks_of(message)).find(std::string(1600, 's')), std::string::npos);
}

TEST(SlackRender, wide_tables_name_their_cells) {
  chat::Card card;
  card.summary = "x";
  card.blocks = {chat::Table{{"host", "command"}, {{"web01", std::string(100, 'p')}, {"web02", "short"}}}};
  RenderLimits classic;
  classic.newer = {};
  const std::string seen = visible(blocks_of(render(card, classic)));
  EXPECT_NE(seen.find("command: "), std::string::npos);
  EXPECT_NE(seen.find("short"), std::string::npos);
}

// Whatever the card, Slack takes it: a seeded walk through sizes around every limit.
TEST(SlackRender, random_cards_keep_every_limit) {
  uint64_t state = 7;
  const auto next = [&](uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
  };
  const auto words = [&] {
    static const size_t sizes[] = {0,   1,   29,  30,   31,   74,   75,   76,   149, 150,
                                   151, 299, 301, 1999, 2000, 2001, 2999, 3001, 6000};
    std::string out;
    const size_t size = sizes[next(std::size(sizes))];
    for (size_t n = 0; n < size; ++n) out += next(5) == 0 ? " " : next(7) == 0 ? "é" : next(40) == 0 ? "\n" : "x";
    return out;
  };
  for (int round = 0; round < 150; ++round) {
    chat::Card card;
    card.summary = words();
    const auto blocks = next(30);
    for (uint64_t n = 0; n < blocks; ++n) {
      switch (next(10)) {
        case 0: card.blocks.push_back(chat::Heading{words(), {}}); break;
        case 1:
          card.blocks.push_back(chat::Paragraph{{{words(), {1, 2}, next(2) == 0}, line(words())}, next(2) == 0});
          break;
        case 2: card.blocks.push_back(chat::Bullets{words(), {line(words()), line(words())}}); break;
        case 3: card.blocks.push_back(chat::Facts{{{words(), words()}, {words(), words()}}}); break;
        case 4: card.blocks.push_back(chat::Chips{words(), {words(), words()}}); break;
        case 5: card.blocks.push_back(chat::Steps{{{words(), chat::StepState::failed}}}); break;
        case 6: card.blocks.push_back(chat::Records{words(), words() + "\n\n" + words(), true}); break;
        case 7: card.blocks.push_back(chat::Table{{words(), words()}, {{words(), words()}, {words()}}}); break;
        case 8:
          card.blocks.push_back(chat::Buttons{{{words(), words(), chat::Tone::danger, words()}, {words(), "ack", {}, ""}}});
          break;
        default: card.blocks.push_back(chat::Thumbs{words(), words()});
      }
    }
    expect_acceptable(render(card));
    expect_acceptable(render(card, {50, 6000, true}));
    if (::testing::Test::HasFailure()) FAIL() << "in round " << round;
  }
}

TEST(SlackRender, escape) { EXPECT_EQ(escape("<a & b>"), "&lt;a &amp; b&gt;"); }

}  // namespace
}  // namespace vedette::slack

// The check that stands in for Slack's own: each of its rules refuses what breaks it, and nothing else.

#include <functional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/fakes/fake_slack_blocks.hpp"
#include "tests/fakes/fake_slack_views.hpp"

namespace vedette::test {
namespace {

using json = nlohmann::json;

json plain(size_t characters) { return {{"type", "plain_text"}, {"text", std::string(characters, 'x')}, {"emoji", false}}; }
json repeated(const json& one, size_t count) {
  json all = json::array();
  for (size_t at = 0; at < count; ++at) all.push_back(one);
  return all;
}
json button(const std::string& id) { return {{"type", "button"}, {"action_id", id}, {"text", plain(75)}, {"value", "v"}}; }
json buttons(size_t count) {
  json all = json::array();
  for (size_t at = 0; at < count; ++at) all.push_back(button("b" + std::to_string(at)));
  return all;
}
json options(size_t count) {
  json all = json::array();
  for (size_t at = 0; at < count; ++at) all.push_back({{"text", plain(75)}, {"value", std::to_string(at)}});
  return all;
}
json actions(const json& element) { return {{"type", "actions"}, {"elements", json::array({element})}}; }
json select(size_t count) { return {{"type", "static_select"}, {"action_id", "s"}, {"options", options(count)}}; }
json overflow(size_t count) { return {{"type", "overflow"}, {"action_id", "o"}, {"options", options(count)}}; }
json thumbs() {
  const json half = {{"text", plain(75)}, {"value", std::string(2000, 'v')}, {"accessibility_label", std::string(75, 'a')}};
  return {{"type", "feedback_buttons"}, {"action_id", "t"}, {"positive_button", half}, {"negative_button", half}};
}
json rich(const json& elements) { return {{"type", "rich_text"}, {"elements", json::array({elements})}}; }
json with(json value, const std::string& pointer, const json& replacement) {
  value[json::json_pointer(pointer)] = replacement;
  return value;
}
json confirmed() {
  json element = button("c");
  element["confirm"] = {{"title", plain(100)}, {"text", plain(300)}, {"confirm", plain(30)}, {"deny", plain(30)}};
  return element;
}

struct Rule {
  const char* name;
  json kept;    // just within it: blocks, or one
  json broken;  // just beyond
};

const json kSection = {{"type", "section"}, {"text", plain(3000)}};
const json kHeader = {{"type", "header"}, {"text", plain(150)}};
const json kContext = {{"type", "context"}, {"elements", repeated(plain(1), 10)}};
const json kFields = {{"type", "section"}, {"fields", repeated(plain(2000), 10)}};
const json kRun = {{"type", "text"}, {"text", "x"}};

std::vector<Rule> rules() {
  const json line = {{"type", "rich_text_section"}, {"elements", {kRun}}};
  const json list = {{"type", "rich_text_list"}, {"style", "bullet"}, {"elements", {line}}};
  return {
      {"50 blocks", repeated(kHeader, 50), repeated(kHeader, 51)},
      {"header 150", {kHeader}, {with(kHeader, "/text/text", std::string(151, 'x'))}},
      {"header is plain", {kHeader}, {with(kHeader, "/text", {{"type", "mrkdwn"}, {"text", "x"}})}},
      {"section 3000", {kSection}, {with(kSection, "/text/text", std::string(3001, 'x'))}},
      {"section empty", {kSection}, {with(kSection, "/text/text", "")}},
      {"section without", {kSection}, {{{"type", "section"}}}},
      {"10 fields", {kFields}, {with(kFields, "/fields", repeated(plain(1), 11))}},
      {"field 2000", {kFields}, {with(kFields, "/fields/0/text", std::string(2001, 'x'))}},
      {"10 context elements", {kContext}, {with(kContext, "/elements", repeated(plain(1), 11))}},
      {"context 2000", {with(kContext, "/elements/0", plain(2000))}, {with(kContext, "/elements/0", plain(2001))}},
      {"25 buttons", {{{"type", "actions"}, {"elements", buttons(25)}}}, {{{"type", "actions"}, {"elements", buttons(26)}}}},
      {"no buttons", {actions(button("a"))}, {{{"type", "actions"}, {"elements", json::array()}}}},
      {"button label 75", {actions(button("a"))}, {actions(with(button("a"), "/text/text", std::string(76, 'x')))}},
      {"button value 2000",
       {actions(with(button("a"), "/value", std::string(2000, 'v')))},
       {actions(with(button("a"), "/value", std::string(2001, 'v')))}},
      {"button style", {actions(with(button("a"), "/style", "danger"))}, {actions(with(button("a"), "/style", "warning"))}},
      {"button address 3000",
       {actions(with(button("a"), "/url", std::string(3000, 'u')))},
       {actions(with(button("a"), "/url", std::string(3001, 'u')))}},
      {"action_id 255", {actions(button(std::string(255, 'i')))}, {actions(button(std::string(256, 'i')))}},
      {"action_id once", {actions(button("a")), actions(button("b"))}, {actions(button("a")), actions(button("a"))}},
      {"block_id 255",
       {with(kHeader, "/block_id", std::string(255, 'i'))},
       {with(kHeader, "/block_id", std::string(256, 'i'))}},
      {"block_id once", {with(kHeader, "/block_id", "a"), kHeader}, repeated(with(kHeader, "/block_id", "a"), 2)},
      {"confirm title 100", {actions(confirmed())}, {actions(with(confirmed(), "/confirm/title", plain(101)))}},
      {"confirm text 300", {actions(confirmed())}, {actions(with(confirmed(), "/confirm/text", plain(301)))}},
      {"confirm buttons 30", {actions(confirmed())}, {actions(with(confirmed(), "/confirm/confirm", plain(31)))}},
      {"confirm deny 30", {actions(confirmed())}, {actions(with(confirmed(), "/confirm/deny", plain(31)))}},
      {"confirm style",
       {actions(with(confirmed(), "/confirm/style", "danger"))},
       {actions(with(confirmed(), "/confirm/style", "bold"))}},
      {"100 options", {actions(select(100))}, {actions(select(101))}},
      {"5 of an overflow menu", {actions(overflow(5))}, {actions(overflow(6))}},
      {"option 75", {actions(select(1))}, {actions(with(select(1), "/options/0/text", plain(76)))}},
      {"option value 150",
       {actions(with(select(1), "/options/0/value", std::string(150, 'v')))},
       {actions(with(select(1), "/options/0/value", std::string(151, 'v')))}},
      {"placeholder 150",
       {actions(with(select(1), "/placeholder", plain(150)))},
       {actions(with(select(1), "/placeholder", plain(151)))}},
      {"a picker's confirm",
       {actions(with(select(1), "/confirm", confirmed()["confirm"]))},
       {actions(with(select(1), "/confirm", json::object()))}},
      {"5 context actions",
       {{{"type", "context_actions"}, {"elements", json::array({thumbs()})}}},
       {{{"type", "context_actions"}, {"elements", repeated(thumbs(), 6)}}}},
      {"feedback label 75",
       {{{"type", "context_actions"}, {"elements", json::array({thumbs()})}}},
       {{{"type", "context_actions"}, {"elements", json::array({with(thumbs(), "/positive_button/text", plain(76))})}}}},
      {"rich text run", {rich(line)}, {rich(with(line, "/elements/0/text", ""))}},
      {"rich text style",
       {rich(with(line, "/elements/0/style", {{"bold", true}}))},
       {rich(with(line, "/elements/0/style", {{"loud", true}}))}},
      {"rich text list", {rich(list)}, {rich(with(list, "/style", "dashed"))}},
      {"list of sections", {rich(list)}, {rich(with(list, "/elements/0", kRun))}},
      {"accessory", {with(kSection, "/accessory", button("a"))}, {with(kSection, "/accessory", {{"type", "toaster"}})}},
      {"known blocks", {{{"type", "divider"}}}, {{{"type", "banner"}}}},
      {"known fields", {{{"type", "divider"}}}, {{{"type", "divider"}, {"color", "red"}}}},
  };
}

TEST(SlackBlockRules, each_refuses_what_breaks_it) {
  const auto blocks = [](const json& one) { return one.is_array() ? one : json::array({one}); };
  for (const auto& rule : rules()) {
    EXPECT_EQ(blocks_problem(blocks(rule.kept)).value_or(""), "") << rule.name;
    EXPECT_NE(blocks_problem(blocks(rule.broken)).value_or(""), "") << rule.name;
  }
  EXPECT_EQ(view_blocks_problem(repeated(kHeader, 100)).value_or(""), "");
  EXPECT_NE(view_blocks_problem(repeated(kHeader, 101)).value_or(""), "");
}

json modal() {
  json element = {{"type", "plain_text_input"}, {"action_id", "a"}, {"max_length", 10}, {"initial_value", "0123456789"}};
  json input = {{"type", "input"}, {"block_id", "b"}, {"label", plain(2000)}, {"hint", plain(2000)}, {"element", element}};
  return {{"type", "modal"},     {"callback_id", "c"}, {"title", plain(24)},
          {"submit", plain(24)}, {"close", plain(24)}, {"private_metadata", std::string(3000, 'm')},
          {"blocks", {input}}};
}

TEST(SlackBlockRules, of_modals) {
  EXPECT_EQ(view_problem(modal()).value_or(""), "");
  const json context_actions = {{"type", "context_actions"}, {"elements", json::array({thumbs()})}};
  const std::pair<const char*, json> broken[] = {
      {"/title", plain(25)},
      {"/submit", plain(25)},
      {"/close", plain(25)},
      {"/private_metadata", std::string(3001, 'm')},
      {"/callback_id", std::string(256, 'm')},
      {"/blocks", json::array()},
      {"/blocks", repeated({{"type", "divider"}}, 101)},
      {"/blocks/0/label", plain(2001)},
      {"/blocks/0/hint", plain(2001)},
      {"/blocks/0/element/max_length", 3001},
      {"/blocks/0/element/initial_value", "0123456789+"},
      {"/blocks/0/element/placeholder", plain(151)},
      {"/blocks/0/element/min_length", 11},
      {"/blocks/0", context_actions},
      {"/color", "red"},
  };
  for (const auto& [pointer, value] : broken) {
    EXPECT_NE(view_problem(with(modal(), pointer, value)).value_or(""), "") << pointer << " " << value.dump().substr(0, 60);
  }
}

}  // namespace
}  // namespace vedette::test

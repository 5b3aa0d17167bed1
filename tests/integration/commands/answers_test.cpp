// What the commands answer, on every platform: the neutral card, Adaptive Card and Slack blocks of each, as golden files.

#include <nlohmann/json.hpp>

#include "bot/chat/adaptive_card.hpp"
#include "bot/chat/card.hpp"
#include "integrations/slack/render.hpp"
#include "tests/integration/commands/company.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;

std::string pretty(const std::string& text) { return json::parse(text).dump(1) + "\n"; }

void expect_on_every_platform(const std::string& name, const chat::Card& card) {
  expect_golden("commands/" + name + ".json", pretty(chat::to_json(card)));
  expect_golden("commands/" + name + ".adaptive.json", pretty(chat::render_adaptive_card(card)));
  const auto message = slack::render(card);
  const json blocks = {{"blocks", json::parse(message.blocks)}, {"text", message.text}};
  expect_golden("commands/" + name + ".slack.json", blocks.dump(1) + "\n");
}

ASYNC_TEST(CommandAnswers, golden) {
  Company company(io);
  const auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  const auto other = co_await company.plain_case("A <script> & *stars* in a title", Severity::low);
  CO_ASSERT_OK(other);
  const std::pair<std::string, std::string> commands[] = {{"help", "help"},
                                                          {"help_approve", "help approve"},
                                                          {"list", "list"},
                                                          {"show", "show C-1"},
                                                          {"why", "why C-1"},
                                                          {"evidence", "evidence C-1"},
                                                          {"timeline", "timeline C-1"},
                                                          {"status", "status"},
                                                          {"unknown_case", "show C-99"}};
  for (const auto& [name, command] : commands) {
    const std::string text = command;
    const std::string who = "ben";
    const auto reply = co_await company.say(who, text);
    CO_ASSERT_OK(reply);
    CO_ASSERT_TRUE(reply->card.has_value());
    expect_on_every_platform(name, *reply->card);
  }
}

}  // namespace
}  // namespace vedette::test

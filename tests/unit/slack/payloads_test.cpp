// Every public Slack payload is understood, or ignored for a reason that is stated here.

#include <gtest/gtest.h>

#include "integrations/slack/events_wire.hpp"
#include "tests/support/files.hpp"

namespace vedette::slack {
namespace {

struct Expected {
  const char* file;
  const char* type;     // for bodies; envelopes and frames say it themselves
  const char* ignored;  // reason, or nullptr: an interaction with the text and key below
  const char* text;
  const char* key;
  const char* user;
};

const Expected kExpected[] = {
    {"body.event.app_home_opened.skeleton.json", "events_api", "another tab than home", "", "", ""},
    {"body.event.app_mention.json", "events_api", nullptr, "Hi there!", "message/C111/1595926230.009600", "slack:E111/W222"},
    {"body.event.app_mention.shared_channel.json", "events_api", nullptr, "Hi there!", "message/C111/1595926230.009600",
     "slack:E_INSTALLED/W222"},
    {"body.event.assistant_thread_context_changed.json", "events_api", "event assistant_thread_context_changed", "", "", ""},
    {"body.event.assistant_thread_started.json", "events_api", "event assistant_thread_started", "", "", ""},
    {"body.event.message.im.assistant.json", "events_api", nullptr, "When Slack was released?",
     "message/D111/1726133700.887259", "slack:E111/W222"},
    {"body.event.message_changed.json", "events_api", "message subtype message_changed", "", "", ""},
    {"body.event.message_deleted.json", "events_api", "message subtype message_deleted", "", "", ""},
    {"body.event.message_file_share.json", "events_api", "not said to us", "", "", ""},
    {"body.event.message_from_bot.json", "events_api", "said by a bot", "", "", ""},
    {"body.event.message_thread_broadcast.json", "events_api", "not said to us", "", "", ""},
    {"body.event.reaction_added.json", "events_api", "a reaction that is no thumb", "", "", ""},
    {"body.event.reaction_removed.json", "events_api", "a reaction that is no thumb", "", "", ""},
    {"body.interactive.block_actions.button.json", "interactive", nullptr, "click_me_123",
     "action/C111/111.222/W111/1596530385.194939/a", "slack:E111/W111"},
    {"body.interactive.block_suggestion.json", "interactive", "interaction block_suggestion", "", "", ""},
    {"body.interactive.message_action.json", "interactive", "interaction message_action", "", "", ""},
    {"body.interactive.shortcut.global.json", "interactive", "interaction shortcut", "", "", ""},
    {"body.interactive.view_closed.json", "interactive", "interaction view_closed", "", "", ""},
    {"body.interactive.view_submission.json", "interactive", "interaction view_submission", "", "", ""},
    {"app_rate_limited.json", "events_api", "app_rate_limited: Slack held events back", "", "", ""},
    {"event.agent_session_stopped.json", "events_api", "no event in it", "", "", ""},
    {"envelope.events_api.app_mention.json", nullptr, nullptr, "", "message/C111/1610241741.000200", "slack:T111/U222"},
    {"envelope.events_api.assistant_thread_started.retry.json", nullptr, "event assistant_thread_started", "", "", ""},
    {"envelope.events_api.message.channel.json", nullptr, "not said to us", "", "", ""},
    {"envelope.events_api.message.im.json", nullptr, nullptr, "Hello hello can you hear me?",
     "message/D024BE91L/1355517523.000005", "slack:T061EG9R6/U2147483697"},
    {"envelope.interactive.block_actions.button.json", nullptr, nullptr, "underlying",
     "action/C111/1605853634.000400/U111/1605853645.582706/a", "slack:T111/U111"},
    {"envelope.interactive.block_actions.feedback_buttons.json", nullptr, nullptr, "bad-feedback",
     "action/C111/1605853634.000400/U111/1710000001.000100/feedback", "slack:T111/U111"},
    {"envelope.interactive.block_actions.large.json", nullptr, "an element of a view", "", "", ""},
    {"envelope.interactive.shortcut.json", nullptr, "interaction shortcut", "", "", ""},
    {"envelope.slash_commands.docs.json", nullptr, nullptr, "",
     "slash/37053613634.26768298162.440952c06ef4de2653466a48fe495f93", "slack:T123ABC456/U123ABC456"},
    {"envelope.slash_commands.json", nullptr, nullptr, "", "slash/111.222.xxx", "slack:T111/U111"},
    {"skeleton.block_actions.json", "interactive", "no action with a command", "", "", ""},
    {"skeleton.event.message.json", "events_api", "said by a bot", "", "", ""},
    {"skeleton.slash_command.json", "slash_commands", "no trigger id", "", "", ""},
};

class SlackPayloads : public ::testing::TestWithParam<Expected> {};

TEST_P(SlackPayloads, is_understood) {
  if (!test::corpus()) GTEST_SKIP() << test::kNoCorpus;
  const Expected& expected = GetParam();
  const std::string bytes = test::read_file(*test::corpus() / "slack" / expected.file);
  std::string type;
  Json payload;
  if (expected.type != nullptr) {
    auto parsed = Json::parse(bytes);
    ASSERT_TRUE(parsed) << parsed.error().message;
    type = expected.type;
    payload = *parsed;
  } else {
    auto frame = parse_frame(bytes);
    ASSERT_TRUE(frame) << frame.error().message;
    ASSERT_TRUE(std::holds_alternative<Envelope>(*frame));
    const auto& envelope = std::get<Envelope>(*frame);
    EXPECT_LT(ack_frame(envelope.id).size(), 200u);
    type = envelope.type;
    payload = envelope.payload;
  }
  const Meaning meaning = interpret(type, payload, Self());
  if (expected.ignored != nullptr) {
    ASSERT_TRUE(std::holds_alternative<Ignored>(meaning)) << std::get<chat::Interaction>(meaning).text;
    EXPECT_EQ(std::get<Ignored>(meaning).reason, expected.ignored);
    return;
  }
  ASSERT_TRUE(std::holds_alternative<chat::Interaction>(meaning)) << std::get<Ignored>(meaning).reason;
  const auto& interaction = std::get<chat::Interaction>(meaning);
  EXPECT_EQ(interaction.text, expected.text);
  EXPECT_EQ(interaction.key, expected.key);
  EXPECT_EQ(interaction.who.text(), expected.user);
}

INSTANTIATE_TEST_SUITE_P(Files, SlackPayloads, ::testing::ValuesIn(kExpected), [](const auto& row) {
  std::string name = row.param.file;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

// The other frames, and no file that nobody looked at.
TEST(SlackPayloadFolder, frames_and_completeness) {
  if (!test::corpus()) GTEST_SKIP() << test::kNoCorpus;
  size_t unknown = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*test::corpus() / "slack")) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".json") continue;
    if (name.starts_with("hello.") || name.starts_with("disconnect.")) {
      auto frame = parse_frame(test::read_file(entry.path()));
      ASSERT_TRUE(frame) << name;
      if (name.starts_with("hello.")) {
        ASSERT_TRUE(std::holds_alternative<Hello>(*frame)) << name;
        EXPECT_GT(std::get<Hello>(*frame).lifetime.count(), 0) << name;
        EXPECT_GT(std::get<Hello>(*frame).connections, 0) << name;
      } else {
        ASSERT_TRUE(std::holds_alternative<Disconnect>(*frame)) << name;
        EXPECT_EQ("disconnect." + std::get<Disconnect>(*frame).reason + ".json", name);
      }
      continue;
    }
    // What a bot sends, and what is no payload.
    if (name.starts_with("ack.") || name.starts_with("manifest.") || name.starts_with("signature.") ||
        name.starts_with("apps."))
      continue;
    const bool known =
        std::any_of(std::begin(kExpected), std::end(kExpected), [&](const Expected& e) { return name == e.file; });
    if (!known) {
      ++unknown;
      ADD_FAILURE() << "nobody says what becomes of " << name;
    }
  }
  EXPECT_EQ(unknown, 0u);
}

}  // namespace
}  // namespace vedette::slack

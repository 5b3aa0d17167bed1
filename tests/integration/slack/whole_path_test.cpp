// Router, commands, delivery and Slack together over one store: private answers, messages that cannot be edited, people who
// are deactivated between a click and its command.

#include "tests/integration/slack/office.hpp"

namespace vedette::test {
namespace {

ASYNC_TEST(SlackWhole, a_private_answer_reaches_a_channel_the_bot_is_not_in) {
  Office office(io);
  office.bench.fake.forget_channel("C9");
  office.bench.fake.add_fault({"response_url", "429", 1, 1, {}});
  CO_ASSERT_TRUE(co_await office.start());
  const size_t handle = office.bench.fake.slash("U7", "C9", "whoami");
  EXPECT_TRUE(co_await office.bench.fake.wait_acked(handle, milliseconds(2000)));
  CO_ASSERT_OK(co_await office.router->work_off());
  CO_EVENTUALLY(!office.bench.fake.messages().empty());
  EXPECT_EQ(office.bench.fake.messages().size(), 1u);
  EXPECT_EQ(office.bench.fake.messages()[0].channel, "C9");
  EXPECT_EQ(office.bench.fake.messages()[0].only_for, "U7");
  EXPECT_EQ(office.bench.fake.calls("response_url"), 2);
  EXPECT_EQ(office.bench.fake.calls("chat.postEphemeral"), 0);
  // One who is refused before anything is taken in hears of it there too.
  office.bench.fake.set_user("U8", {{"deleted", true}});
  const size_t refused = office.bench.fake.slash("U8", "C9", "deny R-1");
  EXPECT_TRUE(co_await office.bench.fake.wait_acked(refused, milliseconds(2000)));
  CO_EVENTUALLY(office.seen("deactivated") == 1);
  co_await office.stop();
}

ASYNC_TEST(SlackWhole, an_answer_in_a_direct_conversation_stays) {
  Office office(io);
  CO_ASSERT_TRUE(co_await office.start());
  const size_t handle = office.bench.fake.direct("U7", "D1", "whoami");
  EXPECT_TRUE(co_await office.bench.fake.wait_acked(handle, milliseconds(2000)));
  CO_ASSERT_OK(co_await office.router->work_off());
  CO_EVENTUALLY(!office.bench.fake.messages().empty());
  EXPECT_EQ(office.bench.fake.messages().back().channel, "D1");
  EXPECT_EQ(office.bench.fake.messages().back().only_for, "") << "it would be gone after a reload, and notify nobody";
  EXPECT_EQ(office.bench.fake.calls("chat.postEphemeral"), 0);
  EXPECT_EQ(office.bench.fake.calls("views.publish"), 0) << "nobody looked at the Home tab";
  co_await office.stop();
}

ASYNC_TEST(SlackWhole, edits_that_slack_refuses) {
  for (const char* error : {"edit_window_closed", "cant_update_message", "message_not_found"}) {
    Office office(io);
    CO_ASSERT_TRUE(co_await office.start());
    CO_ASSERT_OK(co_await office.say("case/1/root", "as it was"));
    CO_EVENTUALLY(office.bench.fake.messages().size() == 1);
    const std::string root = office.bench.fake.messages()[0].ts;
    const bool gone = std::string(error) == "message_not_found";
    if (gone) {
      CO_ASSERT_TRUE(office.bench.fake.erase_message("C1", root));
    } else {
      office.bench.fake.add_fault({"chat.update", std::string("error:") + error, 1, 0, {}});
    }
    CO_ASSERT_OK(co_await office.say("case/1/root", "as it is now"));
    CO_EVENTUALLY(office.seen("as it is now") == 1);
    const auto& said = office.bench.fake.messages().back();
    EXPECT_EQ(said.thread_ts, gone ? "" : root) << error;
    EXPECT_EQ(said.blocks.dump().find("no longer be edited") != std::string::npos, !gone) << error;
    EXPECT_EQ(office.seen("as it was"), gone ? 0 : 1) << error;
    EXPECT_EQ(office.delivery->health().failed, 0) << error;
    co_await office.stop();
  }
}

ASYNC_TEST(SlackWhole, people_are_checked_again_when_their_command_runs) {
  const std::pair<const char*, nlohmann::json> changes[] = {{"deactivated", {{"deleted", true}}},
                                                            {"Bots", {{"is_bot", true}}},
                                                            {"another Slack workspace", {{"team_id", "T0OTHER"}}}};
  for (const auto& [words, fields] : changes) {
    Office office(io);
    CO_ASSERT_OK(co_await office.awaited_action());
    CO_ASSERT_TRUE(co_await office.start());
    const size_t handle = office.bench.fake.slash("U8", "C1", "deny R-1");
    EXPECT_TRUE(co_await office.bench.fake.wait_acked(handle, milliseconds(2000)));
    // It is taken in, and waits; in the meantime the account changes.
    office.bench.fake.set_user("U8", fields);
    CO_ASSERT_OK(co_await office.router->work_off());
    CO_EVENTUALLY(office.seen(words) == 1);
    auto action = co_await office.store->actions().get(ActionId(1));
    CO_ASSERT_OK(action);
    EXPECT_EQ(to_string(action->state), "awaiting") << words;
    // Looking is still free, and once the account is in order the same words count.
    office.bench.fake.set_user("U8", nlohmann::json::object());
    const size_t again = office.bench.fake.slash("U8", "C1", "deny R-1");
    EXPECT_TRUE(co_await office.bench.fake.wait_acked(again, milliseconds(2000)));
    CO_ASSERT_OK(co_await office.router->work_off());
    action = co_await office.store->actions().get(ActionId(1));
    CO_ASSERT_OK(action);
    EXPECT_EQ(to_string(action->state), "denied") << words;
    co_await office.stop();
  }
}

// The case's card as it is now, posted; answers its ts.
Async<std::string> posted_root(Office& office) {
  const std::string slot = "case/1/root";
  CO_TRY_VOID(office.say(slot, "the case"));
  for (int tries = 0; tries < 500; ++tries) {
    CO_TRY(const auto row, office.store->outbox().find("slack", "C1", slot));
    if (row && !row->message_ref.empty()) co_return row->message_ref;
    co_await sleep_for(milliseconds(2));
  }
  co_return Error(Code::timeout, "the root was not posted");
}

ASYNC_TEST(SlackWhole, thumbs_put_on_the_card_count_and_come_off_again) {
  Office office(io);
  auto& fake = office.bench.fake;
  CO_ASSERT_OK(co_await office.judged_case());
  CO_ASSERT_TRUE(co_await office.start());
  const auto root = co_await posted_root(office);
  CO_ASSERT_OK(root);
  const std::string other = fake.say("U7", "C1", "nice weather");
  struct Step {
    const char* user;
    std::string ts;
    const char* emoji;
    bool added;
    int good, bad;
  };
  const Step steps[] = {{"U7", *root, "+1::skin-tone-2", true, 1, 0},
                        {"U8", *root, "thumbsdown", true, 1, 1},
                        {"U7", *root, "-1", true, 0, 2},
                        {"U7", *root, "+1::skin-tone-2", false, 0, 2},
                        {"U7", *root, "-1", false, 0, 1},
                        {"U7", other, "+1", true, 0, 1},
                        {"U7", *root, "heart_eyes", true, 0, 1},
                        {kFakeBotUser, *root, "+1", true, 0, 1}};
  for (const auto& step : steps) {
    const size_t handle = fake.react(step.user, "C1", step.ts, step.emoji, step.added);
    EXPECT_TRUE(co_await fake.wait_acked(handle, milliseconds(2000)));
    CO_ASSERT_OK(co_await office.router->work_off());
    fake.send_again(handle);  // the same once more changes nothing
    EXPECT_TRUE(co_await fake.wait_acked(handle, milliseconds(2000)));
    CO_ASSERT_OK(co_await office.router->work_off());
    const auto record = co_await office.store->cases().get(CaseId(1));
    CO_ASSERT_OK(record);
    EXPECT_EQ(record->good, step.good) << step.user << " " << step.emoji << " " << step.added;
    EXPECT_EQ(record->bad, step.bad) << step.user << " " << step.emoji << " " << step.added;
  }
  EXPECT_EQ(fake.messages().size(), 2u) << "nothing was said about it";
  co_await office.stop();
}

// The text of somebody's Home tab; empty: none was published.
std::string shown_home(Office& office, const std::string& user) {
  const FakeHome* home = office.bench.fake.home(user);
  return home == nullptr ? std::string() : home->view["blocks"].dump();
}

bool shows(Office& office, const std::string& user, const std::string& words) {
  return shown_home(office, user).find(words) != std::string::npos;
}

ASYNC_TEST(SlackHome, a_decision_is_taken_there_and_seen_there) {
  Office office(io);
  auto& fake = office.bench.fake;
  CO_ASSERT_OK(co_await office.awaited_action());
  CO_ASSERT_TRUE(co_await office.start());
  for (const char* user : {"U7", "U8", "U9"}) fake.open_home(user);
  CO_EVENTUALLY(shows(office, "U7", "R-1") && shows(office, "U8", "R-1") && shows(office, "U9", "I don't know you yet"));
  EXPECT_FALSE(shows(office, "U9", "R-1"));
  EXPECT_FALSE(shows(office, "U7", "approve R-1")) << "she asked for it herself";
  EXPECT_TRUE(fake.messages().empty()) << "nothing is posted by looking";
  const auto handle = fake.click_home("U8", "Deny R-1");
  CO_ASSERT_TRUE(handle.has_value());
  EXPECT_TRUE(co_await fake.wait_acked(*handle, milliseconds(2000)));
  fake.send_again(*handle);  // redelivered: one decision all the same
  CO_ASSERT_OK(co_await office.router->work_off());
  const auto action = co_await office.store->actions().get(ActionId(1));
  CO_ASSERT_OK(action);
  EXPECT_EQ(to_string(action->state), "denied");
  EXPECT_EQ(action->votes.size(), 1u);
  // Both who look at it see that nothing waits any more.
  CO_EVENTUALLY(shows(office, "U7", "Nothing waits for an approval") &&
                shows(office, "U8", "Nothing waits for an approval"));
  co_await office.stop();
}

ASYNC_TEST(SlackHome, what_is_to_be_said_to_a_click_goes_to_the_direct_conversation) {
  Office office(io);
  auto& fake = office.bench.fake;
  CO_ASSERT_OK(co_await office.awaited_action());
  CO_ASSERT_TRUE(co_await office.start());
  fake.open_home("U8");
  CO_EVENTUALLY(shows(office, "U8", "R-1"));
  auto handle = fake.click_home("U8", "show C-1");
  CO_ASSERT_TRUE(handle.has_value());
  EXPECT_TRUE(co_await fake.wait_acked(*handle, milliseconds(2000)));
  CO_ASSERT_OK(co_await office.router->work_off());
  CO_EVENTUALLY(fake.messages().size() == 1);
  EXPECT_EQ(fake.messages()[0].channel, "DU8");
  EXPECT_EQ(fake.messages()[0].only_for, "") << "one for him alone would be gone when he looks";
  EXPECT_NE(fake.messages()[0].text.find("C-1"), std::string::npos);
  // Refused before it is taken in: said there too.
  fake.set_user("U8", {{"deleted", true}});
  handle = fake.click_home("U8", "Approve R-1");
  CO_ASSERT_TRUE(handle.has_value());
  EXPECT_TRUE(co_await fake.wait_acked(*handle, milliseconds(2000)));
  CO_EVENTUALLY(fake.messages().size() == 2);
  EXPECT_EQ(fake.messages()[1].channel, "DU8");
  EXPECT_EQ(fake.messages()[1].only_for, "");
  EXPECT_NE(fake.messages()[1].text.find("deactivated"), std::string::npos);
  co_await office.stop();
}

ASYNC_TEST(SlackHome, is_published_at_a_pace_and_a_failure_is_made_up_for) {
  Office office(io);
  auto& fake = office.bench.fake;
  CO_ASSERT_TRUE(co_await office.start());
  fake.add_fault({"views.publish", "500", 1, 0, {}});
  size_t handle = fake.open_home("U8");
  EXPECT_TRUE(co_await fake.wait_acked(handle, milliseconds(2000)));
  CO_EVENTUALLY(fake.calls("views.publish") == 1);
  EXPECT_EQ(fake.home("U8"), nullptr);
  const SteadyTime start = std::chrono::steady_clock::now();
  for (int times = 0; times < 20; ++times) {
    handle = fake.open_home("U8");
    EXPECT_TRUE(co_await fake.wait_acked(handle, milliseconds(2000)));
    co_await sleep_for(milliseconds(5));
  }
  CO_EVENTUALLY(shows(office, "U8", "Nothing waits for an approval"));
  const auto paces = (std::chrono::steady_clock::now() - start) / office.bench.options.home_pace;
  EXPECT_LE(fake.calls("views.publish"), paces + 2) << "one publish in a pace, however often they look";
  const SteadyTime quiet = std::chrono::steady_clock::now() + office.bench.options.home_pace * 3;
  while (std::chrono::steady_clock::now() < quiet) co_await sleep_for(milliseconds(10));
  // Too many: Slack says when.
  fake.add_fault({"views.publish", "429", 1, 1, {}});
  const int before = fake.calls("views.publish");
  fake.open_home("U7");
  CO_EVENTUALLY(shows(office, "U7", "Nothing waits for an approval"));
  EXPECT_EQ(fake.calls("views.publish"), before + 2);
  // The other tab is none of its business.
  handle = fake.open_home("U8", "messages");
  EXPECT_TRUE(co_await fake.wait_acked(handle, milliseconds(2000)));
  EXPECT_EQ(fake.calls("views.publish"), before + 2);
  co_await office.stop();
}

ASYNC_TEST(SlackHome, falls_back_to_plain_blocks) {
  Office office(io);
  auto& fake = office.bench.fake;
  fake.refuse_block("header");
  CO_ASSERT_TRUE(co_await office.start());
  fake.open_home("U8");
  CO_EVENTUALLY(shows(office, "U8", "Nothing waits for an approval"));
  EXPECT_FALSE(shows(office, "U8", "\"header\""));
  EXPECT_EQ(fake.calls("views.publish"), 2);
  co_await office.stop();
}

}  // namespace
}  // namespace vedette::test

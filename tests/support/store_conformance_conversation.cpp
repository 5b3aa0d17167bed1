// Conversations and people of the platforms.

#include "bot/chat/store_conversations.hpp"
#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

using Kind = Conversation::Kind;

Conversation sample_conversation(const std::string& id, Kind kind = Kind::channel) {
  Conversation conversation;
  conversation.platform = "teams";
  conversation.workspace = "72f988bf";
  conversation.id = id;
  conversation.kind = kind;
  conversation.service_url = "https://smba.trafficmanager.net/teams/";
  conversation.bot = "28:bot";
  conversation.user = "a1b2";
  conversation.address = "29:1xyz";
  conversation.team = "19:team@thread.tacv2";
  conversation.name = "SOC";
  conversation.blocked = true;
  conversation.changed = *parse_time("2026-11-24T02:58:00.123456Z");
  return conversation;
}

Job conversations_come_back_as_they_were(StoreEnv& env) {
  const auto kinds = list_of<Kind>(Kind::channel, Kind::group, Kind::personal, Kind::person);
  std::vector<Conversation> expected;
  for (const Kind kind : kinds) {
    expected.push_back(sample_conversation("19:" + std::to_string(static_cast<int>(kind)), kind));
    expected.back().changed += std::chrono::seconds(static_cast<int>(kind));
    MUST_VOID(env.s().conversations().keep(expected.back()));
  }
  env.reopen();
  MUST(const auto all, env.s().conversations().all("teams"));
  EXPECT_EQ(all, expected);
  MUST(const auto elsewhere, env.s().conversations().all("slack"));
  EXPECT_TRUE(elsewhere.empty());
}

Job a_conversation_is_replaced(StoreEnv& env) {
  MUST_VOID(env.s().conversations().keep(sample_conversation("19:a")));
  MUST_VOID(env.s().conversations().keep(sample_conversation("19:b")));
  Conversation other;  // with nothing in it but the key, later
  other.platform = "teams";
  other.workspace = "72f988bf";
  other.id = "19:a";
  other.kind = Kind::person;
  other.changed = sample_conversation("x").changed + std::chrono::hours(1);
  MUST_VOID(env.s().conversations().keep(other));
  MUST(const auto all, env.s().conversations().all("teams"));
  CO_ASSERT_TRUE(all.size() == 2);
  EXPECT_EQ(all[0], sample_conversation("19:b"));
  EXPECT_EQ(all[1], other);
}

Job conversations_are_told_apart_by_platform_and_workspace(StoreEnv& env) {
  Conversation elsewhere = sample_conversation("19:a");
  elsewhere.workspace = "other";
  Conversation other_platform = sample_conversation("19:a");
  other_platform.platform = "slack";
  MUST_VOID(env.s().conversations().keep(sample_conversation("19:a")));
  MUST_VOID(env.s().conversations().keep(elsewhere));
  MUST_VOID(env.s().conversations().keep(other_platform));
  MUST(const auto teams, env.s().conversations().all("teams"));
  EXPECT_EQ(teams.size(), 2u);
  MUST(const auto slack, env.s().conversations().all("slack"));
  CO_ASSERT_TRUE(slack.size() == 1);
  EXPECT_EQ(slack[0], other_platform);
  env.reopen("another-tenant");
  MUST(const auto foreign, env.s().conversations().all("teams"));
  EXPECT_TRUE(foreign.empty());
  MUST_VOID(env.s().conversations().keep(sample_conversation("19:a")));
  env.reopen();
  MUST(const auto still, env.s().conversations().all("teams"));
  EXPECT_EQ(still.size(), 2u);
}

Job a_conversation_without_a_time_changed_now(StoreEnv& env) {
  Conversation conversation = sample_conversation("19:a");
  conversation.changed = Time();
  MUST_VOID(env.s().conversations().keep(std::move(conversation)));
  MUST(const auto all, env.s().conversations().all("teams"));
  CO_ASSERT_TRUE(all.size() == 1);
  EXPECT_EQ(all[0].changed, env.clock.now());
}

Job conversations_survive_hostile_text(StoreEnv& env) {
  for (const auto& hostile : hostile_texts()) {
    if (hostile.text.size() > kMostConversationText) continue;
    Conversation conversation = sample_conversation("19:" + hostile.text);
    conversation.name = hostile.text;
    conversation.service_url = hostile.text;
    const auto kept = co_await env.s().conversations().keep(conversation);
    if (!hostile.exact) continue;
    EXPECT_TRUE(kept) << hostile.what;
    MUST(const auto all, env.s().conversations().all("teams"));
    CO_ASSERT_TRUE(!all.empty());
    EXPECT_EQ(all.back(), conversation) << hostile.what;
  }
}

Job conversations_are_bounded(StoreEnv& env) {
  Conversation nameless = sample_conversation("");
  MUST_FAIL(Code::invalid_input, env.s().conversations().keep(std::move(nameless)));
  Conversation nowhere = sample_conversation("19:a");
  nowhere.platform.clear();
  MUST_FAIL(Code::invalid_input, env.s().conversations().keep(std::move(nowhere)));
  Conversation longest = sample_conversation("19:a");
  longest.name = std::string(kMostConversationText, 'x');
  MUST_VOID(env.s().conversations().keep(longest));
  longest.name += 'x';
  MUST_FAIL(Code::invalid_input, env.s().conversations().keep(longest));
  MUST(const auto all, env.s().conversations().all("teams"));
  CO_ASSERT_TRUE(all.size() == 1);
  EXPECT_EQ(all[0].name.size(), kMostConversationText);
}

Job chat_keeps_them_in_the_store(StoreEnv& env) {
  chat::StoreConversations port(env.s().conversations());
  MUST_VOID(port.keep(sample_conversation("19:a")));
  MUST(const auto stored, env.s().conversations().all("teams"));
  CO_ASSERT_TRUE(stored.size() == 1);
  MUST(const auto read, port.all("teams"));
  EXPECT_EQ(read, stored);
}

}  // namespace

std::vector<StoreCase> conversation_store_cases() {
  return {
      {"Conversations", "conversations_come_back_as_they_were", conversations_come_back_as_they_were},
      {"Conversations", "a_conversation_is_replaced", a_conversation_is_replaced},
      {"Conversations", "conversations_are_told_apart_by_platform_and_workspace",
       conversations_are_told_apart_by_platform_and_workspace},
      {"Conversations", "a_conversation_without_a_time_changed_now", a_conversation_without_a_time_changed_now},
      {"Conversations", "conversations_survive_hostile_text", conversations_survive_hostile_text},
      {"Conversations", "conversations_are_bounded", conversations_are_bounded},
      {"Conversations", "chat_keeps_them_in_the_store", chat_keeps_them_in_the_store},
  };
}

}  // namespace vedette::test

// The bound on what is kept of a platform's conversations and people (the rest is in the conformance suite).

#include "bot/store/sqlite_store.hpp"
#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

Conversation of(Conversation::Kind kind, int number) {
  Conversation conversation;
  conversation.platform = "teams";
  conversation.id = std::to_string(number);
  conversation.kind = kind;
  conversation.changed = *parse_time("2026-11-24T03:00:00Z") + std::chrono::seconds(number);
  return conversation;
}

std::string ids_of(const std::vector<Conversation>& conversations) {
  std::string ids;
  for (const auto& one : conversations) ids += one.id + " ";
  return ids;
}

ASYNC_TEST(Conversations, forgets_people_first_and_the_longest_unchanged) {
  SqliteOptions options;
  options.path = ":memory:";
  options.most_conversations = 5;
  auto opened = open_sqlite_store(co_await boost::asio::this_coro::executor, std::move(options));
  CO_ASSERT_OK(opened);
  ConversationStore& store = (*opened)->conversations();
  for (const int number : {1, 2}) MUST_VOID(store.keep(of(Conversation::Kind::channel, number)));
  for (const int number : {7, 6, 8}) MUST_VOID(store.keep(of(Conversation::Kind::person, number)));
  MUST_VOID(store.keep(of(Conversation::Kind::channel, 9)));  // full: somebody has to go, the one longest unchanged
  MUST(const auto after_one, store.all("teams"));
  EXPECT_EQ(ids_of(after_one), "1 2 7 8 9 ");
  MUST_VOID(store.keep(of(Conversation::Kind::channel, 9)));  // nothing new
  MUST(const auto same, store.all("teams"));
  EXPECT_EQ(same.size(), 5u);
  for (const int number : {10, 11, 12}) MUST_VOID(store.keep(of(Conversation::Kind::channel, number)));
  MUST(const auto only_channels, store.all("teams"));
  EXPECT_EQ(ids_of(only_channels), "2 9 10 11 12 ");
  Conversation elsewhere = of(Conversation::Kind::channel, 1);
  elsewhere.platform = "slack";
  MUST_VOID(store.keep(std::move(elsewhere)));  // another platform has room of its own
  MUST(const auto untouched, store.all("teams"));
  EXPECT_EQ(untouched.size(), 5u);
}

}  // namespace
}  // namespace vedette::test

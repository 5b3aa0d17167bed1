// Long evidence as a file in the thread, against the fake Slack.

#include "bot/chat/delivery.hpp"
#include "tests/integration/slack/office.hpp"
#include "tests/integration/slack/platform_bench.hpp"

namespace vedette::test {
namespace {

chat::Card file_card(const std::string& text) {
  chat::Card card;
  card.summary = "📎 Evidence of C-1 in full: E1";
  card.blocks = {chat::Heading{card.summary, {}}, chat::File{"C-1-evidence.txt", "Evidence of C-1 in full: E1", text}};
  return card;
}

// A root, and what would go into its thread.
struct FilesBench : PlatformBench {
  explicit FilesBench(Executor io, FakeSlackOptions fake_options = {}) : PlatformBench(io, fake_options, soon()) {}
  static slack::SlackOptions soon() {
    slack::SlackOptions options;
    options.share_wait = milliseconds(150);
    return options;
  }
  chat::Outgoing file(const std::string& text = "one\ntwo <!channel>\n") {
    if (root.empty()) root = fake.say(kFakeBotUser, "C1", "root");
    chat::Outgoing message = outgoing("case/1/file", "x");
    message.thread_ref = root;
    message.card = file_card(text);
    return message;
  }
  size_t shared() const {
    size_t count = 0;
    for (const auto& message : fake.messages()) count += message.files.is_array() ? 1 : 0;
    return count;
  }
  std::string root;
};

ASYNC_TEST(SlackFiles, a_file_is_shared_in_the_thread) {
  FilesBench bench(io);
  auto posted = co_await bench.platform.deliver(bench.file(), within(2000));
  CO_ASSERT_OK(posted);
  CO_EVENTUALLY(bench.shared() == 1);
  const auto& message = bench.fake.messages().back();
  EXPECT_EQ(message.thread_ts, bench.root);
  const auto& file = bench.fake.files().at(*posted);
  EXPECT_EQ(file.content, "one\ntwo <!channel>\n");
  EXPECT_EQ(file.title, "Evidence of C-1 in full: E1");
  EXPECT_TRUE(file.name.starts_with("C-1-evidence-") && file.name.ends_with(".txt")) << file.name;
  EXPECT_FALSE(file.token_seen) << "the token goes to the API alone";
  EXPECT_EQ(bench.fake.calls("chat.postMessage"), 0);
  co_await bench.stop();
}

ASYNC_TEST(SlackFiles, an_upload_that_fails_is_surely_not_there_and_repeated) {
  FilesBench bench(io);
  for (const char* kind : {"500", "redirect", "lost"}) {
    bench.fake.add_fault({"upload", kind, 1, 0, milliseconds(0)});
    auto failed = co_await bench.platform.deliver(bench.file(), within(2000));
    CO_ASSERT_TRUE(!failed.has_value());
    EXPECT_EQ(to_string(failed.error().code), "unavailable") << kind << ": " << failed.error().message;
    EXPECT_TRUE(failed.error().retryable);
  }
  EXPECT_EQ(bench.shared(), 0u);
  CO_ASSERT_OK(co_await bench.platform.deliver(bench.file(), within(2000)));
  CO_EVENTUALLY(bench.shared() == 1);
  co_await bench.stop();
}

ASYNC_TEST(SlackFiles, a_lost_answer_is_unknown_and_the_file_found_later) {
  FakeSlackOptions late;
  late.share_delay = milliseconds(60);
  FilesBench bench(io, late);
  const Time began = system_clock().now();
  bench.fake.add_fault({"files.completeUploadExternal", "store_then_500", 1, 0, milliseconds(0)});
  auto lost = co_await bench.platform.deliver(bench.file(), within(2000));
  CO_ASSERT_TRUE(!lost.has_value());
  EXPECT_EQ(to_string(lost.error().code), "unknown_outcome") << lost.error().message;
  // It is not in its thread yet, which does not mean that it will not be.
  auto early = co_await bench.platform.find(bench.file(), began, within(2000));
  CO_ASSERT_TRUE(!early.has_value());
  EXPECT_TRUE(early.error().retryable && early.error().retry_after.has_value());
  CO_EVENTUALLY(bench.shared() == 1);
  auto found = co_await bench.platform.find(bench.file(), began, within(2000));
  CO_ASSERT_OK(found);
  CO_ASSERT_TRUE(found->has_value());
  EXPECT_TRUE(bench.fake.files().contains((*found)->message_ref));
  co_await bench.stop();
}

ASYNC_TEST(SlackFiles, what_never_came_is_said_not_to_be_there_in_the_end) {
  FilesBench bench(io);
  const Time began = system_clock().now();
  bench.fake.add_fault({"files.completeUploadExternal", "500", 1, 0, milliseconds(0)});
  auto lost = co_await bench.platform.deliver(bench.file(), within(2000));
  CO_ASSERT_TRUE(!lost.has_value());
  auto early = co_await bench.platform.find(bench.file(), began, within(2000));
  CO_ASSERT_TRUE(!early.has_value());
  co_await sleep_for(milliseconds(200));
  auto found = co_await bench.platform.find(bench.file(), began, within(2000));
  CO_ASSERT_OK(found);
  EXPECT_FALSE(found->has_value());
  co_await bench.stop();
}

ASYNC_TEST(SlackFiles, an_edit_shares_other_content_once_and_the_same_never_again) {
  FilesBench bench(io);
  auto posted = co_await bench.platform.deliver(bench.file(), within(2000));
  CO_ASSERT_OK(posted);
  CO_EVENTUALLY(bench.shared() == 1);
  chat::Outgoing same = bench.file();
  same.message_ref = *posted;
  auto again = co_await bench.platform.deliver(same, within(2000));
  CO_ASSERT_OK(again);
  EXPECT_EQ(*again, *posted);
  EXPECT_EQ(bench.fake.calls("files.completeUploadExternal"), 1);
  chat::Outgoing other = bench.file("three\n");
  other.message_ref = *posted;
  bench.fake.add_fault({"files.completeUploadExternal", "store_then_500", 1, 0, milliseconds(0)});
  auto lost = co_await bench.platform.deliver(other, within(2000));
  CO_ASSERT_TRUE(!lost.has_value());
  CO_EVENTUALLY(bench.shared() == 2);
  auto found = co_await bench.platform.deliver(other, within(2000));  // edits are sent again without asking
  CO_ASSERT_OK(found);
  EXPECT_NE(*found, *posted);
  EXPECT_EQ(bench.shared(), 2u);
  EXPECT_EQ(bench.fake.calls("files.completeUploadExternal"), 2);
  co_await bench.stop();
}

ASYNC_TEST(SlackFiles, somebody_elses_file_of_the_name_is_not_ours) {
  FilesBench bench(io);
  chat::Outgoing message = bench.file();
  auto posted = co_await bench.platform.deliver(message, within(2000));
  CO_ASSERT_OK(posted);
  CO_EVENTUALLY(bench.shared() == 1);
  const Time began = system_clock().now();
  co_await sleep_for(milliseconds(200));
  auto ours = co_await bench.platform.find(message, began, within(2000));
  CO_ASSERT_OK(ours);
  EXPECT_TRUE(ours->has_value());
  bench.fake.disown_files("U7");
  auto theirs = co_await bench.platform.find(message, began, within(2000));
  CO_ASSERT_OK(theirs);
  EXPECT_FALSE(theirs->has_value());
  co_await bench.stop();
}

ASYNC_TEST(SlackFiles, without_the_scope_a_message_points_to_the_console) {
  FilesBench bench(io);
  bench.fake.set_scopes("chat:write,channels:history");
  auto posted = co_await bench.platform.deliver(bench.file(), within(2000));
  CO_ASSERT_OK(posted);
  const auto& message = bench.fake.messages().back();
  EXPECT_EQ(message.ts, *posted);
  EXPECT_EQ(message.thread_ts, bench.root);
  EXPECT_NE(message.blocks.dump().find("The console shows all of it."), std::string::npos);
  // Not asked again for every file, and an edit stays an edit.
  chat::Outgoing edit = bench.file("three\n");
  edit.message_ref = *posted;
  auto edited = co_await bench.platform.deliver(edit, within(2000));
  CO_ASSERT_OK(edited);
  EXPECT_EQ(*edited, *posted);
  EXPECT_EQ(bench.fake.calls("files.getUploadURLExternal"), 1);
  // The notice is found as any message is.
  auto found = co_await bench.platform.find(bench.file(), system_clock().now(), within(2000));
  CO_ASSERT_OK(found);
  CO_ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->message_ref, *posted);
  co_await bench.stop();
}

// Through outbox and Delivery: lost answers, and still one file.
ASYNC_TEST(SlackFiles, delivery_shares_a_file_once) {
  Office office(io);
  CO_ASSERT_TRUE(co_await office.start());
  CO_ASSERT_OK(co_await office.say("case/1/root", "a case"));
  CO_EVENTUALLY(office.bench.fake.messages().size() == 1);
  office.bench.fake.add_fault({"upload", "500", 1, 0, milliseconds(0)});
  OutboxMessage message;
  message.slot = "case/1/file";
  message.platform = "slack";
  message.channel = "C1";
  message.thread_of = "case/1/root";
  message.card = chat::to_json(file_card(std::string(200'000, 'e')));
  std::vector<OutboxMessage> messages;
  messages.push_back(message);
  CO_ASSERT_OK(co_await office.store->outbox().put(messages));
  CO_EVENTUALLY(office.bench.fake.messages().size() == 2);
  CO_ASSERT_OK(co_await office.store->outbox().put(messages));
  co_await sleep_for(milliseconds(50));
  EXPECT_EQ(office.bench.fake.messages().size(), 2u);
  EXPECT_EQ(office.bench.fake.messages().back().files[0]["size"], 200'000);
  co_await office.stop();
}

}  // namespace
}  // namespace vedette::test

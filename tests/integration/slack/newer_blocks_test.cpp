// What becomes of the newer kinds of block where a workspace does not take them.

#include "tests/integration/slack/platform_bench.hpp"

namespace vedette::test {
namespace {

using Kinds = std::vector<std::string>;

Kinds kinds(const FakeMessage& message) {
  Kinds found;
  for (const auto& block : message.blocks) found.push_back(block["type"]);
  return found;
}

chat::Outgoing with_blocks(const PlatformBench& bench, const std::string& key, std::vector<chat::Block> blocks) {
  chat::Outgoing message = bench.outgoing(key, "x");
  message.card.blocks = std::move(blocks);
  return message;
}

const chat::Block kSteps = chat::Steps{{{"Read the alert", chat::StepState::done}}};
const chat::Block kTable = chat::Table{{"a"}, {{"1"}}};
const chat::Block kFolded = chat::Records{"E1", "a record", true};

ASYNC_TEST(SlackNewerBlocks, are_used_where_slack_takes_them) {
  PlatformBench bench(io);
  auto message = with_blocks(bench, "k1", {kSteps, kTable, kFolded});
  CO_ASSERT_OK(co_await bench.platform.deliver(message, within(2000)));
  EXPECT_EQ(kinds(bench.fake.messages()[0]), (Kinds{"plan", "data_table", "container"}));
  EXPECT_EQ(bench.fake.calls("chat.postMessage"), 1);
  co_await bench.stop();
}

ASYNC_TEST(SlackNewerBlocks, become_classic_ones_and_the_rest_stays) {
  FakeSlackOptions old;
  old.newer_blocks = false;
  PlatformBench bench(io, old);
  auto message = with_blocks(bench, "k1", {chat::Heading{"x", {}}, kFolded, chat::Thumbs{"good C-1", "bad C-1"}});
  auto posted = co_await bench.platform.deliver(message, within(2000));
  CO_ASSERT_OK(posted);
  EXPECT_EQ(kinds(bench.fake.messages()[0]), (Kinds{"header", "rich_text", "context_actions"}));
  EXPECT_EQ(bench.fake.calls("chat.postMessage"), 2);
  // That was learnt: the next one goes at once, and an edit too.
  message.key = "k2";
  CO_ASSERT_OK(co_await bench.platform.deliver(message, within(2000)));
  EXPECT_EQ(bench.fake.calls("chat.postMessage"), 3);
  message.message_ref = *posted;
  CO_ASSERT_OK(co_await bench.platform.deliver(message, within(2000)));
  EXPECT_EQ(bench.fake.calls("chat.update"), 1);
  // Of the kinds this message had; others are tried for themselves.
  auto steps = with_blocks(bench, "k3", {kSteps});
  bench.fake.refuse_newer_blocks(false);
  CO_ASSERT_OK(co_await bench.platform.deliver(steps, within(2000)));
  EXPECT_EQ(kinds(bench.fake.messages().back()), (Kinds{"plan"}));
  co_await bench.stop();
}

ASYNC_TEST(SlackNewerBlocks, are_tried_again_after_a_while) {
  FakeSlackOptions old;
  old.newer_blocks = false;
  slack::SlackOptions soon;
  soon.newer_again = milliseconds(60);
  PlatformBench bench(io, old, soon);
  auto message = with_blocks(bench, "k1", {kFolded});
  CO_ASSERT_OK(co_await bench.platform.deliver(message, within(2000)));
  EXPECT_EQ(kinds(bench.fake.messages().back()), (Kinds{"rich_text"}));
  bench.fake.refuse_newer_blocks(false);
  message.key = "k2";
  CO_ASSERT_OK(co_await bench.platform.deliver(message, within(2000)));
  EXPECT_EQ(kinds(bench.fake.messages().back()), (Kinds{"rich_text"}));
  co_await sleep_for(milliseconds(80));
  message.key = "k3";
  CO_ASSERT_OK(co_await bench.platform.deliver(message, within(2000)));
  EXPECT_EQ(kinds(bench.fake.messages().back()), (Kinds{"container"}));
  co_await bench.stop();
}

ASYNC_TEST(SlackNewerBlocks, other_refusals_are_not_blamed_on_them) {
  PlatformBench bench(io);
  auto message = with_blocks(bench, "k1", {kFolded});
  bench.fake.add_fault({"chat.postMessage", "error:msg_blocks_too_long", 1, 0, milliseconds(0)});
  CO_ASSERT_OK(co_await bench.platform.deliver(message, within(2000)));
  EXPECT_EQ(kinds(bench.fake.messages().back()), (Kinds{"rich_text"}));
  message.key = "k2";
  CO_ASSERT_OK(co_await bench.platform.deliver(message, within(2000)));
  EXPECT_EQ(kinds(bench.fake.messages().back()), (Kinds{"container"}));
  // Neither newer kinds nor headings: plain blocks, nothing lost.
  bench.fake.refuse_newer_blocks();
  bench.fake.refuse_block("header");
  auto mixed = with_blocks(bench, "k3", {chat::Heading{"x", {}}, kFolded});
  CO_ASSERT_OK(co_await bench.platform.deliver(mixed, within(2000)));
  EXPECT_EQ(kinds(bench.fake.messages().back()), (Kinds{"section", "section"}));
  co_await bench.stop();
}

}  // namespace
}  // namespace vedette::test

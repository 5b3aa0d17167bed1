// What becomes of messages that cannot be edited, are given up, or answer one person alone.

#include "bot/chat/interaction.hpp"
#include "tests/unit/chat/delivery_world.hpp"

namespace vedette::chat {
namespace {

ASYNC_TEST(Delivery, what_was_given_up_is_still_known_after_a_restart) {
  World world(io);
  world.platform.faults = {Fault::final_error};
  CO_ASSERT_OK(co_await put(world, message("a", "1")));
  CO_ASSERT_OK(co_await put(world, message("b", "2")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("a", "b")));
  Delivery delivery(world.io, *world.store, world.platform, world.clock, World::options());
  TaskGroup group(world.io, "test");
  group.spawn("delivery", delivery.run());
  for (int i = 0; i < 200 && delivery.given_up().all == 0; ++i) co_await sleep_for(2ms);
  EXPECT_EQ(delivery.given_up().all, 1);
  EXPECT_EQ(delivery.given_up().recent, 1);
  EXPECT_EQ(delivery.given_up().error, "channel is archived");
  world.clock.advance(25h);
  for (int i = 0; i < 200 && delivery.given_up().recent != 0; ++i) co_await sleep_for(2ms);
  EXPECT_EQ(delivery.given_up().recent, 0) << "old news";
  EXPECT_EQ(delivery.given_up().all, 1);
  const auto everywhere = co_await world.store->outbox().given_up("", world.clock.now());
  EXPECT_EQ(everywhere->all, 1);
  const auto elsewhere = co_await world.store->outbox().given_up("teams", world.clock.now());
  EXPECT_EQ(elsewhere->all, 0);
  // Other content is tried anew.
  CO_ASSERT_OK(co_await put(world, message("a", "3")));
  EXPECT_TRUE(co_await settle(world, slots("a")));
  for (int i = 0; i < 200 && delivery.given_up().all != 0; ++i) {
    world.clock.advance(250ms);
    co_await sleep_for(2ms);
  }
  EXPECT_EQ(delivery.given_up().all, 0);
  co_await group.stop(Deadline::after(5s));
}

// Where nothing can be looked up: rather twice than never, and whoever sees it is told. Every further attempt may be one
// more, so they come ever less often.
ASYNC_TEST(Delivery, without_a_history_a_lost_answer_is_one_more_message_that_says_so) {
  World world(io);
  world.platform.keeps_history = false;
  world.platform.settle = 10ms;
  world.platform.faults = {Fault::reply_lost};
  CO_ASSERT_OK(co_await put(world, message("a", "one")));
  CO_ASSERT_OK(co_await put(world, message("b", "two")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("a", "b")));
  CO_ASSERT_TRUE(world.platform.messages.size() == 3u);
  for (const auto& posted : world.platform.messages) {
    const bool second = posted.summary == "one" && posted.ref != world.platform.messages[0].ref;
    EXPECT_EQ(posted.again, second) << posted.summary << " " << posted.ref;
  }
  world.platform.any_fault = [] { return Fault::request_lost; };
  world.platform.calls.clear();
  CO_ASSERT_OK(co_await put(world, message("c", "three")));
  Delivery delivery(world.io, *world.store, world.platform, world.clock, World::options());
  TaskGroup group(world.io, "test");
  group.spawn("delivery", delivery.run());
  EXPECT_TRUE(co_await settle(world, slots("c")));
  co_await group.stop(Deadline::after(5s));
  CO_ASSERT_TRUE(world.platform.calls.size() == 5u);
  const auto& calls = world.platform.calls;
  EXPECT_GT(calls[4].at - calls[3].at, calls[2].at - calls[1].at) << "the pauses grow";
  EXPECT_EQ(delivery.health().failed, 1) << "and there is an end to them";
}

// A workspace may forbid edits after some time: what is wanted is then said in the thread, once for each change.
ASYNC_TEST(Delivery, what_cannot_be_edited_any_more_is_said_in_its_thread) {
  World world(io);
  CO_ASSERT_OK(co_await put(world, message("case/1/root", "one")));
  CO_ASSERT_OK(co_await put(world, message("case/1/progress", "p one", "case/1/root")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("case/1/root", "case/1/progress")));
  const std::string root = world.platform.messages[0].ref;
  world.platform.faults = {Fault::frozen, Fault::none};
  CO_ASSERT_OK(co_await put(world, message("case/1/root", "two")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("case/1/root")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("case/1/root/again")));
  EXPECT_EQ(summaries(world.platform), (std::vector<std::string>{"one", "p one", "two"}));
  EXPECT_EQ(world.platform.messages[2].thread_ref, root);
  const auto row = co_await world.store->outbox().find("slack", "C1", "case/1/root");
  EXPECT_EQ((*row)->message_ref, root) << "threads still hang on it";
  const auto again = co_await world.store->outbox().find("slack", "C1", "case/1/root/again");
  EXPECT_NE((*again)->message.card.find("can no longer be edited"), std::string::npos);
  // The next change edits what was said in the thread, as long as that can be edited …
  world.platform.faults = {Fault::frozen, Fault::none};
  CO_ASSERT_OK(co_await put(world, message("case/1/root", "three")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("case/1/root")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("case/1/root/again")));
  EXPECT_EQ(summaries(world.platform), (std::vector<std::string>{"one", "p one", "three"}));
  // … and is a new message where it cannot.
  world.platform.faults = {Fault::frozen, Fault::frozen, Fault::none};
  CO_ASSERT_OK(co_await put(world, message("case/1/root", "four")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("case/1/root")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("case/1/root/again")));
  EXPECT_EQ(summaries(world.platform), (std::vector<std::string>{"one", "p one", "three", "four"}));
  // What stands in a thread is said in the same thread.
  world.platform.faults = {Fault::frozen, Fault::none};
  CO_ASSERT_OK(co_await put(world, message("case/1/progress", "p two", "case/1/root")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("case/1/progress")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("case/1/progress/again")));
  EXPECT_EQ(world.platform.messages.back().summary, "p two");
  EXPECT_EQ(world.platform.messages.back().thread_ref, root);
}

ASYNC_TEST(Delivery, a_private_reply_gets_the_way_its_interaction_came_with) {
  World world(io);
  Interaction slash;
  slash.key = "slash/1";
  slash.who = Identity("slack", "T1", "U7");
  slash.channel = "C1";
  slash.text = "list";
  slash.reply_url = "https://hooks.slack.com/commands/1";
  InboxItem item;
  item.platform = "slack";
  item.key = slash.key;
  item.kind = "interaction";
  item.payload = to_json(slash);
  item.received = world.clock.now();
  CO_ASSERT_OK(co_await world.store->inbox().accept(item));
  const auto pending = co_await world.store->inbox().pending(1);
  const int64_t id = pending->at(0).id;
  CO_ASSERT_OK(co_await world.store->inbox().done(id));
  auto reply = message(fmt::format("reply/{}", id), "only you");
  reply.only_for = "U7";
  auto for_all = message(fmt::format("reply/{}", id), "for all");
  for_all.channel = "C2";
  auto for_another = reply;
  for_another.channel = "C3";
  for_another.only_for = "U8";
  world.platform.faults = {Fault::refused};
  CO_ASSERT_OK(co_await put(world, reply));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots(reply.slot)));
  CO_ASSERT_OK(co_await put(world, for_all));
  CO_ASSERT_OK(co_await put(world, for_another));
  Delivery delivery(world.io, *world.store, world.platform, world.clock, World::options());
  TaskGroup group(world.io, "test");
  group.spawn("delivery", delivery.run());
  EXPECT_TRUE(co_await settle(world, slots(for_all.slot), "C2"));
  EXPECT_TRUE(co_await settle(world, slots(for_another.slot), "C3"));
  co_await group.stop(Deadline::after(5s));
  CO_ASSERT_TRUE(world.platform.messages.size() == 3u);
  EXPECT_EQ(world.platform.messages[0].reply_url, slash.reply_url);
  EXPECT_EQ(world.platform.messages[0].reply_uses, 1) << "the attempt before counts";
  EXPECT_EQ(world.platform.messages[1].reply_url, "");
  EXPECT_EQ(world.platform.messages[2].reply_url, "") << "somebody else's way";
}

// While a first part is in doubt, the second waits without keeping others from the channel.
ASYNC_TEST(Delivery, a_part_that_waits_holds_nobody_up) {
  World world(io);
  world.platform.part_lines = 1;
  world.platform.pace = 1s;
  world.platform.faults = {Fault::request_lost};
  world.platform.find_errors = std::deque<Error>(6, Error(Code::unavailable, "no history", true));
  OutboxMessage answer = message("reply/1", "long", "", Lane::approval);
  Card card;
  card.summary = "long";
  card.blocks = {Paragraph{{{"one", {}, false}, {"two", {}, false}}, false}};
  answer.card = to_json(card);
  CO_ASSERT_OK(co_await put(world, answer));
  Delivery delivery(world.io, *world.store, world.platform, world.clock, World::options());
  TaskGroup group(world.io, "test");
  group.spawn("delivery", delivery.run());
  for (int i = 0; i < 2000 && world.platform.calls.empty(); ++i) co_await sleep_for(1ms);
  CO_ASSERT_OK(co_await put(world, message("case/1/root", "a case")));
  EXPECT_TRUE(co_await settle(world, slots("case/1/root")));
  EXPECT_EQ(world.platform.messages.size(), 1u) << "the part before it is still in doubt";
  EXPECT_TRUE(co_await settle(world, slots("reply/1", "reply/1/2")));
  co_await group.stop(Deadline::after(5s));
  EXPECT_EQ(world.platform.messages.size(), 3u);
}

OutboxMessage two_parts() {
  OutboxMessage answer = message("reply/1", "long");
  Card card;
  card.summary = "long";
  card.blocks = {Paragraph{{{"one", {}, false}, {"two", {}, false}}, false}};
  answer.card = to_json(card);
  return answer;
}

// The store fails when the parts are to be written: what is in doubt is still looked up before it is said again.
ASYNC_TEST(Delivery, a_doubtful_answer_stays_in_doubt_when_the_store_fails) {
  World world(io);
  world.platform.part_lines = 1;
  world.platform.faults = {Fault::request_lost, Fault::reply_lost};
  CO_ASSERT_OK(co_await put(world, two_parts()));
  CrashingStore failing(*world.store, 1 << 20);
  failing.outbox().failing_puts = 2;
  EXPECT_TRUE(co_await run_until_settled(world, failing, slots("reply/1")));
  EXPECT_TRUE(co_await run_until_settled(world, failing, slots("reply/1", "reply/1/2")));
  EXPECT_EQ(world.platform.messages.size(), 2u);
}

ASYNC_TEST(Delivery, a_death_at_any_step_loses_no_part_and_says_none_twice) {
  for (int crash_at = 1; crash_at < 12; ++crash_at) {
    World world(io);
    world.platform.part_lines = 1;
    CO_ASSERT_OK(co_await put(world, two_parts()));
    CrashingStore dying(*world.store, crash_at);
    co_await run_until_dead(world, dying);
    EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("reply/1")));
    EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("reply/1", "reply/1/2"))) << crash_at;
    std::string said;
    for (const auto& posted : world.platform.messages) said += posted.text;
    EXPECT_EQ(said, "one\ntwo\n") << crash_at;
  }
}

// A long answer: its parts come one after the other, each once, whatever is lost on the way.
ASYNC_TEST(Delivery, the_parts_of_an_answer_come_in_order) {
  for (const auto fault : {Fault::none, Fault::refused, Fault::reply_lost, Fault::request_lost}) {
    World world(io);
    world.platform.part_lines = 2;
    world.platform.faults = {fault, Fault::none, fault};
    OutboxMessage answer = message("reply/1", "long");
    answer.below = "17.5";
    answer.asked_by = Identity("slack", "T1", "U1");
    Card card;
    card.summary = "long";
    Paragraph lines;
    for (const char* line : {"one", "two", "three", "four", "five"}) lines.lines.push_back({line, {}, false});
    card.blocks = {lines};
    answer.card = to_json(card);
    CO_ASSERT_OK(co_await put(world, answer));
    Delivery delivery(world.io, *world.store, world.platform, world.clock, World::options());
    TaskGroup group(world.io, "test");
    group.spawn("delivery", delivery.run());
    EXPECT_TRUE(co_await settle(world, slots("reply/1")));
    EXPECT_TRUE(co_await settle(world, slots("reply/1", "reply/1/2", "reply/1/3")));
    co_await group.stop(Deadline::after(5s));
    std::string said;
    for (const auto& posted : world.platform.messages) {
      said += posted.text + "|";
      EXPECT_EQ(posted.thread_ref, "17.5") << "below the question";
    }
    EXPECT_EQ(said, "one\ntwo\n|three\nfour\n|five\n|") << static_cast<int>(fault);
  }
}

}  // namespace
}  // namespace vedette::chat

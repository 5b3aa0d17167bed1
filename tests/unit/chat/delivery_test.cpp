// Once: whatever is lost, refused or crashes, every slot is posted exactly once and ends with the content wanted.

#include <random>

#include <gtest/gtest.h>

#include "tests/unit/chat/delivery_world.hpp"

namespace vedette::chat {
namespace {

ASYNC_TEST(Delivery, posts_then_edits_and_replies_after_their_root) {
  World world(io);
  CO_ASSERT_OK(co_await put(world, message("case/1/progress", "p", "case/1/root")));
  CO_ASSERT_OK(co_await put(world, message("case/1/root", "one", "", Lane::verdict)));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("case/1/root", "case/1/progress")));
  CO_ASSERT_TRUE(world.platform.messages.size() == 2u);
  EXPECT_EQ(world.platform.messages[0].summary, "one");
  EXPECT_EQ(world.platform.messages[1].thread_ref, world.platform.messages[0].ref);
  CO_ASSERT_OK(co_await put(world, message("case/1/root", "two", "", Lane::verdict)));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("case/1/root")));
  EXPECT_EQ(world.platform.messages.size(), 2u);
  EXPECT_EQ(world.platform.messages[0].summary, "two");
  EXPECT_EQ(world.platform.messages[0].edits, 1);
}

ASYNC_TEST(Delivery, lost_reply_is_found_not_repeated) {
  for (const auto fault : {Fault::reply_lost, Fault::timed_out, Fault::thrown}) {
    World world(io);
    world.platform.settle = 5s;
    world.platform.visible_after = 4s;
    world.platform.faults = {fault};
    CO_ASSERT_OK(co_await put(world, message("s", "text")));
    EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("s")));
    EXPECT_EQ(world.platform.messages.size(), 1u) << static_cast<int>(fault);
    EXPECT_EQ(world.platform.calls.size(), 1u) << static_cast<int>(fault);
    EXPECT_EQ(world.platform.finds, 1);
  }
}

ASYNC_TEST(Delivery, lost_request_is_looked_up_and_sent_again) {
  World world(io);
  world.platform.settle = 5s;
  world.platform.faults = {Fault::request_lost};
  CO_ASSERT_OK(co_await put(world, message("s", "text")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("s")));
  EXPECT_EQ(summaries(world.platform), (std::vector<std::string>{"text"}));
  CO_ASSERT_TRUE(world.platform.calls.size() == 2u);
  EXPECT_GE(world.platform.calls[1].at - world.platform.calls[0].at, 5s) << "not before the platform has settled";
  EXPECT_EQ(world.platform.finds, 1);
}

ASYNC_TEST(Delivery, a_look_up_that_fails_is_no_answer) {
  World world(io);
  world.platform.faults = {Fault::reply_lost};
  world.platform.find_errors = {Error(Code::unavailable, "down", true), Error(Code::rate_limited, "slow", true),
                                Error(Code::upstream, "odd")};
  CO_ASSERT_OK(co_await put(world, message("s", "text")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("s")));
  EXPECT_EQ(world.platform.messages.size(), 1u);
  EXPECT_EQ(world.platform.finds, 4);
}

ASYNC_TEST(Delivery, edits_of_unknown_outcome_are_sent_again) {
  World world(io);
  CO_ASSERT_OK(co_await put(world, message("s", "one")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("s")));
  world.platform.faults = {Fault::reply_lost, Fault::request_lost};
  CO_ASSERT_OK(co_await put(world, message("s", "two")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("s")));
  EXPECT_EQ(summaries(world.platform), (std::vector<std::string>{"two"}));
  EXPECT_EQ(world.platform.finds, 0);
}

ASYNC_TEST(Delivery, content_that_changes_while_in_doubt_ends_as_wanted) {
  World world(io);
  world.platform.settle = 3s;
  world.platform.faults = {Fault::reply_lost};
  CO_ASSERT_OK(co_await put(world, message("s", "one")));
  Delivery delivery(world.io, *world.store, world.platform, world.clock, World::options());
  TaskGroup group(world.io, "test");
  group.spawn("delivery", delivery.run());
  for (int i = 0; i < 1000 && world.platform.calls.empty(); ++i) co_await sleep_for(1ms);
  CO_ASSERT_OK(co_await put(world, message("s", "two")));
  EXPECT_TRUE(co_await settle(world, slots("s")));
  co_await group.stop(Deadline::after(5s));
  EXPECT_EQ(summaries(world.platform), (std::vector<std::string>{"two"}));
}

ASYNC_TEST(Delivery, unknown_message_for_one_person_is_not_repeated) {
  World world(io);
  world.platform.faults = {Fault::request_lost};
  auto m = message("reply/1", "only you");
  m.only_for = "U1";
  CO_ASSERT_OK(co_await put(world, m));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("reply/1")));
  const auto row = co_await world.store->outbox().find("slack", "C1", "reply/1");
  CO_ASSERT_OK(row);
  EXPECT_EQ((*row)->state, DeliveryState::failed);
  EXPECT_FALSE((*row)->error.empty());
  EXPECT_EQ(world.platform.calls.size(), 1u);
  EXPECT_EQ(world.platform.finds, 0);
}

ASYNC_TEST(Delivery, refusals_are_tried_again_with_growing_pauses_and_never_skipped) {
  World world(io);
  world.platform.faults = {Fault::refused, Fault::refused, Fault::token_expired, Fault::refused, Fault::refused};
  CO_ASSERT_OK(co_await put(world, message("s", "text")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("s")));
  const auto& calls = world.platform.calls;
  CO_ASSERT_TRUE(calls.size() == 6u);
  EXPECT_EQ(world.platform.messages.size(), 1u);
  EXPECT_EQ(world.platform.finds, 0) << "what was surely refused needs no look-up";
  EXPECT_GE(calls[1].at - calls[0].at, 500ms);
  EXPECT_GE(calls[5].at - calls[4].at, 8s);
}

ASYNC_TEST(Delivery, final_errors_are_given_up_and_counted) {
  World world(io);
  world.platform.faults = {Fault::final_error};
  CO_ASSERT_OK(co_await put(world, message("bad", "text")));
  CO_ASSERT_OK(co_await put(world, message("good", "text")));
  Delivery delivery(world.io, *world.store, world.platform, world.clock, World::options());
  TaskGroup group(world.io, "test");
  group.spawn("delivery", delivery.run());
  EXPECT_TRUE(co_await settle(world, slots("bad", "good")));
  co_await group.stop(Deadline::after(5s));
  EXPECT_EQ(delivery.health().failed, 1);
  EXPECT_EQ(delivery.health().posted, 1);
  EXPECT_EQ(delivery.health().last_error, "channel is archived");
  EXPECT_FALSE(delivery.oldest_unposted());
}

ASYNC_TEST(Delivery, replies_to_a_root_that_was_given_up_are_seen_all_the_same) {
  World world(io);
  world.platform.faults = {Fault::final_error};
  CO_ASSERT_OK(co_await put(world, message("case/1/root", "root", "", Lane::page)));
  CO_ASSERT_OK(co_await put(world, message("case/1/action/9", "decide", "case/1/root")));
  Delivery delivery(world.io, *world.store, world.platform, world.clock, World::options());
  TaskGroup group(world.io, "test");
  group.spawn("delivery", delivery.run());
  EXPECT_TRUE(co_await settle(world, slots("case/1/root", "case/1/action/9")));
  CO_ASSERT_TRUE(world.platform.messages.size() == 1u);
  EXPECT_EQ(world.platform.messages[0].summary, "decide");
  EXPECT_EQ(world.platform.messages[0].thread_ref, "");
  // The root is missing still: the metric says so.
  world.clock.advance(60s);
  for (int i = 0; i < 1000 && delivery.oldest_undelivered().value_or(0s) < 60s; ++i) co_await sleep_for(1ms);
  EXPECT_GE(delivery.oldest_undelivered().value_or(0s), 60s);
  co_await group.stop(Deadline::after(5s));
}

ASYNC_TEST(Delivery, a_message_deleted_on_the_platform_is_posted_anew) {
  World world(io);
  CO_ASSERT_OK(co_await put(world, message("case/1/root", "one")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("case/1/root")));
  world.platform.faults = {Fault::deleted};
  CO_ASSERT_OK(co_await put(world, message("case/1/root", "two")));
  CO_ASSERT_OK(co_await put(world, message("case/1/evidence", "reply", "case/1/root")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("case/1/root", "case/1/evidence")));
  CO_ASSERT_TRUE(world.platform.messages.size() == 3u);
  EXPECT_EQ(world.platform.messages[1].summary, "two");
  EXPECT_EQ(world.platform.messages[2].thread_ref, world.platform.messages[1].ref);
  const auto row = co_await world.store->outbox().find("slack", "C1", "case/1/root");
  EXPECT_EQ((*row)->state, DeliveryState::sent);
  EXPECT_EQ((*row)->message_ref, world.platform.messages[1].ref);
  // A post that is refused that way has nowhere to go.
  world.platform.faults = {Fault::deleted};
  CO_ASSERT_OK(co_await put(world, message("other", "three")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("other")));
  EXPECT_EQ(world.platform.messages.size(), 3u);
}

ASYNC_TEST(Delivery, a_limit_pauses_its_channel_and_no_other) {
  World world(io);
  world.platform.faults = {Fault::limited};
  CO_ASSERT_OK(co_await put(world, message("a", "1")));
  CO_ASSERT_OK(co_await put(world, message("b", "2")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("a", "b")));
  const auto& calls = world.platform.calls;
  CO_ASSERT_TRUE(calls.size() == 3u);
  EXPECT_GE(calls[1].at - calls[0].at, 7s) << "retry-after is honoured by the whole channel";
  world.platform.calls.clear();
  world.platform.faults = {Fault::limited};
  CO_ASSERT_OK(co_await put(world, message("c", "3", "", Lane::page)));
  auto other = message("d", "4");
  other.channel = "C2";
  CO_ASSERT_OK(co_await put(world, other));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("c")));
  CO_ASSERT_TRUE(calls.size() == 3u);
  EXPECT_EQ(calls[0].slot, "c");
  EXPECT_EQ(calls[1].slot, "d");
  EXPECT_LT(calls[1].at - calls[0].at, 2s) << "the other channel does not wait";
}

ASYNC_TEST(Delivery, keeps_the_pace_of_a_channel_and_sends_the_most_urgent_first) {
  World world(io);
  world.platform.pace = 1000ms;
  for (int i = 0; i < 6; ++i) CO_ASSERT_OK(co_await put(world, message("u" + std::to_string(i), "x")));
  CO_ASSERT_OK(co_await put(world, message("approval", "x", "", Lane::approval)));
  CO_ASSERT_OK(co_await put(world, message("verdict", "x", "", Lane::verdict)));
  EXPECT_TRUE(
      co_await run_until_settled(world, *world.store, slots("u0", "u1", "u2", "u3", "u4", "u5", "approval", "verdict")));
  const auto& calls = world.platform.calls;
  CO_ASSERT_TRUE(calls.size() == 8u);
  EXPECT_EQ(calls[0].slot, "approval");
  EXPECT_EQ(calls[1].slot, "verdict");
  for (size_t i = 1; i < calls.size(); ++i) EXPECT_GE(calls[i].at - calls[i - 1].at, 1000ms) << i;
}

ASYNC_TEST(Delivery, channels_go_side_by_side_one_message_each) {
  World world(io);
  world.platform.takes = 5ms;
  for (int channel = 0; channel < 4; ++channel) {
    for (int i = 0; i < 3; ++i) {
      auto m = message("s" + std::to_string(i), "x");
      m.channel = "C" + std::to_string(channel);
      CO_ASSERT_OK(co_await put(world, m));
    }
  }
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("s0", "s1", "s2")));
  EXPECT_EQ(world.platform.most_at_once_in_a_channel, 1);
  EXPECT_GT(world.platform.most_at_once, 1);
}

ASYNC_TEST(Delivery, a_full_channel_does_not_hide_the_others) {
  World world(io);
  world.platform.pace = 3600s;  // one message an hour
  for (int i = 0; i < 150; ++i) CO_ASSERT_OK(co_await put(world, message("m" + std::to_string(i), "x", "", Lane::verdict)));
  auto other = message("quiet", "x");
  other.channel = "C2";
  CO_ASSERT_OK(co_await put(world, other));
  Delivery delivery(world.io, *world.store, world.platform, world.clock, World::options());
  TaskGroup group(world.io, "test");
  group.spawn("delivery", delivery.run());
  EXPECT_TRUE(co_await settle(world, slots("quiet"), "C2"));
  EXPECT_LT(world.platform.calls.size(), 10u);
  EXPECT_TRUE(delivery.oldest_unposted().has_value());
  co_await group.stop(Deadline::after(5s));
}

ASYNC_TEST(Delivery, edits_not_sent_yet_are_overtaken) {
  World world(io);
  world.platform.pace = 60s;
  CO_ASSERT_OK(co_await put(world, message("s", "0")));
  Delivery delivery(world.io, *world.store, world.platform, world.clock, World::options());
  TaskGroup group(world.io, "test");
  group.spawn("delivery", delivery.run());
  for (int i = 0; i < 1000 && world.platform.messages.empty(); ++i) co_await sleep_for(1ms);
  for (int i = 1; i <= 20; ++i) CO_ASSERT_OK(co_await put(world, message("s", std::to_string(i))));
  EXPECT_TRUE(co_await settle(world, slots("s")));
  co_await group.stop(Deadline::after(5s));
  EXPECT_EQ(summaries(world.platform), (std::vector<std::string>{"20"}));
  EXPECT_LE(world.platform.calls.size(), 3u);
}

ASYNC_TEST(Delivery, an_old_answer_of_the_store_does_not_post_again) {
  World world(io);
  CrashingStore slow(*world.store, 1 << 20);
  slow.outbox().due_takes = 60ms;
  slow.outbox().sending_takes = 20ms;
  CO_ASSERT_OK(co_await put(world, message("s", "one")));
  Delivery delivery(world.io, slow, world.platform, world.clock, World::options());
  TaskGroup group(world.io, "test");
  group.spawn("delivery", delivery.run());
  for (int i = 0; i < 1000 && world.platform.messages.empty(); ++i) co_await sleep_for(1ms);
  CO_ASSERT_OK(co_await put(world, message("s", "two")));
  co_await sleep_for(150ms);
  co_await group.stop(Deadline::after(5s));
  EXPECT_EQ(summaries(world.platform), (std::vector<std::string>{"two"}));
}

ASYNC_TEST(Delivery, a_damaged_card_fails_alone) {
  World world(io);
  auto m = message("bad", "x");
  m.card = "{";
  CO_ASSERT_OK(co_await put(world, m));
  CO_ASSERT_OK(co_await put(world, message("good", "x")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("bad", "good")));
  EXPECT_EQ(world.platform.messages.size(), 1u);
}

// The property: die before any of the writes, with any mixture of faults; afterwards everything is there once, as wanted.
boost::asio::awaitable<void> crash_once(World& world, int crash_at, uint64_t seed) {
  auto random = std::make_shared<std::mt19937_64>(seed);
  world.platform.settle = 2s;
  world.platform.visible_after = 1500ms;
  world.platform.any_fault = [random] {
    const auto dice = (*random)() % 10;
    constexpr Fault kFaults[] = {Fault::reply_lost, Fault::request_lost, Fault::refused, Fault::limited, Fault::timed_out};
    return dice < std::size(kFaults) ? kFaults[dice] : Fault::none;
  };
  const std::vector<std::string> all_slots = {"case/1/root", "case/1/progress", "case/1/evidence", "case/2/root"};
  for (const auto& slot : all_slots) {
    const bool root = slot.ends_with("root");
    auto wanted = message(slot, slot + " first", root ? "" : "case/1/root");
    const auto stored = co_await put(world, std::move(wanted));
    EXPECT_TRUE(stored);
  }
  {
    CrashingStore dying(*world.store, crash_at);
    co_await run_until_dead(world, dying);
  }
  for (const auto& slot : all_slots) {
    const bool root = slot.ends_with("root");
    if (slot == "case/2/root") continue;
    auto wanted = message(slot, slot + " second", root ? "" : "case/1/root");
    const auto stored = co_await put(world, std::move(wanted));
    EXPECT_TRUE(stored);
  }
  {
    CrashingStore dying(*world.store, crash_at / 2 + 1);
    co_await run_until_dead(world, dying);
  }
  const bool settled = co_await run_until_settled(world, *world.store, all_slots);
  EXPECT_TRUE(settled) << "crash at " << crash_at << ", seed " << seed;
  EXPECT_EQ(world.platform.messages.size(), all_slots.size()) << "crash at " << crash_at << ", seed " << seed;
  for (const auto& slot : all_slots) {
    const std::string wanted = slot + (slot == "case/2/root" ? " first" : " second");
    const auto all = summaries(world.platform);
    EXPECT_EQ(std::count(all.begin(), all.end(), wanted), 1) << wanted << ", crash at " << crash_at << ", seed " << seed;
  }
}

ASYNC_TEST(Delivery, crash_at_every_step_posts_every_slot_once) {
  for (int crash_at = 0; crash_at < 14; ++crash_at) {
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      World world(io);
      co_await crash_once(world, crash_at, seed * 1000 + static_cast<uint64_t>(crash_at));
    }
  }
}

}  // namespace
}  // namespace vedette::chat

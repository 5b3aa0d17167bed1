// What a platform's limits do to the order of things: edits and posts are limited apart, and urgency decides who is next.

#include "tests/unit/chat/delivery_world.hpp"

namespace vedette::chat {
namespace {

OutboxMessage in_channel(OutboxMessage m, std::string channel) {
  m.channel = std::move(channel);
  return m;
}

std::vector<std::string> slots_since(const FakePlatform& platform, size_t first) {
  std::vector<std::string> all;
  for (size_t at = first; at < platform.calls.size(); ++at) all.push_back(platform.calls[at].slot);
  return all;
}

ASYNC_TEST(DeliveryLimits, a_limited_edit_holds_back_edits_everywhere_and_no_post) {
  World world(io);
  CO_ASSERT_OK(co_await put(world, message("a", "one")));
  CO_ASSERT_OK(co_await put(world, in_channel(message("b", "one"), "C2")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("a")));
  EXPECT_TRUE(co_await settle(world, slots("b"), "C2"));
  const size_t before = world.platform.calls.size();
  world.platform.faults = {Fault::limited};
  CO_ASSERT_OK(co_await put(world, message("a", "two")));
  Delivery delivery(world.io, *world.store, world.platform, world.clock, World::options());
  TaskGroup group(world.io, "test");
  group.spawn("delivery", delivery.run());
  for (int i = 0; i < 1000 && world.platform.calls.size() == before; ++i) co_await sleep_for(1ms);
  CO_ASSERT_OK(co_await put(world, in_channel(message("b", "two"), "C2")));
  CO_ASSERT_OK(co_await put(world, message("page", "wake up", "", Lane::page)));
  EXPECT_TRUE(co_await settle(world, slots("a", "page")));
  EXPECT_TRUE(co_await settle(world, slots("b"), "C2"));
  co_await group.stop(Deadline::after(5s));
  const auto& calls = world.platform.calls;
  CO_ASSERT_TRUE(calls.size() == before + 4);
  EXPECT_EQ(calls[before].slot, "a");
  EXPECT_EQ(calls[before + 1].slot, "page");
  const Time limited = calls[before].at;
  EXPECT_LT(calls[before + 1].at - limited, 7s);
  EXPECT_GE(calls[before + 2].at - limited, 7s);
  EXPECT_GE(calls[before + 3].at - limited, 7s);
}

ASYNC_TEST(DeliveryLimits, where_each_channel_is_counted_apart_a_limited_edit_holds_back_its_own) {
  World world(io);
  world.platform.limits_together = false;
  CO_ASSERT_OK(co_await put(world, message("a", "one")));
  CO_ASSERT_OK(co_await put(world, in_channel(message("b", "one"), "C2")));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("a")));
  EXPECT_TRUE(co_await settle(world, slots("b"), "C2"));
  const size_t before = world.platform.calls.size();
  world.platform.faults = {Fault::limited};
  CO_ASSERT_OK(co_await put(world, message("a", "two")));
  Delivery delivery(world.io, *world.store, world.platform, world.clock, World::options());
  TaskGroup group(world.io, "test");
  group.spawn("delivery", delivery.run());
  for (int i = 0; i < 1000 && world.platform.calls.size() == before; ++i) co_await sleep_for(1ms);
  CO_ASSERT_OK(co_await put(world, in_channel(message("b", "two"), "C2")));
  EXPECT_TRUE(co_await settle(world, slots("b"), "C2"));
  EXPECT_TRUE(co_await settle(world, slots("a")));
  co_await group.stop(Deadline::after(5s));
  const auto& calls = world.platform.calls;
  CO_ASSERT_TRUE(calls.size() == before + 3);
  EXPECT_EQ(calls[before + 1].slot, "b");
  EXPECT_LT(calls[before + 1].at - calls[before].at, 7s);
  EXPECT_GE(calls[before + 2].at - calls[before].at, 7s);
}

ASYNC_TEST(DeliveryLimits, after_the_wait_the_most_urgent_edit_goes_first) {
  World world(io);
  CO_ASSERT_OK(co_await put(world, message("progress", "one")));
  CO_ASSERT_OK(co_await put(world, message("approval", "one", "", Lane::approval)));
  EXPECT_TRUE(co_await run_until_settled(world, *world.store, slots("progress", "approval")));
  const size_t before = world.platform.calls.size();
  world.platform.faults = {Fault::limited, Fault::limited, Fault::limited};
  CO_ASSERT_OK(co_await put(world, message("progress", "two")));
  Delivery delivery(world.io, *world.store, world.platform, world.clock, World::options());
  TaskGroup group(world.io, "test");
  group.spawn("delivery", delivery.run());
  for (int i = 0; i < 1000 && world.platform.calls.size() == before; ++i) co_await sleep_for(1ms);
  CO_ASSERT_OK(co_await put(world, message("approval", "two", "", Lane::approval)));
  EXPECT_TRUE(co_await settle(world, slots("progress", "approval")));
  co_await group.stop(Deadline::after(5s));
  const auto order = slots_since(world.platform, before);
  EXPECT_EQ(order, (std::vector<std::string>{"progress", "approval", "approval", "approval", "progress"}))
      << "a wait that the platform names does not grow with the attempts";
}

}  // namespace
}  // namespace vedette::chat

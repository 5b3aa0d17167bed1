// A request under way when Vedette is told to stop may end by itself: it need not be looked up after the next start.

#include "tests/unit/chat/delivery_world.hpp"

namespace vedette::chat {
namespace {

ASYNC_TEST(DeliveryStop, a_request_under_way_ends_first) {
  World world(io);
  world.platform.takes = 100ms;
  CO_ASSERT_OK(co_await put(world, message("a", "1")));
  {
    Delivery delivery(world.io, *world.store, world.platform, world.clock, World::options());
    TaskGroup group(world.io, "test");
    group.spawn("delivery", delivery.run());
    for (int i = 0; i < 1000 && world.platform.calls.empty(); ++i) co_await sleep_for(1ms);
    EXPECT_EQ(world.platform.calls.size(), 1u);
    EXPECT_TRUE(world.platform.messages.empty());
    const bool ended = co_await group.stop(Deadline::after(5s));
    EXPECT_TRUE(ended);
  }
  const auto row = co_await world.store->outbox().find("slack", "C1", "a");
  CO_ASSERT_OK(row);
  CO_ASSERT_TRUE(row->has_value());
  EXPECT_EQ((*row)->state, DeliveryState::sent);
  EXPECT_EQ(world.platform.messages.size(), 1u);
}

}  // namespace
}  // namespace vedette::chat

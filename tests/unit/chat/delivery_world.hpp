#pragma once
// A store, a platform in memory and a clock, for the tests of deliveries.

#include <gtest/gtest.h>

#include "bot/chat/delivery.hpp"
#include "bot/store/sqlite_store.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/chat/crashing_store.hpp"
#include "tests/unit/chat/fake_platform.hpp"

namespace vedette::chat {

using test::CrashingStore;
using test::FakeClock;
using test::FakePlatform;
using test::Fault;
using namespace std::chrono_literals;

inline OutboxMessage message(std::string slot, std::string text, std::string thread_of = "", Lane lane = Lane::update) {
  OutboxMessage m;
  m.slot = std::move(slot);
  m.platform = "slack";
  m.channel = "C1";
  m.thread_of = std::move(thread_of);
  m.lane = lane;
  Card card;
  card.summary = std::move(text);
  m.card = to_json(card);
  return m;
}

struct World {
  explicit World(Executor io_) : io(io_), platform(clock) {
    SqliteOptions options;
    options.path = ":memory:";
    options.clock = &clock;
    auto opened = open_sqlite_store(io, options);
    if (!opened) throw std::runtime_error(opened.error().message);
    store = std::move(*opened);
  }
  static DeliveryOptions options() {
    DeliveryOptions o;
    o.poll = 2ms;
    o.seed = 42;
    return o;
  }
  Executor io;
  FakeClock clock;
  FakePlatform platform;
  std::unique_ptr<Store> store;
};

template <class... Names>
std::vector<std::string> slots(Names... names) {
  return {names...};
}

inline Async<void> put(World& world, OutboxMessage m) {
  std::vector<OutboxMessage> all;
  all.push_back(std::move(m));
  co_return co_await world.store->outbox().put(std::move(all));
}

// Lets a delivery run while time flies, until every slot wanted is sent (or failed), or the patience is over.
inline boost::asio::awaitable<bool> settle(World& world, std::vector<std::string> wanted, std::string channel = "C1") {
  for (int i = 0; i < 3000; ++i) {
    bool all = true;
    for (const auto& slot : wanted) {
      const auto row = co_await world.store->outbox().find("slack", channel, slot);
      if (!row || !row->has_value()) co_return false;
      const auto state = (*row)->state;
      const bool sent = state == DeliveryState::sent && (*row)->delivered == (*row)->version;
      all = all && (sent || state == DeliveryState::failed);
    }
    if (all) co_return true;
    world.clock.advance(250ms);
    co_await sleep_for(500us);
  }
  co_return false;
}

// Runs a delivery over `store` until the slots wanted are settled, or until the store has died.
inline boost::asio::awaitable<bool> run_until_settled(World& world, Store& store, std::vector<std::string> wanted) {
  Delivery delivery(world.io, store, world.platform, world.clock, World::options());
  TaskGroup group(world.io, "test");
  group.spawn("delivery", delivery.run());
  const bool settled = co_await settle(world, std::move(wanted));
  co_await group.stop(Deadline::after(5s));
  co_return settled;
}

inline boost::asio::awaitable<void> run_until_dead(World& world, CrashingStore& store) {
  Delivery delivery(world.io, store, world.platform, world.clock, World::options());
  TaskGroup group(world.io, "test");
  group.spawn("delivery", delivery.run());
  for (int i = 0; i < 400 && !store.dead(); ++i) {
    world.clock.advance(250ms);
    co_await sleep_for(500us);
  }
  co_await group.stop(Deadline::after(5s));
}

inline std::vector<std::string> summaries(const FakePlatform& platform) {
  std::vector<std::string> all;
  all.reserve(platform.messages.size());
  for (const auto& posted : platform.messages) all.push_back(posted.summary);
  return all;
}

}  // namespace vedette::chat

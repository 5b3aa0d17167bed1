// Senders send all the while the relay misbehaves at random: whatever was answered 200 is stored, every stored activity was
// sent, no request is answered twice, and in the end the listener is there. One seed a run; it is printed.

#include <random>

#include "tests/integration/teams/relay_bench.hpp"

namespace vedette::test::over_relay {
namespace {

struct Told {
  std::set<std::string> sent;
  std::set<std::string> accepted;
  bool stop = false;
};

// Teams' way: what was not answered is delivered again, a few times.
Job sender(FakeRelay& fake, Told& told, uint32_t seed, int who) {
  std::minstd_rand random(seed + static_cast<uint32_t>(who));
  for (int n = 0; !told.stop; ++n) {
    const size_t size = random() % 8 == 0 ? 70'000 + random() % 50'000 : random() % 3000;
    const std::string body = fmt::format("{}:{}:", who, n) + std::string(size, 'x');
    told.sent.insert(body);
    for (int attempt = 0; attempt < 20 && !told.stop; ++attempt) {
      const std::string name = random() % 3 == 0 ? std::to_string(who) : std::string();
      const auto response = co_await fake.send(activity_request(body), name);
      if (response.status == 200) {
        told.accepted.insert(body);
        break;
      }
      co_await sleep_for(std::chrono::milliseconds(2 + random() % 10));
    }
  }
}

void misbehave(RelayBench& bench, std::minstd_rand& random) {
  switch (random() % 9) {
    case 0: return bench.fake.cut_listeners();
    case 1: return bench.fake.close_listeners(1008);
    case 2: return bench.fake.close_listeners(1011);
    case 3: return bench.fake.cut_rendezvous();
    case 4: bench.fake.faults.force_rendezvous = !bench.fake.faults.force_rendezvous; return;
    case 5: bench.fake.faults.fragment = random() % 2 == 0 ? 0 : 8 + random() % 3000; return;
    case 6: bench.fake.faults.listen_status = random() % 3 == 0 ? 503 : 0; return;
    case 7: bench.taker.delay = std::chrono::milliseconds(random() % 25); return;
    default: bench.taker.answer = ActivityAnswer(200, std::string(random() % 4 == 0 ? 80'000 : random() % 200, 'y')); return;
  }
}

Job churn(Executor io, uint32_t seed) {
  FakeRelayOptions fake;
  fake.seed = seed;
  fake.answer_limit = 1s;
  RelayBench bench(io, fake);
  bench.options.relay.pauses = {0ms, 3ms, 6ms};
  CO_ASSERT_TRUE(co_await bench.listening());
  Told told;
  TaskGroup senders(io, "senders");
  for (int who = 0; who < 6; ++who) senders.spawn("sender", sender(bench.fake, told, seed, who));
  std::minstd_rand random(seed);
  for (int step = 0; step < 60; ++step) {
    co_await sleep_for(std::chrono::milliseconds(random() % 25));
    misbehave(bench, random);
  }
  told.stop = true;
  bench.fake.faults = {};
  co_await senders.drain();
  CO_RELAY_EVENTUALLY(bench.fake.listeners() == 1);
  EXPECT_EQ((co_await bench.fake.send(activity_request("at last"))).status, 200);
  std::set<std::string> stored;
  for (const auto& each : bench.taker.stored) stored.insert(each.body);
  stored.erase("at last");
  for (const auto& body : told.accepted) EXPECT_TRUE(stored.contains(body)) << "lost: " << body.substr(0, 8);
  for (const auto& body : stored) EXPECT_TRUE(told.sent.contains(body)) << "never sent: " << body.substr(0, 8);
  EXPECT_GE(told.accepted.size(), 20u);
  EXPECT_GE(bench.listener->counts().opened, 3u);
  co_await bench.stop();  // answers to nobody and second answers are violations
}

TEST(TeamsRelayChurn, nothing_is_lost_or_said_twice_whatever_the_relay_does) {
  const char* given = std::getenv("VEDETTE_SEED");
  const uint32_t seed = given != nullptr ? static_cast<uint32_t>(std::atoll(given)) : std::random_device()();
  std::printf("VEDETTE_SEED=%u\n", seed);
  for (uint32_t round = 0; round < 3; ++round) run_async([&](Executor io) { return churn(io, seed + round); });
}

}  // namespace
}  // namespace vedette::test::over_relay

// Cases, their cards and their delivery over a store on disk that is left in the middle of things again and again: in the
// end every case stands in chat once, as it is, with its thread under it.

#include <random>

#include <gtest/gtest.h>

#include "bot/chat/case_cards.hpp"
#include "bot/chat/delivery.hpp"
#include "bot/chat/presenter.hpp"
#include "bot/store/sqlite_store.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/chat/crashing_store.hpp"
#include "tests/unit/chat/fake_platform.hpp"

namespace vedette::chat {
namespace {

using namespace std::chrono_literals;
using test::Fault;

constexpr int kLives = 10;
constexpr int kCasesALife = 2;

struct World {
  explicit World(Executor io_) : io(io_), slack(clock, "slack"), console(clock, "console") {}
  Result<std::unique_ptr<Store>> open() {
    SqliteOptions options;
    options.path = dir.file("vedette.db");
    options.clock = &clock;
    return open_sqlite_store(io, options);
  }
  Executor io;
  test::TempDir dir;
  test::FakeClock clock;
  test::FakePlatform slack;
  test::FakePlatform console;
  int cases = 0;
};

Async<void> add_cases(World& world, Store& store) {
  for (int i = 0; i < kCasesALife; ++i) {
    Alert alert;
    alert.source = "wazuh";
    alert.format = "wazuh";
    alert.dedup_key = std::to_string(++world.cases);
    alert.title = "Alert " + alert.dedup_key;
    alert.severity = Severity::high;
    alert.time = alert.received = world.clock.now();
    alert.raw = "{}";
    std::vector<Alert> alerts = {alert};
    CO_TRY(const auto accepted, store.alerts().accept(std::move(alerts)));
    CO_TRY_VOID(store.alerts().open_case(accepted.front().id));
  }
  co_return Status();
}

Async<void> finish_all(Store& store) {
  while (true) {
    CO_TRY(const auto lease, store.investigations().claim("test", 60s));
    if (!lease) co_return Status();
    std::vector<InvestigationStep> steps = {{"What is it?", true}};
    CO_TRY_VOID(store.investigations().progress(*lease, std::move(steps)));
    Evidence evidence;
    evidence.question = "what";
    evidence.title = "What is it?";
    evidence.answer = "This";
    CO_TRY(const int number, store.investigations().add_evidence(*lease, std::move(evidence)));
    Verdict verdict;
    verdict.label = Label::malicious;
    verdict.confidence = 80;
    verdict.severity = Severity::high;
    verdict.headline = "It was this";
    Claim claim;
    claim.text = "Because";
    claim.evidence = {number};
    verdict.claims = {claim};
    std::vector<ProposedAction> none;
    CO_TRY_VOID(store.investigations().finish(*lease, std::move(verdict), std::move(none)));
  }
}

std::vector<Route> routes() { return {{"slack", "C1", std::nullopt, ""}, {"console", "soc", std::nullopt, ""}}; }

// One life of the program over the store on disk, cut off before its `steps`-th write to the outbox.
boost::asio::awaitable<void> live(World& world, int steps) {
  auto store = world.open();
  CO_ASSERT_OK(store);
  test::CrashingStore dying(**store, steps);
  DeliveryOptions options;
  options.poll = 2ms;
  options.seed = static_cast<uint64_t>(steps) + 1;
  Presenter presenter(world.io, dying, routes(), [](const ActionPlan&) { return true; });
  Delivery slack(world.io, dying, world.slack, world.clock, options);
  Delivery console(world.io, dying, world.console, world.clock, options);
  TaskGroup group(world.io, "life");
  group.spawn("presenter", presenter.run());
  group.spawn("slack", slack.run());
  group.spawn("console", console.run());
  CO_ASSERT_OK(co_await add_cases(world, **store));
  CO_ASSERT_OK(co_await finish_all(**store));
  for (int i = 0; i < 200 && !dying.dead(); ++i) {
    world.clock.advance(250ms);
    co_await sleep_for(500us);
  }
  co_await group.stop(Deadline::after(5s));
  (*store)->close();
}

boost::asio::awaitable<bool> all_sent(World& world, Store& store, std::string platform, std::string channel) {
  for (int i = 1; i <= world.cases; ++i) {
    const auto root = co_await store.outbox().find(platform, channel, root_slot(CaseId(i)));
    if (!root || !root->has_value() || (*root)->delivered != (*root)->version) co_return false;
    const auto thread = co_await store.outbox().thread(platform, channel, root_slot(CaseId(i)), "");
    if (!thread || thread->size() < 4) co_return false;
    for (const auto& row : *thread) {
      if (row.delivered != row.version) co_return false;
    }
  }
  co_return true;
}

boost::asio::awaitable<void> last_life(World& world) {
  auto store = world.open();
  CO_ASSERT_OK(store);
  DeliveryOptions options;
  options.poll = 2ms;
  Presenter presenter(world.io, **store, routes(), [](const ActionPlan&) { return true; });
  Delivery slack(world.io, **store, world.slack, world.clock, options);
  Delivery console(world.io, **store, world.console, world.clock, options);
  TaskGroup group(world.io, "last life");
  group.spawn("presenter", presenter.run());
  group.spawn("slack", slack.run());
  group.spawn("console", console.run());
  bool done = false;
  for (int i = 0; i < 20'000 && !done; ++i) {
    world.clock.advance(250ms);
    co_await sleep_for(500us);
    if (i % 100 != 99) continue;
    const bool slack_done = co_await all_sent(world, **store, "slack", "C1");
    const bool console_done = co_await all_sent(world, **store, "console", "soc");
    done = slack_done && console_done;
  }
  EXPECT_TRUE(done) << "not everything was delivered";
  co_await group.stop(Deadline::after(5s));
  (*store)->close();
}

void expect_once(const test::FakePlatform& platform, int cases) {
  std::map<std::string, int> by_key;
  std::map<std::string, std::string> roots;  // ref → case
  for (const auto& posted : platform.messages) {
    EXPECT_EQ(++by_key[posted.key], 1) << platform.name() << " shows twice: " << posted.summary;
    if (posted.thread_ref.empty()) {
      EXPECT_NE(posted.summary.find("Likely malicious 80 %"), std::string::npos) << posted.summary;
      roots[posted.ref] = posted.summary.substr(posted.summary.find("C-"));
    }
  }
  EXPECT_EQ(roots.size(), static_cast<size_t>(cases));
  for (const auto& posted : platform.messages) {
    if (posted.thread_ref.empty()) continue;
    ASSERT_TRUE(roots.contains(posted.thread_ref)) << posted.summary;
    const std::string id = roots[posted.thread_ref].substr(0, roots[posted.thread_ref].find(':'));
    EXPECT_NE(posted.summary.find(id), std::string::npos) << posted.summary << " stands under " << id;
  }
}

Job many_lives(Executor io) {
  World world(io);
  std::mt19937_64 random(20261124);
  for (auto* platform : {&world.slack, &world.console}) {
    platform->settle = 2s;
    platform->visible_after = 1s;
    platform->any_fault = [&random] {
      constexpr Fault kFaults[] = {Fault::reply_lost, Fault::request_lost, Fault::refused, Fault::limited};
      const auto dice = random() % 20;
      return dice < std::size(kFaults) ? kFaults[dice] : Fault::none;
    };
  }
  for (int i = 0; i < kLives; ++i) co_await live(world, static_cast<int>(random() % 40));
  world.slack.any_fault = world.console.any_fault = nullptr;
  co_await last_life(world);
  expect_once(world.slack, world.cases);
  expect_once(world.console, world.cases);
}

// Seconds on a quiet disk; every step is a commit, so a busy one takes longer.
TEST(ChatRestart, every_case_stands_in_chat_once) { test::run_async(many_lives, 160s); }

}  // namespace
}  // namespace vedette::chat

// Cases become messages: once a change, in every channel that shows them, and again after a crash.

#include <gtest/gtest.h>

#include "bot/chat/case_cards.hpp"
#include "bot/chat/presenter.hpp"
#include "bot/store/sqlite_store.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"

namespace vedette::chat {
namespace {

using namespace std::chrono_literals;

struct World {
  explicit World(Executor io_) : io(io_) {
    SqliteOptions options;
    options.path = ":memory:";
    options.clock = &clock;
    auto opened = open_sqlite_store(io, options);
    if (!opened) throw std::runtime_error(opened.error().message);
    store = std::move(*opened);
  }
  Executor io;
  test::FakeClock clock;
  std::unique_ptr<Store> store;
};

Alert alert(std::string key) {
  Alert a;
  a.source = "wazuh";
  a.format = "wazuh";
  a.dedup_key = std::move(key);
  a.title = "Brute force";
  a.rule = "5763";
  a.severity = Severity::high;
  a.time = *parse_time("2026-11-24T02:59:00Z");
  a.received = a.time;
  a.entities = {Entity(EntityType::ip, "203.0.113.7")};
  a.raw = "{}";
  return a;
}

Async<CaseId> open_case(World& world, std::string key) {
  std::vector<Alert> alerts;
  alerts.push_back(alert(std::move(key)));
  CO_TRY(const auto accepted, world.store->alerts().accept(std::move(alerts)));
  co_return co_await world.store->alerts().open_case(accepted.front().id);
}

Async<void> investigate(World& world, Severity severity, int evidence_count, size_t answer_length) {
  auto& store = world.store->investigations();
  CO_TRY(const auto lease, store.claim("test", std::chrono::seconds(60)));
  if (!lease) co_return Error(Code::internal, "nothing to investigate");
  Verdict verdict;
  verdict.label = severity >= Severity::high ? Label::malicious : Label::benign;
  verdict.confidence = 90;
  verdict.severity = severity;
  verdict.headline = "Something happened";
  for (int i = 1; i <= evidence_count; ++i) {
    Evidence evidence;
    evidence.question = "q" + std::to_string(i);
    evidence.title = "Question " + std::to_string(i);
    evidence.source = "event log";
    evidence.answer = "Answer";
    evidence.records = {"{\"a\":\"" + std::string(answer_length, 'x') + "\"}"};
    evidence.total = 1;
    CO_TRY(const int number, store.add_evidence(*lease, std::move(evidence)));
    Claim claim;
    claim.text = "Because";
    claim.evidence = {number};
    claim.weight = 1;
    verdict.claims.push_back(std::move(claim));
  }
  std::vector<ProposedAction> none;
  co_return co_await store.finish(*lease, std::move(verdict), std::move(none));
}

std::vector<Route> routes() { return {{"console", "soc", std::nullopt, ""}, {"slack", "C1", Severity::high, ""}}; }

boost::asio::awaitable<std::string> text_of(World& world, std::string platform, std::string channel, std::string slot) {
  const auto row = co_await world.store->outbox().find(platform, channel, slot);
  if (!row || !row->has_value()) co_return std::string();
  const auto card = card_from_json((*row)->message.card);
  co_return card ? plain_text(*card) : std::string("not a card");
}

ASYNC_TEST(Presenter, gives_way_while_somebody_waits_for_the_disk) {
  World world(io);
  Presenter presenter(io, *world.store, routes(), [](const ActionPlan&) { return true; });
  CO_ASSERT_OK(co_await open_case(world, "a"));
  const Foreground::Waiting flood(world.store->foreground());
  const auto begun = std::chrono::steady_clock::now();
  const auto drawn = co_await presenter.present_changed();
  CO_ASSERT_OK(drawn);
  EXPECT_EQ(*drawn, 1u) << "a flood does not starve it";
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(200))
      << "before it looks, and before what it found";
}

AuditEntry audit() {
  AuditEntry entry;
  entry.actor = "ann";
  entry.action = "action.test";
  return entry;
}

// A block that was asked for, approved and done.
Async<Action> done_action(World& world, CaseId id) {
  ActionPlan plan;
  plan.verb = "block_ip";
  plan.provider = "firewall";
  plan.target = Entity(EntityType::ip, "203.0.113.7");
  auto& actions = world.store->actions();
  const std::string digest = plan.digest(id);
  CO_TRY(const Action proposed, actions.propose(id, plan, "seen", "ann", 1, audit()));
  const Time expires = world.clock.now() + std::chrono::minutes(30);
  CO_TRY(const Action asked, actions.request(proposed.id, digest, "ann", 1, expires, audit()));
  Vote vote;
  vote.person = "ben";
  CO_TRY(const Action approved, actions.vote(asked.id, digest, std::move(vote), world.clock.now(), audit()));
  CO_TRY(const Action begun, actions.begin(approved.id, audit()));
  co_return co_await actions.finish(begun.id, ActionState::succeeded, "Blocked.", audit());
}

ASYNC_TEST(Presenter, offers_undo_only_where_the_provider_can) {
  for (const bool can : {true, false}) {
    World world(io);
    std::vector<std::string> asked;
    Presenter presenter(io, *world.store, routes(), [&](const ActionPlan& plan) {
      asked.push_back(plan.provider + "/" + plan.verb);
      return can;
    });
    const auto id = co_await open_case(world, "a");
    CO_ASSERT_OK(id);
    const auto done = co_await done_action(world, *id);
    CO_ASSERT_OK(done);
    CO_ASSERT_OK(co_await presenter.present_changed());
    EXPECT_EQ(asked, std::vector<std::string>{"firewall/unblock_ip"});
    const auto row = co_await world.store->outbox().find("console", "soc", action_slot(*id, done->id));
    CO_ASSERT_OK(row);
    CO_ASSERT_TRUE(row->has_value());
    const std::string card = (*row)->message.card;
    EXPECT_EQ(card.find("undo R-1") != std::string::npos, can) << card;
    EXPECT_EQ(card.find("firewall has no way to undo this") != std::string::npos, !can) << card;
  }
}

ASYNC_TEST(Presenter, draws_changed_cases_once_in_their_channels) {
  World world(io);
  Presenter presenter(io, *world.store, routes(), [](const ActionPlan&) { return true; });
  CO_ASSERT_OK(co_await open_case(world, "a"));
  const auto drawn = co_await presenter.present_changed();
  CO_ASSERT_OK(drawn);
  EXPECT_EQ(*drawn, 1u);
  EXPECT_NE((co_await text_of(world, "console", "soc", "case/1/root")).find("Investigating"), std::string::npos);
  EXPECT_NE((co_await text_of(world, "slack", "C1", "case/1/root")).find("Investigating"), std::string::npos);
  const auto again = co_await presenter.present_changed();
  CO_ASSERT_OK(again);
  EXPECT_EQ(*again, 0u);
  const auto row = co_await world.store->outbox().find("slack", "C1", "case/1/root");
  CO_ASSERT_OK(row);
  EXPECT_EQ((*row)->version, 1);
}

ASYNC_TEST(Presenter, verdict_brings_the_thread) {
  World world(io);
  Presenter presenter(io, *world.store, routes(), [](const ActionPlan&) { return true; });
  CO_ASSERT_OK(co_await open_case(world, "a"));
  CO_ASSERT_OK(co_await investigate(world, Severity::high, 2, 10));
  CO_ASSERT_OK(co_await presenter.present_changed());
  const auto rows = co_await world.store->outbox().thread("slack", "C1", "case/1/root", "");
  CO_ASSERT_OK(rows);
  std::vector<std::string> slots;
  for (const auto& row : *rows) slots.push_back(row.message.slot);
  EXPECT_EQ(slots, (std::vector<std::string>{"case/1/why", "case/1/evidence", "case/1/timeline"}));
}

ASYNC_TEST(Presenter, a_card_whose_route_no_longer_matches_does_not_go_stale) {
  World world(io);
  Presenter presenter(io, *world.store, routes(), [](const ActionPlan&) { return true; });
  CO_ASSERT_OK(co_await open_case(world, "a"));
  CO_ASSERT_OK(co_await presenter.present_changed());
  CO_ASSERT_OK(co_await investigate(world, Severity::low, 1, 10));
  CO_ASSERT_OK(co_await presenter.present_changed());
  EXPECT_NE((co_await text_of(world, "slack", "C1", "case/1/root")).find("LOW · Likely benign"), std::string::npos);
  // A case that was never shown there stays away.
  CO_ASSERT_OK(co_await open_case(world, "b"));
  CO_ASSERT_OK(co_await investigate(world, Severity::low, 1, 10));
  CO_ASSERT_OK(co_await presenter.present_changed());
  EXPECT_EQ(co_await text_of(world, "slack", "C1", "case/2/root"), "");
  EXPECT_NE(co_await text_of(world, "console", "soc", "case/2/root"), "");
}

ASYNC_TEST(Presenter, parts_of_evidence_that_are_no_longer_needed_are_emptied) {
  World world(io);
  Presenter presenter(io, *world.store, routes(), [](const ActionPlan&) { return true; });
  const auto id = co_await open_case(world, "a");
  CO_ASSERT_OK(id);
  CO_ASSERT_OK(co_await investigate(world, Severity::high, 12, 1200));
  CO_ASSERT_OK(co_await presenter.present_changed());
  EXPECT_NE((co_await text_of(world, "console", "soc", "case/1/evidence/2")).find("E12 · "), std::string::npos);
  CO_ASSERT_OK(co_await world.store->investigations().requeue(*id));
  CO_ASSERT_OK(co_await investigate(world, Severity::high, 2, 10));
  CO_ASSERT_OK(co_await presenter.present_changed());
  EXPECT_NE((co_await text_of(world, "console", "soc", "case/1/evidence")).find("E12 · "), std::string::npos);
  EXPECT_NE((co_await text_of(world, "console", "soc", "case/1/evidence/2")).find("in the parts above"), std::string::npos);
}

ASYNC_TEST(Presenter, runs_on_commits_and_ends_when_told) {
  World world(io);
  Presenter presenter(io, *world.store, routes(), [](const ActionPlan&) { return true; });
  TaskGroup group(io, "test");
  group.spawn("presenter", presenter.run());
  for (int i = 0; i < 3; ++i) CO_ASSERT_OK(co_await open_case(world, "k" + std::to_string(i)));
  std::string text;
  for (int i = 0; i < 1000 && text.empty(); ++i) {
    co_await sleep_for(1ms);
    text = co_await text_of(world, "console", "soc", "case/3/root");
  }
  EXPECT_NE(text, "");
  EXPECT_TRUE(co_await group.stop(Deadline::after(2s)));
}

ASYNC_TEST(Presenter, without_routes_nothing_waits) {
  World world(io);
  Presenter presenter(io, *world.store, {}, [](const ActionPlan&) { return true; });
  CO_ASSERT_OK(co_await open_case(world, "a"));
  CO_ASSERT_OK(co_await presenter.present_changed());
  const auto left = co_await world.store->cases().unpresented(10);
  CO_ASSERT_OK(left);
  EXPECT_TRUE(left->empty());
}

}  // namespace
}  // namespace vedette::chat

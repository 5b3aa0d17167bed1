// Random sequences of everything that can happen to an action, against a plain model of the rules; and races.

#include <random>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "bot/store/sqlite_store.hpp"
#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

Result<std::unique_ptr<Store>> open_memory(Executor io, const Clock& clock) {
  SqliteOptions options;
  options.path = ":memory:";
  options.clock = &clock;
  return open_sqlite_store(std::move(io), std::move(options));
}

// What the rules allow, kept beside the store.
struct Model {
  ActionState state = ActionState::proposed;
  std::string requester;
  std::set<std::string> approvals;
  bool denied = false;
  bool over = false;  // its time passed before it was decided
  int needed = 1;
  Time expires;
  int executions = 0;
};

class Player {
 public:
  Player(Store& store, FakeClock& clock, unsigned seed) : store_(store), clock_(clock), random_(seed) {}

  Job play(Action action, int steps) {
    action_ = std::move(action);
    digest_ = action_.plan.digest(action_.case_id);
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      switch (pick(8)) {
        case 0: co_await request(); break;
        case 1:
        case 2:
        case 3: co_await vote(); break;
        case 4: co_await begin(); break;
        case 5: co_await finish(); break;
        case 6: co_await expire(); break;
        default: clock_.advance(std::chrono::minutes(pick(12)));
      }
      co_await compare();
    }
  }

  Model model;

 private:
  size_t pick(size_t below) { return std::uniform_int_distribution<size_t>(0, below - 1)(random_); }
  std::string person() { return std::string(1, static_cast<char>('a' + pick(5))); }
  std::string digest() { return pick(6) == 0 ? std::string(64, '0') : digest_; }

  Job request() {
    const std::string who = person();
    const std::string what = digest();
    const int needed = 1 + static_cast<int>(pick(3));
    const Time expires = clock_.now() + std::chrono::minutes(30);
    AuditEntry audit = sample_audit("action.request", to_string(action_.id));
    const auto result = co_await store_.actions().request(action_.id, what, who, needed, expires, std::move(audit));
    const bool allowed = model.state == ActionState::proposed && what == digest_;
    EXPECT_EQ(result.has_value(), allowed);
    if (!allowed) co_return;
    model.state = ActionState::awaiting;
    model.requester = who;
    model.needed = needed;
    model.expires = expires;
  }

  Job vote() {
    Vote vote;
    vote.person = person();
    vote.approve = pick(5) != 0;
    const std::string who = vote.person;
    const bool approve = vote.approve;
    const std::string what = digest();
    const Time now = clock_.now();
    AuditEntry audit = sample_audit("action.vote", to_string(action_.id));
    const auto result = co_await store_.actions().vote(action_.id, what, std::move(vote), now, std::move(audit));
    const bool open = model.state == ActionState::awaiting && now < model.expires;
    const bool allowed = open && what == digest_ && who != model.requester && !model.approvals.contains(who);
    EXPECT_EQ(result.has_value(), allowed);
    if (!allowed) co_return;
    if (!approve) {
      model.denied = true;
      model.state = ActionState::denied;
    } else {
      model.approvals.insert(who);
      if (static_cast<int>(model.approvals.size()) >= model.needed) model.state = ActionState::approved;
    }
  }

  Job begin() {
    AuditEntry audit = sample_audit("action.execute", to_string(action_.id));
    const auto result = co_await store_.actions().begin(action_.id, std::move(audit));
    EXPECT_EQ(result.has_value(), model.state == ActionState::approved);
    if (!result) co_return;
    model.state = ActionState::executing;
    ++model.executions;
  }

  Job finish() {
    constexpr ActionState kEnds[] = {ActionState::succeeded, ActionState::failed, ActionState::unknown};
    const ActionState end = kEnds[pick(3)];
    AuditEntry audit = sample_audit("action.result", to_string(action_.id));
    const auto result = co_await store_.actions().finish(action_.id, end, "said so", std::move(audit));
    const bool allowed = model.state == ActionState::executing || model.state == ActionState::unknown;
    EXPECT_EQ(result.has_value(), allowed);
    if (allowed) model.state = end;
  }

  Job expire() {
    const auto result = co_await store_.actions().expire(clock_.now());
    const bool over = model.state == ActionState::awaiting && model.expires <= clock_.now();
    EXPECT_TRUE(result.has_value());
    if (result) {
      EXPECT_EQ(result->size(), over ? 1u : 0u);
    }
    if (!over) co_return;
    model.over = true;
    model.state = ActionState::expired;
  }

  Job compare() {
    const auto stored = co_await store_.actions().get(action_.id);
    EXPECT_TRUE(stored.has_value());
    if (!stored) co_return;
    EXPECT_EQ(stored->state, model.state);
    size_t approvals = 0;
    for (const auto& vote : stored->votes) approvals += vote.approve ? 1 : 0;
    EXPECT_EQ(approvals, model.approvals.size());
    const bool ran = model.executions > 0;
    EXPECT_LE(model.executions, 1);
    // Whatever happened: it runs only when enough others wanted it, nobody denied it, and in time.
    if (ran) {
      EXPECT_GE(static_cast<int>(approvals), model.needed);
      EXPECT_FALSE(model.denied);
      EXPECT_FALSE(model.over);
      EXPECT_FALSE(model.approvals.contains(model.requester));
    }
  }

  Store& store_;
  FakeClock& clock_;
  std::mt19937 random_;
  Action action_;
  std::string digest_;
};

Job play_many(Executor io, unsigned seed, int* executed) {
  FakeClock clock;
  auto opened = open_memory(io, clock);
  CO_ASSERT_OK(opened);
  Store& store = **opened;
  for (unsigned game = 0; game < 40; ++game) {
    MUST(Action action, proposed_action(store, sample_plan("203.0.113." + std::to_string(game))));
    Player player(store, clock, seed * 1000 + game);
    co_await player.play(std::move(action), 40);
    *executed += player.model.executions;
    // Leave nothing behind that a later game's expire() would find.
    clock.advance(std::chrono::hours(1));
    MUST(const auto swept, store.actions().expire(clock.now()));
    EXPECT_LE(swept.size(), 1u);
  }
  MUST(const AuditCheck check, store.audit().verify());
  EXPECT_TRUE(check.intact) << check.reason;
  opened->reset();
}

class ActionRules : public testing::TestWithParam<unsigned> {};

TEST_P(ActionRules, hold_in_any_order) {
  int executed = 0;
  run_async([&](Executor io) { return play_many(io, GetParam(), &executed); });
  EXPECT_GT(executed, 3);  // the games are not all over before they begin
}

INSTANTIATE_TEST_SUITE_P(Seeds, ActionRules, testing::Values(1u, 2u, 3u, 4u, 5u));

// ---- races

struct Tally {
  int won = 0;
  int lost = 0;
};

Job vote_once(Store& store, ActionId id, std::string digest, std::string person, bool approve, Time now, Tally& tally) {
  Vote vote;
  vote.person = person;
  vote.approve = approve;
  AuditEntry audit = sample_audit("action.vote", to_string(id));
  const auto result = co_await store.actions().vote(id, std::move(digest), std::move(vote), now, std::move(audit));
  if (result) {
    ++tally.won;
  } else {
    EXPECT_EQ(result.error().code, Code::conflict);
    ++tally.lost;
  }
}

Job begin_once(Store& store, ActionId id, Tally& tally) {
  AuditEntry audit = sample_audit("action.execute", to_string(id));
  const auto result = co_await store.actions().begin(id, std::move(audit));
  if (result)
    ++tally.won;
  else
    ++tally.lost;
}

ASYNC_TEST(ActionRaces, two_hundred_votes_make_one_decision) {
  FakeClock clock;
  auto opened = open_memory(io, clock);
  CO_ASSERT_OK(opened);
  Store& store = **opened;
  MUST(const Action action, proposed_action(store, sample_plan()));
  const std::string digest = action.plan.digest(action.case_id);
  const Time now = clock.now();
  AuditEntry audit = sample_audit("action.request");
  MUST(const Action asked,
       store.actions().request(action.id, digest, "ann", 1, now + std::chrono::minutes(30), std::move(audit)));
  Tally votes;
  for (int i = 0; i < 200; ++i) {
    const std::string person = "p" + std::to_string(i);
    boost::asio::co_spawn(io, vote_once(store, asked.id, digest, person, i % 2 == 0, now, votes), boost::asio::detached);
  }
  for (int i = 0; i < 4000 && votes.won + votes.lost < 200; ++i) co_await sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(votes.won, 1);
  EXPECT_EQ(votes.lost, 199);
  MUST(const Action decided, store.actions().get(asked.id));
  EXPECT_EQ(decided.votes.size(), 1u);
  EXPECT_TRUE(decided.state == ActionState::approved || decided.state == ActionState::denied);
  MUST(const auto rows, store.audit().rows(0, 1000));
  EXPECT_EQ(rows.size(), 3u);  // proposed, asked for, decided
  Tally begins;
  for (int i = 0; i < 50; ++i) boost::asio::co_spawn(io, begin_once(store, asked.id, begins), boost::asio::detached);
  for (int i = 0; i < 4000 && begins.won + begins.lost < 50; ++i) co_await sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(begins.won, decided.state == ActionState::approved ? 1 : 0);
  opened->reset();
}

}  // namespace
}  // namespace vedette::test

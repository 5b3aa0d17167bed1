// The disk fails at every possible moment: nothing that was acknowledged is lost, and the store says how it stands.

#include <filesystem>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "bot/store/sqlite_store.hpp"
#include "tests/support/fault_vfs.hpp"
#include "tests/support/files.hpp"
#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

// An empty database, made once: what fails here is the work, not the making of tables.
const std::string& empty_database() {
  static const std::string content = [] {
    TempDir folder;
    run_async([&](Executor io) -> Job {
      SqliteOptions options;
      options.path = folder.file("vedette.db");
      EXPECT_TRUE(open_sqlite_store(io, std::move(options)));
      return [](Executor) -> Job { co_return; }(io);
    });
    return read_file(folder.file("vedette.db"));
  }();
  return content;
}

struct Bench {
  TempDir folder;
  FakeClock clock;
  Executor io;
  std::unique_ptr<Store> store;

  std::string path() const { return folder.file("vedette.db"); }
  Result<std::unique_ptr<Store>> open(bool faulty) {
    SqliteOptions options;
    options.path = path();
    options.clock = &clock;
    options.probe_every = std::chrono::milliseconds(2);
    if (faulty) options.vfs = FaultVfs::instance().name();
    return open_sqlite_store(io, std::move(options));
  }
  void reopen(bool faulty) {
    store.reset();
    auto opened = open(faulty);
    if (!opened) throw std::runtime_error(opened.error().message);
    store = *std::move(opened);
  }
};

// What was answered with success.
struct Acknowledged {
  std::set<std::string> alerts;
  int audits = 0;
  int64_t events = 0;
  std::set<int64_t> cases;
  int refused = 0;
  int running = 0;
};

void note_refusal(const Error& error, Acknowledged& acked) {
  ++acked.refused;
  EXPECT_EQ(error.code, Code::unavailable) << error.message;
  EXPECT_NE(error.message, "");
  EXPECT_TRUE(error.retryable);
}

Job accept_and_open(Store& store, std::string key, Acknowledged& acked) {
  std::vector<Alert> alerts;
  alerts.push_back(sample_alert(key, list_of<Entity>(Entity(EntityType::user, "ann"))));
  const auto accepted = co_await store.alerts().accept(std::move(alerts));
  if (accepted) {
    acked.alerts.insert(key);
    const AlertId id = accepted->front().id;
    const auto opened = co_await store.alerts().open_case(id);
    if (opened)
      acked.cases.insert(opened->number);
    else
      note_refusal(opened.error(), acked);
  } else {
    note_refusal(accepted.error(), acked);
  }
  --acked.running;
}

Job append_audit(Store& store, Acknowledged& acked) {
  const auto appended = co_await store.audit().append(sample_audit("step"));
  if (appended)
    ++acked.audits;
  else
    note_refusal(appended.error(), acked);
  --acked.running;
}

Job append_event(Store& store, std::string id, Acknowledged& acked) {
  std::vector<Event> events;
  events.push_back(sample_event(id, *parse_time("2026-11-24T02:00:00Z")));
  const auto added = co_await store.events().append(std::move(events));
  if (added)
    acked.events += *added;
  else
    note_refusal(added.error(), acked);
  --acked.running;
}

// Some of everything, at once and one after the other.
Job work(Bench& bench, Acknowledged& acked, std::string prefix) {
  for (int round = 0; round < 2; ++round) {
    acked.running = 6;
    for (int i = 0; i < 4; ++i) {
      const std::string key = prefix + std::to_string(round) + "/" + std::to_string(i);
      boost::asio::co_spawn(bench.io, accept_and_open(*bench.store, key, acked), boost::asio::detached);
    }
    boost::asio::co_spawn(bench.io, append_audit(*bench.store, acked), boost::asio::detached);
    boost::asio::co_spawn(bench.io, append_event(*bench.store, prefix + std::to_string(round), acked),
                          boost::asio::detached);
    for (int i = 0; i < 4000 && acked.running > 0; ++i) co_await sleep_for(std::chrono::microseconds(500));
    EXPECT_EQ(acked.running, 0);
  }
}

Job check_all_there(Bench& bench, const Acknowledged& acked) {
  std::set<std::string> keys;
  for (int64_t number = 1;; ++number) {
    const auto alert = co_await bench.store->alerts().get(AlertId(number));
    if (!alert) break;
    keys.insert(alert->dedup_key);
  }
  for (const auto& key : acked.alerts) EXPECT_TRUE(keys.contains(key)) << key;
  for (const int64_t number : acked.cases) {
    MUST(const Case found, bench.store->cases().get(CaseId(number)));
    EXPECT_EQ(found.alerts, 1);
  }
  MUST(const AuditCheck check, bench.store->audit().verify());
  EXPECT_TRUE(check.intact) << check.reason;
  EXPECT_GE(check.rows, acked.audits);
  MUST(const int64_t events, bench.store->events().count());
  EXPECT_GE(events, acked.events);
  MUST(const auto searched, bench.store->events().query(EventQuery(), Deadline::never()));
  EXPECT_EQ(searched.total, events);
  MUST(const Coverage c, bench.store->alerts().coverage());
  EXPECT_EQ(c.received, c.investigated + c.merged + c.suppressed + c.queued + c.failed);
}

Job wait_until_writable(Bench& bench) {
  for (int i = 0; i < 1000 && !bench.store->health().writable; ++i) co_await sleep_for(std::chrono::milliseconds(1));
  EXPECT_TRUE(bench.store->health().writable) << bench.store->health().reason;
}

// One fault at operation `at`; answers whether there was such an operation.
Job fail_at(Bench& bench, FaultPlan plan, bool* fired) {
  auto& vfs = FaultVfs::instance();
  vfs.reset();
  write_file(bench.path(), empty_database());
  bench.reopen(true);
  vfs.reset(plan);
  Acknowledged acked;
  co_await work(bench, acked, "before");
  *fired = vfs.counts().fired > 0;
  if (plan.lasting && *fired) {
    const StoreHealth health = bench.store->health();
    EXPECT_FALSE(health.writable);
    EXPECT_NE(health.reason, "");
    MUST_FAIL(Code::unavailable, bench.store->audit().append(sample_audit("x")));
    EXPECT_GT(acked.refused, 0);
    // Reading goes on.
    MUST(const Coverage coverage, bench.store->alerts().coverage());
    EXPECT_GE(coverage.received, static_cast<int64_t>(acked.alerts.size()));
  }
  vfs.reset();
  co_await wait_until_writable(bench);
  const int refused = acked.refused;
  co_await work(bench, acked, "after");
  EXPECT_EQ(acked.refused, refused);  // all is well again
  co_await check_all_there(bench, acked);
  bench.reopen(true);
  co_await check_all_there(bench, acked);
  bench.store.reset();
}

struct FaultKind {
  const char* name;
  FaultPlan plan;
};

class EveryOperation : public testing::TestWithParam<FaultKind> {};

TEST_P(EveryOperation, may_fail) {
  uint64_t reached = 0;
  for (uint64_t at = 1; at < 500; ++at) {
    bool fired = false;
    Bench bench;
    run_async([&](Executor io) {
      bench.io = io;
      FaultPlan plan = GetParam().plan;
      plan.at = at;
      return fail_at(bench, plan, &fired);
    });
    if (HasFailure()) {
      ADD_FAILURE() << "with the fault at operation " << at;
      return;
    }
    if (!fired) break;
    reached = at;
  }
  EXPECT_GE(reached, 4u);
  EXPECT_LT(reached, 499u);
}

FaultPlan plan_of(Fault fault, bool lasting, bool syncs_only = false) {
  FaultPlan plan;
  plan.fault = fault;
  plan.lasting = lasting;
  plan.syncs_only = syncs_only;
  return plan;
}

INSTANTIATE_TEST_SUITE_P(Faults, EveryOperation,
                         testing::Values(FaultKind{"io_error", plan_of(Fault::io_error, false)},
                                         FaultKind{"io_error_lasting", plan_of(Fault::io_error, true)},
                                         FaultKind{"disk_full", plan_of(Fault::disk_full, false)},
                                         FaultKind{"disk_full_lasting", plan_of(Fault::disk_full, true)},
                                         FaultKind{"short_write", plan_of(Fault::short_write, false)},
                                         FaultKind{"sync_error", plan_of(Fault::io_error, false, true)}),
                         [](const auto& tested) { return std::string(tested.param.name); });

// ---- the machine stops

// From operation `at` on nothing reaches the disk any more, and what was not synced by then is lost, all or in part.
Job power_fails_at(Bench& bench, uint64_t at, unsigned seed, bool* fired) {
  auto& vfs = FaultVfs::instance();
  vfs.reset();
  write_file(bench.path(), empty_database());
  bench.reopen(true);
  FaultPlan plan = plan_of(Fault::io_error, true);
  plan.at = at;
  vfs.reset(plan);
  Acknowledged acked;
  co_await work(bench, acked, "before");
  *fired = vfs.counts().fired > 0;
  bench.store.reset();
  vfs.lose_unsynced(seed);
  vfs.reset();
  auto opened = bench.open(true);
  if (!opened) {
    ADD_FAILURE() << opened.error().message;
    co_return;
  }
  bench.store = *std::move(opened);
  co_await check_all_there(bench, acked);
  co_await work(bench, acked, "after");
  co_await check_all_there(bench, acked);
  bench.store.reset();
}

class PowerFailure : public testing::TestWithParam<unsigned> {};

TEST_P(PowerFailure, loses_nothing_acknowledged) {
  bool fired = true;
  uint64_t at = 0;
  while (fired && at < 500 && !HasFailure()) {
    ++at;
    Bench bench;
    run_async([&](Executor io) {
      bench.io = io;
      return power_fails_at(bench, at, GetParam() == 0 ? 0 : GetParam() + static_cast<unsigned>(at), &fired);
    });
  }
  EXPECT_FALSE(HasFailure()) << "with the failure at operation " << at;
  EXPECT_GT(at, 4u);
}

INSTANTIATE_TEST_SUITE_P(Faults, PowerFailure, testing::Values(0u, 1000u, 2000u));

// ---- opening

TEST(FaultsWhileOpening, give_an_error_and_no_harm) {
  auto& vfs = FaultVfs::instance();
  for (const Fault fault : {Fault::io_error, Fault::disk_full, Fault::short_write}) {
    bool fired = true;
    int harmless = 0;
    for (uint64_t at = 1; fired && at < 500; ++at) {
      Bench bench;
      run_async([&](Executor io) -> Job {
        bench.io = io;
        FaultPlan plan = plan_of(fault, true);
        plan.at = at;
        vfs.reset(plan);
        {
          const auto opened = bench.open(true);
          fired = vfs.counts().fired > 0;
          EXPECT_TRUE(opened || fired) << at;
          // A failure that SQLite can do without (shortening a file) may pass.
          harmless += opened && fired ? 1 : 0;
          if (!opened) {
            EXPECT_EQ(opened.error().code, Code::unavailable) << opened.error().message;
          }
        }
        vfs.reset();
        const auto again = bench.open(true);
        EXPECT_TRUE(again) << at << ": " << (again ? "" : again.error().message);
        return [](Executor) -> Job { co_return; }(io);
      });
      ASSERT_FALSE(HasFailure()) << "with the fault at operation " << at;
    }
    EXPECT_FALSE(fired);
    EXPECT_EQ(harmless, 0);
  }
}

// ---- merging the log into the file

Job fill_until_a_merge_fails(Bench& bench) {
  auto& vfs = FaultVfs::instance();
  vfs.reset();
  bench.reopen(true);
  FaultPlan plan = plan_of(Fault::io_error, true);
  plan.at = 1;
  plan.only = ".db";  // the log itself is well
  vfs.reset(plan);
  int accepted = 0;
  for (int i = 0; i < 60 && vfs.counts().fired == 0; ++i) {
    Alert alert = sample_alert(std::to_string(i));
    alert.raw = std::string(1 << 20, 'x');
    std::vector<Alert> alerts;
    alerts.push_back(std::move(alert));
    const auto result = co_await bench.store->alerts().accept(std::move(alerts));
    if (result) ++accepted;
  }
  EXPECT_GT(vfs.counts().fired, 0u);
  EXPECT_GT(accepted, 5);
  for (int i = 0; i < 100 && bench.store->health().writable; ++i) co_await sleep_for(std::chrono::milliseconds(1));
  EXPECT_FALSE(bench.store->health().writable);
  vfs.reset();
  co_await wait_until_writable(bench);
  MUST(const Coverage coverage, bench.store->alerts().coverage());
  EXPECT_GE(coverage.received, accepted);
  bench.reopen(false);
  MUST(const Coverage kept, bench.store->alerts().coverage());
  EXPECT_EQ(kept.received, coverage.received);
  bench.store.reset();
}

TEST(FaultsWhileMerging, lose_nothing) {
  Bench bench;
  run_async([&](Executor io) {
    bench.io = io;
    return fill_until_a_merge_fails(bench);
  });
}

// ---- group commit

Job many_at_once(Bench& bench) {
  auto& vfs = FaultVfs::instance();
  vfs.reset();
  bench.reopen(true);
  MUST_VOID(bench.store->audit().append(sample_audit("first")));
  vfs.reset();
  MUST_VOID(bench.store->audit().append(sample_audit("alone")));
  EXPECT_EQ(vfs.counts().syncs, 1u);  // nobody waits for company, and nothing is answered without a sync
  vfs.reset();
  vfs.slow_syncs(std::chrono::milliseconds(2));
  Acknowledged acked;
  acked.running = 300;
  for (int i = 0; i < 300; ++i) {
    boost::asio::co_spawn(bench.io, append_audit(*bench.store, acked), boost::asio::detached);
  }
  for (int i = 0; i < 4000 && acked.running > 0; ++i) co_await sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(acked.audits, 300);
  EXPECT_GE(vfs.counts().syncs, 1u);
  EXPECT_LE(vfs.counts().syncs, 30u);
  vfs.reset();
  MUST(const Coverage coverage, bench.store->alerts().coverage());
  EXPECT_EQ(coverage.received, 0);
  EXPECT_EQ(vfs.counts().operations, 0u);  // reading writes nothing
  bench.store.reset();
}

TEST(GroupCommit, shares_syncs) {
  Bench bench;
  run_async([&](Executor io) {
    bench.io = io;
    return many_at_once(bench);
  });
}

}  // namespace
}  // namespace vedette::test

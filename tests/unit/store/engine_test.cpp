// What callers share a transaction with, and what becomes of a call whose caller is told to stop.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "bot/store/sqlite_store.hpp"
#include "tests/support/fault_vfs.hpp"
#include "tests/support/files.hpp"
#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

Result<std::unique_ptr<Store>> open_slow(Executor io, const TempDir& folder) {
  FaultVfs::instance().reset();
  SqliteOptions options;
  options.path = folder.file("vedette.db");
  options.vfs = FaultVfs::instance().name();
  auto opened = open_sqlite_store(std::move(io), std::move(options));
  FaultVfs::instance().reset();
  return opened;
}

struct Outcome {
  int good = 0;
  int conflicts = 0;
  int other = 0;
  int all() const { return good + conflicts + other; }
  void add(const Error* error) {
    if (error == nullptr)
      ++good;
    else if (error->code == Code::conflict)
      ++conflicts;
    else
      ++other;
  }
};

Job append(Store& store, std::string cause, Outcome& outcome) {
  AuditEntry entry = sample_audit("step", "C-1", cause);
  const auto result = co_await store.audit().append(std::move(entry));
  outcome.add(result ? nullptr : &result.error());
}

ASYNC_TEST(Engine, failing_call_undoes_itself_alone) {
  TempDir folder;
  auto opened = open_slow(io, folder);
  CO_ASSERT_OK(opened);
  FaultVfs::instance().slow_syncs(std::chrono::milliseconds(3));  // so that calls wait together
  Outcome outcome;
  for (int i = 0; i < 100; ++i) {
    // Every other one repeats an earlier cause.
    const std::string cause = "cause " + std::to_string(i % 2 == 0 ? i : 0);
    boost::asio::co_spawn(io, append(**opened, cause, outcome), boost::asio::detached);
  }
  for (int i = 0; i < 4000 && outcome.all() < 100; ++i) co_await sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(outcome.good, 50);
  EXPECT_EQ(outcome.conflicts, 50);
  EXPECT_EQ(outcome.other, 0);
  MUST(const AuditCheck check, (*opened)->audit().verify());
  EXPECT_TRUE(check.intact) << check.reason;
  EXPECT_EQ(check.rows, 50);
  FaultVfs::instance().reset();
  opened->reset();
}

Job append_and_remember(Store& store, bool* ended, bool* stored) {
  AuditEntry entry = sample_audit("last words");
  const auto result = co_await store.audit().append(std::move(entry));
  *stored = result.has_value();
  *ended = true;
}

ASYNC_TEST(Engine, call_outlives_the_wish_to_stop) {
  TempDir folder;
  auto opened = open_slow(io, folder);
  CO_ASSERT_OK(opened);
  FaultVfs::instance().slow_syncs(std::chrono::milliseconds(20));
  bool ended = false;
  bool stored = false;
  TaskGroup group(io, "test");
  group.spawn("append", append_and_remember(**opened, &ended, &stored));
  co_await sleep_for(std::chrono::milliseconds(2));
  EXPECT_FALSE(ended);  // it waits for the disk
  const bool all = co_await group.stop(Deadline::after(std::chrono::seconds(10)));
  EXPECT_TRUE(all);
  EXPECT_TRUE(ended);
  EXPECT_TRUE(stored);  // what was handed over is done, and said so
  FaultVfs::instance().reset();
  MUST(const auto rows, (*opened)->audit().rows(0, 10));
  EXPECT_EQ(rows.size(), 1u);
  opened->reset();
}

TEST(Engine, may_be_torn_down_under_waiting_calls) {
  TempDir folder;
  bool ended = false;
  bool stored = false;
  {
    boost::asio::io_context context(1);
    auto opened = open_slow(context.get_executor(), folder);
    ASSERT_TRUE(opened);
    FaultVfs::instance().slow_syncs(std::chrono::milliseconds(5));
    boost::asio::co_spawn(context, append_and_remember(**opened, &ended, &stored), boost::asio::detached);
    context.run_for(std::chrono::milliseconds(1));  // handed over, not answered
    opened->reset();
  }  // the answer is never delivered, and nothing leaks
  EXPECT_FALSE(ended);
  FaultVfs::instance().reset();
}

Job note_on_case(Store& store, CaseId id, std::string cause, Outcome& outcome) {
  CaseChange change;
  change.note.kind = "note";
  change.note.author = "ann";
  change.note.text = cause;
  AuditEntry entry = sample_audit("case.note", to_string(id), cause);
  const auto result = co_await store.cases().change(id, std::move(change), std::move(entry));
  outcome.add(result ? nullptr : &result.error());
}

ASYNC_TEST(Engine, failing_call_takes_back_what_it_wrote) {
  TempDir folder;
  auto opened = open_slow(io, folder);
  CO_ASSERT_OK(opened);
  MUST(const CaseId id, opened_case(**opened, sample_alert("a")));
  MUST(const CaseView before, (*opened)->cases().view(id));
  FaultVfs::instance().slow_syncs(std::chrono::milliseconds(3));
  Outcome outcome;
  for (int i = 0; i < 60; ++i) {
    // The note is written before the repeated cause is noticed.
    boost::asio::co_spawn(io, note_on_case(**opened, id, "cause " + std::to_string(i / 2), outcome), boost::asio::detached);
  }
  for (int i = 0; i < 4000 && outcome.all() < 60; ++i) co_await sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(outcome.good, 30);
  EXPECT_EQ(outcome.conflicts, 30);
  FaultVfs::instance().reset();
  MUST(const CaseView after, (*opened)->cases().view(id));
  EXPECT_EQ(after.notes.size(), before.notes.size() + 30);
  EXPECT_EQ(after.record.version, before.record.version + 30);
  opened->reset();
}

Job import(Store& store, std::string prefix, int count, int* running) {
  std::vector<Event> events;
  const Time start = *parse_time("2026-11-24T00:00:00Z");
  for (int i = 0; i < count; ++i)
    events.push_back(sample_event(prefix + std::to_string(i), start + std::chrono::seconds(i)));
  const auto added = co_await store.events().append(std::move(events));
  EXPECT_TRUE(added);
  --*running;
}

ASYNC_TEST(Engine, alert_does_not_wait_for_imports) {
  TempDir folder;
  auto opened = open_slow(io, folder);
  CO_ASSERT_OK(opened);
  constexpr int kImports = 12;  // more than one transaction takes: some always wait
  int running = kImports;
  for (int i = 0; i < kImports; ++i) {
    boost::asio::co_spawn(io, import(**opened, std::to_string(i) + "/", 3000, &running), boost::asio::detached);
  }
  co_await sleep_for(std::chrono::milliseconds(1));
  int accepted = 0;
  while (running == kImports && accepted < 10) {
    std::vector<Alert> alerts;
    alerts.push_back(sample_alert(std::to_string(accepted)));
    MUST(const auto result, (*opened)->alerts().accept(std::move(alerts)));
    EXPECT_FALSE(result.front().duplicate);
    ++accepted;
  }
  EXPECT_GE(accepted, 2);  // before the first import was through
  while (running > 0) co_await sleep_for(std::chrono::milliseconds(1));
  opened->reset();
}

Job accept_alert(Store& store, bool* on_disk) {
  std::vector<Alert> alerts;
  alerts.push_back(sample_alert("a"));
  EXPECT_TRUE(co_await store.alerts().accept(std::move(alerts)));
  *on_disk = true;
}

Job accept_click(Store& store, bool* on_disk) {
  InboxItem item;
  item.platform = "slack";
  item.key = "k1";
  item.kind = "interaction";
  item.payload = "{}";
  EXPECT_TRUE(co_await store.inbox().accept(std::move(item)));
  *on_disk = true;
}

ASYNC_TEST(Engine, alerts_and_clicks_on_their_way_make_others_give_way) {
  TempDir folder;
  auto opened = open_slow(io, folder);
  CO_ASSERT_OK(opened);
  FaultVfs::instance().slow_syncs(std::chrono::milliseconds(20));
  for (const bool click : {false, true}) {
    bool on_disk = false;
    auto accept = click ? accept_click(**opened, &on_disk) : accept_alert(**opened, &on_disk);
    boost::asio::co_spawn(io, std::move(accept), boost::asio::detached);
    co_await sleep_for(std::chrono::milliseconds(2));
    EXPECT_FALSE(on_disk);
    co_await (*opened)->foreground().calm();
    EXPECT_TRUE(on_disk) << (click ? "click" : "alert");
  }
  FaultVfs::instance().reset();
  opened->reset();
}

ASYNC_TEST(Engine, slow_search_holds_up_nobody) {
  TempDir folder;
  auto opened = open_slow(io, folder);
  CO_ASSERT_OK(opened);
  int running = 1;
  co_await import(**opened, "", 4000, &running);
  EventQuery slow;
  for (int i = 0; i < 60; ++i) {
    slow.all.emplace_back("winlog.logon.type", Op::not_equals, list_of<std::string>("x" + std::to_string(i)));
  }
  struct Search {
    static Job run(Store& store, EventQuery query, bool* ended) {
      const auto result = co_await store.events().query(std::move(query), Deadline::after(std::chrono::seconds(20)));
      EXPECT_TRUE(result);
      *ended = true;
    }
  };
  bool ended = false;
  boost::asio::co_spawn(io, Search::run(**opened, slow, &ended), boost::asio::detached);
  co_await sleep_for(std::chrono::microseconds(100));
  MUST(const Coverage coverage, (*opened)->alerts().coverage());
  MUST_VOID((*opened)->audit().append(sample_audit("meanwhile")));
  EXPECT_EQ(coverage.received, 0);
  EXPECT_FALSE(ended);  // both were answered while it ran
  for (int i = 0; i < 20000 && !ended; ++i) co_await sleep_for(std::chrono::milliseconds(1));
  EXPECT_TRUE(ended);
  opened->reset();
}

}  // namespace
}  // namespace vedette::test

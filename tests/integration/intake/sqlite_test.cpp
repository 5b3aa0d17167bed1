// Intake and the pipeline over the real store: what was answered 202 is there after a restart, once, and gets a case.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "bot/base/crypto.hpp"
#include "bot/intake/import.hpp"
#include "bot/intake/intake.hpp"
#include "bot/intake/pipeline.hpp"
#include "bot/store/sqlite_store.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/files.hpp"

namespace vedette::intake {
namespace {

using test::FakeClock;
using test::TempDir;

const std::string kKey = "0123456789abcdef0123456789abcdef";

std::vector<SourceConfig> sources() {
  SourceConfig source;
  source.name = "wazuh";
  source.format = "wazuh";
  HmacAuth hmac;
  hmac.keys = {Secret(kKey)};
  source.auth = hmac;
  return {source};
}

std::unique_ptr<Store> open(Executor io, const TempDir& folder, const Clock& clock) {
  SqliteOptions options;
  options.path = folder.file("vedette.db");
  options.clock = &clock;
  auto store = open_sqlite_store(io, options);
  EXPECT_TRUE(store) << store.error().message;
  return store ? std::move(*store) : nullptr;
}

std::string alert(int number, const std::string& host, int level = 7) {
  return fmt::format(
      R"({{"timestamp":"2026-11-24T02:59:00.000+0000","rule":{{"level":{},"id":"5712","description":"Failed logins"}},"agent":{{"name":"{}"}},"manager":{{"name":"m"}},"id":"{}"}})",
      level, host, number);
}

IntakeRequest signed_request(const Clock& clock, const std::string& body) {
  IntakeRequest request("wazuh", body);
  const std::string timestamp = std::to_string(to_micros(clock.now()) / 1'000'000);
  request.headers = {{"X-Vedette-Timestamp", timestamp},
                     {"X-Vedette-Signature", "v1=" + crypto::hmac_sha256_hex(kKey, timestamp + "." + body)}};
  return request;
}

ASYNC_TEST(IntakeOverSqlite, a_replay_after_a_restart_changes_nothing) {
  TempDir folder;
  FakeClock clock;
  const auto request = signed_request(clock, alert(1, "web-1"));
  {
    auto store = open(io, folder, clock);
    CO_ASSERT_TRUE(store != nullptr);
    Intake intake(*store, sources(), {}, clock);
    const auto first = co_await intake.receive_alerts(request);
    EXPECT_EQ(R"({"accepted":[{"id":"A-1","duplicate":false}],"ignored":0})", first.json);
    store->close();
  }
  auto store = open(io, folder, clock);
  CO_ASSERT_TRUE(store != nullptr);
  Intake intake(*store, sources(), {}, clock);
  clock.advance(std::chrono::seconds(299));
  const auto retry = co_await intake.receive_alerts(request);
  EXPECT_EQ(202, retry.status);
  EXPECT_EQ(R"({"accepted":[{"id":"A-1","duplicate":true}],"ignored":0})", retry.json);
  clock.advance(std::chrono::seconds(2));
  const auto stale = co_await intake.receive_alerts(request);
  EXPECT_EQ(401, stale.status);
  EXPECT_EQ("Timestamp too far off", stale.title);
  auto coverage = co_await store->alerts().coverage();
  CO_ASSERT_OK(coverage);
  EXPECT_EQ(1, coverage->received);
  store->close();
}

ASYNC_TEST(IntakeOverSqlite, alerts_accepted_before_a_crash_are_placed_after_it) {
  TempDir folder;
  FakeClock clock;
  {
    auto store = open(io, folder, clock);
    CO_ASSERT_TRUE(store != nullptr);
    Intake intake(*store, sources(), {}, clock);
    for (int i = 0; i < 20; ++i) {
      const auto answer = co_await intake.receive_alerts(signed_request(clock, alert(i, "web-" + std::to_string(i % 4))));
      EXPECT_EQ(202, answer.status) << answer.detail;
    }
    store->close();  // before the pipeline ran
  }
  auto store = open(io, folder, clock);
  CO_ASSERT_TRUE(store != nullptr);
  Pipeline pipeline(io, *store);
  auto placed = co_await pipeline.place_waiting();
  CO_ASSERT_OK(placed);
  EXPECT_EQ(20u, *placed);
  CaseFilter all;
  auto cases = co_await store->cases().list(all);
  CO_ASSERT_OK(cases);
  EXPECT_EQ(4u, cases->size());
  for (const auto& record : *cases) EXPECT_EQ(5, record.alerts) << to_string(record.id);
  auto coverage = co_await store->alerts().coverage();
  CO_ASSERT_OK(coverage);
  EXPECT_EQ(16, coverage->merged);
  EXPECT_EQ(4, coverage->queued);
  store->close();
}

ASYNC_TEST(IntakeOverSqlite, placing_gives_way_while_somebody_waits_for_the_disk) {
  TempDir folder;
  FakeClock clock;
  auto store = open(io, folder, clock);
  CO_ASSERT_TRUE(store != nullptr);
  Intake intake(*store, sources(), {}, clock);
  EXPECT_EQ(202, (co_await intake.receive_alerts(signed_request(clock, alert(1, "web-1")))).status);
  Pipeline pipeline(io, *store);
  const Foreground::Waiting flood(store->foreground());
  const auto begun = std::chrono::steady_clock::now();
  const auto placed = co_await pipeline.place_waiting();
  CO_ASSERT_OK(placed);
  EXPECT_EQ(1u, *placed) << "a flood does not starve it";
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(300))
      << "before each look, and before the alert";
  store->close();
}

ASYNC_TEST(IntakeOverSqlite, a_severe_alert_raises_the_case_it_joins) {
  TempDir folder;
  FakeClock clock;
  auto store = open(io, folder, clock);
  CO_ASSERT_TRUE(store != nullptr);
  Intake intake(*store, sources(), {}, clock);
  Pipeline pipeline(io, *store);
  for (const int level : {5, 14}) {
    const auto answer = co_await intake.receive_alerts(signed_request(clock, alert(level, "web-1", level)));
    EXPECT_EQ(202, answer.status);
    auto placed = co_await pipeline.place_waiting();
    CO_ASSERT_OK(placed);
  }
  auto record = co_await store->cases().get(CaseId(1));
  CO_ASSERT_OK(record);
  EXPECT_EQ(2, record->alerts);
  EXPECT_EQ(Severity::high, record->severity);
  store->close();
}

// Sixty-four senders at once: each answer names the alert that is on disk, none twice.
Job send_some(Intake& intake, const Clock& clock, int sender, int& answered) {
  for (int i = 0; i < 10; ++i) {
    const int number = sender * 10 + i;
    const auto answer = co_await intake.receive_alerts(signed_request(clock, alert(number, "h" + std::to_string(sender))));
    EXPECT_EQ(202, answer.status) << answer.detail;
    EXPECT_NE(std::string::npos, answer.json.find("\"duplicate\":false"));
    ++answered;
  }
}

ASYNC_TEST(IntakeOverSqlite, many_senders_while_the_pipeline_runs) {
  TempDir folder;
  FakeClock clock;
  auto store = open(io, folder, clock);
  CO_ASSERT_TRUE(store != nullptr);
  Intake intake(*store, sources(), {}, clock);
  Pipeline pipeline(io, *store);
  TaskGroup tasks(io, "test");
  tasks.spawn("pipeline", pipeline.run());
  TaskGroup senders(io, "senders");
  int answered = 0;
  for (int sender = 0; sender < 64; ++sender) senders.spawn("sender", send_some(intake, clock, sender, answered));
  co_await senders.drain();
  EXPECT_EQ(640, answered);
  int64_t waiting = 1;
  for (int i = 0; i < 1000 && waiting > 0; ++i) {
    co_await sleep_for(std::chrono::milliseconds(10));
    auto left = co_await store->alerts().unplaced(1000);
    CO_ASSERT_OK(left);
    waiting = static_cast<int64_t>(left->size());
  }
  EXPECT_EQ(0, waiting);
  auto coverage = co_await store->alerts().coverage();
  CO_ASSERT_OK(coverage);
  EXPECT_EQ(640, coverage->received);
  EXPECT_EQ(64, coverage->queued);
  EXPECT_EQ(576, coverage->merged);
  const bool ended = co_await tasks.stop(Deadline::after(std::chrono::seconds(5)));
  EXPECT_TRUE(ended);
  store->close();
}

Job ask_about_the_hour(Executor io) {
  TempDir folder;
  FakeClock clock;
  auto store = open(io, folder, clock);
  CO_ASSERT_TRUE(store != nullptr);
  ImportJob job((*test::corpus() / "eval/invictus_aws/events.jsonl.gz").string());
  job.dataset = "cloudtrail";
  BadRecord bad = [](size_t line, const Error& error) { ADD_FAILURE() << line << ": " << error.message; };
  auto counts = co_await import_events(*store, job, bad);
  CO_ASSERT_OK(counts);
  EXPECT_EQ(2900, counts->stored);
  EventQuery query;
  query.dataset = "cloudtrail";
  query.from = *parse_time("2023-07-10T00:00:00Z");
  query.to = *parse_time("2023-07-11T00:00:00Z");
  query.all.emplace_back("event.action", Op::equals, std::vector<std::string>{"StopLogging"});
  auto found = co_await store->events().query(query, Deadline::after(std::chrono::seconds(20)));
  CO_ASSERT_OK(found);
  EXPECT_GE(found->total, 1);
  for (const auto& event : found->events) EXPECT_EQ(std::string::npos, event.raw.find("original_user_agent"));
  store->close();
}

TEST(IntakeOverSqlite, the_cloudtrail_hour_can_be_asked_about) {
  if (!test::corpus()) GTEST_SKIP() << test::kNoCorpus;
  test::run_async(ask_about_the_hour);
}

}  // namespace
}  // namespace vedette::intake

// Which alerts join which case, and that none is lost on the way.

#include <random>

#include <gtest/gtest.h>

#include "bot/intake/pipeline.hpp"
#include "bot/intake/placing/groups.hpp"
#include "bot/intake/placing/joining_entities.hpp"
#include "tests/support/async_test.hpp"
#include "tests/unit/intake/fake_store.hpp"

namespace vedette::intake {
namespace {

using test::FakeStore;

const Time kStart = *parse_time("2026-11-24T03:00:00Z");

Alert alert(const std::string& rule, int minute, std::vector<std::string> entities) {
  Alert made;
  made.source = "s";
  made.format = "f";
  made.rule = rule;
  made.title = rule;
  made.time = kStart + std::chrono::minutes(minute);
  for (const auto& entity : entities) made.entities.push_back(*parse_entity(entity));
  static int key = 0;
  made.dedup_key = std::to_string(++key);
  return made;
}

TEST(JoiningEntities, table) {
  const std::pair<const char*, bool> rows[] = {
      {"host:web-1", true},
      {"host:localhost", false},
      {"user:ann", true},
      {"user:SYSTEM", false},
      {"user:CORP\\Administrator", false},
      {"user:root", false},
      {"user:web-1$", false},
      {"user:DWM-3", false},
      {"ip:203.0.113.9", true},
      {"ip:10.1.2.3", true},
      {"ip:10.1.2.1", false},
      {"ip:192.168.0.254", false},
      {"ip:192.168.0.255", false},
      {"ip:127.0.0.1", false},
      {"ip:169.254.1.7", false},
      {"ip:224.0.0.251", false},
      {"ip:8.8.8.8", false},
      {"ip:198.51.100.1", true},  // a public address may end like this
      {"ip:fe80::1", false},
      {"ip:2001:db8::7", true},
      {"domain:evil.example", true},
      {"url:http://evil.example/x", true},
      {"mail:ann@corp.example", true},
      {"key:AKIAIOSFODNN7EXAMPLE", true},
      {"hash:7d31a31136319d0a277c7fb0e9bbcb46ba3535a42aeb0307fed70f92649f4162", true},
      {"hash:d41d8cd98f00b204e9800998ecf8427e", false},
      {"process:powershell.exe", false},
      {"resource:arn:aws:s3:::b", true},
      {"resource:aws-account/1", false},
      {"resource:namespace/shop", false},
  };
  for (const auto& [entity, joins] : rows) EXPECT_EQ(joins, may_join(*parse_entity(entity))) << entity;
}

TEST(IndependentGroups, no_entity_stands_in_two_groups_and_order_is_kept) {
  const auto names = [](const std::vector<std::vector<Alert>>& groups) {
    std::string text;
    for (const auto& group : groups) {
      for (const auto& one : group) text += one.title;
      text += ' ';
    }
    return text;
  };
  EXPECT_EQ("", names(independent_groups({})));
  EXPECT_EQ("ac b d ", names(independent_groups({alert("a", 0, {"host:h1"}), alert("b", 0, {"host:h2"}),
                                                 alert("c", 0, {"user:u", "host:h1"}), alert("d", 0, {})})));
  // c ties together what a and b alone would not.
  EXPECT_EQ("abcd ", names(independent_groups({alert("a", 0, {"host:h1"}), alert("b", 0, {"user:u"}),
                                               alert("c", 0, {"host:h1", "user:u"}), alert("d", 0, {"user:u"})})));
  // What does not join does not tie either, but for the subject.
  EXPECT_EQ("a b ",
            names(independent_groups({alert("a", 0, {"host:h1", "user:root"}), alert("b", 0, {"host:h2", "user:root"})})));
  EXPECT_EQ("ab ", names(independent_groups({alert("a", 0, {"user:root"}), alert("b", 0, {"user:root"})})));
}

struct Given {
  const char* what;
  std::vector<Alert> alerts;
  std::vector<int> cases;  // the case of each alert, in the order they are placed
};

ASYNC_TEST(Placing, table) {
  const std::vector<Given> rows = {
      {"the same host within the hour", {alert("a", 0, {"host:web-1"}), alert("b", 59, {"host:web-1"})}, {1, 1}},
      {"to the minute", {alert("a", 0, {"host:web-1"}), alert("b", 60, {"host:web-1"})}, {1, 1}},
      {"a minute too late", {alert("a", 0, {"host:web-1"}), alert("b", 61, {"host:web-1"})}, {1, 2}},
      {"late by its own time, not by arrival", {alert("a", 61, {"host:web-1"}), alert("b", 0, {"host:web-1"})}, {1, 2}},
      {"nothing shared", {alert("a", 0, {"host:web-1"}), alert("a", 1, {"host:web-2"})}, {1, 2}},
      {"another entity than the subject",
       {alert("a", 0, {"host:web-1", "ip:203.0.113.7"}), alert("b", 5, {"host:web-2", "ip:203.0.113.7"})},
       {1, 1}},
      {"only what is everywhere",
       {alert("a", 0, {"host:web-1", "process:cmd.exe", "user:system"}),
        alert("b", 5, {"host:web-2", "process:cmd.exe", "user:system"})},
       {1, 2}},
      {"a chain",
       {alert("a", 0, {"host:h1", "user:u1"}), alert("b", 50, {"user:u1", "ip:203.0.113.7"}),
        alert("c", 100, {"ip:203.0.113.7"})},
       {1, 1, 1}},
      {"the shared entity is too old",
       {alert("a", 0, {"host:h1"}), alert("b", 50, {"host:h1", "user:u1"}), alert("c", 100, {"user:u1"}),
        alert("d", 130, {"host:h1"})},
       {1, 1, 1, 2}},
      {"the same rule and subject, a day later", {alert("a", 0, {"host:web-1"}), alert("a", 1440, {"host:web-1"})}, {1, 1}},
      {"the same rule and a subject that joins nothing else",
       {alert("a", 0, {"resource:aws-account/1"}), alert("a", 90, {"resource:aws-account/1"}),
        alert("b", 91, {"resource:aws-account/1"})},
       {1, 1, 2}},
      {"the same rule, the entity is not the subject",
       {alert("a", 0, {"host:h1", "user:u1"}), alert("a", 300, {"host:h2", "user:u1"})},
       {1, 2}},
      {"the larger overlap wins",
       {alert("a", 0, {"host:h1", "user:u1"}), alert("b", 1, {"host:h2"}), alert("c", 2, {"user:u1", "host:h1", "host:h2"})},
       {1, 2, 1}},
      {"the subject counts double",
       {alert("a", 0, {"host:h1"}), alert("b", 1, {"user:u2"}), alert("c", 2, {"host:h1", "user:u2"})},
       {1, 2, 1}},
      {"a tie goes to the newest case",
       {alert("a", 0, {"user:u1"}), alert("b", 1, {"user:u2"}), alert("c", 2, {"host:h3", "user:u1", "user:u2"})},
       {1, 2, 2}},
      {"no entities at all", {alert("a", 0, {}), alert("a", 0, {})}, {1, 2}},
  };
  for (const auto& row : rows) {
    FakeStore store;
    Pipeline pipeline(io, store);
    std::vector<int> cases;
    for (const auto& one : row.alerts) {
      std::vector<Alert> batch = {one};
      auto accepted = co_await store.accept(std::move(batch));
      CO_ASSERT_OK(accepted);
      auto placed = co_await pipeline.place_waiting();
      CO_ASSERT_OK(placed);
      cases.push_back(static_cast<int>(store.all_alerts.at(accepted->front().id.number).case_id.number));
    }
    EXPECT_EQ(row.cases, cases) << row.what;
  }
}

ASYNC_TEST(Placing, an_entity_in_many_cases_says_nothing) {
  FakeStore store;
  Pipeline pipeline(io, store);
  // Six machines, each with its own case; then a scanner touches them all one by one and is everywhere.
  for (int i = 0; i < 6; ++i) {
    Case record;
    record.id = CaseId(i + 1);
    record.last_alert = kStart;
    store.all_cases.emplace(i + 1, record);
    std::vector<Alert> batch = {alert("own", 0, {"host:h" + std::to_string(i), "ip:10.9.9.9"})};
    auto accepted = co_await store.accept(std::move(batch));
    CO_ASSERT_OK(accepted);
    Alert& placed = store.all_alerts.at(accepted->front().id.number);
    placed.case_id = record.id;
    store.all_cases.at(i + 1).entities = placed.entities;
  }
  std::vector<Alert> batch = {alert("new", 5, {"host:other", "ip:10.9.9.9"}), alert("known", 6, {"host:h3", "ip:10.9.9.9"})};
  auto accepted = co_await store.accept(std::move(batch));
  CO_ASSERT_OK(accepted);
  auto placed = co_await pipeline.place_waiting();
  CO_ASSERT_OK(placed);
  EXPECT_EQ(7, store.all_alerts.at(7).case_id.number);
  EXPECT_EQ(4, store.all_alerts.at(8).case_id.number);
}

ASYNC_TEST(Placing, a_closed_case_takes_nothing_more) {
  FakeStore store;
  Pipeline pipeline(io, store);
  std::vector<Alert> first = {alert("a", 0, {"host:web-1"})};
  auto one = co_await store.accept(std::move(first));
  CO_ASSERT_OK(one);
  auto placed = co_await pipeline.place_waiting();
  CO_ASSERT_OK(placed);
  // Closed between the question and the join: the store says conflict, and the alert gets a case of its own.
  store.disturb = [&](std::string_view call) -> std::optional<Error> {
    if (call == "join") store.all_cases.at(1).status = CaseStatus::closed;
    return std::nullopt;
  };
  std::vector<Alert> second = {alert("a", 1, {"host:web-1"})};
  auto two = co_await store.accept(std::move(second));
  CO_ASSERT_OK(two);
  placed = co_await pipeline.place_waiting();
  CO_ASSERT_OK(placed);
  EXPECT_EQ(2, store.all_alerts.at(2).case_id.number);
}

ASYNC_TEST(Placing, one_alert_that_fails_does_not_hold_up_the_others) {
  FakeStore store;
  Pipeline pipeline(io, store);
  std::vector<Alert> batch = {alert("a", 0, {"host:h1"}), alert("b", 0, {"host:h2"}), alert("c", 0, {"host:h3"})};
  auto accepted = co_await store.accept(std::move(batch));
  CO_ASSERT_OK(accepted);
  int opened = 0;
  store.disturb = [&](std::string_view call) -> std::optional<Error> {
    if (call == "open" && ++opened == 1) return Error(Code::internal, "a bug");
    return std::nullopt;
  };
  auto placed = co_await pipeline.place_waiting();
  EXPECT_FALSE(placed);
  EXPECT_FALSE(store.all_alerts.at(1).case_id);
  EXPECT_TRUE(store.all_alerts.at(2).case_id);
  EXPECT_TRUE(store.all_alerts.at(3).case_id);
  placed = co_await pipeline.place_waiting();
  CO_ASSERT_OK(placed);
  EXPECT_TRUE(store.all_alerts.at(1).case_id);
}

ASYNC_TEST(Placing, an_exception_does_not_stop_placing) {
  FakeStore store;
  Pipeline pipeline(io, store);
  std::vector<Alert> batch = {alert("a", 0, {"host:h1"}), alert("b", 0, {"host:h2"})};
  auto accepted = co_await store.accept(std::move(batch));
  CO_ASSERT_OK(accepted);
  int opened = 0;
  store.disturb = [&](std::string_view call) -> std::optional<Error> {
    if (call == "open" && ++opened == 1) throw std::runtime_error("a bug");
    return std::nullopt;
  };
  auto placed = co_await pipeline.place_waiting();
  EXPECT_FALSE(placed);
  EXPECT_TRUE(store.all_alerts.at(2).case_id);
  placed = co_await pipeline.place_waiting();
  CO_ASSERT_OK(placed);
  EXPECT_TRUE(store.all_alerts.at(1).case_id);
}

ASYNC_TEST(Placing, an_alert_that_fails_time_after_time_ends_all_the_same) {
  FakeStore store;
  Pipeline pipeline(io, store);
  std::vector<Alert> batch = {alert("a", 0, {"host:h1"})};
  auto accepted = co_await store.accept(std::move(batch));
  CO_ASSERT_OK(accepted);
  // Looking for other cases is what fails: it gets one of its own.
  bool open_too = false;
  Code code = Code::internal;
  store.disturb = [&](std::string_view call) -> std::optional<Error> {
    if (call == "joinable" || (call == "open" && open_too)) return Error(code, "a bug");
    return std::nullopt;
  };
  for (int i = 0; i < 4; ++i) {
    auto placed = co_await pipeline.place_waiting();
    EXPECT_FALSE(placed);
    EXPECT_FALSE(store.all_alerts.at(1).case_id);
  }
  auto placed = co_await pipeline.place_waiting();
  CO_ASSERT_OK(placed);
  EXPECT_TRUE(store.all_alerts.at(1).case_id);

  // Nothing works for this one.
  open_too = true;
  std::vector<Alert> next = {alert("b", 0, {"host:h2"})};
  accepted = co_await store.accept(std::move(next));
  CO_ASSERT_OK(accepted);
  for (int i = 0; i < 5; ++i) placed = co_await pipeline.place_waiting();
  CO_ASSERT_OK(placed);
  EXPECT_EQ(AlertState::failed, store.all_alerts.at(2).state);

  // But while the store as a whole is away, they wait as long as it takes.
  code = Code::unavailable;
  std::vector<Alert> last = {alert("c", 0, {"host:h3"})};
  accepted = co_await store.accept(std::move(last));
  CO_ASSERT_OK(accepted);
  for (int i = 0; i < 10; ++i) placed = co_await pipeline.place_waiting();
  EXPECT_FALSE(placed);
  EXPECT_EQ(AlertState::queued, store.all_alerts.at(3).state);
  EXPECT_FALSE(store.all_alerts.at(3).case_id);
}

// Whatever the order, and whatever fails how often: every alert ends in exactly one case that holds it.
ASYNC_TEST(Placing, no_order_and_no_failure_loses_an_alert) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    FakeStore store;
    Pipeline pipeline(io, store);
    store.disturb = [&](std::string_view call) -> std::optional<Error> {
      if (call == "accept" || random() % 10 != 0) return std::nullopt;
      constexpr Code kCodes[] = {Code::unavailable, Code::internal, Code::conflict, Code::timeout};
      return Error(kCodes[random() % 4], "disturbed");
    };
    const int total = 1 + static_cast<int>(random() % 40);
    for (int i = 0; i < total; ++i) {
      std::vector<Alert> batch = {alert("r" + std::to_string(random() % 4), static_cast<int>(random() % 300),
                                        {"host:h" + std::to_string(random() % 8), "user:u" + std::to_string(random() % 5)})};
      auto accepted = co_await store.accept(std::move(batch));
      CO_ASSERT_OK(accepted);
      if (random() % 3 == 0) {
        auto tried = co_await pipeline.place_waiting();
        (void)tried;
      }
      if (random() % 5 == 0 && !store.all_cases.empty()) store.all_cases.at(1).status = CaseStatus::closed;
    }
    bool done = false;
    for (int attempt = 0; attempt < 200 && !done; ++attempt) {
      auto tried = co_await pipeline.place_waiting();
      done = tried.has_value();
    }
    EXPECT_TRUE(done) << "seed " << seed;
    EXPECT_EQ(static_cast<size_t>(total), store.all_alerts.size());
    int in_cases = 0;
    for (const auto& [number, placed] : store.all_alerts)
      EXPECT_TRUE(placed.case_id) << "seed " << seed << " alert " << number;
    for (const auto& [number, record] : store.all_cases) in_cases += record.alerts;
    EXPECT_EQ(total, in_cases) << "seed " << seed;
  }
}

ASYNC_TEST(Placing, the_loop_wakes_up_and_stops) {
  FakeStore store;
  Pipeline pipeline(io, store);
  TaskGroup tasks(io, "test");
  tasks.spawn("pipeline", pipeline.run());
  for (int i = 0; i < 3; ++i) {
    std::vector<Alert> batch = {alert("a", i * 100, {"host:h" + std::to_string(i)})};
    auto accepted = co_await store.accept(std::move(batch));
    CO_ASSERT_OK(accepted);
    for (int wait = 0; wait < 200 && store.all_cases.size() <= static_cast<size_t>(i); ++wait) {
      co_await sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(static_cast<size_t>(i) + 1, store.all_cases.size());
  }
  const bool ended = co_await tasks.stop(Deadline::after(std::chrono::seconds(5)));
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace vedette::intake

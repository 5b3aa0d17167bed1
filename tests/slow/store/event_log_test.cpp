// A log of 300,000 events: searches answer what was put in, and the main ones look at what they need only.

#include "bot/store/sqlite_store.hpp"
#include "tests/support/files.hpp"
#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

constexpr int kEvents = 300'000;
constexpr int kHosts = 40;
constexpr int kUsers = 400;
const Time kStart = *parse_time("2026-10-25T00:00:00Z");

Event event_number(int i) {
  Event event;
  event.id = "e" + std::to_string(i);
  event.dataset = i % 3 == 0 ? "windows" : "suricata";
  event.time = kStart + std::chrono::seconds(i * 8);
  event.fields = {{"host.name", "ws-" + std::to_string(i % kHosts)},
                  {"user.name", "user" + std::to_string(i % kUsers)},
                  {"source.ip", "10.0." + std::to_string(i / 256 % 200) + "." + std::to_string(i % 256)},
                  {"event.code", i % 1000 == 0 ? "4625" : "4624"},
                  {"event.category", "authentication"},
                  {"winlog.logon.id", std::to_string(i)}};
  event.raw = "{\"EventID\":4624,\"TargetUserName\":\"user" + std::to_string(i % kUsers) + "\",\"note\":\"word" +
              std::to_string(i % 5000) + "\"}";
  return event;
}

Job fill(Store& store) {
  for (int i = 0; i < kEvents; i += 1000) {
    std::vector<Event> events;
    events.reserve(1000);
    for (int n = i; n < i + 1000; ++n) events.push_back(event_number(n));
    MUST(const int64_t added, store.events().append(std::move(events)));
    EXPECT_EQ(added, 1000);
  }
}

Job search(Store& store) {
  auto& log = store.events();
  EventQuery by_user;
  by_user.all.emplace_back("user.name", Op::equals, list_of<std::string>("USER7"));
  MUST(const auto users, log.query(by_user, Deadline::never()));
  EXPECT_EQ(users.total, kEvents / kUsers);
  EXPECT_EQ(users.events.size(), 50u);
  by_user.from = kStart + std::chrono::days(1);
  by_user.to = kStart + std::chrono::days(2);
  MUST(const auto day, log.query(by_user, Deadline::never()));
  EXPECT_EQ(day.total, 27);  // one in 3,200 seconds
  EventQuery by_word;
  by_word.text = "word4711";
  MUST(const auto words, log.query(by_word, Deadline::never()));
  EXPECT_EQ(words.total, kEvents / 5000);
  EventQuery failures;
  failures.all.emplace_back("event.code", Op::equals, list_of<std::string>("4625"));
  failures.group_by = "host.name";
  MUST(const auto groups, log.query(failures, Deadline::never()));
  EXPECT_EQ(groups.total, kEvents / 1000);
  EXPECT_EQ(groups.groups.size(), 1u);  // every thousandth is on the same host
  EventQuery either;
  either.any.emplace_back("source.ip", Op::equals, list_of<std::string>("10.0.3.7"));
  either.any.emplace_back("user.name", Op::equals, list_of<std::string>("user7"));
  MUST(const auto both, log.query(either, Deadline::never()));
  EXPECT_GE(both.total, kEvents / kUsers);
  EventQuery network;
  network.from = kStart;
  network.to = kStart + std::chrono::days(1);
  network.all.emplace_back("source.ip", Op::cidr, list_of<std::string>("10.0.3.0/24"));
  MUST(const auto inside, log.query(network, Deadline::never()));
  EXPECT_EQ(inside.total, 256);
  MUST(const int64_t count, log.count());
  EXPECT_EQ(count, kEvents);
  MUST(const auto spans, log.spans());
  EXPECT_EQ(spans.size(), 2u);
}

TEST(EventLog, answers_from_300000_events) {
  TempDir folder;
  run_async(
      [&](Executor io) -> Job {
        return [](Executor executor, std::string path) -> Job {
          SqliteOptions options;
          options.path = path;
          auto opened = open_sqlite_store(executor, std::move(options));
          CO_ASSERT_OK(opened);
          co_await fill(**opened);
          const auto start = std::chrono::steady_clock::now();
          co_await search(**opened);
          const auto took = std::chrono::steady_clock::now() - start;
          testing::Test::RecordProperty("searches_ms", std::to_string(took / std::chrono::milliseconds(1)));
          opened->reset();
        }(io, folder.file("vedette.db"));
      },
      std::chrono::minutes(20));
}

}  // namespace
}  // namespace vedette::test

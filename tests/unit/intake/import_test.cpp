#include "bot/intake/import.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/intake/fake_store.hpp"

namespace vedette::intake {
namespace {

using test::FakeClock;
using test::FakeStore;
using test::TempDir;
using test::write_file;

std::string wazuh(int number) {
  return R"({"timestamp":"2026-11-24T02:59:00.000+0000","rule":{"level":7,"id":"1","description":"x"},"agent":{"name":"h"},"id":")" +
         std::to_string(number) + R"("})";
}

std::string ecs(int number) {
  return R"({"@timestamp":"2026-11-24T02:59:00Z","event":{"id":")" + std::to_string(number) + R"("},"host":{"name":"h"}})";
}

void write_gzip(const std::string& path, const std::string& content) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
}

struct Bad {
  std::vector<size_t> lines;
  BadRecord note() {
    return [this](size_t line, const Error&) { lines.push_back(line); };
  }
};

ASYNC_TEST(Import, alerts_of_every_kind_of_file) {
  TempDir folder;
  FakeClock clock;
  FakeStore store;
  write_file(folder.file("one.json"), wazuh(1));
  write_file(folder.file("list.json"), "[" + wazuh(1) + "," + wazuh(2) + "]");
  std::string lines;
  for (int i = 0; i < 1200; ++i) lines += wazuh(i) + "\n";
  write_gzip(folder.file("lines.jsonl.gz"), lines);
  for (const auto& [name, stored, duplicates] :
       {std::tuple{"one.json", 1, 0}, {"list.json", 1, 1}, {"lines.jsonl.gz", 1198, 2}}) {
    Bad bad;
    auto counts = co_await import_alerts(store, ImportJob(folder.file(name)), clock, bad.note());
    CO_ASSERT_OK(counts);
    EXPECT_EQ(stored, counts->stored) << name;
    EXPECT_EQ(duplicates, counts->duplicates) << name;
    EXPECT_EQ(0, counts->bad);
  }
  EXPECT_EQ(1200u, store.all_alerts.size());
  EXPECT_EQ("import", store.all_alerts.at(1).source);
}

ASYNC_TEST(Import, a_bad_record_costs_only_itself) {
  TempDir folder;
  FakeClock clock;
  FakeStore store;
  write_file(folder.file("mixed.jsonl"),
             wazuh(1) + "\n{\"broken\":\n" + wazuh(2) + "\n{\"of\":\"nobody\"}\n" + wazuh(3) + "\n");
  Bad bad;
  auto counts = co_await import_alerts(store, ImportJob(folder.file("mixed.jsonl")), clock, bad.note());
  CO_ASSERT_OK(counts);
  EXPECT_EQ(3, counts->stored);
  EXPECT_EQ(2, counts->bad);
  EXPECT_EQ((std::vector<size_t>{2, 4}), bad.lines);
}

ASYNC_TEST(Import, what_stands_before_the_cut_is_kept) {
  TempDir folder;
  FakeStore store;
  std::string lines;
  for (int i = 0; i < 3000; ++i) lines += ecs(i) + "\n";
  write_gzip(folder.file("whole.gz"), lines);
  const std::string packed = test::read_file(folder.file("whole.gz"));
  write_file(folder.file("cut.gz"), packed.substr(0, packed.size() * 3 / 4));
  ImportJob job(folder.file("cut.gz"));
  job.dataset = "ecs";
  Bad bad;
  auto counts = co_await import_events(store, job, bad.note());
  CO_ASSERT_OK(counts);
  EXPECT_GT(counts->stored, 1000);
  EXPECT_LT(counts->stored, 3000);
  EXPECT_GE(counts->bad, 1);
}

ASYNC_TEST(Import, events_and_their_dataset) {
  TempDir folder;
  FakeStore store;
  write_file(
      folder.file("trail.json"),
      R"({"Records":[{"eventTime":"2026-07-10T11:42:18Z","eventSource":"s","eventName":"A","awsRegion":"r","eventID":"1"},{"eventTime":"2026-07-10T11:42:19Z","eventSource":"s","eventName":"B","awsRegion":"r","eventID":"2"}]})");
  ImportJob job(folder.file("trail.json"));
  job.dataset = "cloudtrail";
  Bad bad;
  auto counts = co_await import_events(store, job, bad.note());
  CO_ASSERT_OK(counts);
  EXPECT_EQ(2, counts->stored);
  counts = co_await import_events(store, job, bad.note());
  CO_ASSERT_OK(counts);
  EXPECT_EQ(0, counts->stored);
  EXPECT_EQ(2, counts->duplicates);
  // A name of the user's own: the format is recognised.
  job.dataset = "aws-lab";
  counts = co_await import_events(store, job, bad.note());
  CO_ASSERT_OK(counts);
  EXPECT_EQ(2, counts->stored);
  EXPECT_TRUE(store.all_events.contains("aws-lab/1"));
}

ASYNC_TEST(Import, errors_say_what_is_wrong) {
  TempDir folder;
  FakeClock clock;
  FakeStore store;
  Bad bad;
  auto missing = co_await import_alerts(store, ImportJob(folder.file("none.json")), clock, bad.note());
  EXPECT_EQ(Code::not_found, missing.error().code);
  auto directory = co_await import_alerts(store, ImportJob(folder.path().string()), clock, bad.note());
  EXPECT_EQ(Code::invalid_input, directory.error().code);
  ImportJob unknown(folder.file("none.json"));
  unknown.format = "wazoo";
  auto format = co_await import_alerts(store, unknown, clock, bad.note());
  EXPECT_EQ("unknown alert format \"wazoo\"", format.error().message);
  write_file(folder.file("one.json"), wazuh(1));
  store.disturb = [](std::string_view) { return Error(Code::unavailable, "the disk is full"); };
  auto full = co_await import_alerts(store, ImportJob(folder.file("one.json")), clock, bad.note());
  EXPECT_EQ(Code::unavailable, full.error().code);
}

std::vector<std::string> tested(const std::string& path, const std::string& format = {}) {
  FakeClock clock;
  std::vector<std::string> lines;
  const auto counts = format_test(path, format, clock, [&](const std::string& line) { lines.push_back(line); });
  EXPECT_TRUE(counts) << counts.error().message;
  for (const auto& line : lines) EXPECT_TRUE(Json::parse(line)) << line;
  return lines;
}

TEST(FormatTest, one_line_for_each) {
  TempDir folder;
  write_file(folder.file("a.jsonl"), wazuh(1) + "\n" + ecs(1) + "\nnothing\n{\"of\":\"nobody\"}\n");
  const auto lines = tested(folder.file("a.jsonl"));
  ASSERT_EQ(4u, lines.size());
  const auto alert = *Json::parse(lines[0]);
  EXPECT_EQ("alert", alert["kind"].string_or(""));
  EXPECT_EQ("wazuh", alert["format"].string_or(""));
  EXPECT_EQ("x", alert["title"].string_or(""));
  EXPECT_EQ("2026-11-24T02:59:00Z", alert["time"].string_or(""));
  EXPECT_EQ("medium", alert["severity"].string_or(""));
  EXPECT_EQ("1", alert["rule"].string_or(""));
  EXPECT_EQ("host:h", alert["entities"][size_t{0}].string_or(""));
  const auto event = *Json::parse(lines[1]);
  EXPECT_EQ("event", event["kind"].string_or(""));
  EXPECT_EQ("ecs", event["format"].string_or(""));
  EXPECT_EQ("unknown", Json::parse(lines[2])->at("/kind").string_or(""));
  EXPECT_EQ(3, Json::parse(lines[2])->at("/line").integer_or(0));
  EXPECT_EQ("unknown", Json::parse(lines[3])->at("/kind").string_or(""));
}

TEST(FormatTest, a_stream_of_alerts_and_logs_gives_both) {
  TempDir folder;
  write_file(
      folder.file("eve.json"),
      R"([[{"timestamp":"2026-09-18T06:13:41.5+0000","event_type":"alert","flow_id":1,"src_ip":"10.0.0.1","dest_ip":"10.0.0.2","alert":{"signature_id":9,"severity":3}},
                 {"timestamp":"2026-09-18T06:13:41.5+0000","event_type":"flow","flow_id":1}]])");
  const auto lines = tested(folder.file("eve.json"));
  ASSERT_EQ(2u, lines.size());
  EXPECT_EQ("alert", Json::parse(lines[0])->at("/kind").string_or(""));
  EXPECT_EQ("event", Json::parse(lines[1])->at("/kind").string_or(""));
  EXPECT_EQ("flow", Json::parse(lines[1])->at("/title").string_or(""));
}

TEST(FormatTest, a_format_can_be_given) {
  TempDir folder;
  write_file(folder.file("a.json"), wazuh(1));
  const auto lines = tested(folder.file("a.json"), "suricata");
  ASSERT_EQ(1u, lines.size());
  EXPECT_EQ("unknown", Json::parse(lines[0])->at("/kind").string_or(""));
  FakeClock clock;
  EXPECT_FALSE(format_test(folder.file("a.json"), "wazoo", clock, [](const std::string&) {}));
}

}  // namespace
}  // namespace vedette::intake

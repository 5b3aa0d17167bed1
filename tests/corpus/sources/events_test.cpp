// Every CloudTrail record of the Invictus hour and the Windows logs of OTRF's Security-Datasets become events.

#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bot/base/text.hpp"
#include "bot/intake/events/event_format.hpp"
#include "tests/support/files.hpp"

namespace vedette::intake {
namespace {

namespace fs = std::filesystem;
using test::corpus;
using test::gunzip_file;
using test::kNoCorpus;

// How many events have each field.
class Shares {
 public:
  void add(const Event& event) {
    ++total_;
    for (const auto& [name, value] : event.fields) {
      if (!name.starts_with("winlog.event_data.") && !name.starts_with("aws.cloudtrail.re")) ++counts_[name];
    }
  }
  void print(const std::string& title) const {
    fmt::print("{}: {} events\n", title, total_);
    for (const auto& [name, count] : counts_) {
      if (count * 100 >= total_)
        fmt::print("  {:48} {:5.1f} %\n", name, 100.0 * static_cast<double>(count) / static_cast<double>(total_));
    }
  }
  size_t total() const { return total_; }

 private:
  size_t total_ = 0;
  std::map<std::string, size_t> counts_;
};

TEST(EventCorpus, every_cloudtrail_record_of_the_invictus_hour) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  const auto* format = find_event_format("cloudtrail");
  Shares shares;
  std::set<std::string> ids;
  size_t with_user = 0;
  size_t line_number = 0;
  for (const auto& line : text::split(gunzip_file(*corpus() / "eval/invictus_aws/events.jsonl.gz"), '\n')) {
    if (line.empty()) continue;
    ++line_number;
    auto document = Json::parse(line);
    ASSERT_TRUE(document) << line_number;
    auto parsed = parse_events(*format, "", *document);
    ASSERT_TRUE(parsed) << line_number << ": " << parsed.error().message;
    ASSERT_EQ(1u, parsed->events.size());
    const Event& event = parsed->events.front();
    shares.add(event);
    ids.insert(event.id);
    // The label and the untouched user agent around the record give the answer away: they must not come in.
    EXPECT_EQ(std::string::npos, event.raw.find("original_user_agent"));
    EXPECT_EQ(std::string::npos, event.raw.find("\"label\""));
    EXPECT_EQ("cloudtrail", event.dataset);
    EXPECT_GT(event.time, *parse_time("2023-07-10T00:00:00Z"));
    for (const char* field : {"event.action", "event.provider", "cloud.region", "cloud.account.id", "source.address",
                              "event.outcome", "event.category", "user_agent.original"}) {
      EXPECT_FALSE(event.get(field).empty()) << field << " on line " << line_number;
    }
    const Json identity = (*document)["event_masked"]["userIdentity"];
    if (identity["userName"].exists() || identity["arn"].exists()) {
      EXPECT_FALSE(event.get("user.name").empty()) << line_number;
      ++with_user;
    }
  }
  shares.print("cloudtrail (invictus_aws)");
  EXPECT_EQ(2900u, shares.total());
  EXPECT_EQ(2900u, ids.size());
  EXPECT_GT(with_user, 2800u);
}

// The name of the acting or signing-in account, where the record itself states one.
bool states_user(const Json& record) {
  for (const char* name : {"SubjectUserName", "TargetUserName", "User"}) {
    const auto value = record[name].string_or("-");
    if (value != "-" && !value.empty()) return true;
  }
  return false;
}

void check_log(const fs::path& path, size_t every, Shares& shares) {
  const auto* format = find_event_format("windows");
  size_t line_number = 0;
  size_t without_user = 0;
  size_t with_user = 0;
  for (const auto& line : text::split(gunzip_file(path), '\n')) {
    if (line.empty() || line_number++ % every != 0) continue;
    auto document = Json::parse(line);
    ASSERT_TRUE(document) << path << ":" << line_number << " " << document.error().message;
    auto parsed = parse_events(*format, "", *document);
    ASSERT_TRUE(parsed) << path << ":" << line_number << " " << parsed.error().message;
    const Event& event = parsed->events.front();
    shares.add(event);
    ASSERT_FALSE(event.get("host.name").empty()) << path << ":" << line_number;
    ASSERT_FALSE(event.get("event.code").empty()) << path << ":" << line_number;
    ASSERT_FALSE(event.get("event.action").empty()) << path << ":" << line_number;
    ASSERT_GT(event.time, *parse_time("2019-01-01T00:00:00Z")) << path << ":" << line_number;
    if (!states_user(*document)) continue;
    (event.get("user.name").empty() && event.get("user.target.name").empty() && event.get("group.name").empty()
         ? without_user
         : with_user)++;
  }
  EXPECT_EQ(0u, without_user) << path << ", with user " << with_user;
}

size_t check_logs(size_t every) {
  Shares shares;
  for (const auto& entry : fs::directory_iterator(*corpus() / "eval/otrf_mordor/logs")) {
    // The one Linux set is auditd text, not JSON and not Windows.
    if (!entry.path().filename().string().starts_with("SDWIN-")) continue;
    check_log(entry.path(), every, shares);
  }
  shares.print(fmt::format("windows (otrf_mordor, every {} record)", every == 1 ? "" : std::to_string(every) + "th"));
  return shares.total();
}

// Half a minute for all of them in a debug build: a sample by default, everything with VEDETTE_FULL_CORPUS=1.
TEST(EventCorpus, windows_logs_of_the_security_datasets) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  const bool full = std::getenv("VEDETTE_FULL_CORPUS") != nullptr;
  const size_t total = check_logs(full ? 1 : 20);
  EXPECT_GT(total, full ? 71'000u : 3'500u);
}

}  // namespace
}  // namespace vedette::intake

// Every public alert payload of the formats Vedette reads normalises to a title, severity, time, rule and an entity.

#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bot/intake/format.hpp"
#include "tests/support/files.hpp"

namespace vedette::intake {
namespace {

namespace fs = std::filesystem;
using test::corpus;
using test::kNoCorpus;
using test::read_file;

const Time kReceived = *parse_time("2026-11-24T03:00:00Z");

struct Share {
  size_t alerts = 0, title = 0, severity = 0, time = 0, rule = 0, entity = 0;

  void add(const Alert& alert) {
    ++alerts;
    title += !alert.title.empty();
    rule += !alert.rule.empty();
    entity += !alert.entities.empty();
    severity += 1;  // a typed value; whether it is the right one is for the unit tests
    time += alert.time != Time{};
  }
  void print(const std::string& name) const {
    const auto percent = [&](size_t part) {
      return 100.0 * static_cast<double>(part) / static_cast<double>(std::max<size_t>(alerts, 1));
    };
    fmt::print("{:14} {:4} alerts  title {:5.1f} %  severity {:5.1f} %  time {:5.1f} %  rule {:5.1f} %  entity {:5.1f} %\n",
               name, alerts, percent(title), percent(severity), percent(time), percent(rule), percent(entity));
  }
  bool complete() const {
    return alerts == title && alerts == severity && alerts == time && alerts == rule && alerts == entity;
  }
};

std::vector<Alert> read(const fs::path& path, std::string_view format_name) {
  auto document = Json::parse(read_file(path));
  EXPECT_TRUE(document) << path << ": " << document.error().message;
  const Format* format = recognise_format(*document);
  EXPECT_NE(nullptr, format) << path << " was not recognised";
  if (format == nullptr) return {};
  EXPECT_EQ(format_name, format->name) << path;
  auto parsed = format->parse(*document);
  EXPECT_TRUE(parsed) << path << ": " << parsed.error().message;
  if (!parsed) return {};
  for (size_t i = 0; i < parsed->alerts.size(); ++i) {
    complete(parsed->alerts[i], parsed->records[i], "corpus", format->name, kReceived);
  }
  return std::move(parsed->alerts);
}

// Alerts whose payload carries no time of its own: the time of receipt stands in, with a note.
const std::map<std::string, std::string> kTimeless = {
    {"prometheus/keep_mock_alerts.json", "a list of alert templates, no moments"}};

void check_folder(const std::string& folder, std::string_view format, size_t at_least) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  Share share;
  for (const auto& entry : fs::directory_iterator(*corpus() / "alerts" / folder)) {
    if (entry.path().extension() != ".json") continue;
    const std::string name = folder + "/" + entry.path().filename().string();
    const auto alerts = read(entry.path(), format);
    EXPECT_FALSE(alerts.empty()) << name;
    for (const auto& alert : alerts) {
      share.add(alert);
      EXPECT_FALSE(alert.title.empty()) << name;
      EXPECT_FALSE(alert.rule.empty()) << name;
      EXPECT_FALSE(alert.dedup_key.empty()) << name;
      EXPECT_FALSE(alert.entities.empty()) << name;
      EXPECT_TRUE(Json::parse(alert.raw)) << name;
      EXPECT_EQ(kTimeless.contains(name), alert.time == kReceived) << name << " " << to_rfc3339(alert.time);
    }
  }
  share.print(std::string(format));
  EXPECT_TRUE(share.complete());
  EXPECT_GE(share.alerts, at_least);
}

TEST(AlertCorpus, wazuh) { check_folder("wazuh", "wazuh", 9); }
TEST(AlertCorpus, suricata) { check_folder("suricata", "suricata", 3); }
TEST(AlertCorpus, guardduty) { check_folder("aws_guardduty", "guardduty", 8); }
TEST(AlertCorpus, sentinel) { check_folder("microsoft_sentinel_securityalert", "sentinel", 22); }
TEST(AlertCorpus, alertmanager) { check_folder("prometheus", "alertmanager", 5); }
TEST(AlertCorpus, elastic) { check_folder("elastic", "ecs", 1); }

// All OCSF records of the whole collection, wherever they stand.
TEST(AlertCorpus, ocsf) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  Share share;
  for (const auto& entry : fs::recursive_directory_iterator(*corpus() / "alerts")) {
    if (entry.path().extension() != ".json") continue;
    const auto document = Json::parse(read_file(entry.path()));
    if (!document || !recognise_ocsf(*document)) continue;
    for (const auto& alert : read(entry.path(), "ocsf")) {
      share.add(alert);
      EXPECT_NE(kReceived, alert.time) << entry.path();
    }
  }
  share.print("ocsf");
  EXPECT_TRUE(share.complete());
  EXPECT_GE(share.alerts, 1u);
}

// The SNS samples are no GuardDuty findings ("Hello from SNS!", a CloudWatch alarm): said so, not guessed at.
TEST(AlertCorpus, sns_messages_that_are_no_findings) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  for (const char* name : {"sns_event.json", "cloudwatch_alarm_sns_payload_single_metric.json"}) {
    const auto document = Json::parse(read_file(*corpus() / "alerts/aws_envelopes" / name));
    ASSERT_TRUE(document) << name;
    const auto parsed = parse_guardduty(*document);
    ASSERT_FALSE(parsed) << name;
    EXPECT_EQ("the SNS message holds no GuardDuty finding", parsed.error().message);
  }
}

// Nothing in the whole collection, of any vendor, may make a parser fail in another way than by saying so.
TEST(AlertCorpus, every_parser_survives_every_payload) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  size_t files = 0;
  std::map<std::string, size_t> recognised;
  for (const auto& entry : fs::recursive_directory_iterator(*corpus() / "alerts")) {
    if (!entry.is_regular_file()) continue;
    const auto document = Json::parse(read_file(entry.path()));
    if (!document) continue;
    ++files;
    for (const auto& format : formats()) {
      auto parsed = format.parse(*document);
      if (!parsed) continue;
      for (size_t i = 0; i < parsed->alerts.size(); ++i) {
        complete(parsed->alerts[i], parsed->records[i], "corpus", format.name, kReceived);
        EXPECT_FALSE(parsed->alerts[i].title.empty()) << entry.path();
      }
    }
    if (const Format* format = recognise_format(*document)) {
      ++recognised[std::string(format->name) + " " + entry.path().parent_path().filename().string()];
    }
  }
  for (const auto& [name, count] : recognised) fmt::print("recognised {}: {}\n", name, count);
  EXPECT_GT(files, 250u);
}

}  // namespace
}  // namespace vedette::intake

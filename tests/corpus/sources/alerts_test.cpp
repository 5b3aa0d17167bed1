// Every public alert payload of the formats Vedette reads normalises to a title, severity, time, rule and an entity.

#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bot/base/text.hpp"
#include "bot/intake/format.hpp"
#include "tests/support/files.hpp"

namespace vedette::intake {
namespace {

namespace fs = std::filesystem;
using test::corpus;
using test::kNoCorpus;
using test::read_file;

const Time kReceived = *parse_time("2026-11-24T03:00:00Z");

// The detector's own rating in its own words or numbers, wherever it stands in the record, and what it is on our scale by
// the vendor's documentation. An answer of its own beside the parsers', so that one that lost the rating or read another
// field is found out. Nothing: the record carries none.
struct Rating {
  std::string_view format;
  std::vector<std::string_view> names;  // "parent/name" or "name", in lower case; the first that says something counts
  std::optional<Severity> (*of)(const std::string& value);
};

std::optional<Severity> by_word(const std::string& value) {
  static const std::map<std::string, Severity> words = {
      {"critical", Severity::critical},  {"e_critical", Severity::critical},
      {"emergency", Severity::critical}, {"high", Severity::high},
      {"error", Severity::high},         {"major", Severity::high},
      {"medium", Severity::medium},      {"warning", Severity::medium},
      {"moderate", Severity::medium},    {"low", Severity::low},
      {"notice", Severity::low},         {"minor", Severity::low},
      {"info", Severity::informational}, {"informational", Severity::informational},
      {"debug", Severity::informational}};
  const auto found = words.find(text::lower(value));
  return found == words.end() ? std::nullopt : std::optional(found->second);
}

// Wazuh, "Rules classification": 0 to 15.
std::optional<Severity> by_wazuh_level(const std::string& value) {
  constexpr std::string_view kInText = "Level ";  // "Rule ID 2902\nLevel 7\n…"
  const size_t at = value.find(kInText);
  const auto level =
      text::parse_integer(at == std::string::npos ? value : std::to_string(std::atoi(&value[at + kInText.size()])));
  if (!level) return by_word(value);
  if (*level >= 15) return Severity::critical;
  if (*level >= 12) return Severity::high;
  if (*level >= 7) return Severity::medium;
  return *level >= 4 ? Severity::low : Severity::informational;
}

// Suricata's priorities: 1 is the worst.
std::optional<Severity> by_priority(const std::string& value) {
  const auto priority = text::parse_integer(value);
  if (!priority) return by_word(value);
  constexpr Severity kBy[] = {Severity::high, Severity::medium, Severity::low};
  return *priority >= 1 && *priority <= 3 ? kBy[*priority - 1] : Severity::informational;
}

// GuardDuty, "Severity levels of findings": from 9 critical, from 7 high, from 4 medium.
std::optional<Severity> by_guardduty_number(const std::string& value) {
  const int whole = std::atoi(value.c_str());
  if (whole >= 9) return Severity::critical;
  if (whole >= 7) return Severity::high;
  return whole >= 4 ? Severity::medium : Severity::low;
}

// OCSF, severity_id.
std::optional<Severity> by_ocsf_id(const std::string& value) {
  constexpr Severity kBy[] = {Severity::informational, Severity::low, Severity::medium, Severity::high, Severity::critical};
  const auto id = text::parse_integer(value);
  return id && *id >= 1 && *id <= 5 ? std::optional(kBy[*id - 1]) : std::nullopt;
}

const std::vector<Rating>& ratings() {
  static const std::vector<Rating> all = {{"wazuh", {"rule/level", "description"}, by_wazuh_level},
                                          {"suricata", {"signature_severity", "severity"}, by_priority},
                                          {"guardduty", {"severity"}, by_guardduty_number},
                                          {"sentinel", {"alertseverity", "severity"}, by_word},
                                          {"alertmanager", {"severity"}, by_word},
                                          {"ecs", {"kibana.alert.severity", "severity"}, by_word},
                                          {"ocsf", {"severity_id"}, by_ocsf_id},
                                          {"mapped", {"priority", "severity"}, by_word}};
  return all;
}

// The first scalar of that name in the record, at any depth.
std::string named(const Json& value, std::string_view name) {
  const size_t slash = name.find('/');
  for (const auto& [key, member] : value.members()) {
    if (text::lower(key) != name.substr(0, slash)) continue;
    const Json inner = slash != std::string_view::npos ? member[name.substr(slash + 1)] : member;
    const std::string found = inner.is_array() ? inner[size_t{0}].scalar_text() : inner.scalar_text();
    if (!found.empty()) return found;
  }
  for (const auto& [key, member] : value.members()) {
    if (auto found = named(member, name); !found.empty()) return found;
  }
  for (const auto& element : value.elements()) {
    if (auto found = named(element, name); !found.empty()) return found;
  }
  return {};
}

std::optional<Severity> rated(const Json& record, std::string_view format) {
  for (const auto& rating : ratings()) {
    if (rating.format != format) continue;
    for (const auto name : rating.names) {
      const std::string value = named(record, name);
      if (const auto severity = value.empty() ? std::nullopt : rating.of(value)) return severity;
    }
  }
  return std::nullopt;
}

struct Share {
  size_t alerts = 0, title = 0, severity = 0, time = 0, rule = 0, entity = 0;

  void print(std::string_view name) const {
    const auto percent = [&](size_t part) {
      return 100.0 * static_cast<double>(part) / static_cast<double>(std::max<size_t>(alerts, 1));
    };
    fmt::print("{:18} {:4} alerts  title {:5.1f} %  severity {:5.1f} %  time {:5.1f} %  rule {:5.1f} %  entity {:5.1f} %\n",
               name, alerts, percent(title), percent(severity), percent(time), percent(rule), percent(entity));
  }
};

struct Read {
  std::vector<Alert> alerts;
  std::vector<Json> records;
};

Read finish(Parsed parsed, std::string_view format_name) {
  for (size_t i = 0; i < parsed.alerts.size(); ++i) {
    complete(parsed.alerts[i], parsed.records[i], "corpus", format_name, kReceived);
  }
  return {std::move(parsed.alerts), std::move(parsed.records)};
}

Read read(const fs::path& path, std::string_view format_name) {
  auto document = Json::parse(read_file(path));
  EXPECT_TRUE(document) << path << ": " << document.error().message;
  const Format* format = recognise_format(*document);
  EXPECT_NE(nullptr, format) << path << " was not recognised";
  if (format == nullptr) return {};
  EXPECT_EQ(format_name, format->name) << path;
  auto parsed = format->parse(*document);
  EXPECT_TRUE(parsed) << path << ": " << parsed.error().message;
  if (!parsed) return {};
  return finish(std::move(*parsed), format->name);
}

// Payloads without a time of their own: the time of receipt stands in, with a note.
const std::map<std::string, std::string> kTimeless = {
    {"prometheus/keep_mock_alerts.json", "a list of alert templates, no moments"},
    {"grafana/keep_mock_alerts.json", "a list of alert templates, no moments"}};
// Payloads in which the detector rates nothing: medium stands in.
const std::map<std::string, std::string> kUnrated = {
    {"suricata/default_log.json", "one of its alerts is cut down to a signature's number"},
    {"sentinelone/threats_threat_intelligence_malicious_detection.json", "an activity record: a confidence, no severity"}};

// Each of the five must be there, and be the one that the record says.
void check(const std::string& name, std::string_view format, const Read& read, Share& share) {
  EXPECT_FALSE(read.alerts.empty()) << name;
  for (size_t i = 0; i < read.alerts.size(); ++i) {
    const Alert& alert = read.alerts[i];
    const bool has_time = alert.time != Time{} && (alert.time != kReceived) == !kTimeless.contains(name);
    const auto expected = rated(read.records[i], format);
    const bool has_severity =
        alert.severity == expected.value_or(Severity::medium) && (expected.has_value() || kUnrated.contains(name));
    ++share.alerts;
    share.title += !alert.title.empty();
    share.severity += has_severity;
    share.time += has_time;
    share.rule += !alert.rule.empty();
    share.entity += !alert.entities.empty();
    EXPECT_FALSE(alert.title.empty()) << name;
    EXPECT_TRUE(has_severity) << name << " is " << to_string(alert.severity) << ", the record says "
                              << (expected ? to_string(*expected) : "nothing");
    EXPECT_TRUE(has_time) << name << " " << to_rfc3339(alert.time);
    EXPECT_FALSE(alert.rule.empty()) << name;
    EXPECT_FALSE(alert.entities.empty()) << name;
    EXPECT_FALSE(alert.dedup_key.empty()) << name;
    EXPECT_TRUE(Json::parse(alert.raw)) << name;
  }
}

void check_folder(const std::string& folder, std::string_view format, size_t at_least) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  Share share;
  for (const auto& entry : fs::directory_iterator(*corpus() / "alerts" / folder)) {
    if (entry.path().extension() != ".json") continue;
    check(folder + "/" + entry.path().filename().string(), format, read(entry.path(), format), share);
  }
  share.print(format);
  EXPECT_GE(share.alerts, at_least);
}

TEST(AlertCorpus, wazuh) { check_folder("wazuh", "wazuh", 9); }
TEST(AlertCorpus, suricata) { check_folder("suricata", "suricata", 3); }
TEST(AlertCorpus, guardduty) { check_folder("aws_guardduty", "guardduty", 8); }
TEST(AlertCorpus, sentinel) { check_folder("microsoft_sentinel_securityalert", "sentinel", 22); }
TEST(AlertCorpus, alertmanager) { check_folder("prometheus", "alertmanager", 5); }
TEST(AlertCorpus, grafana_alerts_as_alertmanager) { check_folder("grafana", "alertmanager", 1); }
TEST(AlertCorpus, elastic) { check_folder("elastic", "ecs", 1); }

// Detectors without a format of their own, through the mapping that an administrator would write.
void check_mapped(const std::string& folder, const Mapping& mapping, size_t at_least) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  ASSERT_TRUE(intake::check(mapping));
  Share share;
  for (const auto& entry : fs::directory_iterator(*corpus() / "alerts" / folder)) {
    const std::string name = folder + "/" + entry.path().filename().string();
    const auto document = Json::parse(read_file(entry.path()));
    ASSERT_TRUE(document) << name;
    auto parsed = parse_mapped(mapping, *document);
    ASSERT_TRUE(parsed) << name << ": " << parsed.error().message;
    check(name, "mapped", finish(std::move(*parsed), "mapped"), share);
  }
  share.print("mapped " + folder);
  EXPECT_GE(share.alerts, at_least);
}

// Falco's own JSON, as falcosidekick forwards it; the samples of its Alertmanager output are in this form too.
TEST(AlertCorpus, mapped_falco) {
  Mapping mapping;
  mapping.title = "/output";
  mapping.rule = "/rule";
  mapping.time = "/time";
  mapping.severity = "/priority";
  mapping.entities = {{EntityType::host, "/hostname"}, {EntityType::user, "/output_fields/user.name"}};
  check_mapped("falco", mapping, 5);
}

TEST(AlertCorpus, mapped_sentinelone) {
  Mapping mapping;
  mapping.title = "/primarydescription";
  mapping.rule = "/activitytype";
  mapping.time = "/createdat";
  mapping.severity = "/data/severity";
  mapping.severity_values = {{"e_critical", Severity::critical}, {"e_high", Severity::high}};
  mapping.entities = {{EntityType::host, "/data/computername"}, {EntityType::ip, "/data/agentipv4"}};
  check_mapped("sentinelone", mapping, 2);
}

// Whatever is recognised anywhere in the collection is complete, and belongs to a folder that a test here checks.
TEST(AlertCorpus, no_recognised_payload_is_left_out) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  std::map<std::string, size_t> shares;
  for (const auto& entry : fs::recursive_directory_iterator(*corpus() / "alerts")) {
    if (entry.path().extension() != ".json") continue;
    const std::string folder = entry.path().parent_path().filename().string();
    const auto document = Json::parse(read_file(entry.path()));
    const Format* format = document ? recognise_format(*document) : nullptr;
    if (format == nullptr) continue;
    ++shares[std::string(format->name) + " " + folder];
    for (const auto& alert : read(entry.path(), format->name).alerts) {
      // AppOmni's two name services only: neither a person nor a machine, and none is made up.
      EXPECT_EQ(alert.entities.empty(), folder == "appomni") << entry.path();
      EXPECT_FALSE(alert.title.empty() || alert.rule.empty() || alert.time == Time{}) << entry.path();
    }
  }
  const std::map<std::string, size_t> expected = {{"alertmanager grafana", 1},
                                                  {"alertmanager prometheus", 1},
                                                  {"ecs appomni", 2},
                                                  {"ecs elastic", 1},
                                                  {"guardduty aws_guardduty", 8},
                                                  {"ocsf aws_vpcdns", 1},
                                                  {"sentinel microsoft_sentinel_securityalert", 22},
                                                  {"suricata suricata", 1},
                                                  {"wazuh wazuh", 9}};
  EXPECT_EQ(shares, expected) << "a folder that no test above checks";
}

// A GuardDuty event whose finding is empty says nothing that could be investigated: refused, not made up.
TEST(AlertCorpus, an_empty_guardduty_finding_is_refused) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  const auto document = Json::parse(read_file(*corpus() / "alerts/streamalert_guardduty/guard_duty_all.json"));
  ASSERT_TRUE(document);
  EXPECT_EQ(nullptr, recognise_format(*document));
  const auto parsed = parse_guardduty(document->elements().at(0)["data"]);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(Code::invalid_input, parsed.error().code);
}

// All OCSF records of the whole collection, wherever they stand.
TEST(AlertCorpus, ocsf) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  Share share;
  for (const auto& entry : fs::recursive_directory_iterator(*corpus() / "alerts")) {
    if (entry.path().extension() != ".json") continue;
    const auto document = Json::parse(read_file(entry.path()));
    if (!document || !recognise_ocsf(*document)) continue;
    check(entry.path().filename().string(), "ocsf", read(entry.path(), "ocsf"), share);
  }
  share.print("ocsf");
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
  }
  EXPECT_GT(files, 250u);
}

}  // namespace
}  // namespace vedette::intake

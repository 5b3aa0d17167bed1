// Every message, page and form that real and hostile alerts can lead to is one that Slack takes, shows literally, and shows
// whole or says what is missing.

#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bot/intake/format.hpp"
#include "bot/intake/free_text.hpp"
#include "commands/registry.hpp"
#include "tests/fakes/slack_corpus.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/files.hpp"

namespace vedette::test {
namespace {

namespace fs = std::filesystem;
using json = nlohmann::json;

constexpr size_t kLongest = 5000;  // bytes of a text; the slow test feeds longer ones
const Time kReceived = *parse_time("2026-11-24T03:00:00Z");

// As intake makes alerts of a document; one that no format knows becomes what a mapping without any hit makes of it.
std::vector<Alert> alerts_of(const std::string& document) {
  std::vector<Alert> alerts;
  const auto parsed = Json::parse(document);
  if (!parsed) {
    alerts.push_back(intake::alert_from_text(document.substr(0, 8000)));
    alerts.front().raw = document;
    intake::complete(alerts.front(), Json(), "corpus", "text", kReceived);
    return alerts;
  }
  const auto* format = intake::recognise_format(*parsed);
  auto read = format != nullptr ? format->parse(*parsed) : intake::parse_mapped(intake::Mapping(), *parsed);
  if (!read) {
    alerts.emplace_back();
    intake::complete(alerts.front(), *parsed, "corpus", "mapped", kReceived);
    return alerts;
  }
  for (size_t at = 0; at < read->alerts.size(); ++at) {
    intake::complete(read->alerts[at], read->records[at], "corpus", format != nullptr ? format->name : "mapped", kReceived);
  }
  return std::move(read->alerts);
}

void expect_none(const SlackFindings& findings) {
  for (const auto& problem : findings.problems) ADD_FAILURE() << problem;
}

TEST(SlackMessages, of_every_public_alert) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  Hostile hostile(1, 500);  // the alerts are what counts here
  SlackFindings findings;
  size_t files = 0;
  size_t alerts = 0;
  for (const auto& entry : fs::recursive_directory_iterator(*corpus() / "alerts")) {
    if (!entry.is_regular_file() || entry.file_size() > 2'000'000) continue;
    ++files;
    const auto read = alerts_of(read_file(entry.path()));
    if (read.empty()) continue;
    ++alerts;
    check_case(entry.path().filename().string(), hostile.case_of(read.front(), {1, 2, 1, 1, 1, 1, 1}), findings,
               alerts % 10 == 0);
  }
  fmt::print("{} files, {} alerts, {} cards, {} forms\n", files, alerts, findings.cards, findings.forms);
  EXPECT_GT(alerts, 250u);
  expect_none(findings);
}

TEST(SlackMessages, of_hostile_alerts) {
  Hostile hostile(7, kLongest);
  SlackFindings findings;
  size_t alerts = 0;
  for (int round = 0; round < 30; ++round) {
    for (const auto& alert : alerts_of(hostile.document().dump(-1, ' ', false, json::error_handler_t::replace))) {
      ++alerts;
      check_case("round " + std::to_string(round), hostile.case_of(alert, {}), findings);
    }
  }
  EXPECT_GE(alerts, 30u);
  EXPECT_GT(findings.forms, 20u);
  expect_none(findings);
}

TEST(SlackMessages, of_a_case_with_more_of_everything_than_anybody_reads) {
  Hostile hostile(3, 3000);
  SlackFindings findings;
  Alert alert;
  alert.title = hostile.text();
  alert.raw = "{}";
  check_case("many", hostile.case_of(alert, {50, 2000, 60, 3, 20, 40, 60}), findings);
  expect_none(findings);
}

TEST(SlackMessages, of_cards_that_nothing_makes) {
  Hostile hostile(11, kLongest);
  SlackFindings findings;
  check_anything(hostile, 60, findings);
  expect_none(findings);
}

ASYNC_TEST(SlackMessages, of_replies_to_every_command) {
  Hostile hostile(5, kLongest);
  SlackFindings findings;
  std::vector<Alert> alerts;
  while (alerts.size() < 4) {
    for (auto& alert : alerts_of(hostile.document().dump(-1, ' ', false, json::error_handler_t::replace))) {
      alerts.push_back(std::move(alert));
    }
  }
  co_await check_replies(io, std::move(alerts), hostile, findings);
  for (const auto& spec : commands::all_commands()) {
    EXPECT_TRUE(findings.replies.contains(std::string(spec.name))) << "nobody said " << spec.name;
  }
  expect_none(findings);
}

}  // namespace
}  // namespace vedette::test

// As tests/corpus/slack/messages_test.cpp, with far more and far longer of it.

#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bot/base/text.hpp"
#include "bot/intake/format.hpp"
#include "tests/fakes/message_corpus.hpp"
#include "tests/fakes/slack_message_check.hpp"
#include "tests/support/async_test.hpp"

namespace vedette::test {
namespace {

using json = nlohmann::json;

std::vector<Alert> made(Hostile& hostile, size_t count) {
  std::vector<Alert> alerts;
  while (alerts.size() < count) {
    const auto document = Json::parse(hostile.document().dump(-1, ' ', false, json::error_handler_t::replace));
    const auto* format = document ? intake::recognise_format(*document) : nullptr;
    if (format == nullptr) continue;
    auto read = format->parse(*document);
    if (!read) continue;
    for (size_t at = 0; at < read->alerts.size(); ++at) {
      intake::complete(read->alerts[at], read->records[at], "test", format->name, read->alerts[at].time);
      alerts.push_back(std::move(read->alerts[at]));
    }
  }
  return alerts;
}

uint64_t first_seed() {
  const char* given = std::getenv("VEDETTE_SEED");
  return given == nullptr ? 100 : static_cast<uint64_t>(text::parse_integer(given).value_or(100));
}

TEST(SlackMessagesSlow, hostile_alerts_of_many_seeds) {
  for (uint64_t seed = first_seed(); seed < first_seed() + 20; ++seed) {
    Hostile hostile(seed);
    CorpusFindings findings(slack_checks());
    for (const auto& alert : made(hostile, 20)) {
      check_case("seed " + std::to_string(seed), hostile.case_of(alert, {}), findings);
    }
    for (const auto& problem : findings.problems) ADD_FAILURE() << problem;
    if (!findings.problems.empty()) return;
  }
}

TEST(SlackMessagesSlow, cards_that_nothing_makes) {
  Hostile hostile(first_seed());
  CorpusFindings findings(slack_checks());
  check_anything(hostile, 300, findings);
  for (const auto& problem : findings.problems) ADD_FAILURE() << problem;
}

TEST(SlackMessagesSlow, as_much_as_there_may_be) {
  Hostile hostile(first_seed());
  CorpusFindings findings(slack_checks());
  for (const auto& alert : made(hostile, 2)) check_case("most", hostile.case_of(alert, Hostile::kMany), findings);
  for (const auto& problem : findings.problems) ADD_FAILURE() << problem;
  fmt::print("{} cards, {} forms\n", findings.cards, findings.forms);
}

ASYNC_TEST(SlackMessagesSlow, replies_about_long_cases) {
  Hostile hostile(first_seed() + 1);
  CorpusFindings findings(slack_checks());
  auto alerts = made(hostile, 6);
  co_await check_replies(io, std::move(alerts), hostile, findings);
  for (const auto& problem : findings.problems) ADD_FAILURE() << problem;
}

}  // namespace
}  // namespace vedette::test

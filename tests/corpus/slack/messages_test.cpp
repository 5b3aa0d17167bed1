// Every message, page and form that real and hostile alerts can lead to is one that Slack takes, shows literally, and shows
// whole or says what is missing.

#include <gtest/gtest.h>

#include "tests/fakes/slack_message_check.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/files.hpp"

namespace vedette::test {
namespace {

TEST(SlackMessages, of_every_public_alert) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  CorpusFindings findings(slack_checks());
  check_public_alerts(findings);
  expect_none(findings);
}

TEST(SlackMessages, of_hostile_alerts) {
  CorpusFindings findings(slack_checks());
  check_hostile_alerts(findings);
  expect_none(findings);
}

TEST(SlackMessages, of_a_case_with_more_of_everything_than_anybody_reads) {
  CorpusFindings findings(slack_checks());
  check_case_of_much(findings);
  expect_none(findings);
}

TEST(SlackMessages, of_cards_that_nothing_makes) {
  Hostile hostile(11, 5000);
  CorpusFindings findings(slack_checks());
  check_anything(hostile, 60, findings);
  expect_none(findings);
}

ASYNC_TEST(SlackMessages, of_replies_to_every_command) {
  CorpusFindings findings(slack_checks());
  co_await check_every_reply(io, findings);
  expect_none(findings);
}

}  // namespace
}  // namespace vedette::test

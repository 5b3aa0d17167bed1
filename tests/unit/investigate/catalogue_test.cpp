#include <set>

#include <gtest/gtest.h>

#include "bot/investigate/question.hpp"

namespace vedette::investigate {
namespace {

Result<Catalogue> parse(const std::string& question) {
  return parse_questions({{"t.yaml", "family: f\nquestions:\n" + question}});
}

constexpr const char* kGood = R"(  - id: a
    title: A?
    about: host
    query: {from: -1h, to: +0, all: [{field: host.name, is: "{host}"}]}
    answers:
      - {if: total >= 2 and days < 3, says: "Two.", weight: 1.5, hard: true}
      - {says: "No."}
)";

TEST(Catalogue, the_built_in_one_covers_what_it_should) {
  const auto& all = built_in_questions().questions;
  EXPECT_GE(all.size(), 60u);
  std::set<std::string> subjects;
  for (const auto& question : all) subjects.insert(question.id.substr(0, question.id.find('.')));
  for (const auto* subject : {"endpoint", "identity", "cloud", "network", "mail", "history", "known", "alert"})
    EXPECT_TRUE(subjects.contains(subject)) << subject;
}

TEST(Catalogue, reads_a_question) {
  const auto parsed = parse(kGood);
  ASSERT_TRUE(parsed) << parsed.error().message;
  const auto& question = parsed->questions.at(0);
  EXPECT_EQ(question.about, EntityType::host);
  EXPECT_EQ(question.query.window.from, std::chrono::hours(-1));
  ASSERT_EQ(question.outcomes.at(0).when.size(), 2u);
  EXPECT_TRUE(question.outcomes[0].when[0].holds(2));
  EXPECT_FALSE(question.outcomes[0].when[1].holds(3));
  EXPECT_DOUBLE_EQ(question.reach(), 1.5);
}

TEST(Catalogue, refuses_with_the_place_and_what_was_expected) {
  const std::pair<std::string, std::string> cases[] = {
      {"  - id: a\n    titel: A?\n", "t.yaml:4:5: unknown name 'titel'; did you mean 'title'?"},
      {"  - id: a\n    title: A?\n    answers: [{says: x}]\n", "expected 'query'"},
      {"  - id: a\n    title: A?\n    query: {all: [{field: f, is: x}]}\n    answers: [{if: totl >= 1, says: x}, {says: "
       "y}]\n",
       "unknown metric 'totl'"},
      {"  - id: a\n    title: A?\n    query: {all: [{field: f, is: x}]}\n    answers: [{if: total >= 1, says: x}]\n",
       "the last answer must have no 'if'"},
      {"  - id: a\n    title: A?\n    query: {from: +1h, to: -1h, all: [{field: f, is: x}]}\n    answers: [{says: y}]\n",
       "'from' must be before 'to'"},
      {"  - id: a\n    title: A?\n    query: {from: -1h}\n    answers: [{says: y}]\n", "must not read the whole log"},
      {"  - id: a\n    title: A?\n    ask: alert\n    patterns: [{field: f, matches: '(' }]\n    answers: [{says: y}]\n",
       "not a valid pattern"},
      {"  - id: a\n    title: A?\n    query: {all: [{field: f, is: x}]}\n    answers: [{says: y, weight: much}]\n",
       "expected a number"},
      {"  - id: a\n   title: A?\n", "t.yaml:"},
      {std::string(kGood) + kGood, "there is another question 'a'"}};
  for (const auto& [yaml, expected] : cases) {
    const auto parsed = parse(yaml);
    ASSERT_FALSE(parsed) << yaml;
    EXPECT_NE(parsed.error().message.find(expected), std::string::npos) << parsed.error().message;
  }
}

}  // namespace
}  // namespace vedette::investigate

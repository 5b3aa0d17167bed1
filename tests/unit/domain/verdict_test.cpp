#include "bot/domain/verdict.hpp"

#include <gtest/gtest.h>

#include "bot/domain/action.hpp"
#include "bot/domain/case_json.hpp"

namespace vedette {
namespace {

Evidence evidence(int number, std::string answer, std::vector<std::string> records) {
  Evidence e;
  e.number = number;
  e.answer = std::move(answer);
  e.records = std::move(records);
  return e;
}

Claim claim(std::vector<int> cites, std::vector<std::string> quoted) {
  Claim c;
  c.text = "a claim";
  c.evidence = std::move(cites);
  c.quoted = std::move(quoted);
  return c;
}

TEST(GroundedClaims, keep_only_what_the_evidence_holds) {
  const std::vector<Evidence> all = {evidence(1, "12 failed sign-ins", {R"({"source.ip":"203.0.113.7"})"}),
                                     evidence(2, "", {R"({"process.executable":"C:\\Windows\\cmd.exe"})"})};
  const struct {
    Claim claim;
    bool holds;
  } cases[] = {
      {claim({1}, {"203.0.113.7", "12"}), true},
      {claim({2}, {"C:\\Windows\\cmd.exe"}), true},
      {claim({1, 2}, {"cmd.exe", "203.0.113.7"}), true},
      {claim({2}, {"203.0.113.7"}), false},  // in the other evidence only
      {claim({1}, {"203.0.113.8"}), false},
      {claim({3}, {}), false},
      {claim({}, {}), false},
      {claim({1}, {}), true},
  };
  for (const auto& [one, holds] : cases) {
    int dropped = 0;
    EXPECT_EQ(grounded_claims({one}, all, &dropped).size(), holds ? 1u : 0u);
    EXPECT_EQ(dropped, holds ? 0 : 1);
  }
}

TEST(Verdict, json_reads_back) {
  Verdict verdict;
  verdict.label = Label::malicious;
  verdict.confidence = 86;
  verdict.probability = 0.8625;
  verdict.severity = Severity::high;
  verdict.headline = "ann \"did\" this";
  Claim one = claim({1, 4}, {"a", "b"});
  one.weight = -1.25;
  verdict.claims.push_back(one);
  verdict.not_checked = {"mail"};
  verdict.would_change = "a sign-in from home";
  verdict.techniques = {"T1059.001"};
  verdict.alternatives = {"an update"};
  verdict.decided = *parse_time("2026-11-24T03:12:09.123456Z");
  const auto read = verdict_from_json(to_json(verdict));
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), to_json(verdict));
  EXPECT_EQ(read->claims.at(0).weight, -1.25);
  EXPECT_FALSE(verdict_from_json("{}"));
}

TEST(ActionPlan, every_field_is_in_the_digest) {
  ActionPlan plan;
  plan.verb = "block_ip";
  plan.provider = "crowdsec";
  plan.target = Entity(EntityType::ip, "203.0.113.7");
  plan.parameters = {{"duration", "4h"}};
  const std::string digest = plan.digest(CaseId(1));
  EXPECT_EQ(digest.size(), 64u);
  EXPECT_EQ(plan.digest(CaseId(1)), digest);
  EXPECT_NE(plan.digest(CaseId(2)), digest);
  auto changed = plan;
  changed.verb = "unblock_ip";
  EXPECT_NE(changed.digest(CaseId(1)), digest);
  changed = plan;
  changed.provider = "other";
  EXPECT_NE(changed.digest(CaseId(1)), digest);
  changed = plan;
  changed.target.value = "203.0.113.8";
  EXPECT_NE(changed.digest(CaseId(1)), digest);
  changed = plan;
  changed.parameters["duration"] = "5h";
  EXPECT_NE(changed.digest(CaseId(1)), digest);
  changed = plan;
  changed.parameters = {{"duration4", "h"}};
  EXPECT_NE(changed.digest(CaseId(1)), digest) << "where one part ends is part of it";
  EXPECT_EQ(plan.title(), "Block IP 203.0.113.7");
}

}  // namespace
}  // namespace vedette

#include "bot/investigate/analysis.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/unit/investigate/memory_log.hpp"

namespace vedette::investigate {
namespace {

struct Given {
  double weight;
  std::string family = "a";
  bool hard = false;
  std::vector<std::string> clears;
};

Dossier dossier_with(Severity severity, const std::vector<Given>& given, size_t looked_at = 5) {
  Dossier dossier =
      open_dossier(test::view_of({test::alert("Odd thing", severity, test::at("03:00:00"), {{"host.name", "ws-1"}})}), 1);
  auto first = alert_evidence(dossier, test::at("03:01:00"));
  first.number = 1;
  dossier.evidence.push_back(first);
  for (size_t i = 0; i < std::max(given.size(), looked_at); ++i) {
    Evidence evidence;
    evidence.number = static_cast<int>(i) + 2;
    evidence.question = "q" + std::to_string(i);
    evidence.records = {R"({"value":"seen)" + std::to_string(i) + "\"}"};
    dossier.evidence.push_back(evidence);
    Finding finding;
    finding.question = evidence.question;
    finding.evidence = evidence.number;
    finding.total = 1;
    finding.text = "Saw seen" + std::to_string(i) + ".";
    finding.quoted = {"seen" + std::to_string(i)};
    if (i < given.size()) {
      finding.weight = given[i].weight;
      finding.family = given[i].family;
      finding.hard = given[i].hard;
      finding.clears = given[i].clears;
    }
    dossier.findings.push_back(finding);
  }
  return dossier;
}

Verdict verdict_of(const Dossier& dossier) { return decide(dossier, test::at("03:02:00")); }

TEST(Analysis, weights_become_labels) {
  struct Row {
    Severity severity;
    std::vector<Given> given;
    Label label;
  };
  const Row rows[] = {
      {Severity::high, {{2.0, "a"}, {1.0, "b"}}, Label::malicious},
      {Severity::high, {{0.5, "a"}}, Label::suspicious},
      {Severity::high, {}, Label::suspicious},
      {Severity::medium, {}, Label::inconclusive},
      {Severity::low, {}, Label::benign},
      {Severity::medium, {{-2.0, "a"}}, Label::benign},
      {Severity::high, {{-3.6, "a"}, {1.0, "b"}}, Label::benign},
      {Severity::medium, {{-3.5, "a"}, {1.5, "b", true}}, Label::suspicious},  // hard and not explained
      {Severity::medium, {{-3.5, "a", false, {"b"}}, {1.5, "b", true}}, Label::benign},
      {Severity::high, {{2.4, "a"}, {-2.4, "b"}}, Label::inconclusive},  // strong evidence on both sides
      {Severity::critical, {{0.9, "a"}}, Label::suspicious},             // never malicious on the detector's word alone
  };
  for (const auto& row : rows) {
    const auto verdict = verdict_of(dossier_with(row.severity, row.given));
    EXPECT_EQ(verdict.label, row.label) << to_string(row.severity) << " p=" << verdict.probability << " got "
                                        << to_string(verdict.label);
  }
}

TEST(Analysis, nothing_looked_at_is_not_benign) {
  EXPECT_EQ(verdict_of(dossier_with(Severity::low, {}, 0)).label, Label::inconclusive);
}

TEST(Analysis, one_family_counts_with_diminishing_return) {
  const auto same = contributions(dossier_with(Severity::high, {{1.0, "a"}, {1.0, "a"}, {1.0, "a"}, {1.0, "a"}}));
  double sum = 0;
  for (const auto& one : same) sum += one.weight;
  EXPECT_NEAR(sum, 1.875, 1e-9);
}

TEST(Analysis, the_shown_arithmetic_adds_up) {
  const auto verdict = verdict_of(dossier_with(Severity::medium, {{2.0, "a"}, {1.0, "a"}, {-0.5, "b"}}));
  double sum = 0;
  for (const auto& claim : verdict.claims) sum += claim.weight;
  EXPECT_NEAR(verdict.probability, 1 / (1 + std::exp(-sum)), 1e-9);
}

TEST(Analysis, severity_follows_the_label_within_its_floor) {
  EXPECT_EQ(verdict_of(dossier_with(Severity::medium, {{3.0, "a"}, {1.0, "b"}})).severity, Severity::high);
  EXPECT_EQ(verdict_of(dossier_with(Severity::high, {{-3.0, "a"}})).severity, Severity::low);
  EXPECT_EQ(verdict_of(dossier_with(Severity::critical, {{-4.0, "a"}})).severity, Severity::medium);
  EXPECT_EQ(verdict_of(dossier_with(Severity::critical, {{-4.0, "a", false, {"x"}}})).severity, Severity::low);
  EXPECT_EQ(verdict_of(dossier_with(Severity::critical, {{4.0, "a", true}})).severity, Severity::critical);
}

TEST(Analysis, what_was_not_checked_lowers_confidence_and_is_said) {
  auto dossier = dossier_with(Severity::high, {{2.0, "a"}, {1.0, "b"}});
  const auto before = verdict_of(dossier);
  dossier.note_not_checked("Endpoint: no log of ws-1 at all.");
  dossier.note_not_checked("The event log did not answer.");
  const auto after = verdict_of(dossier);
  EXPECT_LT(after.confidence, before.confidence);
  EXPECT_EQ(after.label, before.label);
  ASSERT_EQ(after.not_checked.size(), 2u);
}

TEST(Analysis, masking_the_evidence_removes_the_claim) {
  auto dossier = dossier_with(Severity::high, {{2.0, "a"}, {1.0, "b"}});
  dossier.evidence[1].records = {R"({"value":"masked"})"};
  dossier.evidence[1].answer = "Saw seen0.";  // our own sentence does not count as evidence
  int dropped = 0;
  const auto verdict = decide(dossier, test::at("03:02:00"), &dropped);
  EXPECT_EQ(dropped, 1);
  for (const auto& claim : verdict.claims) EXPECT_NE(claim.text, "Saw seen0.");
  EXPECT_NE(verdict.label, Label::malicious);
}

TEST(Analysis, claims_cite_evidence_that_bears_them_out) {
  const auto dossier = dossier_with(Severity::high, {{2.0, "a"}, {-1.0, "b"}});
  const auto verdict = verdict_of(dossier);
  int dropped = 0;
  EXPECT_EQ(grounded_claims(verdict.claims, dossier.evidence, &dropped).size(), verdict.claims.size());
  EXPECT_EQ(dropped, 0);
  EXPECT_EQ(verdict.claims.back().evidence, std::vector<int>{1});  // the detector's word comes last
}

}  // namespace
}  // namespace vedette::investigate

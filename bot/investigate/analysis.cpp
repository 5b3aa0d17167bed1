#include "bot/investigate/analysis.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "bot/base/text.hpp"

namespace vedette::investigate {
namespace {

constexpr double kMalicious = 0.80;
constexpr double kSuspicious = 0.45;
constexpr double kBenign = 0.20;
constexpr double kStrong = 2.0;  // a side of a conflict
constexpr double kSecondDetector = 0.5;
constexpr size_t kClaimsKept = 24;
constexpr size_t kLinesKept = 12;

Severity worst(const Dossier& dossier) {
  Severity severity = Severity::informational;
  for (const auto& alert : dossier.alerts) severity = std::max(severity, alert.severity);
  return severity;
}

size_t detectors(const Dossier& dossier) {
  std::set<std::string> formats;
  for (const auto& alert : dossier.alerts) formats.insert(alert.source);
  return formats.size();
}

Claim claim_of(const Finding& finding, double weight, int alert) {
  Claim claim;
  claim.text = finding.text;
  claim.evidence.push_back(finding.evidence);
  claim.quoted = finding.quoted;
  claim.weight = weight;
  if (finding.quoted_alert.empty()) return claim;
  claim.evidence.push_back(alert);
  claim.quoted.insert(claim.quoted.end(), finding.quoted_alert.begin(), finding.quoted_alert.end());
  return claim;
}

int alert_number(const Dossier& dossier) {
  for (const auto& evidence : dossier.evidence)
    if (evidence.question == kAlertQuestion) return evidence.number;
  return 0;
}

// Claims are checked against the records alone: the answer sentence is ours and would agree with itself.
std::vector<Evidence> records_only(const Dossier& dossier) {
  auto evidence = dossier.evidence;
  for (auto& one : evidence) one.answer.clear();
  return evidence;
}

// What the answers amount to, once those that are not borne out by their records are gone.
struct Weighed {
  double logit = 0;
  double towards = 0;  // sum of the positive contributions
  double away = 0;     // sum of the negative ones, as a positive number
  bool hard = false;
  bool explained = false;  // a known-good entry answered
  size_t answered = 0;     // event questions that met records
  std::vector<Claim> claims;
  std::vector<const Finding*> findings;  // beside claims
  std::vector<std::string> techniques;
};

bool is_cleared(const Finding& hard, const std::vector<const Finding*>& findings) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding* other) {
    return std::any_of(other->clears.begin(), other->clears.end(),
                       [&](const std::string& family) { return family == "*" || family == hard.family; });
  });
}

// The findings that may count: those whose values occur in the records they cite.
Dossier grounded(const Dossier& dossier, int* ungrounded) {
  Dossier kept = dossier;
  const auto records = records_only(dossier);
  const int alert = alert_number(dossier);
  const auto holds = [&](int number, const std::vector<std::string>& quoted) {
    Claim claim;
    claim.evidence.push_back(number);
    claim.quoted = quoted;
    return !grounded_claims({claim}, records, nullptr).empty();
  };
  // Each value must stand where it was taken from: a short number stands somewhere in any alert.
  std::erase_if(kept.findings, [&](const Finding& finding) {
    const bool fits =
        holds(finding.evidence, finding.quoted) && (finding.quoted_alert.empty() || holds(alert, finding.quoted_alert));
    if (!fits && ungrounded != nullptr) ++*ungrounded;
    return !fits;
  });
  return kept;
}

Weighed weigh(const Dossier& dossier) {
  Weighed sum;
  const int alert = alert_number(dossier);
  for (const auto& contribution : contributions(dossier)) {
    const auto& finding = *contribution.finding;
    sum.claims.push_back(claim_of(finding, contribution.weight, alert));
    sum.findings.push_back(&finding);
    (contribution.weight > 0 ? sum.towards : sum.away) += std::abs(contribution.weight);
  }
  for (const auto& finding : dossier.findings) {
    if (finding.total > 0) ++sum.answered;
    sum.explained = sum.explained || !finding.clears.empty();
  }
  for (const auto* finding : sum.findings) {
    if (finding->hard && !is_cleared(*finding, sum.findings)) sum.hard = true;
    if (finding->weight <= 0) continue;
    for (const auto& technique : finding->techniques)
      if (std::find(sum.techniques.begin(), sum.techniques.end(), technique) == sum.techniques.end())
        sum.techniques.push_back(technique);
  }
  const double prior = prior_of(dossier);
  sum.logit = prior + sum.towards - sum.away;
  if (alert != 0 && !dossier.alerts.empty()) {
    Claim claim;
    const auto severity = std::string(to_string(worst(dossier)));
    claim.text = detectors(dossier) > 1
                     ? fmt::format("{} detectors fired; the gravest alert is {}.", detectors(dossier), severity)
                     : fmt::format("The detector rated this {}.", severity);
    claim.evidence.push_back(alert);
    claim.quoted.push_back(severity);
    claim.weight = prior;
    sum.claims.push_back(std::move(claim));
  }
  return sum;
}

Label label_of(const Weighed& sum, double probability, const Dossier& dossier) {
  const bool conflict =
      sum.towards >= kStrong && sum.away >= kStrong && !sum.explained && probability > 0.25 && probability < 0.75;
  if (conflict) return Label::inconclusive;
  if (probability >= kMalicious) return sum.towards >= 1.0 ? Label::malicious : Label::suspicious;
  if (probability >= kSuspicious || sum.hard) return Label::suspicious;
  if (probability > kBenign) return Label::inconclusive;
  // Nothing bad was seen. That means something only where something was looked at.
  const bool looked = sum.answered >= 2 && !dossier.cut_short;
  if (sum.away > 0 || looked) return Label::benign;
  return Label::inconclusive;
}

int confidence_of(Label label, double probability, const Weighed& sum, const Dossier& dossier) {
  // What could not be asked takes from the confidence, at most 30 of 100.
  const double open = static_cast<double>(dossier.not_checked.size());
  const double checked = static_cast<double>(std::max<size_t>(sum.answered, 1));
  const double coverage = 1.0 - 0.3 * open / (open + checked);
  double right = 0;
  switch (label) {
    case Label::malicious: right = probability; break;
    case Label::benign: right = 1 - probability; break;
    case Label::suspicious: right = std::max(probability, 0.5); break;
    case Label::inconclusive: right = 0.5 - std::abs(probability - 0.5) / 2; break;
  }
  return std::clamp(static_cast<int>(std::lround(100 * right * coverage)), 1, 99);
}

Severity severity_of(Label label, double probability, const Weighed& sum, const Dossier& dossier) {
  const auto severity = worst(dossier);
  if (label == Label::malicious) {
    if (probability >= 0.97 && sum.hard) return Severity::critical;
    return std::max(severity, Severity::high);
  }
  if (label == Label::benign) {
    const auto floor = severity == Severity::critical && !sum.explained ? Severity::medium : Severity::low;
    return std::min(severity, floor);
  }
  return severity;
}

std::string lead_in(std::string sentence) {
  while (sentence.ends_with('.')) sentence.pop_back();
  return sentence;
}

std::vector<std::string> alternatives_of(Label label, const Weighed& sum) {
  const Claim* attack = nullptr;
  const Claim* harmless = nullptr;
  for (size_t i = 0; i < sum.findings.size(); ++i) {
    const auto& claim = sum.claims[i];
    if (claim.weight > 0 && attack == nullptr) attack = &claim;
    if (claim.weight < 0 && harmless == nullptr) harmless = &claim;
  }
  std::vector<std::string> lines;
  if (label == Label::benign) {
    lines.push_back(attack != nullptr && harmless != nullptr
                        ? fmt::format("An attack: {} [E{}]. Set aside: {} [E{}].", lead_in(attack->text),
                                      attack->evidence.front(), lead_in(harmless->text), harmless->evidence.front())
                        : "An attack. Set aside: none of the answers points to one.");
  } else {
    lines.push_back(
        harmless != nullptr
            ? fmt::format("Ordinary work: {} [E{}]. {}.", lead_in(harmless->text), harmless->evidence.front(),
                          label == Label::inconclusive ? "Neither ruled out nor shown" : "It does not outweigh the rest")
            : std::string("Ordinary work. ") +
                  (label == Label::inconclusive ? "Not ruled out." : "Nothing found supports it."));
  }
  return lines;
}

std::string would_change(Label label, const Dossier& dossier, const Weighed& sum) {
  if (!dossier.not_checked.empty() && (label == Label::inconclusive || label == Label::benign))
    return "What was not checked: a record from there can change this.";
  switch (label) {
    case Label::malicious:
    case Label::suspicious:
      return "A planned change or an owner who confirms this work would lower it; add it to the known-good lists if it is "
             "expected.";
    case Label::benign:
      return sum.explained ? "The same from an account or machine that is not on the list would be looked at again."
                           : "A second sign on the same host or account would be looked at again.";
    case Label::inconclusive:
      return "A log of the hosts and accounts around the time, or a word from the owner, would settle it.";
  }
  return {};
}

}  // namespace

double probability_of(double logit) { return 1.0 / (1.0 + std::exp(-logit)); }

double prior_of(const Dossier& dossier) {
  double prior = 0;
  switch (worst(dossier)) {
    case Severity::informational: prior = -2.2; break;
    case Severity::low: prior = -1.6; break;
    case Severity::medium: prior = -0.8; break;
    case Severity::high: prior = 0; break;
    case Severity::critical: prior = 0.8; break;
  }
  return detectors(dossier) > 1 ? prior + kSecondDetector : prior;
}

std::vector<Contribution> contributions(const Dossier& dossier) {
  std::vector<Contribution> all;
  for (const auto& finding : dossier.findings)
    if (finding.weight != 0) all.push_back({&finding, finding.weight});
  const auto order = [](const Contribution& a, const Contribution& b) {
    const auto key = [](const Contribution& c) {
      return std::tuple(-std::abs(c.weight), std::tie(c.finding->question, c.finding->subject));
    };
    return key(a) < key(b);
  };
  std::sort(all.begin(), all.end(), order);
  std::map<std::pair<std::string, bool>, int> before;
  for (auto& contribution : all) {
    const int earlier = before[{contribution.finding->family, contribution.weight > 0}]++;
    contribution.weight *= std::pow(0.5, earlier);
  }
  std::sort(all.begin(), all.end(), order);
  std::erase_if(all, [](const Contribution& c) { return std::abs(c.weight) < 0.02; });
  return all;
}

Verdict decide(const Dossier& dossier, Time now, int* ungrounded) {
  const auto kept = grounded(dossier, ungrounded);
  auto sum = weigh(kept);
  Verdict verdict;
  verdict.decided = now;
  verdict.probability = probability_of(sum.logit);
  verdict.label = label_of(sum, verdict.probability, kept);
  verdict.confidence = confidence_of(verdict.label, verdict.probability, sum, kept);
  verdict.severity = severity_of(verdict.label, verdict.probability, sum, kept);
  verdict.headline = headline_of(kept);
  verdict.alternatives = alternatives_of(verdict.label, sum);
  verdict.would_change = would_change(verdict.label, kept, sum);
  for (const auto& alert : kept.alerts)
    for (const auto& technique : alert.techniques)
      if (std::find(verdict.techniques.begin(), verdict.techniques.end(), technique) == verdict.techniques.end())
        verdict.techniques.push_back(technique);
  for (const auto& technique : sum.techniques)
    if (std::find(verdict.techniques.begin(), verdict.techniques.end(), technique) == verdict.techniques.end())
      verdict.techniques.push_back(technique);
  verdict.not_checked = kept.not_checked;
  if (verdict.not_checked.size() > kLinesKept) {
    const auto more = verdict.not_checked.size() - kLinesKept + 1;
    verdict.not_checked.resize(kLinesKept - 1);
    verdict.not_checked.push_back(fmt::format("{} more questions went unanswered.", more));
  }
  // The reasons that carry the verdict first, then those against it; the detector's own word last.
  const bool against_first = verdict.label == Label::benign;
  const auto answers = sum.claims.begin() + static_cast<std::ptrdiff_t>(sum.findings.size());
  const auto leads = [&](const Claim& claim) { return (claim.weight < 0) == against_first; };
  std::copy_if(sum.claims.begin(), answers, std::back_inserter(verdict.claims), leads);
  std::copy_if(sum.claims.begin(), answers, std::back_inserter(verdict.claims),
               [&](const Claim& claim) { return !leads(claim); });
  std::copy(answers, sum.claims.end(), std::back_inserter(verdict.claims));
  if (verdict.claims.size() > kClaimsKept)
    verdict.claims.erase(verdict.claims.begin() + kClaimsKept - 1, verdict.claims.end() - 1);
  return verdict;
}

}  // namespace vedette::investigate

#pragma once
// From answers to a verdict. Pure arithmetic in log-odds ("towards malicious" is positive), so that `why` can show the sum:
//
//   logit = prior + Σ contributions
//
// Prior: the detector's severity, informational −2.2, low −1.6, medium −0.8, high 0, critical +0.8; that is 10, 17, 31, 50
// and 69 per cent: what analysts see of unfiltered alerts of these grades, before anything was looked up. Contributions:
// answers of one family (say: five signs that a process is rare) are not independent. Within a family and direction the
// strongest counts whole, the next one half, the next a quarter, and so on. Two detectors that fire in one case support each
// other: the second source adds 0.5.
//
// Labels: malicious from 80 %, when at least one answer beside the detector's own word speaks for it; suspicious from 45 %;
// benign up to 20 %, when something was looked at; between them, where strong evidence conflicts, or where little could be
// looked at: inconclusive. A `hard` answer (e.g. a log was cleared) that no known-good entry explains is never benign.
// Severity: malicious raises to high at least (critical from 97 % with a hard answer); benign lowers to low, but an alert
// that the detector called critical stays medium unless a known-good list explains it; otherwise the alerts' own.

#include <string>
#include <vector>

#include "bot/domain/verdict.hpp"
#include "bot/investigate/dossier.hpp"

namespace vedette::investigate {

struct Contribution {
  const Finding* finding = nullptr;  // none: the prior and the agreement of detectors
  double weight = 0;                 // after discounting
};

double prior_of(const Dossier& dossier);
// The findings that weigh, each with what it adds; strongest first.
std::vector<Contribution> contributions(const Dossier& dossier);
double probability_of(double logit);

// Findings whose quoted values do not occur in the stored records are left out and counted in `ungrounded`.
Verdict decide(const Dossier& dossier, Time now, int* ungrounded = nullptr);

// "ann ran powershell.exe on ws-14": who did what to what, by the most severe alert.
std::string headline_of(const Dossier& dossier);

}  // namespace vedette::investigate

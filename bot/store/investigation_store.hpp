#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/domain/case.hpp"

namespace vedette {

// A claimed investigation. `fence` goes up with every claim: writes with an older one are refused (conflict).
struct InvestigationLease {
  CaseId case_id;
  int64_t fence = 0;
  int attempt = 1;  // how often it was started, crashes included
  int round = 1;    // 1, then one more each time a new alert or a person asks again
};

struct ProposedAction {
  ActionPlan plan;
  std::string reason;
  int approvals_needed = 1;
};

class InvestigationStore {
 public:
  virtual ~InvestigationStore() = default;
  // The queued (or abandoned: lease over) investigation that is most urgent: severity, then age. Empty when there is none.
  virtual Async<std::optional<InvestigationLease>> claim(std::string owner, std::chrono::seconds lease) = 0;
  virtual Async<void> progress(InvestigationLease lease, std::vector<InvestigationStep> steps) = 0;  // renews the lease
  // Stores evidence and answers its number. Evidence of the same question in the same case is replaced and keeps its number,
  // so a restart in the middle or a later round never doubles it.
  virtual Async<int> add_evidence(InvestigationLease lease, Evidence evidence) = 0;
  virtual Async<std::vector<Evidence>> evidence(CaseId id) = 0;
  // Verdict, proposals (new ones only: same plan in the same case is one action), history line, alert states and audit row;
  // one transaction. Alerts of the case that are queued become investigated. If another alert joined meanwhile the
  // investigation goes back to queued. The case's severity becomes the verdict's.
  virtual Async<void> finish(InvestigationLease lease, Verdict verdict, std::vector<ProposedAction> proposals) = 0;
  // Gives up: queued alerts become failed, the case shows the sentence and stays open.
  virtual Async<void> fail(InvestigationLease lease, std::string reason) = 0;
  // Asks for another round.
  virtual Async<void> requeue(CaseId id) = 0;
};

}  // namespace vedette

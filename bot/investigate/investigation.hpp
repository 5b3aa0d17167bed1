#pragma once
// One claimed investigation from its lease to its verdict. See worker.hpp.

#include "bot/investigate/worker.hpp"

namespace vedette::investigate {

class Investigation {
 public:
  // Everything referred to outlives the investigation.
  Investigation(Store& store, const Sources& sources, const WorkerOptions& options, const Clock& clock,
                InvestigationLease lease);

  // Errors are the store's alone: conflict (the claim was lost), unavailable (nothing can be written), cancelled.
  Async<void> run();

 private:
  struct Answer {
    Ask ask;
    Evidence evidence;  // number 0: not stored yet
    Status stored;
  };
  Async<void> begin();  // reads the case, stores E1, takes in what this round already has
  Async<void> ask_all();
  std::vector<Ask> next_asks();
  Async<void> ask_one(const Ask& ask);
  Async<void> store_answers();
  Job store_one(Answer& answer);
  Async<void> show_progress(bool now);
  void resume_from(const std::vector<Evidence>& stored);

  Store& store_;
  const Sources& sources_;
  const WorkerOptions& options_;
  const Catalogue& catalogue_;
  const Clock& clock_;
  const InvestigationLease lease_;
  Dossier dossier_;
  std::vector<InvestigationStep> steps_;
  SteadyTime progress_shown_{};
  std::vector<Answer> answers_;    // of the questions put together
  std::vector<Evidence> resumed_;  // of this round, not yet taken in
};

}  // namespace vedette::investigate

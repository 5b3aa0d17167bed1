#pragma once
// Works off the queue of investigations: claims one, asks question after question, stores every answer as evidence, and ends
// with a verdict. One worker a process, on the io thread; several investigations run interleaved.
//
// Every claimed investigation ends. A source that fails is a line in "not checked"; when the deadline passes the verdict is
// given on what is there. Only a bug (an exception) three times in a row gives up, with a sentence in the case. A claim that
// is lost (lease over, another worker) is dropped without a trace. After a crash the next claim goes on with the evidence
// already stored in this round; a new round asks everything again.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/investigate/ask.hpp"
#include "bot/investigate/planner.hpp"
#include "bot/investigate/proposals.hpp"
#include "bot/store/store.hpp"

namespace vedette::investigate {

struct WorkerOptions {
  std::string owner = "analyst";                    // name of this worker in claims
  size_t concurrency = 4;                           // investigations at a time
  std::chrono::seconds lease{20};                   // renewed with the progress
  std::chrono::milliseconds case_deadline{20'000};  // for the questions of one investigation, pauses not counted
  std::chrono::milliseconds question_deadline{5'000};
  std::chrono::milliseconds pace{0};              // pause after each question, so that people can watch (demo)
  std::chrono::milliseconds progress_every{250};  // progress is written no more often, pauses aside
  Budget budget;
  std::vector<KnownGood> known_good;
  AvailableVerbs available_verbs;
  const Catalogue* catalogue = nullptr;  // none: the built-in one
};

class Worker {
 public:
  // Everything referred to outlives the worker.
  Worker(Store& store, std::vector<EvidenceSource*> sources, WorkerOptions options, const Clock& clock);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Runs until cancelled; give it to a TaskGroup. When it ends no investigation of it is running.
  Job run();
  // Claims and finishes what is queued now, one after the other; answers how many. For tests and one-shot commands.
  Async<int> drain();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with the store's commit listener, which may outlive the worker
};

}  // namespace vedette::investigate

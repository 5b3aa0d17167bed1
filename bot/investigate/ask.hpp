#pragma once
// Puts one question to whoever can answer it and makes evidence of the answer. Runs on the io thread; waits only for
// sources.

#include <optional>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/investigate/dossier.hpp"
#include "bot/investigate/evidence_source.hpp"
#include "bot/store/case_store.hpp"

namespace vedette::investigate {

// Whom questions can be put to. Everything pointed at outlives the investigation.
struct Sources {
  std::vector<EvidenceSource*> events;
  CaseStore* cases = nullptr;
  std::vector<KnownGood> known_good;
};

struct Asked {
  std::optional<Evidence> evidence;      // none when nobody answered, or the question could not be put
  std::vector<std::string> not_checked;  // sources that did not answer
};

// The question in words.
std::string title_of(const Ask& ask, const Dossier& dossier);
// The query of an event question; nothing when a value it needs is not known.
std::optional<EventQuery> event_query(const QueryTemplate& from, const Ask& ask, const Dossier& dossier);
// `dossier` must outlive the call. The answer sentence is left empty: interpret() of answer.hpp writes it.
Async<Asked> put_question(const Sources& sources, const Ask& ask, const Dossier& dossier, Time now, Deadline deadline);

}  // namespace vedette::investigate

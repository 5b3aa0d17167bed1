#pragma once
// Which open case an alert joins. Pure.
//
// Rules, in this order:
//   1. The same rule about the same subject (first entity) joins its open case, however long ago: repeats are one story.
//   2. A case with an alert within `window` of this alert's own time that shares a joining entity (joining_entities.hpp). An
//      entity that stands in more than `everywhere` of the open cases in the window says nothing and is left out.
//      Of several cases the one with the most shared entities wins, the alert's subject counting double; then the newest.
//   3. Otherwise the alert opens a case.

#include <chrono>
#include <optional>
#include <vector>

#include "bot/domain/case.hpp"

namespace vedette::intake {

struct PlacingOptions {
  std::chrono::minutes window{60};
  size_t everywhere = 5;
};

struct Candidate {
  Case record;
  bool repeats = false;    // holds an alert of the same rule and subject
  bool in_window = false;  // an alert of it that shares an entity is close in time
};

std::optional<CaseId> choose(const Alert& alert, const std::vector<Candidate>& candidates, const PlacingOptions& options);

}  // namespace vedette::intake

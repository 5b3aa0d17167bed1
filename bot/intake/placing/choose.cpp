#include "bot/intake/placing/choose.hpp"

#include <algorithm>

#include "bot/intake/placing/joining_entities.hpp"

namespace vedette::intake {
namespace {

bool holds(const Case& record, const Entity& entity) {
  return std::find(record.entities.begin(), record.entities.end(), entity) != record.entities.end();
}

// What ties this alert to few cases, not to all.
std::vector<Entity> telling_entities(const Alert& alert, const std::vector<Candidate>& candidates, size_t everywhere) {
  std::vector<Entity> telling;
  for (auto& entity : joining_entities(alert)) {
    const auto cases = std::count_if(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
      return candidate.in_window && holds(candidate.record, entity);
    });
    if (static_cast<size_t>(cases) <= everywhere) telling.push_back(std::move(entity));
  }
  return telling;
}

}  // namespace

std::optional<CaseId> choose(const Alert& alert, const std::vector<Candidate>& candidates, const PlacingOptions& options) {
  const auto open = [](const Candidate& candidate) { return candidate.record.status != CaseStatus::closed; };
  std::optional<CaseId> best;
  for (const auto& candidate : candidates) {
    if (open(candidate) && candidate.repeats && (!best || candidate.record.id > *best)) best = candidate.record.id;
  }
  if (best) return best;
  const auto telling = telling_entities(alert, candidates, options.everywhere);
  int best_score = 0;
  for (const auto& candidate : candidates) {
    if (!open(candidate) || !candidate.in_window) continue;
    int score = 0;
    for (const auto& entity : telling) {
      if (holds(candidate.record, entity)) score += entity == alert.entities.front() ? 2 : 1;
    }
    if (score == 0 || score < best_score || (score == best_score && best && candidate.record.id < *best)) continue;
    best_score = score;
    best = candidate.record.id;
  }
  return best;
}

}  // namespace vedette::intake

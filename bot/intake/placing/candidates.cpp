#include "bot/intake/placing/candidates.hpp"

#include <algorithm>

#include "bot/intake/placing/joining_entities.hpp"

namespace vedette::intake {
namespace {

// A case is read whole only where its summary does not decide; the newest few are enough.
constexpr size_t kLookInto = 5;

bool close_in_time(Time a, Time b, std::chrono::minutes window) { return a <= b + window && b <= a + window; }

bool repeats(const Alert& alert, const CaseView& view) {
  return std::any_of(view.alerts.begin(), view.alerts.end(), [&](const Alert& other) {
    return other.rule == alert.rule && other.format == alert.format && !other.entities.empty() &&
           other.entities.front() == alert.entities.front();
  });
}

// The store has seen to it that the shared entity is not older than the window; this is about alerts that come late, after
// the case went on for longer than the window.
bool near_some_alert(const Alert& alert, const CaseView& view, std::chrono::minutes window) {
  const auto joining = joining_entities(alert);
  return std::any_of(view.alerts.begin(), view.alerts.end(), [&](const Alert& other) {
    return close_in_time(other.time, alert.time, window) &&
           std::any_of(other.entities.begin(), other.entities.end(), [&](const Entity& entity) {
             return std::find(joining.begin(), joining.end(), entity) != joining.end();
           });
  });
}

Async<std::vector<Candidate>> in_window(Store& store, Alert alert, PlacingOptions options) {
  std::vector<Candidate> candidates;
  auto joining = joining_entities(alert);
  if (joining.empty()) co_return candidates;
  CO_TRY(auto cases, store.alerts().joinable(std::move(joining), alert.time - options.window));
  size_t looked = 0;
  for (auto& record : cases) {
    Candidate candidate;
    candidate.in_window = close_in_time(record.last_alert, alert.time, options.window);
    if (!candidate.in_window && looked++ < kLookInto) {
      CO_TRY(const auto view, store.cases().view(record.id));
      candidate.in_window = near_some_alert(alert, view, options.window);
    }
    candidate.record = std::move(record);
    candidates.push_back(std::move(candidate));
  }
  co_return candidates;
}

}  // namespace

Async<std::vector<Candidate>> find_candidates(Store& store, Alert alert, PlacingOptions options) {
  std::vector<Candidate> candidates;
  if (alert.entities.empty()) co_return candidates;
  CO_TRY(candidates, in_window(store, alert, options));
  const Entity subject = alert.entities.front();
  std::vector<Entity> wanted = {subject};
  CO_TRY(auto of_subject, store.alerts().joinable(std::move(wanted), Time{}));
  // The ordinary repeat: one case in question, and it is close in time. Nothing more to find out, so that a flood stays
  // cheap.
  const bool settled = candidates.size() == 1 && candidates[0].in_window && of_subject.size() == 1 &&
                       of_subject[0].id == candidates[0].record.id;
  if (settled) co_return candidates;
  if (of_subject.size() > kLookInto) of_subject.resize(kLookInto);
  for (auto& record : of_subject) {
    CO_TRY(const auto view, store.cases().view(record.id));
    if (!repeats(alert, view)) continue;
    const auto same = [&](const Candidate& candidate) { return candidate.record.id == record.id; };
    const auto known = std::find_if(candidates.begin(), candidates.end(), same);
    if (known != candidates.end()) {
      known->repeats = true;
    } else {
      Candidate candidate;
      candidate.repeats = true;
      candidate.record = std::move(record);
      candidates.push_back(std::move(candidate));
    }
  }
  co_return candidates;
}

}  // namespace vedette::intake

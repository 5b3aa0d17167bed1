#pragma once
// A small event log in memory that really filters, for the analyst's tests; and a way to run an investigation on it without
// a store.

#include <string>
#include <vector>

#include "bot/investigate/analysis.hpp"
#include "bot/investigate/ask.hpp"
#include "bot/investigate/planner.hpp"

namespace vedette::test {

class MemoryLog final : public investigate::EvidenceSource {
 public:
  std::string name() const override { return "event log"; }
  Async<EventResult> query(EventQuery query, Deadline deadline) override;

  std::vector<Event> events;
  bool broken = false;  // answers every query with an error
  int queries = 0;
};

using FieldMap = std::map<std::string, std::string>;

// A moment on the day of the tests: at("03:12:09"), or days earlier.
Time at(const std::string& clock, int days_before = 0);
Event event(const std::string& dataset, Time time, FieldMap fields);
// Makes alerts as intake does: entities from the fields.
Alert alert(const std::string& title, Severity severity, Time time, FieldMap fields,
            std::vector<std::string> techniques = {});
CaseView view_of(std::vector<Alert> alerts);

struct Outcome {
  investigate::Dossier dossier;
  Verdict verdict;
  const Evidence* evidence(std::string_view question) const;  // by id, whoever it was asked about; null when not asked
  const investigate::Finding* finding(std::string_view question) const;
};

// Asks everything the planner wants, as the worker does.
Outcome investigate_case(MemoryLog& log, std::vector<Alert> alerts, std::vector<investigate::KnownGood> known_good = {},
                         CaseStore* cases = nullptr);

}  // namespace vedette::test

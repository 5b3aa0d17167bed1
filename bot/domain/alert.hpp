#pragma once
// What a detector said, normalised. Plain value.

#include <map>
#include <string>
#include <vector>

#include "bot/base/clock.hpp"
#include "bot/domain/entity.hpp"
#include "bot/domain/ids.hpp"
#include "bot/domain/severity.hpp"

namespace vedette {

// Where an alert stands; the coverage ledger counts these. An alert is in exactly one state at any moment.
enum class AlertState {
  queued,        // on disk, not yet part of a finished investigation
  investigated,  // opened a case whose investigation ended with a verdict
  merged,        // joined a case that another alert opened
  suppressed,    // a rule of the organisation said: do not investigate
  failed,        // could not be investigated; the case says why
};
std::string_view to_string(AlertState state);

struct Alert {
  AlertId id;             // given by the store
  std::string source;     // name of the configured source, e.g. "wazuh-prod"
  std::string format;     // "wazuh", "suricata", ...
  std::string dedup_key;  // unique within the source: the detector's own id, else a digest of the canonical body
  std::string title;
  std::string description;
  std::string rule;  // rule id, or its name where there is no id
  std::string rule_name;
  std::string category;  // the detector's own grouping, e.g. "authentication_failed"; may be empty
  Severity severity = Severity::medium;
  Time time;  // when it happened, by the detector
  Time received;
  std::vector<Entity> entities;               // first one: what the alert is mostly about
  std::vector<std::string> techniques;        // ATT&CK ids, "T1059.001"
  std::map<std::string, std::string> fields;  // ECS name → value, what questions look at
  std::string link;                           // back to the detector; may be empty
  std::string raw;                            // the payload as received (JSON)
  AlertState state = AlertState::queued;
  CaseId case_id;  // none until placed
};

}  // namespace vedette

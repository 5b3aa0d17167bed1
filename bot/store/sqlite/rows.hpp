#pragma once
// Between rows and domain values: enums by name, lists and maps as JSON, the columns of each table in the order they are
// read.

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bot/domain/case.hpp"
#include "bot/store/outbox_store.hpp"
#include "bot/store/sqlite/connection.hpp"

namespace vedette::sqlite {

// The value whose name this is; the first one where none has it.
template <class Enum>
Enum enum_from(std::string_view name, std::initializer_list<Enum> values) {
  for (const Enum value : values) {
    if (to_string(value) == name) return value;
  }
  return *values.begin();
}

AlertState alert_state_from(std::string_view name);
CaseStatus case_status_from(std::string_view name);
InvestigationState investigation_state_from(std::string_view name);
DeliveryState delivery_state_from(std::string_view name);
Severity severity_from_number(int64_t number);

std::string to_json(const std::vector<std::string>& values);
std::string to_json(const std::vector<Entity>& entities);
std::string to_json(const std::map<std::string, std::string>& fields);
std::string to_json(const std::vector<InvestigationStep>& steps);
std::vector<std::string> strings_from(std::string_view json);
std::vector<Entity> entities_from(std::string_view json);
std::map<std::string, std::string> fields_from(std::string_view json);
std::vector<InvestigationStep> steps_from(std::string_view json);

// A page of results is never longer than this, whatever was asked for.
inline constexpr size_t kMostRows = 1000;
inline size_t bounded(size_t limit) { return limit < kMostRows ? limit : kMostRows; }

#define VEDETTE_ALERT_COLUMNS                                                                                          \
  "id, source, format, dedup_key, title, description, rule, rule_name, category, severity, time, received, entities, " \
  "techniques, fields, link, raw, state, case_id"
Alert read_alert(const Statement& row);

#define VEDETTE_CASE_COLUMNS                                                                                               \
  "id, title, status, severity, owner, created, updated, last_alert, alerts, disposition, closing_reason, investigation, " \
  "progress, failure, verdict, version, good, bad, snooze_until, snoozed_by, snooze_reason"
Case read_case(const Statement& row);  // entities are in another table

#define VEDETTE_EVIDENCE_COLUMNS \
  "case_id, number, question, title, source, query, starts, ends, answer, total, records, link, taken"
Evidence read_evidence(const Statement& row);

#define VEDETTE_ACTION_COLUMNS                                                                                           \
  "id, case_id, verb, provider, target_type, target, parameters, state, reason, proposer, requester, approvals_needed, " \
  "expires, result, created, changed, replaced_by, replaces, editor, barred"
Action read_action(const Statement& row);  // votes are in another table

}  // namespace vedette::sqlite

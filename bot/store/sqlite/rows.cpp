#include "bot/store/sqlite/rows.hpp"

#include "bot/base/json.hpp"
#include "bot/domain/case_json.hpp"

namespace vedette::sqlite {

namespace {

// What the store wrote itself: only nonsense sizes are refused.
Json parse(std::string_view json) {
  JsonLimits limits;
  limits.bytes = size_t{256} << 20;
  limits.values = 10'000'000;
  auto parsed = Json::parse(json, limits);
  return parsed ? *std::move(parsed) : Json();
}

}  // namespace

AlertState alert_state_from(std::string_view name) {
  return enum_from(
      name, {AlertState::queued, AlertState::investigated, AlertState::merged, AlertState::suppressed, AlertState::failed});
}
CaseStatus case_status_from(std::string_view name) {
  return enum_from(name, {CaseStatus::open, CaseStatus::acknowledged, CaseStatus::closed});
}
InvestigationState investigation_state_from(std::string_view name) {
  return enum_from(
      name, {InvestigationState::queued, InvestigationState::running, InvestigationState::done, InvestigationState::failed});
}
DeliveryState delivery_state_from(std::string_view name) {
  return enum_from(name, {DeliveryState::queued, DeliveryState::sending, DeliveryState::sent, DeliveryState::unknown,
                          DeliveryState::failed});
}
Severity severity_from_number(int64_t number) {
  if (number < 0 || number > static_cast<int64_t>(Severity::critical)) return Severity::medium;
  return static_cast<Severity>(number);
}

std::string to_json(const std::vector<std::string>& values) {
  JsonWriter w;
  w.begin_array();
  for (const auto& value : values) w.value(value);
  w.end_array();
  return w.take();
}

std::string to_json(const std::vector<Entity>& entities) {
  JsonWriter w;
  w.begin_array();
  for (const auto& entity : entities) w.value(to_text(entity));
  w.end_array();
  return w.take();
}

std::string to_json(const std::map<std::string, std::string>& fields) {
  JsonWriter w;
  w.begin_object();
  for (const auto& [name, value] : fields) w.field(name, value);
  w.end_object();
  return w.take();
}

std::string to_json(const std::vector<InvestigationStep>& steps) {
  JsonWriter w;
  w.begin_array();
  for (const auto& step : steps) w.begin_object().field("text", step.text).field("done", step.done).end_object();
  w.end_array();
  return w.take();
}

std::vector<std::string> strings_from(std::string_view json) {
  std::vector<std::string> values;
  for (const auto& element : parse(json).elements()) values.push_back(element.string_or(""));
  return values;
}

std::vector<Entity> entities_from(std::string_view json) {
  std::vector<Entity> entities;
  for (const auto& element : parse(json).elements()) {
    const std::string text = element.string_or("");
    const size_t colon = text.find(':');
    const auto type = entity_type_from(std::string_view(text).substr(0, colon));
    if (type && colon != std::string::npos) entities.emplace_back(*type, text.substr(colon + 1));
  }
  return entities;
}

std::map<std::string, std::string> fields_from(std::string_view json) {
  std::map<std::string, std::string> fields;
  for (const auto& [name, value] : parse(json).members()) fields.emplace(name, value.text());
  return fields;
}

std::vector<InvestigationStep> steps_from(std::string_view json) {
  std::vector<InvestigationStep> steps;
  for (const auto& element : parse(json).elements()) {
    steps.push_back({element["text"].string_or(""), element["done"].boolean_or(false)});
  }
  return steps;
}

Alert read_alert(const Statement& row) {
  Alert alert;
  int column = 0;
  alert.id = AlertId(row.integer(column++));
  alert.source = row.text(column++);
  alert.format = row.text(column++);
  alert.dedup_key = row.text(column++);
  alert.title = row.text(column++);
  alert.description = row.text(column++);
  alert.rule = row.text(column++);
  alert.rule_name = row.text(column++);
  alert.category = row.text(column++);
  alert.severity = severity_from_number(row.integer(column++));
  alert.time = from_micros(row.integer(column++));
  alert.received = from_micros(row.integer(column++));
  alert.entities = entities_from(row.view(column++));
  alert.techniques = strings_from(row.view(column++));
  alert.fields = fields_from(row.view(column++));
  alert.link = row.text(column++);
  alert.raw = row.text(column++);
  alert.state = alert_state_from(row.view(column++));
  alert.case_id = CaseId(row.integer(column++));
  return alert;
}

Case read_case(const Statement& row) {
  Case record;
  int column = 0;
  record.id = CaseId(row.integer(column++));
  record.title = row.text(column++);
  record.status = case_status_from(row.view(column++));
  record.severity = severity_from_number(row.integer(column++));
  record.owner = row.text(column++);
  record.created = from_micros(row.integer(column++));
  record.updated = from_micros(row.integer(column++));
  record.last_alert = from_micros(row.integer(column++));
  record.alerts = row.small(column++);
  record.disposition = disposition_from(row.view(column++));
  record.closing_reason = row.text(column++);
  record.investigation = investigation_state_from(row.view(column++));
  record.progress = steps_from(row.view(column++));
  record.failure = row.text(column++);
  if (const auto verdict = row.view(column++); !verdict.empty()) {
    if (auto parsed = verdict_from_json(verdict)) record.verdict = *std::move(parsed);
  }
  record.version = row.integer(column++);
  record.good = row.small(column++);
  record.bad = row.small(column++);
  const Time until = from_micros(row.integer(column++));
  Snooze snooze{until, row.text(column), row.text(column + 1)};
  if (until != Time()) record.snooze = std::move(snooze);
  return record;
}

Evidence read_evidence(const Statement& row) {
  Evidence evidence;
  int column = 0;
  evidence.case_id = CaseId(row.integer(column++));
  evidence.number = row.small(column++);
  evidence.question = row.text(column++);
  evidence.title = row.text(column++);
  evidence.source = row.text(column++);
  evidence.query = row.text(column++);
  evidence.from = from_micros(row.integer(column++));
  evidence.to = from_micros(row.integer(column++));
  evidence.answer = row.text(column++);
  evidence.total = row.integer(column++);
  evidence.records = strings_from(row.view(column++));
  evidence.link = row.text(column++);
  evidence.taken = from_micros(row.integer(column++));
  return evidence;
}

Action read_action(const Statement& row) {
  Action action;
  int column = 0;
  action.id = ActionId(row.integer(column++));
  action.case_id = CaseId(row.integer(column++));
  action.plan.verb = row.text(column++);
  action.plan.provider = row.text(column++);
  const auto type = entity_type_from(row.view(column++));
  action.plan.target = Entity(type.value_or(EntityType::host), row.text(column++));
  action.plan.parameters = fields_from(row.view(column++));
  // A name that is not known must never look like a state in which something may still run.
  action.state = action_state_from(row.view(column++)).value_or(ActionState::withdrawn);
  action.reason = row.text(column++);
  action.proposer = row.text(column++);
  action.requester = row.text(column++);
  action.approvals_needed = row.small(column++);
  if (!row.is_null(column)) action.expires = from_micros(row.integer(column));
  ++column;
  action.result = row.text(column++);
  action.created = from_micros(row.integer(column++));
  action.changed = from_micros(row.integer(column++));
  action.replaced_by = ActionId(row.integer(column++));
  action.replaces = ActionId(row.integer(column++));
  action.editor = row.text(column++);
  action.barred = strings_from(row.view(column++));
  return action;
}

}  // namespace vedette::sqlite

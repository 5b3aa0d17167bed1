// Elastic alerts and other alerts in Elastic Common Schema: Elastic Security 8 (kibana.alert.*), 7 (signal.*), and plain ECS
// documents that are alerts (event.kind alert or signal, or a rule.name); nested or with dotted names, one or many, also as
// search hits. Sources: Elastic Security, "Alert schema"; ECS reference, "Rule fields", "Threat fields", "event.kind".

#include <array>

#include "bot/base/text.hpp"
#include "bot/intake/format.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {
namespace {

bool has_prefix(const Json& record, std::string_view prefix) {
  for (const auto& [name, value] : record.members()) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

bool is_detection(const Json& record) {
  return record.at("/kibana/alert/rule").exists() || record.at("/signal/rule").exists() ||
         has_prefix(record, "kibana.alert.rule") || has_prefix(record, "signal.rule.");
}

bool is_record(const Json& record) {
  if (is_detection(record)) return true;
  const std::string kind = first_text(record, {"/event/kind", "/event.kind"});
  if (kind == "alert" || kind == "signal") return record["@timestamp"].exists() || record["event"].exists();
  const bool ruled = record.at("/rule/name").exists() || record["rule.name"].exists();
  return kind.empty() && ruled && record["@timestamp"].exists();
}

class Names {
 public:
  explicit Names(const Fields& fields) : fields_(fields) {}
  std::string first(std::initializer_list<std::string_view> names) const {
    for (const auto name : names) {
      if (const auto value = get(fields_, name); !value.empty()) return std::string(value);
    }
    return {};
  }

 private:
  const Fields& fields_;
};

Severity severity_of(const Names& names) {
  const std::string word = names.first(
      {"kibana.alert.severity", "kibana.alert.rule.severity", "signal.rule.severity", "event.severity_label", "log.level"});
  if (const auto known = severity_from(word)) return *known;
  // Elastic's scale: 21 low, 47 medium, 73 high, 99 critical.
  const auto score = text::parse_integer(names.first({"kibana.alert.risk_score", "kibana.alert.rule.risk_score",
                                                      "signal.rule.risk_score", "event.risk_score", "event.severity"}));
  if (!score) return Severity::medium;
  if (*score >= 90) return Severity::critical;
  if (*score >= 70) return Severity::high;
  if (*score >= 40) return Severity::medium;
  return *score >= 15 ? Severity::low : Severity::informational;
}

// A rule's own definition (query, exceptions, schedules) is not what happened.
bool is_about_rule(std::string_view name) {
  return name.starts_with("kibana.") || name.starts_with("signal.") || name.starts_with("ecs.") || name == "@timestamp" ||
         name == "_id" || name == "_index";
}

void add_subjects(Alert& alert) {
  for (const auto name : {"host.name", "host.hostname"}) add_host(alert, get(alert.fields, name));
  add_entity(alert, EntityType::user, get(alert.fields, "user.name"));
  add_entity(alert, EntityType::ip, get(alert.fields, "source.ip"));
}

std::optional<Alert> one(const Json& record) {
  Fields all;
  flatten(record, "", all, 800);
  const Names names(all);
  Alert alert;
  alert.rule_name = names.first({"kibana.alert.rule.name", "signal.rule.name", "rule.name"});
  alert.rule = names.first({"kibana.alert.rule.rule_id", "kibana.alert.rule.parameters.rule_id", "signal.rule.rule_id",
                            "kibana.alert.rule.uuid", "signal.rule.id", "rule.id", "rule.uuid"});
  alert.title = alert.rule_name;
  if (alert.title.empty()) alert.title = names.first({"message", "event.reason", "event.action", "event.code"});
  alert.description = names.first({"kibana.alert.reason", "signal.reason", "message", "kibana.alert.rule.description",
                                   "signal.rule.description", "rule.description", "event.reason"});
  alert.severity = severity_of(names);
  alert.category = names.first({"event.category", "rule.category", "kibana.alert.rule.category"});
  for (const auto* name : {"kibana.alert.original_time", "signal.original_time", "@timestamp", "event.created"}) {
    if (alert.time == Time{}) alert.time = time_of(get(all, name)).value_or(Time{});
  }
  for (const auto* name :
       {"kibana.alert.rule.threat.technique.subtechnique.id", "kibana.alert.rule.threat.technique.id",
        "signal.rule.threat.technique.subtechnique.id", "signal.rule.threat.technique.id",
        "threat.technique.subtechnique.id", "threat.technique.id", "kibana.alert.rule.parameters.threat.technique.id"}) {
    add_techniques(alert, get(all, name));
  }
  alert.dedup_key = names.first({"kibana.alert.uuid", "_id", "event.id"});
  set_link(alert, names.first({"kibana.alert.url", "event.url", "rule.reference"}));
  for (auto& [name, value] : all) {
    if (!is_about_rule(name)) alert.fields.emplace(name, std::move(value));
  }
  add_subjects(alert);
  return alert;
}

}  // namespace

bool recognise_ecs(const Json& document) { return holds_record(document, is_record); }
Result<Parsed> parse_ecs_alerts(const Json& document) { return parse_records(document, "Elastic or ECS", is_record, one); }

}  // namespace vedette::intake

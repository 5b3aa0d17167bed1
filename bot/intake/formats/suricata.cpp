// Suricata alerts: EVE records of type "alert". Source: Suricata User Guide, "EVE JSON Format", event type alert.
// Other EVE records in the same stream (flow, dns, http …) are no alerts: they are counted as ignored and belong to
// POST /v1/events/suricata.

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/intake/events/event_format.hpp"
#include "bot/intake/format.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {
namespace {

// The rule writer's own rating where there is one (ET rules), else the priority: 1 is the highest.
Severity severity_of(const Json& alert) {
  const std::string rating = text::lower(text_of(alert.at("/metadata/signature_severity")));
  if (rating == "critical") return Severity::critical;
  if (rating == "major") return Severity::high;
  if (rating == "minor") return Severity::low;
  if (rating == "informational") return Severity::informational;
  switch (alert["severity"].integer_or(2)) {
    case 1: return Severity::high;
    case 2: return Severity::medium;
    case 3: return Severity::low;
    default: return Severity::informational;
  }
}

// Which side the alert is about: the rule's own statement, else the inside one, else the sender.
std::string subject_of(const Json& record) {
  std::string source = address_of(text_of(record["src_ip"]));
  std::string destination = address_of(text_of(record["dest_ip"]));
  if (auto target = address_of(text_of(record.at("/alert/target/ip"))); !target.empty()) return target;
  if (source.empty()) return destination;
  if (!is_internal_ip(source) && is_internal_ip(destination)) return destination;
  return source;
}

std::optional<Alert> one(const Json& record) {
  if (text_of(record["event_type"]) != "alert") return std::nullopt;
  const Json rule = record["alert"];
  Alert alert;
  const std::string id = text_of(rule["signature_id"]);
  const int64_t generator = rule["gid"].integer_or(1);
  alert.rule = generator == 1 ? id : fmt::format("{}:{}", generator, id);
  alert.rule_name = text_of(rule["signature"]);
  alert.title = alert.rule_name.empty() ? fmt::format("Suricata rule {}:{} matched", generator, id) : alert.rule_name;
  alert.category = text_of(rule["category"]);
  alert.severity = severity_of(rule);
  alert.time = first_time(record, {"/timestamp", "/@timestamp"}).value_or(Time{});
  alert.fields = suricata_fields(record);
  const auto ports = [&](const char* ip, const char* port) {
    const std::string number = text_of(record[port]);
    return text_of(record[ip]) + (number.empty() ? "" : " port " + number);
  };
  if (record["src_ip"].exists()) {
    alert.description = fmt::format("{} from {} to {}{}", alert.title, ports("src_ip", "src_port"),
                                    ports("dest_ip", "dest_port"), text_of(rule["action"]) == "blocked" ? ", blocked" : "");
  }
  add_techniques(alert, text_of(rule.at("/metadata/mitre_technique_id")));
  add_entity(alert, EntityType::ip, subject_of(record));
  add_entity(alert, EntityType::ip, address_of(text_of(record["src_ip"])));
  add_entity(alert, EntityType::ip, address_of(text_of(record["dest_ip"])));
  // A record without addresses still belongs to a flow.
  if (alert.entities.empty()) {
    const std::string flow = first_text(record, {"/community_id", "/flow_id"});
    if (!flow.empty()) add_entity(alert, EntityType::resource, "flow/" + flow);
  }
  return alert;
}

bool has_alert(const Json& record) { return is_suricata_record(record) && text_of(record["event_type"]) == "alert"; }

}  // namespace

bool recognise_suricata(const Json& document) { return holds_record(document, has_alert); }
Result<Parsed> parse_suricata_alerts(const Json& document) {
  return parse_records(document, "Suricata", is_suricata_record, one);
}

}  // namespace vedette::intake

// Prometheus alerts: what Alertmanager posts to a webhook (version 4), what its API and that of Prometheus list, and lists
// of alert templates by name. Sources: Prometheus documentation, "Alertmanager: webhook_config", "Alertmanager API v2",
// "HTTP API: alerts".
//
// A resolved alert is no news for an analyst: it is counted as ignored. Alertmanager repeats what keeps firing; the
// fingerprint of the labels and the start say that it is the same.

#include <array>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/intake/format.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {
namespace {

bool is_record(const Json& record) {
  if (!record["labels"].is_object()) return false;
  return record.at("/labels/alertname").exists() || record["startsAt"].exists() || record["activeAt"].exists();
}

// {"HighCPU": {"payload": {"summary": …, "labels": {…}}, "parameters": {"labels.host": […]}}, …}
bool is_template(const Json& value) { return value.at("/payload/labels").is_object(); }
bool is_template_list(const Json& document) {
  const auto members = document.members();
  if (members.empty()) return false;
  for (const auto& [name, value] : members) {
    if (!is_template(value)) return false;
  }
  return true;
}

struct Label {
  std::string_view name;
  EntityType type;
};
// Labels that name what an alert is about, the most telling first.
constexpr std::array<Label, 20> kSubjects = {{
    {"host", EntityType::host},
    {"hostname", EntityType::host},
    {"nodename", EntityType::host},
    {"node", EntityType::host},
    {"instance", EntityType::host},
    {"user", EntityType::user},
    {"username", EntityType::user},
    {"account", EntityType::user},
    {"src_ip", EntityType::ip},
    {"source_ip", EntityType::ip},
    {"ip", EntityType::ip},
    {"domain", EntityType::domain},
    {"pod", EntityType::resource},
    {"container", EntityType::resource},
    {"deployment", EntityType::resource},
    {"namespace", EntityType::resource},
    {"service", EntityType::resource},
    {"queue", EntityType::resource},
    {"database", EntityType::resource},
    {"job", EntityType::resource},
}};

// "10.0.0.5:9100" and "web-1:9100" are where an exporter listens; the machine is what stands before the port.
std::string without_port(const std::string& value) {
  if (const auto address = address_of(value); !address.empty()) return address;
  const size_t colon = value.rfind(':');
  if (colon == std::string::npos || !text::parse_integer(std::string_view(value).substr(colon + 1))) return value;
  return value.substr(0, colon);
}

void read_subject(Alert& alert, const Label& label, const std::string& value) {
  if (value.empty()) return;
  switch (label.type) {
    case EntityType::host: {
      const std::string host = without_port(value);
      put_if_absent(alert.fields, is_ip(host) ? "host.ip" : "host.name", host);
      add_host(alert, host);
      return;
    }
    case EntityType::user: put_if_absent(alert.fields, "user.name", value); break;
    case EntityType::ip: put_if_absent(alert.fields, "source.ip", address_of(value)); break;
    case EntityType::resource: return add_entity(alert, label.type, fmt::format("{}/{}", label.name, value));
    default: break;
  }
  add_entity(alert, label.type, value);
}

void read_labels(Alert& alert, const Json& labels) {
  for (const auto& label : kSubjects) read_subject(alert, label, text_of(labels[label.name]));
  flatten(labels, "labels", alert.fields, 60);
}

Severity severity_of(const Json& labels, const Json& annotations) {
  for (const char* name : {"severity", "priority", "level"}) {
    for (const auto& set : {labels, annotations}) {
      if (const auto known = severity_from(text_of(set[name]))) return *known;
    }
  }
  return Severity::medium;
}

// The last resort: the rule itself is what the alert is about, so that its repeats still meet.
void ensure_subject(Alert& alert) {
  if (alert.entities.empty()) add_entity(alert, EntityType::resource, "alertname/" + alert.rule);
}

std::optional<Alert> one(const Json& record) {
  const std::string state = first_text(record, {"/status/state", "/status", "/state"});
  if (state == "resolved" || state == "inactive") return std::nullopt;
  const Json labels = record["labels"];
  const Json annotations = record["annotations"];
  Alert alert;
  alert.rule = text_of(labels["alertname"]);
  alert.rule_name = alert.rule;
  alert.title = first_text(annotations, {"/summary", "/title", "/message"});
  if (alert.title.empty()) alert.title = alert.rule;
  alert.description = first_text(annotations, {"/description", "/message", "/runbook"});
  alert.severity = severity_of(labels, annotations);
  alert.category = first_text(labels, {"/category", "/team", "/job"});
  alert.time = first_time(record, {"/startsAt", "/activeAt"}).value_or(Time{});
  read_labels(alert, labels);
  add_techniques(alert, first_text(labels, {"/mitre", "/technique", "/attack"}));
  put(alert.fields, "event.kind", "alert");
  put(alert.fields, "message", alert.description);
  ensure_subject(alert);
  const std::string fingerprint = text_of(record["fingerprint"]);
  // Without a fingerprint the labels are the identity, as in Alertmanager itself.
  alert.dedup_key =
      (fingerprint.empty() ? labels.dump() : fingerprint) + "/" + first_text(record, {"/startsAt", "/activeAt"});
  set_link(alert, first_text(record, {"/generatorURL", "/annotations/dashboard", "/annotations/runbook_url"}));
  return alert;
}

Alert from_template(const std::string& name, const Json& value) {
  const Json payload = value["payload"];
  Alert alert;
  alert.rule = name;
  alert.rule_name = name;
  alert.title = first_text(payload, {"/summary", "/title", "/name"});
  alert.description = first_text(payload, {"/description", "/message"});
  alert.severity = severity_of(payload["labels"], payload);
  alert.time = first_time(payload, {"/startsAt", "/lastReceived"}).value_or(Time{});
  read_labels(alert, payload["labels"]);
  // The parameters list what a label may be; the first one stands for them.
  for (const auto& label : kSubjects) {
    const std::string pointer = fmt::format("labels.{}", label.name);
    if (payload["labels"][label.name].exists()) continue;
    read_subject(alert, label, text_of(value["parameters"][std::string_view(pointer)][size_t{0}]));
  }
  ensure_subject(alert);
  return alert;
}

}  // namespace

bool recognise_alertmanager(const Json& document) { return is_template_list(document) || holds_record(document, is_record); }

Result<Parsed> parse_alertmanager(const Json& document) {
  if (!is_template_list(document)) return parse_records(document, "Alertmanager", is_record, one);
  Parsed parsed;
  for (const auto& [name, value] : document.members()) {
    parsed.alerts.push_back(from_template(std::string(name), value));
    parsed.records.push_back(value);
  }
  return parsed;
}

}  // namespace vedette::intake

// Wazuh alerts, as alerts.json, the integrator and the indexer carry them. Sources: Wazuh documentation, "Rules
// classification" (levels 0 to 15), "Integration with external APIs", "Decoders: static and dynamic fields".
//
// Also the short form that relays make of one: a message, and a description of "Rule ID …", "Level …", "Agent Name …" lines.

#include "bot/base/text.hpp"
#include "bot/intake/events/event_format.hpp"
#include "bot/intake/format.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {
namespace {

bool is_full(const Json& record) { return record.at("/rule/level").exists() && record.at("/rule/description").is_string(); }

bool is_relayed(const Json& record) {
  return record["message"].is_string() && text_of(record["description"]).starts_with("Rule ID ");
}

bool is_record(const Json& record) { return is_full(record) || is_relayed(record); }

// The dashboard calls 0–6 low, 7–11 medium, 12–14 high, 15 critical. Levels up to 3 are system notices and successes.
Severity severity_of(int64_t level) {
  if (level <= 3) return Severity::informational;
  if (level <= 6) return Severity::low;
  if (level <= 11) return Severity::medium;
  return level <= 14 ? Severity::high : Severity::critical;
}

void merge(Fields& fields, const Fields& more) {
  for (const auto& [name, value] : more) fields.try_emplace(name, value);
}

void put_users(Fields& fields, const Json& data) {
  const std::string from = text_of(data["srcuser"]);
  const std::string to = text_of(data["dstuser"]);
  // sudo and su name both; sshd names the account that was tried, as one or the other.
  if (!from.empty() && !to.empty()) {
    put_if_absent(fields, "user.name", from);
    put_if_absent(fields, "user.target.name", to);
  } else {
    put_if_absent(fields, "user.name", to.empty() ? from : to);
  }
  put_if_absent(fields, "user.name", first_text(data, {"/user", "/uname", "/audit/auid_name"}));
}

void put_data(Fields& fields, const Json& data) {
  if (data["win"].is_object()) merge(fields, windows_fields(data["win"]));
  if (is_cloudtrail_record(data["aws"])) merge(fields, cloudtrail_fields(data["aws"]));
  if (is_suricata_record(data)) merge(fields, suricata_fields(data));
  put_if_absent(fields, "source.ip",
                address_of(first_text(data, {"/srcip", "/src_ip", "/aws/sourceIPAddress", "/ClientIP"})));
  put_if_absent(fields, "source.port", first_text(data, {"/srcport", "/src_port"}));
  put_if_absent(fields, "destination.ip", address_of(first_text(data, {"/dstip", "/dest_ip"})));
  put_if_absent(fields, "destination.port", first_text(data, {"/dstport", "/dest_port"}));
  put_users(fields, data);
  put_if_absent(fields, "url.original", text_of(data["url"]));
  put_if_absent(fields, "process.command_line", first_text(data, {"/command", "/audit/command"}));
  put_if_absent(fields, "process.executable", first_text(data, {"/audit/exe", "/process/name"}));
  put_if_absent(fields, "file.path", first_text(data, {"/file", "/audit/file/name", "/virustotal/source/file"}));
  put_if_absent(fields, "file.hash.sha1", text_of(data.at("/virustotal/source/sha1")));
  put_if_absent(fields, "dns.question.name", first_text(data, {"/dns/question/name", "/query"}));
  put_if_absent(fields, "vulnerability.id", text_of(data.at("/vulnerability/cve")));
  const std::string method = text_of(data["protocol"]);
  if (method == "GET" || method == "POST" || method == "PUT" || method == "HEAD" || method == "DELETE") {
    put(fields, "http.request.method", method);
    put(fields, "http.response.status_code", data["id"]);
  }
}

void put_syscheck(Fields& fields, const Json& syscheck) {
  if (!syscheck.exists()) return;
  put(fields, "file.path", syscheck["path"]);
  put(fields, "file.hash.sha256", first_text(syscheck, {"/sha256_after", "/sha256_before"}));
  put(fields, "file.hash.sha1", first_text(syscheck, {"/sha1_after", "/sha1_before"}));
  put(fields, "file.hash.md5", first_text(syscheck, {"/md5_after", "/md5_before"}));
  put(fields, "file.owner", first_text(syscheck, {"/uname_after", "/uname_before"}));
  put(fields, "event.action", syscheck["event"]);
  put_if_absent(fields, "user.name", first_text(syscheck, {"/audit/user/name", "/audit/login_user/name", "/uname_after"}));
  put(fields, "process.executable", syscheck.at("/audit/process/name"));
}

void put_agent(Fields& fields, const Json& record) {
  // Agent 000 is the manager itself, passing on what it received: the sender's own name is better.
  const bool manager = text_of(record.at("/agent/id")) == "000";
  if (manager) put_if_absent(fields, "host.name", text_of(record.at("/predecoder/hostname")));
  put_if_absent(fields, "host.name", text_of(record.at("/agent/name")));
  put(fields, "agent.name", record.at("/agent/name"));
  put(fields, "agent.id", record.at("/agent/id"));
  if (!manager) put(fields, "host.ip", address_of(text_of(record.at("/agent/ip"))));
  put(fields, "observer.name", record.at("/manager/name"));
  put(fields, "log.file.path", record["location"]);
  put(fields, "event.module", record.at("/decoder/name"));
}

Alert full(const Json& record) {
  Alert alert;
  const Json rule = record["rule"];
  alert.title = text_of(rule["description"]);
  alert.description = first_text(record, {"/full_log", "/data/win/system/message"});
  const int64_t level = rule["level"].integer().value_or(text::parse_integer(text_of(rule["level"])).value_or(5));
  alert.severity = severity_of(level);
  alert.rule = text_of(rule["id"]);
  alert.rule_name = alert.title;
  alert.category = text_of(rule["groups"]);
  alert.time = first_time(record, {"/timestamp", "/@timestamp", "/data/win/system/systemTime"}).value_or(Time{});
  add_techniques(alert, text_of(rule.at("/mitre/id")));
  put_data(alert.fields, record["data"]);
  put_syscheck(alert.fields, record["syscheck"]);
  put_agent(alert.fields, record);
  put(alert.fields, "event.severity", std::to_string(level));
  put(alert.fields, "rule.category", alert.category);
  put(alert.fields, "message", alert.description);
  add_host(alert, get(alert.fields, "host.name"));
  add_entity(alert, EntityType::host, text_of(record.at("/agent/name")));
  add_entity(alert, EntityType::user, get(alert.fields, "user.name"));
  add_entity(alert, EntityType::ip, get(alert.fields, "source.ip"));
  const std::string id = text_of(record["id"]);
  if (!id.empty()) alert.dedup_key = text_of(record.at("/manager/name")) + "/" + id;
  set_link(alert, text_of(record.at("/data/virustotal/permalink")));
  return alert;
}

std::string line_after(std::string_view content, std::string_view name) {
  for (const auto& line : text::split(content, '\n')) {
    if (line.starts_with(name)) return std::string(text::trim(std::string_view(line).substr(name.size())));
  }
  return {};
}

Alert relayed(const Json& record) {
  Alert alert;
  const std::string details = text_of(record["description"]);
  alert.title = text_of(record["message"]);
  alert.description = details;
  alert.rule = line_after(details, "Rule ID ");
  alert.rule_name = line_after(details, "Title ");
  const auto level = text::parse_integer(line_after(details, "Level "));
  alert.severity = level ? severity_of(*level) : severity_from(text_of(record["severity"])).value_or(Severity::medium);
  alert.time = first_time(record, {"/created_at", "/timestamp"}).value_or(Time{});
  put(alert.fields, "host.name", line_after(details, "Agent Name "));
  put(alert.fields, "agent.id", line_after(details, "Agent ID "));
  put(alert.fields, "message", line_after(details, "Full Log "));
  add_host(alert, get(alert.fields, "host.name"));
  return alert;
}

std::optional<Alert> one(const Json& record) { return is_full(record) ? full(record) : relayed(record); }

}  // namespace

bool recognise_wazuh(const Json& document) { return holds_record(document, is_record); }
Result<Parsed> parse_wazuh(const Json& document) { return parse_records(document, "Wazuh", is_record, one); }

}  // namespace vedette::intake

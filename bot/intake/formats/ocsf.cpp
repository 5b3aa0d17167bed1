// Open Cybersecurity Schema Framework: findings (classes 2001 to 2007) of versions 1.0 to 1.5, and any other class that a
// detector sends as an alert. Source: schema.ocsf.io, categories "Findings", objects finding_info, observable, attack,
// evidences.

#include <array>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/intake/format.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {
namespace {

bool is_record(const Json& record) {
  return record["class_uid"].is_number() &&
         (record["metadata"].is_object() || record["category_uid"].exists() || record["type_uid"].exists());
}

// severity_id: 1 informational … 5 critical, 6 fatal; 0 unknown and 99 other leave the word.
Severity severity_of(const Json& record) {
  switch (record["severity_id"].integer_or(0)) {
    case 1: return Severity::informational;
    case 2: return Severity::low;
    case 3: return Severity::medium;
    case 4: return Severity::high;
    case 5:
    case 6: return Severity::critical;
    default: return severity_from(text_of(record["severity"])).value_or(Severity::medium);
  }
}

// observable.type_id → what it is here. Types without a counterpart (MAC, port, subnet …) stay in the raw record.
std::optional<EntityType> observable_type(int64_t type) {
  switch (type) {
    case 1: return EntityType::host;
    case 2: return EntityType::ip;
    case 4:
    case 21: return EntityType::user;
    case 5: return EntityType::mail;
    case 6:
    case 23: return EntityType::url;
    case 8:
    case 30: return EntityType::hash;
    case 9: return EntityType::process;
    case 10: return EntityType::resource;
    case 20: return EntityType::host;
    default: return std::nullopt;
  }
}

void read_endpoint(Alert& alert, const Json& endpoint, const std::string& side) {
  if (!endpoint.exists()) return;
  const std::string address = address_of(text_of(endpoint["ip"]));
  put_if_absent(alert.fields, side + ".ip", address);
  if (side != "host") put_if_absent(alert.fields, side + ".port", text_of(endpoint["port"]));
  const std::string name = first_text(endpoint, {"/hostname", "/name", "/instance_uid"});
  if (side == "host")
    put_if_absent(alert.fields, "host.name", name);
  else
    put_if_absent(alert.fields, side + ".domain", name);
  add_host(alert, name);
  add_entity(alert, EntityType::ip, address);
  put_if_absent(alert.fields, "cloud.instance.id", text_of(endpoint["instance_uid"]));
}

void read_user(Alert& alert, const Json& user, const char* field) {
  if (!user.exists()) return;
  const std::string name = first_text(user, {"/name", "/uid"});
  put_if_absent(alert.fields, field, name);
  add_entity(alert, EntityType::user, name);
  add_entity(alert, EntityType::mail, text_of(user["email_addr"]));
  const std::string key = text_of(user["credential_uid"]);
  put_if_absent(alert.fields, "aws.cloudtrail.user_identity.access_key_id", key);
  add_entity(alert, EntityType::key, key);
}

void read_file(Alert& alert, const Json& file, const std::string& prefix) {
  if (!file.exists()) return;
  if (prefix == "file") put_if_absent(alert.fields, "file.path", first_text(file, {"/path", "/name"}));
  for (const auto& hash : file["hashes"].elements()) {
    const std::string value = text_of(hash["value"]);
    const std::string kind = value.size() == 64 ? "sha256" : value.size() == 40 ? "sha1" : value.size() == 32 ? "md5" : "";
    if (!kind.empty()) put_if_absent(alert.fields, fmt::format("{}.hash.{}", prefix, kind), value);
    add_entity(alert, EntityType::hash, value);
  }
}

void read_process(Alert& alert, const Json& process) {
  if (!process.exists()) return;
  put_if_absent(alert.fields, "process.name", text_of(process["name"]));
  put_if_absent(alert.fields, "process.executable", text_of(process.at("/file/path")));
  put_if_absent(alert.fields, "process.command_line", text_of(process["cmd_line"]));
  put_if_absent(alert.fields, "process.pid", text_of(process["pid"]));
  put_if_absent(alert.fields, "process.parent.name", text_of(process.at("/parent_process/name")));
  read_file(alert, process["file"], "process");
  read_user(alert, process["user"], "user.name");
}

// The parts that stand at the top of activity classes and inside the evidences of findings.
void read_activity(Alert& alert, const Json& node) {
  read_endpoint(alert, node["device"], "host");
  read_user(alert, node.at("/actor/user"), "user.name");
  read_user(alert, node["user"], get(alert.fields, "user.name").empty() ? "user.name" : "user.target.name");
  read_endpoint(alert, node["src_endpoint"], "source");
  read_endpoint(alert, node["dst_endpoint"], "destination");
  read_process(alert, node["process"]);
  read_process(alert, node.at("/actor/process"));
  read_file(alert, node["file"], "file");
  const std::string question = text_of(node.at("/query/hostname"));
  put_if_absent(alert.fields, "dns.question.name", question);
  add_entity(alert, EntityType::domain, question);
  const std::string url = first_text(node, {"/url/url_string", "/http_request/url/url_string"});
  put_if_absent(alert.fields, "url.full", url);
  add_entity(alert, EntityType::url, url);
  put_if_absent(alert.fields, "event.action", first_text(node, {"/api/operation", "/activity_name"}));
  put_if_absent(alert.fields, "event.provider", text_of(node.at("/api/service/name")));
  put_if_absent(alert.fields, "user_agent.original", text_of(node.at("/http_request/user_agent")));
  put_if_absent(alert.fields, "email.from.address", text_of(node.at("/email/from")));
  put_if_absent(alert.fields, "email.to.address", text_of(node.at("/email/to")));
}

void read_observables(Alert& alert, const Json& list) {
  for (const auto& observable : list.elements()) {
    const std::string value = text_of(observable["value"]);
    const auto type = observable_type(observable["type_id"].integer_or(0));
    // "Hostname" is also used for names that were looked up; the record's own fields came first and say which it is.
    if (type) add_entity(alert, *type, value);
  }
}

void read_resources(Alert& alert, const Json& record) {
  const auto one_resource = [&](const Json& resource) {
    const std::string uid = first_text(resource, {"/uid", "/name"});
    put_if_absent(alert.fields, "cloud.resource.id", uid);
    add_entity(alert, EntityType::resource, uid);
    read_user(alert, resource["owner"], "user.name");
  };
  for (const auto& resource : record["resources"].elements()) one_resource(resource);
  if (record["resource"].is_object()) one_resource(record["resource"]);
}

void read_attacks(Alert& alert, const Json& attacks) {
  for (const auto& attack : attacks.elements()) {
    for (const auto* name : {"/sub_technique/uid", "/technique/uid"}) add_techniques(alert, text_of(attack.at(name)));
  }
}

void read_names(Alert& alert, const Json& record) {
  const Json info = record["finding_info"].exists() ? record["finding_info"] : record["finding"];
  alert.title = first_text(info, {"/title", "/types/0"});
  alert.description = first_text(info, {"/desc"});
  alert.rule = first_text(info, {"/analytic/uid", "/analytic/name", "/types/0"});
  alert.rule_name = first_text(info, {"/analytic/name", "/types/0", "/title"});
  const std::string activity = first_text(record, {"/type_name", "/class_name"});
  if (alert.title.empty()) alert.title = first_text(record, {"/message"});
  if (alert.title.empty()) {
    const std::string what = first_text(record, {"/query/hostname", "/api/operation", "/file/name", "/process/name"});
    alert.title = what.empty() ? activity : activity + " " + what;
  }
  if (alert.rule.empty()) alert.rule = first_text(record, {"/type_uid", "/class_uid"});
  if (alert.rule_name.empty()) alert.rule_name = activity;
  if (alert.description.empty()) alert.description = first_text(record, {"/message", "/comment"});
  alert.dedup_key = first_text(info, {"/uid"});
  if (!alert.dedup_key.empty()) alert.dedup_key += "/" + first_text(record, {"/finding_info/modified_time", "/time"});
  if (alert.dedup_key.empty()) alert.dedup_key = text_of(record.at("/metadata/uid"));
  read_attacks(alert, info["attacks"]);
  read_attacks(alert, record["attacks"]);
  set_link(alert, first_text(info, {"/src_url"}));
}

std::optional<Alert> one(const Json& record) {
  Alert alert;
  read_names(alert, record);
  alert.severity = severity_of(record);
  alert.category = first_text(record, {"/class_name", "/category_name"});
  alert.time = first_time(record, {"/finding_info/first_seen_time", "/time_dt", "/time", "/finding_info/created_time",
                                   "/finding_info/created_time_dt", "/finding/created_time"})
                   .value_or(Time{});
  put(alert.fields, "event.kind", "alert");
  put(alert.fields, "event.module", record.at("/metadata/product/name"));
  put(alert.fields, "cloud.account.id", record.at("/cloud/account/uid"));
  put(alert.fields, "cloud.region", record.at("/cloud/region"));
  put(alert.fields, "cloud.provider", text::lower(text_of(record.at("/cloud/provider"))));
  read_activity(alert, record);
  for (const auto& evidence : record["evidences"].elements()) read_activity(alert, evidence);
  read_observables(alert, record["observables"]);
  read_resources(alert, record);
  if (alert.entities.empty()) {
    const std::string account = text_of(record.at("/cloud/account/uid"));
    if (!account.empty()) add_entity(alert, EntityType::resource, "cloud-account/" + account);
  }
  return alert;
}

}  // namespace

bool recognise_ocsf(const Json& document) { return holds_record(document, is_record); }
Result<Parsed> parse_ocsf(const Json& document) { return parse_records(document, "OCSF", is_record, one); }

}  // namespace vedette::intake

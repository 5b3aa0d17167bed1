// Microsoft Sentinel alerts: rows of the SecurityAlert table, whose Entities and ExtendedProperties are JSON inside strings.
// Sources: Azure Monitor reference, table SecurityAlert; Microsoft Sentinel, "Entity types reference" (names per type, and
// $id/$ref: an entity written in full once is referred to afterwards).

#include <array>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/intake/format.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {
namespace {

bool is_record(const Json& record) {
  const bool named = record["AlertName"].is_string() || record["DisplayName"].is_string();
  return named && (record["AlertSeverity"].exists() || record["Severity"].exists()) &&
         (record["SystemAlertId"].exists() || record["VendorOriginalId"].exists() || record["ProviderName"].exists());
}

// A column that holds JSON as text, or the value itself where a tool has unfolded it.
Json unfolded(const Json& column) {
  if (column.is_object() || column.is_array()) return column;
  const auto written = column.string();
  if (!written || written->empty()) return {};
  auto inner = Json::parse(*written);
  return inner ? *inner : Json();
}

void read_account(Alert& alert, const Json& account) {
  // "Name" is a display name in some products and the account in others: the account has no blanks.
  std::string name = first_text(account, {"/AccountName"});
  const std::string shown = text_of(account["Name"]);
  if (name.empty() && shown.find(' ') == std::string::npos) name = shown;
  std::string mail = first_text(account, {"/UserPrincipalName", "/Upn", "/MailboxPrimaryAddress"});
  const std::string suffix = text_of(account["UPNSuffix"]);
  if (mail.empty() && !name.empty() && suffix.find('.') != std::string::npos && name.find('@') == std::string::npos) {
    mail = name + "@" + suffix;
  }
  if (name.empty()) name = mail.substr(0, mail.find('@'));
  if (name.empty()) name = first_text(account, {"/Sid", "/AadUserId", "/ObjectGuid"});
  add_entity(alert, EntityType::user, name);
  add_entity(alert, EntityType::mail, mail);
  put_if_absent(alert.fields, "user.name", name);
  put_if_absent(alert.fields, "user.email", mail);
  put_if_absent(alert.fields, "user.domain", first_text(account, {"/NTDomain", "/DnsDomain"}));
}

void read_host(Alert& alert, const Json& host) {
  std::string name = first_text(host, {"/FQDN"});
  const std::string brief = first_text(host, {"/HostName", "/NetBiosName"});
  const std::string domain = text_of(host["DnsDomain"]);
  if (name.empty()) name = brief.empty() || domain.empty() ? brief : brief + "." + domain;
  if (name.empty()) name = first_text(host, {"/AzureID", "/OMSAgentID"});
  add_host(alert, name);
  put_if_absent(alert.fields, "host.name", name);
  put_if_absent(alert.fields, "host.os.family", text_of(host["OSFamily"]));
}

void read_file(Alert& alert, const Json& file) {
  const std::string name = text_of(file["Name"]);
  const std::string directory = text_of(file["Directory"]);
  const std::string separator = directory.find('/') != std::string::npos ? "/" : "\\";
  const std::string path = directory.empty() ? name : directory + (directory.ends_with(separator) ? "" : separator) + name;
  put_if_absent(alert.fields, "file.path", path);
  put_if_absent(alert.fields, "file.name", name);
  std::string best;
  for (const auto& hash : file["FileHashes"].elements()) {
    const std::string value = text_of(hash["Value"]);
    const std::string algorithm = text::lower(text_of(hash["Algorithm"]));
    if (algorithm != "sha256" && algorithm != "sha1" && algorithm != "md5") continue;
    put_if_absent(alert.fields, "file.hash." + algorithm, value);
    if (value.size() > best.size()) best = value;
  }
  add_entity(alert, EntityType::hash, best);
}

void read_process(Alert& alert, const Json& process) {
  const std::string name = text_of(process.at("/ImageFile/Name"));
  const std::string line = text_of(process["CommandLine"]);
  add_entity(alert, EntityType::process, name);
  if (get(alert.fields, "process.command_line").empty() && !line.empty()) {
    put(alert.fields, "process.command_line", line);
    put(alert.fields, "process.name", name);
    put(alert.fields, "process.pid", process["ProcessId"]);
    put(alert.fields, "process.parent.name", process.at("/ParentProcess/ImageFile/Name"));
    put(alert.fields, "process.parent.command_line", process.at("/ParentProcess/CommandLine"));
  }
}

void read_mail(Alert& alert, const Json& mail) {
  const std::string recipient = text_of(mail["Recipient"]);
  const std::string sender = first_text(mail, {"/Sender", "/P2Sender", "/P1Sender"});
  add_entity(alert, EntityType::mail, recipient);
  add_entity(alert, EntityType::mail, sender);
  add_entity(alert, EntityType::ip, text_of(mail["SenderIP"]));
  put_if_absent(alert.fields, "email.to.address", recipient);
  put_if_absent(alert.fields, "email.from.address", sender);
  put_if_absent(alert.fields, "email.subject", text_of(mail["Subject"]));
  put_if_absent(alert.fields, "email.message_id", first_text(mail, {"/InternetMessageId", "/NetworkMessageId"}));
}

void read_entity(Alert& alert, const Json& entity);

// Entities hold entities: a process its file, a host its users.
void read_inner(Alert& alert, const Json& entity, int depth) {
  if (depth > 6) return;
  for (const auto& [name, value] : entity.members()) {
    if (value.is_object()) {
      if (value["Type"].is_string()) read_entity(alert, value);
      read_inner(alert, value, depth + 1);
    } else if (value.is_array()) {
      for (const auto& element : value.elements()) {
        if (element.is_object() && element["Type"].is_string()) read_entity(alert, element);
        if (element.is_object()) read_inner(alert, element, depth + 1);
      }
    }
  }
}

void read_entity(Alert& alert, const Json& entity) {
  const std::string type = text::lower(text_of(entity["Type"]));
  if (type == "account") {
    read_account(alert, entity);
  } else if (type == "mailbox") {
    read_account(alert, entity);
    add_entity(alert, EntityType::mail, text_of(entity["MailboxPrimaryAddress"]));
  } else if (type == "host") {
    read_host(alert, entity);
  } else if (type == "ip") {
    add_entity(alert, EntityType::ip, text_of(entity["Address"]));
    put_if_absent(alert.fields, "source.ip", address_of(text_of(entity["Address"])));
  } else if (type == "url") {
    add_entity(alert, EntityType::url, text_of(entity["Url"]));
    put_if_absent(alert.fields, "url.full", text_of(entity["Url"]));
  } else if (type == "dns" || type == "dnsresolution") {
    add_entity(alert, EntityType::domain, text_of(entity["DomainName"]));
    put_if_absent(alert.fields, "dns.question.name", text_of(entity["DomainName"]));
  } else if (type == "file") {
    read_file(alert, entity);
  } else if (type == "filehash") {
    if (text::iequals(text_of(entity["Algorithm"]), "sha256")) add_entity(alert, EntityType::hash, text_of(entity["Value"]));
  } else if (type == "process") {
    read_process(alert, entity);
  } else if (type == "mailmessage") {
    read_mail(alert, entity);
  } else if (type == "registrykey" || type == "registry-key") {
    put_if_absent(alert.fields, "registry.path", text_of(entity["Hive"]) + "\\" + text_of(entity["Key"]));
  } else if (type == "azureresource" || type == "azure-resource") {
    add_entity(alert, EntityType::resource, text_of(entity["ResourceId"]));
  } else if (type == "oauth-application" || type == "cloud-application") {
    add_entity(alert, EntityType::resource, "app/" + text_of(entity["Name"]));
  } else if (type == "malware") {
    put_if_absent(alert.fields, "threat.software.name", text_of(entity["Name"]));
  } else if (type == "security-group") {
    put_if_absent(alert.fields, "group.name", text_of(entity["DistinguishedName"]));
  }
}

// What a team looks at first comes first: whose machine, which person; then the rest in the order given.
void read_entities(Alert& alert, const Json& entities) {
  for (const char* first : {"host", "account", "mailbox"}) {
    for (const auto& entity : entities.elements()) {
      if (text::iequals(text_of(entity["Type"]), first)) read_entity(alert, entity);
    }
  }
  for (const auto& entity : entities.elements()) {
    read_entity(alert, entity);
    read_inner(alert, entity, 0);
  }
}

std::optional<Alert> one(const Json& record) {
  Alert alert;
  const Json properties = unfolded(record["ExtendedProperties"]);
  alert.title = first_text(record, {"/DisplayName", "/AlertName"});
  alert.rule_name = first_text(record, {"/AlertName", "/DisplayName"});
  alert.description = text_of(record["Description"]);
  alert.severity = severity_from(first_text(record, {"/AlertSeverity", "/Severity"})).value_or(Severity::medium);
  // AlertType names the product only for some providers; their detector stands in the properties.
  alert.rule = first_text(properties, {"/Analytic Rule Ids", "/DetectorId"});
  if (alert.rule.empty()) alert.rule = text_of(record["AlertType"]);
  alert.category = first_text(properties, {"/Category", "/MicrosoftDefenderAtp.Category"});
  if (alert.category.empty()) alert.category = text_of(record["Tactics"]);
  alert.time = first_time(record, {"/StartTime", "/StartTimeUtc", "/TimeGenerated", "/EndTime"}).value_or(Time{});
  add_techniques(alert, text_of(record["SubTechniques"]));
  add_techniques(alert, text_of(record["Techniques"]));
  add_techniques(alert, text_of(properties["MitreTechniques"]));
  put(alert.fields, "event.kind", "alert");
  put(alert.fields, "event.provider", record["ProductName"]);
  put(alert.fields, "event.module", record["ProviderName"]);
  put(alert.fields, "event.category", alert.category);
  put(alert.fields, "vedette.incident", properties["IncidentId"]);
  add_host(alert,
           text_of(record["CompromisedEntity"]).find(' ') == std::string::npos ? text_of(record["CompromisedEntity"]) : "");
  read_entities(alert, unfolded(record["Entities"]));
  for (const auto& address : text::split(text_of(properties["IP Addresses"]), ','))
    add_entity(alert, EntityType::ip, address);
  add_entity(alert, EntityType::resource, text_of(record["ResourceId"]));
  alert.dedup_key = first_text(record, {"/SystemAlertId", "/VendorOriginalId"});
  set_link(alert, text_of(record["AlertLink"]));
  return alert;
}

}  // namespace

bool recognise_sentinel(const Json& document) { return holds_record(document, is_record); }
Result<Parsed> parse_sentinel(const Json& document) { return parse_records(document, "Sentinel", is_record, one); }

}  // namespace vedette::intake

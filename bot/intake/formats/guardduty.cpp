// Amazon GuardDuty findings: bare, in lists (GetFindings), in EventBridge events (detail), in Amazon SNS messages and in
// what Lambda makes of those. Sources: GuardDuty User Guide, "Finding format", "Severity levels", "Finding types"; the
// GuardDuty API reference (whose names start with capitals) and EventBridge (whose names don't): both are read.

#include <cctype>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/intake/format.hpp"
#include "bot/intake/reading.hpp"
#include "bot/intake/sns.hpp"

namespace vedette::intake {
namespace {

// The member by its EventBridge name ("accountId") or its API name ("AccountId").
Json member(const Json& node, std::string_view name) {
  if (Json found = node[name]; found.exists()) return found;
  std::string capital(name);
  capital[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(capital[0])));
  return node[std::string_view(capital)];
}

Json member(const Json& node, std::initializer_list<std::string_view> path) {
  Json here = node;
  for (const auto name : path) here = member(here, name);
  return here;
}

std::string text_at(const Json& node, std::initializer_list<std::string_view> path) { return text_of(member(node, path)); }

// Finding types read "ThreatPurpose:ResourceType/ThreatFamily…".
bool is_record(const Json& record) {
  const std::string type = text_at(record, {"type"});
  const size_t colon = type.find(':');
  return colon != std::string::npos && type.find('/', colon) != std::string::npos &&
         member(record, "severity").is_number() && member(record, "accountId").exists() &&
         (member(record, "service").exists() || member(record, "resource").exists());
}

Severity severity_of(double value) {
  if (value >= 9.0) return Severity::critical;
  if (value >= 7.0) return Severity::high;
  return value >= 4.0 ? Severity::medium : Severity::low;
}

void read_instance(Alert& alert, const Json& instance) {
  if (!instance.exists()) return;
  const std::string id = text_at(instance, {"instanceId"});
  put(alert.fields, "cloud.instance.id", id);
  put(alert.fields, "host.name", id);
  put(alert.fields, "host.type", text_at(instance, {"instanceType"}));
  add_host(alert, id);
  std::string addresses;
  for (const auto& network : member(instance, "networkInterfaces").elements()) {
    for (const char* name : {"privateIpAddress", "publicIp"}) {
      const std::string address = text_at(network, {name});
      if (address.empty()) continue;
      addresses += (addresses.empty() ? "" : ", ") + address;
      add_entity(alert, EntityType::ip, address);
    }
  }
  put(alert.fields, "host.ip", addresses);
  add_entity(alert, EntityType::resource, text_at(instance, {"iamInstanceProfile", "arn"}));
}

void read_access_key(Alert& alert, const Json& key) {
  if (!key.exists()) return;
  const std::string user = text_at(key, {"userName"});
  put(alert.fields, "user.name", user);
  put(alert.fields, "user.id", text_at(key, {"principalId"}));
  put(alert.fields, "aws.cloudtrail.user_identity.type", text_at(key, {"userType"}));
  put(alert.fields, "aws.cloudtrail.user_identity.access_key_id", text_at(key, {"accessKeyId"}));
  add_entity(alert, EntityType::user, user);
  add_entity(alert, EntityType::key, text_at(key, {"accessKeyId"}));
}

void read_resource(Alert& alert, const Json& resource) {
  read_access_key(alert, member(resource, "accessKeyDetails"));
  read_instance(alert, member(resource, "instanceDetails"));
  for (const auto& bucket : member(resource, "s3BucketDetails").elements()) {
    const std::string arn = text_at(bucket, {"arn"});
    put_if_absent(alert.fields, "cloud.resource.id", arn);
    add_entity(alert, EntityType::resource, arn.empty() ? text_at(bucket, {"name"}) : arn);
  }
  constexpr std::pair<std::string_view, std::string_view> kNamed[] = {{"eksClusterDetails", "arn"},
                                                                      {"ecsClusterDetails", "arn"},
                                                                      {"lambdaDetails", "functionArn"},
                                                                      {"rdsDbInstanceDetails", "dbInstanceArn"},
                                                                      {"rdsLimitlessDbDetails", "dbShardGroupArn"}};
  for (const auto& [details, name] : kNamed) {
    const std::string arn = text_at(resource, {details, name});
    put_if_absent(alert.fields, "cloud.resource.id", arn);
    add_entity(alert, EntityType::resource, arn);
  }
  const Json kubernetes = member(resource, "kubernetesDetails");
  const std::string user = text_at(kubernetes, {"kubernetesUserDetails", "username"});
  put_if_absent(alert.fields, "user.name", user);
  add_entity(alert, EntityType::user, user);
  const std::string workload = text_at(kubernetes, {"kubernetesWorkloadDetails", "name"});
  put(alert.fields, "orchestrator.resource.name", workload);
  put(alert.fields, "orchestrator.namespace", text_at(kubernetes, {"kubernetesWorkloadDetails", "namespace"}));
  put(alert.fields, "container.image.name", text_at(resource, {"containerDetails", "image"}));
  const std::string login = text_at(resource, {"rdsDbUserDetails", "user"});
  put_if_absent(alert.fields, "user.name", login);
  add_entity(alert, EntityType::user, login);
}

void read_remote(Alert& alert, const Json& remote) {
  if (!remote.exists()) return;
  const std::string address = first_text(remote, {"/ipAddressV4", "/IpAddressV4", "/ipAddressV6", "/IpAddressV6"});
  put_if_absent(alert.fields, "source.ip", address);
  put_if_absent(alert.fields, "source.geo.country_name", text_at(remote, {"country", "countryName"}));
  put_if_absent(alert.fields, "source.geo.city_name", text_at(remote, {"city", "cityName"}));
  put_if_absent(alert.fields, "source.as.number", text_at(remote, {"organization", "asn"}));
  put_if_absent(alert.fields, "source.as.organization.name", text_at(remote, {"organization", "asnOrg"}));
  add_entity(alert, EntityType::ip, address);
}

void read_action(Alert& alert, const Json& action) {
  if (!action.exists()) return;
  put(alert.fields, "event.action", text::lower(text_at(action, {"actionType"})));
  const Json call = member(action, "awsApiCallAction");
  put(alert.fields, "event.action", text_at(call, {"api"}));
  put(alert.fields, "event.provider", text_at(call, {"serviceName"}));
  put(alert.fields, "error.code", text_at(call, {"errorCode"}));
  put(alert.fields, "user_agent.original", text_at(call, {"userAgent"}));
  read_remote(alert, member(call, "remoteIpDetails"));
  const std::string caller = text_at(call, {"domainDetails", "domain"});
  put(alert.fields, "source.address", caller);
  for (const auto& [kind, resource] : member(call, "affectedResources").members()) {
    add_entity(alert, EntityType::resource, text_of(resource));
  }
  const Json connection = member(action, "networkConnectionAction");
  read_remote(alert, member(connection, "remoteIpDetails"));
  put(alert.fields, "network.direction", text::lower(text_at(connection, {"connectionDirection"})));
  put(alert.fields, "network.transport", text::lower(text_at(connection, {"protocol"})));
  put(alert.fields, "source.port", text_at(connection, {"remotePortDetails", "port"}));
  put(alert.fields, "destination.port", text_at(connection, {"localPortDetails", "port"}));
  const std::string domain = text_at(action, {"dnsRequestAction", "domain"});
  put(alert.fields, "dns.question.name", domain);
  add_entity(alert, EntityType::domain, domain);
  for (const auto& probe : member(action, {"portProbeAction", "portProbeDetails"}).elements()) {
    read_remote(alert, member(probe, "remoteIpDetails"));
    put_if_absent(alert.fields, "destination.port", text_at(probe, {"localPortDetails", "port"}));
  }
  const Json kubernetes = member(action, "kubernetesApiCallAction");
  read_remote(alert, member(kubernetes, "remoteIpDetails"));
  put(alert.fields, "url.original", text_at(kubernetes, {"requestUri"}));
  put_if_absent(alert.fields, "user_agent.original", text_at(kubernetes, {"userAgent"}));
  read_remote(alert, member(action, {"rdsLoginAttemptAction", "remoteIpDetails"}));
}

// Runtime Monitoring names the process, Malware Protection the files, Extended Threat Detection the actors.
void read_details(Alert& alert, const Json& service) {
  const Json process = member(service, {"runtimeDetails", "process"});
  put(alert.fields, "process.executable", text_at(process, {"executablePath"}));
  put(alert.fields, "process.name", text_at(process, {"name"}));
  put(alert.fields, "process.hash.sha256", text_at(process, {"executableSha256"}));
  put(alert.fields, "process.pid", text_at(process, {"pid"}));
  put_if_absent(alert.fields, "user.name", text_at(process, {"user"}));
  const Json threats = member(service, {"ebsVolumeScanDetails", "scanDetections", "threatDetectedByName", "threatNames"});
  for (const auto& threat : threats.elements()) {
    for (const auto& file : member(threat, "filePaths").elements()) {
      put_if_absent(alert.fields, "file.path", text_at(file, {"filePath"}));
      add_entity(alert, EntityType::hash, text_at(file, {"hash"}));
    }
  }
  const Json sequence = member(service, {"detection", "sequence"});
  for (const auto& actor : member(sequence, "actors").elements()) {
    const std::string user = text_at(actor, {"user", "name"});
    put_if_absent(alert.fields, "user.name", user);
    add_entity(alert, EntityType::user, user);
    add_entity(alert, EntityType::key, text_at(actor, {"user", "credentialUid"}));
  }
  for (const auto& endpoint : member(sequence, "endpoints").elements()) {
    add_entity(alert, EntityType::ip, text_at(endpoint, {"ip"}));
  }
  for (const auto& resource : member(sequence, "resources").elements()) {
    add_entity(alert, EntityType::resource, text_at(resource, {"uid"}));
  }
}

// Findings over a sequence of events may name the account's user in their words only.
void read_words(Alert& alert) {
  constexpr std::string_view kUser = "IAMUser/";
  if (!get(alert.fields, "user.name").empty()) return;
  for (const std::string* words : {&alert.title, &alert.description}) {
    const size_t at = words->find(kUser);
    if (at == std::string::npos) continue;
    std::string_view name = std::string_view(*words).substr(at + kUser.size());
    name = name.substr(0, name.find_first_of(" ,;:\"'()\n"));
    if (name.ends_with('.')) name.remove_suffix(1);
    put(alert.fields, "user.name", name);
    add_entity(alert, EntityType::user, name);
    return;
  }
}

void put_console_link(Alert& alert, std::string_view region, std::string_view partition, std::string_view id) {
  const auto plain = [](std::string_view value) {
    return !value.empty() && value.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
  };
  if (!plain(region) || !plain(id)) return;
  const std::string_view site = partition == "aws-cn"       ? "amazonaws.cn"
                                : partition == "aws-us-gov" ? "amazonaws-us-gov.com"
                                                            : "aws.amazon.com";
  set_link(alert, fmt::format("https://{}.console.{}/guardduty/home?region={}#/findings?macros=current&fId={}", region, site,
                              region, id));
}

std::optional<Alert> one(const Json& finding) {
  Alert alert;
  const Json service = member(finding, "service");
  alert.title = text_at(finding, {"title"});
  alert.description = text_at(finding, {"description"});
  alert.rule = text_at(finding, {"type"});
  alert.rule_name = alert.rule;
  alert.category = alert.rule.substr(0, alert.rule.find(':'));
  const double severity = member(finding, "severity").number().value_or(5);
  alert.severity = severity_of(severity);
  for (const auto& written :
       {member(service, "eventLastSeen"), member(finding, "updatedAt"), member(finding, "createdAt")}) {
    if (alert.time == Time{}) alert.time = time_of(written).value_or(Time{});
  }
  const std::string account = text_at(finding, {"accountId"});
  const std::string region = text_at(finding, {"region"});
  put(alert.fields, "cloud.provider", "aws");
  put(alert.fields, "cloud.account.id", account);
  put(alert.fields, "cloud.region", region);
  put(alert.fields, "event.kind", "alert");
  put(alert.fields, "event.severity", fmt::format("{}", severity));
  read_resource(alert, member(finding, "resource"));
  read_action(alert, member(service, "action"));
  read_details(alert, service);
  read_words(alert);
  add_entity(alert, EntityType::resource, "aws-account/" + account);
  add_techniques(alert, alert.description);
  // GuardDuty sends a finding again, under the same id, when it happened again or became worse. That is news and joins the
  // same case; the very same state of a finding, over another way, is a repeat.
  const std::string id = text_at(finding, {"id"});
  if (!id.empty()) alert.dedup_key = fmt::format("{}/{}/{}", id, text_at(finding, {"updatedAt"}), severity);
  put_console_link(alert, region, text_at(finding, {"partition"}), id);
  return alert;
}

}  // namespace

bool recognise_guardduty(const Json& document) {
  return sns_type(document) == SnsType::subscription_confirmation || holds_record(document, is_record);
}

Result<Parsed> parse_guardduty(const Json& document) {
  Parsed parsed;
  switch (sns_type(document)) {
    case SnsType::subscription_confirmation: {
      TRY(parsed.confirm_url, sns_confirm_url(document));
      return parsed;
    }
    case SnsType::unsubscribe_confirmation: parsed.ignored = 1; return parsed;
    case SnsType::notification:
      if (!holds_record(document, is_record))
        return Error(Code::invalid_input, "the SNS message holds no GuardDuty finding");
      break;
    case SnsType::none: break;
  }
  return parse_records(document, "GuardDuty", is_record, one);
}

}  // namespace vedette::intake

#include "bot/app/demo/detectors.hpp"

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"

namespace vedette::app::demo {
namespace {

void write_win_alert(JsonWriter& w, Random& random, Time time, const std::string& host, const std::string& host_ip,
                     int event, int rule, int level, const std::string& description, const std::string& technique,
                     const std::string& channel, const Fields& data) {
  w.begin_object()
      .field("timestamp", to_rfc3339(time))
      .field("id", fmt::format("{}.{}", to_micros(time) / 1'000'000, random.below(10'000'000)));
  w.key("rule").begin_object().field("level", level).field("description", description).field("id", std::to_string(rule));
  w.key("mitre").begin_object().key("id").begin_array().value(technique).end_array().end_object();
  w.key("groups").begin_array().value("windows").value("sysmon").end_array().end_object();
  w.key("agent")
      .begin_object()
      .field("id", fmt::format("{:03}", 1 + random.below(200)))
      .field("name", host)
      .field("ip", host_ip)
      .end_object();
  w.key("manager").begin_object().field("name", "wazuh-01").end_object();
  w.key("data").begin_object().key("win").begin_object();
  w.key("system")
      .begin_object()
      .field("eventID", std::to_string(event))
      .field("channel", channel)
      .field("computer", host)
      .end_object();
  w.key("eventdata").begin_object();
  for (const auto& [name, value] : data) w.field(name, value);
  w.end_object().end_object().end_object();
  w.field("location", "EventChannel").end_object();
}

}  // namespace

Record wazuh_process_alert(Random& random, Time time, const Process& process, const std::string& host_ip, int rule,
                           int level, const std::string& description, const std::string& technique) {
  JsonWriter w;
  write_win_alert(w, random, time, process.host, host_ip, 1, rule, level, description, technique,
                  "Microsoft-Windows-Sysmon/Operational",
                  {{"user", "HALDEN\\" + process.user},
                   {"image", process.image},
                   {"commandLine", process.command_line},
                   {"parentImage", process.parent_image},
                   {"parentCommandLine", process.parent_command_line}});
  return {"wazuh", time, w.take()};
}

Record wazuh_windows_alert(Random& random, Time time, const std::string& host, const std::string& host_ip, int event,
                           int rule, int level, const std::string& description, const std::string& technique,
                           const Fields& data) {
  JsonWriter w;
  write_win_alert(w, random, time, host, host_ip, event, rule, level, description, technique,
                  event == 7045 ? "System" : "Security", data);
  return {"wazuh", time, w.take()};
}

Record suricata_alert(Random& random, Time time, const std::string& source_ip, const std::string& destination_ip, int port,
                      int64_t signature, const std::string& name, const std::string& category, int severity,
                      const Fields& more) {
  Fields fields = {{"timestamp", to_rfc3339(time)},
                   {"event_type", "alert"},
                   {"src_ip", source_ip},
                   {"dest_ip", destination_ip},
                   {"proto", "TCP"},
                   {"alert.action", "allowed"},
                   {"alert.signature", name},
                   {"alert.category", category}};
  fields.insert(fields.end(), more.begin(), more.end());
  return {"suricata", time,
          json_object(fields, {{"flow_id", random.below(2'000'000'000)},
                               {"src_port", 40'000 + random.below(20'000)},
                               {"dest_port", port},
                               {"alert.gid", 1},
                               {"alert.signature_id", signature},
                               {"alert.rev", 3},
                               {"alert.severity", severity}})};
}

Record sentinel_alert(Random& random, Time time, const std::string& name, const std::string& severity,
                      const std::string& description, const std::string& user, const std::string& domain,
                      const std::string& ip, const std::string& technique) {
  JsonWriter entities;
  entities.begin_array()
      .begin_object()
      .field("$id", "1")
      .field("Name", user)
      .field("UPNSuffix", domain)
      .field("Type", "account")
      .end_object()
      .begin_object()
      .field("$id", "2")
      .field("Address", ip)
      .field("Type", "ip")
      .end_object()
      .end_array();
  JsonWriter w;
  w.begin_object()
      .field("TimeGenerated", to_rfc3339(time))
      .field("StartTime", to_rfc3339(time))
      .field("EndTime", to_rfc3339(time))
      .field("DisplayName", name)
      .field("AlertName", name)
      .field("AlertSeverity", severity)
      .field("Description", description)
      .field("ProviderName", "IPC")
      .field("VendorName", "Microsoft")
      .field("SystemAlertId", random.hex(32))
      .field("AlertType", "IPC_" + name)
      .field("Status", "New")
      .field("Tactics", "CredentialAccess")
      .field("Techniques", fmt::format("[\"{}\"]", technique))
      .field("Entities", entities.text())
      .field("ExtendedProperties", "{}")
      .end_object();
  return {"sentinel", time, w.take()};
}

Record guardduty_finding(Random& random, Time time, const Company& company, const std::string& type, double severity,
                         const std::string& title, const std::string& user, const std::string& key, const std::string& ip,
                         const std::string& service, const std::string& call) {
  const std::string id = random.hex(32);
  JsonWriter w;
  w.begin_object()
      .field("version", "0")
      .field("id", random.hex(32))
      .field("detail-type", "GuardDuty Finding")
      .field("source", "aws.guardduty")
      .field("account", company.cloud_account)
      .field("time", to_rfc3339(time))
      .field("region", "eu-central-1");
  w.key("detail")
      .begin_object()
      .field("schemaVersion", "2.0")
      .field("accountId", company.cloud_account)
      .field("region", "eu-central-1");
  w.field("id", id).field(
      "arn", fmt::format("arn:aws:guardduty:eu-central-1:{}:detector/12/finding/{}", company.cloud_account, id));
  w.field("type", type).field("severity", severity).field("title", title).field("description", title);
  w.field("createdAt", to_rfc3339(time)).field("updatedAt", to_rfc3339(time));
  w.key("resource").begin_object().field("resourceType", "AccessKey").key("accessKeyDetails").begin_object();
  w.field("accessKeyId", key)
      .field("principalId", "AIDA" + random.hex(12))
      .field("userName", user)
      .field("userType", "IAMUser")
      .end_object()
      .end_object();
  w.key("service")
      .begin_object()
      .field("serviceName", "guardduty")
      .field("count", 1)
      .field("eventFirstSeen", to_rfc3339(time))
      .field("eventLastSeen", to_rfc3339(time));
  w.key("action").begin_object().field("actionType", "AWS_API_CALL").key("awsApiCallAction").begin_object();
  w.field("api", call).field("serviceName", service + ".amazonaws.com").field("callerType", "Remote IP");
  w.key("remoteIpDetails").begin_object().field("ipAddressV4", ip).end_object().end_object().end_object().end_object();
  w.end_object().end_object();
  return {"guardduty", time, w.take()};
}

Record elastic_alert(Random& random, Time time, const std::string& rule, const std::string& severity,
                     const std::string& reason, const std::string& technique, const Fields& ecs) {
  Fields fields = {{"@timestamp", to_rfc3339(time)}, {"event.kind", "signal"}};
  fields.insert(fields.end(), ecs.begin(), ecs.end());
  JsonWriter w;
  w.begin_object();
  for (const auto& [name, value] : fields) w.field(name, value);
  w.field("kibana.alert.uuid", random.hex(40))
      .field("kibana.alert.rule.name", rule)
      .field("kibana.alert.rule.rule_id", text::replace_all(text::lower(rule), " ", "-"))
      .field("kibana.alert.severity", severity)
      .field("kibana.alert.reason", reason)
      .field("kibana.alert.original_time", to_rfc3339(time));
  w.key("kibana.alert.rule.threat").begin_array().begin_object().field("framework", "MITRE ATT&CK");
  w.key("technique").begin_array().begin_object().field("id", technique).end_object().end_array().end_object().end_array();
  w.end_object();
  return {"elastic", time, w.take()};
}

Record mail_gateway_alert(Random& random, Time time, const std::string& title, const std::string& severity,
                          const std::string& from, const std::string& to, const std::string& link) {
  JsonWriter w;
  w.begin_object()
      .field("threat_id", random.hex(20))
      .field("seen_at", to_rfc3339(time))
      .field("verdict", title)
      .field("risk", severity)
      .field("policy", "MG-204");
  w.key("message").begin_object().field("sender", from).field("recipient", to).field("link", link).end_object().end_object();
  return {"mailgateway", time, w.take()};
}

}  // namespace vedette::app::demo

#include "bot/app/demo/records.hpp"

#include <map>
#include <memory>

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"

namespace vedette::app::demo {
namespace {

// An object under construction: a leaf holds finished JSON, a branch holds members.
struct Branch {
  std::string leaf;
  std::map<std::string, Branch> members;

  void set(std::string_view name, std::string json) {
    Branch* here = this;
    for (const auto& part : text::split(name, '.')) here = &here->members[part];
    here->leaf = std::move(json);
  }

  void write(JsonWriter& w) const {
    if (members.empty()) {
      w.json(leaf);
      return;
    }
    w.begin_object();
    for (const auto& [name, member] : members) {
      w.key(name);
      member.write(w);
    }
    w.end_object();
  }
};

// Windows writes "2026-11-24 03:12:09" and adds the time zone elsewhere.
std::string windows_time(Time time) {
  std::string text = to_rfc3339(std::chrono::floor<std::chrono::seconds>(time));
  text[10] = ' ';
  text.pop_back();
  return text;
}

}  // namespace

std::string json_object(const Fields& text_fields, const std::vector<std::pair<std::string, int64_t>>& numbers) {
  Branch root;
  for (const auto& [name, value] : text_fields) root.set(name, json_quote(value));
  for (const auto& [name, value] : numbers) root.set(name, std::to_string(value));
  JsonWriter w;
  root.write(w);
  return w.take();
}

Record Records::windows(Time time, const std::string& host, const std::string& channel, int code, Fields fields) {
  fields.insert(fields.end(), {{"Channel", channel},
                               {"Hostname", fmt::format("{}.{}", host, company_.domain)},
                               {"EventTime", windows_time(time)},
                               {"@timestamp", to_rfc3339(time)},
                               {"SourceName", channel == "Security" ? "Microsoft-Windows-Security-Auditing"
                                                                    : "Microsoft-Windows-Sysmon"}});
  JsonWriter w;
  w.begin_object().field("EventID", code).field("RecordNumber", record_number_++);
  for (const auto& [name, value] : fields) w.field(name, value);
  w.end_object();
  return {"windows", time, w.take()};
}

namespace {
constexpr const char* kSysmon = "Microsoft-Windows-Sysmon/Operational";
}

Record Records::process_started(Time time, const Process& process) {
  return windows(
      time, process.host, kSysmon, 1,
      {{"User", company_.windows_domain + "\\" + process.user},
       {"Image", process.image},
       {"CommandLine", process.command_line},
       {"ParentImage", process.parent_image},
       {"ParentCommandLine", process.parent_command_line.empty() ? process.parent_image : process.parent_command_line},
       {"ProcessId", std::to_string(1000 + random_.below(60'000))},
       {"ProcessGuid", "{" + random_.hex(32) + "}"}});
}

Record Records::process_accessed(Time time, const std::string& host, const std::string& user, const std::string& image,
                                 const std::string& target, const std::string& access) {
  return windows(time, host, kSysmon, 10,
                 {{"SourceUser", company_.windows_domain + "\\" + user},
                  {"SourceImage", image},
                  {"TargetImage", target},
                  {"GrantedAccess", access}});
}

Record Records::network_connection(Time time, const std::string& host, const std::string& user, const std::string& image,
                                   const std::string& source_ip, const std::string& destination_ip, int port) {
  return windows(time, host, kSysmon, 3,
                 {{"User", company_.windows_domain + "\\" + user},
                  {"Image", image},
                  {"Protocol", "tcp"},
                  {"Initiated", "true"},
                  {"SourceIp", source_ip},
                  {"DestinationIp", destination_ip},
                  {"DestinationPort", std::to_string(port)}});
}

Record Records::file_created(Time time, const std::string& host, const std::string& user, const std::string& image,
                             const std::string& path) {
  return windows(time, host, kSysmon, 11,
                 {{"User", company_.windows_domain + "\\" + user}, {"Image", image}, {"TargetFilename", path}});
}

Record Records::registry_set(Time time, const std::string& host, const std::string& user, const std::string& image,
                             const std::string& key, const std::string& value) {
  return windows(
      time, host, kSysmon, 13,
      {{"User", company_.windows_domain + "\\" + user}, {"Image", image}, {"TargetObject", key}, {"Details", value}});
}

Record Records::logon(Time time, const std::string& host, const std::string& user, const std::string& source_ip, int type,
                      bool success) {
  return windows(time, host, "Security", success ? 4624 : 4625,
                 {{"TargetUserName", user},
                  {"TargetDomainName", company_.windows_domain},
                  {"IpAddress", source_ip},
                  {"LogonType", std::to_string(type)},
                  {"Status", success ? "0x0" : "0xc000006d"},
                  {"Category", "Logon"}});
}

Record Records::service_installed(Time time, const std::string& host, const std::string& user, const std::string& name,
                                  const std::string& path) {
  return windows(time, host, "System", 7045,
                 {{"AccountName", user},
                  {"ServiceName", name},
                  {"ImagePath", path},
                  {"ServiceType", "user mode service"},
                  {"StartType", "demand start"}});
}

Record Records::log_cleared(Time time, const std::string& host, const std::string& user) {
  return windows(time, host, "Security", 1102, {{"SubjectUserName", user}, {"SubjectDomainName", company_.windows_domain}});
}

Record Records::cloud_call(Time time, const std::string& user, const std::string& key, const std::string& ip,
                           const std::string& agent, const std::string& service, const std::string& name,
                           const Fields& parameters, const std::string& error) {
  Fields fields = {{"eventVersion", "1.08"},
                   {"userIdentity.type", "IAMUser"},
                   {"userIdentity.arn", fmt::format("arn:aws:iam::{}:user/{}", company_.cloud_account, user)},
                   {"userIdentity.accountId", company_.cloud_account},
                   {"userIdentity.accessKeyId", key},
                   {"userIdentity.userName", user},
                   {"eventTime", to_rfc3339(std::chrono::floor<std::chrono::seconds>(time))},
                   {"eventSource", service + ".amazonaws.com"},
                   {"eventName", name},
                   {"awsRegion", "eu-central-1"},
                   {"sourceIPAddress", ip},
                   {"userAgent", agent},
                   {"requestID", random_.hex(16)},
                   {"eventID", random_.hex(32)},
                   {"eventType", "AwsApiCall"},
                   {"recipientAccountId", company_.cloud_account}};
  for (const auto& [parameter, value] : parameters) fields.emplace_back("requestParameters." + parameter, value);
  if (!error.empty()) fields.emplace_back("errorCode", error);
  return {"cloudtrail", time, json_object(fields)};
}

Record Records::dns_query(Time time, const std::string& source_ip, const std::string& name, const std::string& answer) {
  const Fields fields = {{"timestamp", to_rfc3339(time)},
                         {"event_type", "dns"},
                         {"src_ip", source_ip},
                         {"dest_ip", "10.20.0.10"},
                         {"proto", "UDP"},
                         {"dns.type", "query"},
                         {"dns.rrname", name},
                         {"dns.rrtype", answer.empty() ? "TXT" : "A"}};
  return {"suricata", time,
          json_object(
              fields,
              {{"src_port", 40'000 + random_.below(20'000)}, {"dest_port", 53}, {"flow_id", random_.below(2'000'000'000)}})};
}

Record Records::flow(Time time, const std::string& source_ip, const std::string& destination_ip, int port, int64_t bytes_out,
                     int64_t bytes_in) {
  const Fields fields = {{"timestamp", to_rfc3339(time)},
                         {"event_type", "flow"},
                         {"src_ip", source_ip},
                         {"dest_ip", destination_ip},
                         {"proto", "TCP"}};
  return {"suricata", time,
          json_object(fields, {{"src_port", 40'000 + random_.below(20'000)},
                               {"dest_port", port},
                               {"flow_id", random_.below(2'000'000'000)},
                               {"flow.bytes_toserver", bytes_out},
                               {"flow.bytes_toclient", bytes_in}})};
}

Record Records::sign_in(Time time, const std::string& user, const std::string& ip, const std::string& country, bool success,
                        const std::string& agent) {
  return {"ecs", time,
          json_object({{"@timestamp", to_rfc3339(time)},
                       {"event.id", random_.hex(24)},
                       {"event.kind", "event"},
                       {"event.category", "authentication"},
                       {"event.action", "sign-in"},
                       {"event.outcome", success ? "success" : "failure"},
                       {"event.provider", "identity-provider"},
                       {"user.name", user},
                       {"source.ip", ip},
                       {"source.geo.country_iso_code", country},
                       {"user_agent.original", agent}})};
}

Record Records::mail_received(Time time, const std::string& from, const std::string& to, const std::string& subject,
                              const std::string& link) {
  Fields fields = {{"@timestamp", to_rfc3339(time)}, {"event.id", random_.hex(24)},
                   {"event.kind", "event"},          {"event.category", "email"},
                   {"event.action", "delivered"},    {"event.provider", "mail-gateway"},
                   {"email.from.address", from},     {"email.to.address", to},
                   {"email.subject", subject},       {"user.name", text::split(to, '@').front()}};
  if (!link.empty()) fields.emplace_back("url.full", link);
  return {"ecs", time, json_object(fields)};
}

Record Records::web_request(Time time, const Employee& employee, const std::string& domain, const std::string& path,
                            int status) {
  return {"ecs", time,
          json_object({{"@timestamp", to_rfc3339(time)},
                       {"event.id", random_.hex(24)},
                       {"event.kind", "event"},
                       {"event.category", "web"},
                       {"event.action", "request"},
                       {"event.outcome", status < 400 ? "success" : "failure"},
                       {"event.provider", "web-proxy"},
                       {"user.name", employee.login},
                       {"host.name", employee.workstation},
                       {"source.ip", employee.workstation_ip},
                       {"url.domain", domain},
                       {"url.full", fmt::format("https://{}{}", domain, path)}},
                      {{"http.response.status_code", status}})};
}

Record Records::mailbox_rule(Time time, const std::string& user, const std::string& ip, const std::string& rule) {
  return {"ecs", time,
          json_object({{"@timestamp", to_rfc3339(time)},
                       {"event.id", random_.hex(24)},
                       {"event.kind", "event"},
                       {"event.category", "email"},
                       {"event.action", "New-InboxRule"},
                       {"event.outcome", "success"},
                       {"event.provider", "mail-server"},
                       {"user.name", user},
                       {"source.ip", ip},
                       {"rule.name", rule}})};
}

}  // namespace vedette::app::demo

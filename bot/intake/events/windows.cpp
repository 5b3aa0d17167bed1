// Windows event logs: Sysmon, Security, PowerShell, System. Which data an event carries: Microsoft, "Events to monitor" and
// the Sysmon event schema (Sysinternals). Field names: ECS; event.action as Winlogbeat names it.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/text.hpp"
#include "bot/intake/events/event_format.hpp"
#include "bot/intake/events/windows_actions.hpp"
#include "bot/intake/events/windows_record.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {
namespace {

void put_program(Fields& fields, const std::string& prefix, const std::string& path) {
  put(fields, prefix + ".executable", path);
  put(fields, prefix + ".name", base_name(path));
}

// "THESHIRE\pgustavo" or a bare name.
void put_user(Fields& fields, const std::string& prefix, const std::string& account) {
  const size_t slash = account.rfind('\\');
  if (slash == std::string::npos) return put(fields, prefix + ".name", account);
  put(fields, prefix + ".domain", account.substr(0, slash));
  put(fields, prefix + ".name", account.substr(slash + 1));
}

// Security events write process ids in hex.
std::string process_id(const std::string& written) {
  if (!written.starts_with("0x")) return written;
  char* end = nullptr;
  return std::to_string(std::strtoull(written.c_str() + 2, &end, 16));
}

void put_addresses(Fields& fields, const std::string& source, const std::string& destination) {
  put(fields, "source.ip", address_of(source));
  put(fields, "destination.ip", address_of(destination));
}

void put_sysmon_process(Fields& fields, WindowsRecord& record) {
  put_program(fields, "process", record.take("Image"));
  put(fields, "process.pid", record.take("ProcessId"));
  put(fields, "process.entity_id", record.take("ProcessGuid"));
  put(fields, "process.command_line", record.take("CommandLine"));
  put(fields, "process.working_directory", record.take("CurrentDirectory"));
  put(fields, "process.pe.original_file_name", record.take("OriginalFileName"));
  put(fields, "process.pe.description", record.take("Description"));
  put(fields, "process.pe.company", record.take("Company"));
  put_program(fields, "process.parent", record.take("ParentImage"));
  put(fields, "process.parent.pid", record.take("ParentProcessId"));
  put(fields, "process.parent.entity_id", record.take("ParentProcessGuid"));
  put(fields, "process.parent.command_line", record.take("ParentCommandLine"));
  put_user(fields, "user", record.take("User"));
}

// Events 8 and 10: one process reaches into another.
void put_sysmon_access(Fields& fields, WindowsRecord& record) {
  put_program(fields, "process", record.take("SourceImage"));
  put(fields, "process.pid", record.take("SourceProcessId"));
  put(fields, "process.entity_id", record.take("SourceProcessGuid"));
  put_if_absent(fields, "process.entity_id", record.take("SourceProcessGUID"));
  put_program(fields, "process.target", record.take("TargetImage"));
  put(fields, "process.target.pid", record.take("TargetProcessId"));
  put(fields, "process.target.entity_id", record.take("TargetProcessGuid"));
  put_if_absent(fields, "process.target.entity_id", record.take("TargetProcessGUID"));
  put_user(fields, "user", record.take("SourceUser"));
}

void put_sysmon_network(Fields& fields, WindowsRecord& record) {
  put_addresses(fields, record.take("SourceIp"), record.take("DestinationIp"));
  put(fields, "source.port", record.take("SourcePort"));
  put(fields, "destination.port", record.take("DestinationPort"));
  put(fields, "source.domain", record.take("SourceHostname"));
  put(fields, "destination.domain", record.take("DestinationHostname"));
  put(fields, "network.transport", text::lower(record.take("Protocol")));
  const std::string initiated = text::lower(record.take("Initiated"));
  put(fields, "network.direction", initiated == "true" ? "egress" : initiated == "false" ? "ingress" : "");
}

void put_sysmon_file(Fields& fields, WindowsRecord& record, std::string_view name) {
  const std::string path = record.take(name);
  put(fields, "file.path", path);
  put(fields, "file.name", base_name(path));
  put_hashes(fields, "file", record.take("Hashes"));
}

void put_sysmon_registry(Fields& fields, WindowsRecord& record) {
  const std::string path = record.take("TargetObject");
  put(fields, "registry.path", path);
  put(fields, "registry.value", base_name(path));
  put(fields, "registry.data.strings", record.take("Details"));
}

void put_sysmon_dns(Fields& fields, WindowsRecord& record) {
  put(fields, "dns.question.name", record.take("QueryName"));
  std::string addresses;
  for (const auto& part : text::split(record.take("QueryResults"), ';')) {
    const std::string address = address_of(part);
    if (!address.empty()) addresses += (addresses.empty() ? "" : ", ") + address;
  }
  put(fields, "dns.resolved_ip", addresses);
  const std::string status = record.take("QueryStatus");
  put(fields, "event.outcome", status.empty() ? "" : status == "0" ? "success" : "failure");
}

void put_sysmon(Fields& fields, WindowsRecord& record) {
  put_sysmon_process(fields, record);
  put_if_absent(fields, "rule.name", record.take("RuleName"));
  switch (record.code()) {
    case 1: put_hashes(fields, "process", record.take("Hashes")); break;
    case 3: put_sysmon_network(fields, record); break;
    case 6:
    case 7: put_sysmon_file(fields, record, "ImageLoaded"); break;
    case 8:
    case 10: put_sysmon_access(fields, record); break;
    case 2:
    case 11:
    case 15:
    case 23:
    case 26:
    case 27:
    case 28:
    case 29: put_sysmon_file(fields, record, "TargetFilename"); break;
    case 12:
    case 13:
    case 14: put_sysmon_registry(fields, record); break;
    case 17:
    case 18: put(fields, "file.name", record.take("PipeName")); break;
    case 22: put_sysmon_dns(fields, record); break;
    default: break;
  }
}

// Logons and tickets: who signed in is the target, unless somebody used another's name (4648).
void put_logon(Fields& fields, WindowsRecord& record) {
  put(fields, "user.name", record.take("TargetUserName"));
  put(fields, "user.domain", record.take("TargetDomainName"));
  put(fields, "user.id", record.take("TargetUserSid"));
  put(fields, "winlog.logon.id", record.take("TargetLogonId"));
  put(fields, "winlog.logon.type", record.take("LogonType"));
  put(fields, "winlog.event_data.SubjectUserName", record.take("SubjectUserName"));
  put(fields, "service.name", record.take("ServiceName"));
  std::string realm(get(fields, "user.name"));
  // Kerberos writes "name@REALM".
  if (const size_t at = realm.find('@'); at != std::string::npos && record.code() >= 4768 && record.code() <= 4773) {
    put(fields, "user.domain", realm.substr(at + 1));
    put(fields, "user.name", realm.substr(0, at));
  }
}

void put_subject(Fields& fields, WindowsRecord& record) {
  put(fields, "user.name", record.take("SubjectUserName"));
  put(fields, "user.domain", record.take("SubjectDomainName"));
  put(fields, "user.id", record.take("SubjectUserSid"));
  put(fields, "winlog.logon.id", record.take("SubjectLogonId"));
}

void put_account_change(Fields& fields, WindowsRecord& record) {
  put_subject(fields, record);
  const std::string target = record.take("TargetUserName");
  const std::string member = record.take("MemberName");
  if (is_group_change(record.code())) {
    put(fields, "group.name", target);
    // "CN=ann,OU=Staff,DC=corp": the common name is what people know.
    const std::string name = member.starts_with("CN=") ? member.substr(3, member.find(',') - 3) : member;
    put(fields, "user.target.name", name);
    put(fields, "user.target.id", record.take("MemberSid"));
  } else {
    put(fields, "user.target.name", target);
    put(fields, "user.target.domain", record.take("TargetDomainName"));
    put(fields, "user.target.id", record.take("TargetSid"));
  }
  put_program(fields, "process", record.take("CallerProcessName"));
}

void put_object(Fields& fields, WindowsRecord& record) {
  const std::string type = record.take("ObjectType");
  const std::string name = record.take("ObjectName");
  put(fields, "winlog.event_data.ObjectType", type);
  if (type == "Key") {
    put(fields, "registry.path", name);
    put(fields, "registry.value", record.take("ObjectValueName"));
    put(fields, "registry.data.strings", record.take("NewValue"));
  } else if (type == "File") {
    put(fields, "file.path", name);
    put(fields, "file.name", base_name(name));
  } else {
    put(fields, "winlog.event_data.ObjectName", name);
  }
  const std::string share = record.take("ShareName");
  const std::string below = record.take("RelativeTargetName");
  if (!share.empty()) {
    put(fields, "file.path", below.empty() ? share : share + "\\" + below);
    put(fields, "file.name", base_name(below));
  }
}

void put_filtering(Fields& fields, WindowsRecord& record) {
  put_program(fields, "process", record.take("Application"));
  put_addresses(fields, record.take("SourceAddress"), record.take("DestAddress"));
  put(fields, "source.port", record.take("SourcePort"));
  put(fields, "destination.port", record.take("DestPort"));
  const std::string protocol = record.take("Protocol");
  put(fields, "network.transport", protocol == "6" ? "tcp" : protocol == "17" ? "udp" : protocol == "1" ? "icmp" : protocol);
  const std::string direction = record.take("Direction");
  put(fields, "network.direction", direction == "%%14592" ? "ingress" : direction == "%%14593" ? "egress" : "");
}

// 4688 calls the creator ProcessId; elsewhere that is the acting process.
void put_security_process(Fields& fields, WindowsRecord& record) {
  if (record.code() == 4688) {
    put_program(fields, "process", record.take("NewProcessName"));
    put(fields, "process.pid", process_id(record.take("NewProcessId")));
    put(fields, "process.command_line", record.take("CommandLine"));
    put_program(fields, "process.parent", record.take("ParentProcessName"));
    put(fields, "process.parent.pid", process_id(record.take("ProcessId")));
    put(fields, "user.effective.name", record.take("TargetUserName"));
    return;
  }
  if (get(fields, "process.name").empty()) put_program(fields, "process", record.take("ProcessName"));
  put_if_absent(fields, "process.pid", process_id(record.take("ProcessId")));
}

void put_security(Fields& fields, WindowsRecord& record) {
  const int code = record.code();
  if (is_logon(code)) {
    put_logon(fields, record);
  } else if (is_account_change(code)) {
    put_account_change(fields, record);
  } else {
    put_subject(fields, record);
    if (code == 4648) {
      put(fields, "user.target.name", record.take("TargetUserName"));
      put(fields, "user.target.domain", record.take("TargetDomainName"));
      put(fields, "destination.domain", record.take("TargetServerName"));
    }
    if (code == 5156 || code == 5157 || code == 5158 || code == 5159 || code == 5154)
      put_filtering(fields, record);
    else
      put_object(fields, record);
  }
  put_security_process(fields, record);
  put(fields, "source.ip", address_of(record.take("IpAddress")));
  if (const auto port = record.take("IpPort"); port != "0") put_if_absent(fields, "source.port", port);
  put(fields, "source.domain", record.take("WorkstationName"));
  put_if_absent(fields, "source.domain", record.take("Workstation"));
  put(fields, "winlog.task_name", record.take("TaskName"));
  put_if_absent(fields, "service.name", record.take("ServiceName"));
  put_if_absent(fields, "process.command_line", record.take("ServiceFileName"));
}

// The value behind "name=" or "name = " in one of the lines of a PowerShell context.
std::string line_value(std::string_view context, std::string_view name) {
  for (const auto& line : text::split(context, '\n')) {
    const std::string_view trimmed = text::trim(line);
    const size_t equals = trimmed.find('=');
    if (equals == std::string_view::npos || text::trim(trimmed.substr(0, equals)) != name) continue;
    return std::string(text::trim(trimmed.substr(equals + 1)));
  }
  return {};
}

void put_powershell(Fields& fields, WindowsRecord& record) {
  put(fields, "powershell.file.script_block_text", record.take("ScriptBlockText"));
  put(fields, "powershell.file.script_block_id", record.take("ScriptBlockId"));
  put(fields, "file.path", record.take("Path"));
  put(fields, "powershell.command.invocation_details", record.take("Payload"));
  std::string context = record.take("ContextInfo");
  if (context.empty()) context = record.take("param2");
  if (context.empty()) context = record.message();
  put(fields, "process.command_line", line_value(context, "Host Application"));
  put_if_absent(fields, "process.command_line", line_value(context, "HostApplication"));
  put(fields, "powershell.command.name", line_value(context, "Command Name"));
  put(fields, "powershell.command.script", line_value(context, "Script Name"));
  std::string account = line_value(context, "User");
  if (account.empty()) account = line_value(context, "UserId");
  put_user(fields, "user", account);
  // The classic log has the command in its message only.
  constexpr std::string_view kIntro = "Pipeline execution details for command line:";
  if (const size_t at = record.message().find(kIntro); at != std::string::npos) {
    const auto rest = std::string_view(record.message()).substr(at + kIntro.size());
    put(fields, "powershell.command.value", text::trim(rest.substr(0, rest.find("Context Information"))));
  }
}

void put_system(Fields& fields, WindowsRecord& record) {
  put_subject(fields, record);
  put(fields, "service.name", record.take("ServiceName"));
  put(fields, "process.command_line", record.take("ImagePath"));
  if (record.code() == 7040) {
    put(fields, "service.name", record.take("param4"));
    put(fields, "service.type", record.take("param3"));
  }
}

// Shippers that resolve the record's security id give a name for who wrote it. For Sysmon that is always SYSTEM, so only
// the other logs say who acted.
void put_writer(Fields& fields, const Json& json, const WindowsRecord& record) {
  if (record.is_sysmon() || !get(fields, "user.name").empty()) return;
  put(fields, "user.name", first_text(json, {"/AccountName", "/winlog/user/name"}));
  put_if_absent(fields, "user.domain", first_text(json, {"/Domain", "/winlog/user/domain"}));
}

}  // namespace

bool is_windows_record(const Json& record) { return WindowsRecord::recognise(record); }

Fields windows_fields(const Json& json) {
  WindowsRecord record(json);
  Fields fields;
  put(fields, "event.code", std::to_string(record.code()));
  put(fields, "event.provider", record.provider());
  put(fields, "event.kind", "event");
  put(fields, "winlog.channel", record.channel());
  put(fields, "winlog.record_id", record.record_id());
  put(fields, "host.name", record.host());
  put(fields, "host.os.type", "windows");
  const WindowsAction action = windows_action(record.is_sysmon(), record.channel(), record.code());
  put(fields, "event.action", action.name);
  put(fields, "event.category", action.category);
  if (record.is_sysmon()) {
    put_sysmon(fields, record);
  } else {
    put(fields, "event.outcome", record.failed() || is_failure(record.code()) ? "failure" : "success");
    if (record.is_powershell())
      put_powershell(fields, record);
    else if (record.channel() == "Security" || record.provider().find("Security-Auditing") != std::string::npos) {
      put_security(fields, record);
    } else {
      put_system(fields, record);
    }
  }
  put_writer(fields, json, record);
  record.put_rest(fields);
  const std::string& message = record.message();
  put(fields, "message", std::string_view(message).substr(0, message.find_first_of("\r\n")));
  return fields;
}

Result<Event> parse_windows(const Json& json) {
  const WindowsRecord record(json);
  const auto time = record.time();
  if (!time) return Error(Code::invalid_input, "a Windows event without a readable time");
  Event event;
  event.time = *time;
  event.fields = windows_fields(json);
  if (record.record_id().empty()) {
    event.id = digest_id(json);
  } else {
    // Record numbers start again when a log is cleared, so the time belongs to the name.
    event.id = crypto::sha256_hex(fmt::format("{}\n{}\n{}\n{}\n{}", record.host(), record.channel(), record.record_id(),
                                              record.code(), to_micros(*time)))
                   .substr(0, 32);
  }
  return event;
}

}  // namespace vedette::intake

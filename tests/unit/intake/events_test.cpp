// What the event parsers make of records written for these tests.

#include "bot/intake/events/event_format.hpp"

#include <gtest/gtest.h>

#include "bot/base/text.hpp"

namespace vedette::intake {
namespace {

std::vector<Event> read(std::string_view dataset, const std::string& payload) {
  const auto document = Json::parse(payload);
  EXPECT_TRUE(document) << payload;
  const EventFormat* format = recognise_events(*document);
  EXPECT_NE(nullptr, format) << payload;
  if (format == nullptr) return {};
  EXPECT_EQ(dataset, format->name);
  auto parsed = parse_events(*format, "", *document);
  EXPECT_TRUE(parsed) << payload;
  return parsed ? std::move(parsed->events) : std::vector<Event>();
}

using Expected = std::vector<std::pair<std::string, std::string>>;

void expect_fields(const Event& event, const Expected& expected) {
  for (const auto& [name, value] : expected) EXPECT_EQ(value, event.get(name)) << name;
}

constexpr const char* kTrail =
    R"({"eventVersion":"1.08","userIdentity":{"type":"IAMUser","principalId":"AIDA1","arn":"arn:aws:iam::111122223333:user/ann","accountId":"111122223333","accessKeyId":"AKIAIOSFODNN7EXAMPLE","userName":"ann"},
  "eventTime":"2026-07-10T11:42:18Z","eventSource":"iam.amazonaws.com","eventName":"CreateAccessKey","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.9","userAgent":"aws-cli/2","errorCode":"AccessDenied","errorMessage":"no",
  "requestParameters":{"userName":"bob","tags":[{"key":"a","value":"1"},{"key":"b","value":"2"}]},"responseElements":null,"eventID":"e-1","readOnly":false,"recipientAccountId":"111122223333"})";

TEST(CloudTrailEvents, bare_wrapped_and_beside_labels) {
  const std::string bare = kTrail;
  for (const auto& payload :
       {bare, R"({"Records":[)" + bare + "]}",
        R"({"label":"attack","event_masked":)" + bare + R"(,"original_user_agent":"tool"})", "[" + bare + "]"}) {
    const auto events = read("cloudtrail", payload);
    ASSERT_EQ(1u, events.size()) << payload;
    EXPECT_EQ("e-1", events[0].id);
    EXPECT_EQ("2026-07-10T11:42:18Z", to_rfc3339(events[0].time));
    EXPECT_EQ(std::string::npos, events[0].raw.find("label"));
    expect_fields(events[0], {{"user.name", "ann"},
                              {"user.target.name", "bob"},
                              {"event.action", "CreateAccessKey"},
                              {"event.provider", "iam.amazonaws.com"},
                              {"event.category", "iam"},
                              {"event.outcome", "failure"},
                              {"error.code", "AccessDenied"},
                              {"source.ip", "203.0.113.9"},
                              {"cloud.account.id", "111122223333"},
                              {"aws.cloudtrail.user_identity.access_key_id", "AKIAIOSFODNN7EXAMPLE"},
                              {"aws.cloudtrail.request_parameters.userName", "bob"},
                              {"aws.cloudtrail.request_parameters.tags.key", "a, b"},
                              {"user_agent.original", "aws-cli/2"}});
  }
}

TEST(CloudTrailEvents, who_acted) {
  const auto user = [](const std::string& identity) {
    const auto events = read(
        "cloudtrail",
        R"({"eventTime":"2026-07-10T11:42:18Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","userIdentity":)" +
            identity + "}");
    return std::string(events.at(0).get("user.name"));
  };
  const std::string issuer = R"("sessionContext":{"sessionIssuer":{"type":"Role","userName":"Deploy"}})";
  EXPECT_EQ("root", user(R"({"type":"Root","accountId":"1"})"));
  EXPECT_EQ("Deploy", user(R"({"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/Deploy/i-0abc",)" + issuer + "}"));
  EXPECT_EQ("ann@corp.example",
            user(R"({"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/SSO/ann@corp.example",)" + issuer + "}"));
  EXPECT_EQ("cloudtrail.amazonaws.com", user(R"({"type":"AWSService","invokedBy":"cloudtrail.amazonaws.com"})"));
  EXPECT_EQ("fed", user(R"({"type":"FederatedUser","arn":"arn:aws:sts::1:federated-user/fed"})"));
}

TEST(CloudTrailEvents, a_failed_console_login) {
  const auto events = read(
      "cloudtrail",
      R"({"eventTime":"2026-07-10T11:42:18Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","sourceIPAddress":"AWS Internal","userIdentity":{"type":"IAMUser","userName":"ann"},"responseElements":{"ConsoleLogin":"Failure"},"additionalEventData":{"MFAUsed":"No"}})");
  expect_fields(events.at(0), {{"event.outcome", "failure"},
                               {"event.category", "authentication"},
                               {"source.ip", ""},
                               {"source.address", "AWS Internal"},
                               {"aws.cloudtrail.additional_event_data.MFAUsed", "No"}});
}

TEST(CloudTrailEvents, a_record_without_time_is_counted_not_kept) {
  const auto document = Json::parse(
      R"({"Records":[{"eventTime":"soon","eventSource":"a","eventName":"b","awsRegion":"r"},)" + std::string(kTrail) + "]}");
  const auto parsed = parse_events(*find_event_format("cloudtrail"), "ct", *document);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(1u, parsed->events.size());
  EXPECT_EQ(1u, parsed->unreadable);
  EXPECT_EQ("ct", parsed->events[0].dataset);
}

// The same process start in the shapes of five shippers.
TEST(WindowsEvents, shapes) {
  const char* shapes[] = {
      R"({"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"PC-1.corp.example","host":"collector","TimeCreated":"2026-09-21T07:15:45.693Z","RecordNumber":7,"Image":"C:\\Windows\\cmd.exe","CommandLine":"cmd /c whoami","User":"CORP\\ann","ParentImage":"C:\\a\\b.exe","ProcessId":"42","Hashes":"MD5=003D681048A63B9862C299F30492CFDF,IMPHASH=00000000000000000000000000000000"})",
      R"({"EventID":"1","ProviderName":"Microsoft-Windows-Sysmon","Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"PC-1.corp.example","TimeCreated":"2026-09-21 07:15:45.693","EventRecordID":"7","EventData":{"Image":"C:\\Windows\\cmd.exe","CommandLine":"cmd /c whoami","User":"CORP\\ann","ParentImage":"C:\\a\\b.exe","ProcessId":"42","Hashes":"MD5=003D681048A63B9862C299F30492CFDF"}})",
      R"({"@timestamp":"2026-09-21T07:15:45.693Z","host":{"name":"x"},"winlog":{"event_id":"1","channel":"Microsoft-Windows-Sysmon/Operational","computer_name":"PC-1.corp.example","provider_name":"Microsoft-Windows-Sysmon","record_id":"7","event_data":{"Image":"C:\\Windows\\cmd.exe","CommandLine":"cmd /c whoami","User":"CORP\\ann","ParentImage":"C:\\a\\b.exe","ProcessId":"42","Hashes":"MD5=003D681048A63B9862C299F30492CFDF"}}})",
      R"json({"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},"EventID":1,"TimeCreated":{"#attributes":{"SystemTime":"2026-09-21T07:15:45.693000Z"}},"EventRecordID":7,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"PC-1.corp.example"},"EventData":{"Image":"C:\\Windows\\cmd.exe","CommandLine":"cmd /c whoami","User":"CORP\\ann","ParentImage":"C:\\a\\b.exe","ProcessId":42,"Hashes":"MD5=003D681048A63B9862C299F30492CFDF"}}})json",
      R"({"system":{"eventID":"1","channel":"Microsoft-Windows-Sysmon/Operational","computer":"PC-1.corp.example","providerName":"Microsoft-Windows-Sysmon","eventRecordID":"7","systemTime":"2026-09-21T07:15:45.6930000Z"},"eventdata":{"image":"C:\\\\Windows\\\\cmd.exe","commandLine":"cmd /c whoami","user":"CORP\\\\ann","parentImage":"C:\\\\a\\\\b.exe","processId":"42","hashes":"MD5=003D681048A63B9862C299F30492CFDF"}})",
  };
  std::string id;
  for (const char* shape : shapes) {
    const auto events = read("windows", shape);
    ASSERT_EQ(1u, events.size()) << shape;
    const Event& event = events[0];
    EXPECT_EQ("2026-09-21T07:15:45.693Z", to_rfc3339(event.time)) << shape;
    if (id.empty()) id = event.id;
    EXPECT_EQ(id, event.id) << shape;
    expect_fields(event, {{"event.code", "1"},
                          {"event.action", "process-created"},
                          {"event.category", "process"},
                          {"host.name", "PC-1.corp.example"},
                          {"process.executable", "C:\\Windows\\cmd.exe"},
                          {"process.name", "cmd.exe"},
                          {"process.command_line", "cmd /c whoami"},
                          {"process.pid", "42"},
                          {"process.parent.name", "b.exe"},
                          {"user.name", "ann"},
                          {"user.domain", "CORP"},
                          {"process.hash.md5", "003d681048a63b9862c299f30492cfdf"},
                          {"process.hash.imphash", ""}});
  }
}

Event windows(const std::string& members, const std::string& channel = "Security") {
  auto events =
      read("windows", R"({"Channel":")" + channel +
                          R"(","Hostname":"DC1","TimeCreated":"2026-09-21T07:15:45Z","SourceName":"x",)" + members + "}");
  return events.empty() ? Event() : std::move(events[0]);
}

TEST(WindowsEvents, logons) {
  expect_fields(
      windows(
          R"("EventID":4624,"SubjectUserName":"DC1$","TargetUserName":"ann","TargetDomainName":"CORP","LogonType":"3","IpAddress":"::ffff:10.0.0.9","IpPort":"50123","WorkstationName":"PC-1")"),
      {{"user.name", "ann"},
       {"source.ip", "10.0.0.9"},
       {"source.port", "50123"},
       {"winlog.logon.type", "3"},
       {"event.action", "logged-in"},
       {"event.outcome", "success"},
       {"source.domain", "PC-1"}});
  expect_fields(
      windows(
          R"("EventID":4625,"TargetUserName":"bob","IpAddress":"203.0.113.4","Keywords":"0x8010000000000000","SubStatus":"0xc000006a")"),
      {{"user.name", "bob"},
       {"event.action", "logon-failed"},
       {"event.outcome", "failure"},
       {"winlog.event_data.SubStatus", "0xc000006a"}});
  expect_fields(
      windows(
          R"("EventID":4648,"SubjectUserName":"ann","TargetUserName":"admin","TargetServerName":"srv-1","ProcessName":"C:\\x\\runas.exe")"),
      {{"user.name", "ann"}, {"user.target.name", "admin"}, {"destination.domain", "srv-1"}, {"process.name", "runas.exe"}});
  expect_fields(windows(R"("EventID":4769,"TargetUserName":"ann@CORP.EXAMPLE","ServiceName":"sql$","IpAddress":"-")"),
                {{"user.name", "ann"}, {"user.domain", "CORP.EXAMPLE"}, {"service.name", "sql$"}, {"source.ip", ""}});
}

TEST(WindowsEvents, accounts_processes_objects_services) {
  expect_fields(
      windows(
          R"("EventID":4728,"SubjectUserName":"ann","TargetUserName":"Domain Admins","MemberName":"CN=bob,OU=Staff,DC=corp")"),
      {{"user.name", "ann"},
       {"group.name", "Domain Admins"},
       {"user.target.name", "bob"},
       {"event.action", "added-member-to-group"}});
  expect_fields(windows(R"("EventID":4720,"SubjectUserName":"ann","TargetUserName":"backdoor")"),
                {{"user.name", "ann"}, {"user.target.name", "backdoor"}});
  expect_fields(
      windows(
          R"("EventID":4688,"SubjectUserName":"ann","NewProcessName":"C:\\w\\net.exe","NewProcessId":"0x1890","ProcessId":"0x1c90","ParentProcessName":"C:\\w\\cmd.exe","CommandLine":"net user")"),
      {{"process.name", "net.exe"},
       {"process.pid", "6288"},
       {"process.parent.pid", "7312"},
       {"process.parent.name", "cmd.exe"},
       {"process.command_line", "net user"}});
  expect_fields(
      windows(
          R"("EventID":4663,"SubjectUserName":"ann","ObjectType":"Key","ObjectName":"\\REGISTRY\\MACHINE\\SAM","ProcessName":"C:\\w\\reg.exe")"),
      {{"registry.path", "\\REGISTRY\\MACHINE\\SAM"}, {"process.name", "reg.exe"}});
  expect_fields(
      windows(
          R"("EventID":5145,"SubjectUserName":"ann","ShareName":"\\\\*\\ADMIN$","RelativeTargetName":"x.exe","IpAddress":"10.0.0.9")"),
      {{"file.path", "\\\\*\\ADMIN$\\x.exe"}, {"file.name", "x.exe"}, {"source.ip", "10.0.0.9"}});
  expect_fields(
      windows(R"("EventID":4697,"SubjectUserName":"ann","ServiceName":"evil","ServiceFileName":"C:\\w\\grunt.exe")"),
      {{"service.name", "evil"}, {"process.command_line", "C:\\w\\grunt.exe"}});
  expect_fields(
      windows(R"("EventID":7045,"ServiceName":"evil","ImagePath":"%COMSPEC% echo x")", "System"),
      {{"event.action", "service-installed"}, {"service.name", "evil"}, {"process.command_line", "%COMSPEC% echo x"}});
  expect_fields(
      windows(
          R"("EventID":5156,"Application":"\\device\\harddiskvolume2\\w\\spoolsv.exe","SourceAddress":"10.0.0.1","DestAddress":"10.0.0.2","SourcePort":"1","DestPort":"389","Protocol":"6","Direction":"%%14593")"),
      {{"process.name", "spoolsv.exe"},
       {"source.ip", "10.0.0.1"},
       {"destination.ip", "10.0.0.2"},
       {"destination.port", "389"},
       {"network.transport", "tcp"},
       {"network.direction", "egress"}});
}

TEST(WindowsEvents, sysmon_kinds) {
  const std::string sysmon = "Microsoft-Windows-Sysmon/Operational";
  expect_fields(
      windows(
          R"("EventID":3,"Image":"C:\\x.exe","SourceIp":"10.0.0.1","DestinationIp":"203.0.113.5","DestinationPort":"443","DestinationHostname":"evil.example","Protocol":"tcp","Initiated":"true")",
          sysmon),
      {{"destination.ip", "203.0.113.5"}, {"destination.domain", "evil.example"}, {"network.direction", "egress"}});
  expect_fields(
      windows(
          R"("EventID":10,"SourceImage":"C:\\mimi.exe","TargetImage":"C:\\Windows\\lsass.exe","GrantedAccess":"0x1010","AccountName":"SYSTEM")",
          sysmon),
      {{"process.name", "mimi.exe"},
       {"process.target.name", "lsass.exe"},
       {"winlog.event_data.GrantedAccess", "0x1010"},
       {"user.name", ""}});
  expect_fields(
      windows(R"("EventID":13,"Image":"C:\\reg.exe","TargetObject":"HKU\\S-1\\Run\\evil","Details":"calc")", sysmon),
      {{"registry.path", "HKU\\S-1\\Run\\evil"}, {"registry.value", "evil"}, {"registry.data.strings", "calc"}});
  expect_fields(
      windows(
          R"("EventID":22,"Image":"C:\\x.exe","QueryName":"evil.example","QueryStatus":"0","QueryResults":"type:  5 a.example;::ffff:203.0.113.5;203.0.113.6;")",
          sysmon),
      {{"dns.question.name", "evil.example"},
       {"dns.resolved_ip", "203.0.113.5, 203.0.113.6"},
       {"event.outcome", "success"}});
  expect_fields(windows(R"("EventID":11,"Image":"C:\\x.exe","TargetFilename":"C:\\Temp\\drop.dll")", sysmon),
                {{"file.path", "C:\\Temp\\drop.dll"}, {"file.name", "drop.dll"}, {"event.action", "file-created"}});
}

TEST(WindowsEvents, powershell) {
  const std::string channel = "Microsoft-Windows-PowerShell/Operational";
  expect_fields(
      windows(
          R"json("EventID":4104,"ScriptBlockText":"IEX (New-Object Net.WebClient)","AccountName":"ann","Domain":"CORP")json",
          channel),
      {{"powershell.file.script_block_text", "IEX (New-Object Net.WebClient)"},
       {"user.name", "ann"},
       {"event.action", "powershell-script-block"}});
  expect_fields(
      windows(
          R"json("EventID":4103,"ContextInfo":"        Severity = Informational\r\n        Host Application = powershell -enc AAA=\r\n        Command Name = Get-X\r\n        User = CORP\\ann\r\n","Payload":"CommandInvocation(Get-X)")json",
          channel),
      {{"process.command_line", "powershell -enc AAA="}, {"powershell.command.name", "Get-X"}, {"user.name", "ann"}});
  expect_fields(
      windows(
          R"json("EventID":800,"Message":"Pipeline execution details for command line: Start-Sleep 5\r\n. \r\n\r\nContext Information: \r\n\tUserId=CORP\\bob\r\n\tHostApplication=powershell.exe -nop\r\n")json",
          "Windows PowerShell"),
      {{"user.name", "bob"},
       {"process.command_line", "powershell.exe -nop"},
       {"powershell.command.value", "Start-Sleep 5\r\n."}});
}

// NXLog writes the collector's local time without a zone; the pipeline adds UTC on arrival.
TEST(WindowsEvents, local_times) {
  const auto time = [](const std::string& members) {
    return to_rfc3339(
        read("windows", R"({"EventID":10,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"h",)" + members + "}")
            .at(0)
            .time);
  };
  EXPECT_EQ(
      "2026-09-21T07:15:25Z",
      time(
          R"("EventTime":"2026-09-21 03:15:25","EventReceivedTime":"2026-09-21 03:15:27","@timestamp":"2026-09-21T07:15:27.707Z")"));
  EXPECT_EQ(
      "2026-09-21T07:15:25.082Z",
      time(
          R"("EventTime":"2026-09-21 03:15:25","EventReceivedTime":"2026-09-21 03:15:27","@timestamp":"2026-09-21T07:15:27.707Z","UtcTime":"2026-09-21 07:15:25.082")"));
  EXPECT_EQ(
      "2026-09-21T03:15:25Z",
      time(
          R"("EventTime":"2026-09-21 08:45:25","EventReceivedTime":"2026-09-21 08:45:27","@timestamp":"2026-09-21T03:15:27.707Z")"));
  EXPECT_EQ("2026-09-21T07:15:25.082Z", time(R"("UtcTime":"2026-09-21 07:15:25.082")"));
  // One zone for all records of a shipper, even a mislabelled one, beats a mixture.
  EXPECT_EQ("2026-10-23T03:12:04.474Z",
            time(R"("TimeCreated":"2026-10-23T03:12:04.474Z","UtcTime":"2026-10-23 07:12:04.460")"));
}

TEST(WindowsEvents, ids_without_record_numbers) {
  const std::string record =
      R"({"EventID":10,"Channel":"Security","Hostname":"h","TimeCreated":"2026-09-21T07:15:45Z","A":"1"})";
  EXPECT_EQ(read("windows", record)[0].id, read("windows", record)[0].id);
  EXPECT_NE(read("windows", record)[0].id, read("windows", text::replace_all(record, "\"1\"", "\"2\""))[0].id);
}

TEST(SuricataEvents, kinds) {
  const auto event = [](const std::string& members) {
    return read(
               "suricata",
               R"({"timestamp":"2026-09-18T06:13:33.903924+0200","flow_id":1,"src_ip":"10.0.0.4","src_port":4,"dest_ip":"203.0.113.3","dest_port":53,"proto":"UDP",)" +
                   members + "}")
        .at(0);
  };
  const auto dns = event(R"("event_type":"dns","dns":{"type":"query","rrname":"evil.example","rrtype":"A"})");
  EXPECT_EQ("2026-09-18T04:13:33.903924Z", to_rfc3339(dns.time));
  expect_fields(dns, {{"dns.question.name", "evil.example"},
                      {"network.transport", "udp"},
                      {"event.action", "dns"},
                      {"event.kind", "event"}});
  expect_fields(
      event(
          R"("event_type":"dns","dns":{"version":3,"type":"answer","queries":[{"rrname":"a.example","rrtype":"AAAA"}],"answers":[{"rdata":"1.2.3.4"},{"rdata":"1.2.3.5"}]})"),
      {{"dns.question.name", "a.example"}, {"dns.question.type", "AAAA"}, {"dns.answers.data", "1.2.3.4, 1.2.3.5"}});
  expect_fields(
      event(
          R"("event_type":"http","http":{"hostname":"x.example","url":"/a","http_port":8080,"http_method":"GET","status":200})"),
      {{"url.full", "http://x.example:8080/a"}, {"http.response.status_code", "200"}});
  expect_fields(event(R"("event_type":"tls","tls":{"sni":"c2.example","fingerprint":"aa:bb","ja3":{"hash":"j"}})"),
                {{"tls.client.server_name", "c2.example"}, {"tls.server.hash.sha1", "aabb"}, {"tls.client.ja3", "j"}});
  expect_fields(event(R"("event_type":"fileinfo","fileinfo":{"filename":"/x/drop.exe","sha256":"e3","md5":"d4","size":7})"),
                {{"file.name", "drop.exe"}, {"file.hash.sha256", "e3"}, {"file.size", "7"}});
  expect_fields(event(R"("event_type":"flow","flow":{"bytes_toserver":10,"bytes_toclient":20,"reason":"timeout"})"),
                {{"source.bytes", "10"}, {"destination.bytes", "20"}, {"event.reason", "timeout"}});
  expect_fields(event(R"("event_type":"ssh","ssh":{"client":{"software_version":"libssh"}})"),
                {{"suricata.eve.ssh.client.software_version", "libssh"}});
}

TEST(EcsEvents, dotted_and_nested) {
  const auto nested = read(
      "ecs",
      R"({"@timestamp":"2026-11-24T02:00:00Z","event":{"id":"7","action":["a","b"]},"host":{"hostname":"web"},"client":{"ip":"10.0.0.1"},"labels":{"x":true}})");
  EXPECT_EQ("7", nested[0].id);
  expect_fields(
      nested[0],
      {{"event.action", "a, b"}, {"host.name", "web"}, {"source.ip", "10.0.0.1"}, {"labels.x", "true"}, {"@timestamp", ""}});
  const auto dotted = read("ecs", R"({"@timestamp":1795489200123,"event.action":"x","user.name":"ann"})");
  EXPECT_EQ("2026-11-24T03:00:00.123Z", to_rfc3339(dotted[0].time));
  expect_fields(dotted[0], {{"user.name", "ann"}});
  EXPECT_EQ(32u, dotted[0].id.size());
}

TEST(Events, long_values_are_cut_and_the_raw_record_is_whole) {
  const std::string script(20'000, 'x');
  const Event event =
      windows(R"("EventID":4104,"ScriptBlockText":")" + script + R"(")", "Microsoft-Windows-PowerShell/Operational");
  EXPECT_EQ(4096u, event.get("powershell.file.script_block_text").size());
  EXPECT_NE(std::string::npos, event.raw.find(script));
}

}  // namespace
}  // namespace vedette::intake

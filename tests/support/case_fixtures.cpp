#include "tests/support/case_fixtures.hpp"

#include <fmt/format.h>

namespace vedette::test {
namespace {

Time at(const char* text) { return *parse_time(text); }

Alert alert(int64_t number, const char* title, const char* time) {
  Alert a;
  a.id = AlertId(number);
  a.source = "wazuh-prod";
  a.format = "wazuh";
  a.title = title;
  a.rule = "5763";
  a.severity = Severity::high;
  a.time = at(time);
  a.received = a.time + std::chrono::seconds(2);
  return a;
}

Evidence evidence(int number, const char* title, const char* answer, int64_t total, std::vector<std::string> records) {
  Evidence e;
  e.case_id = CaseId(123);
  e.number = number;
  e.question = fmt::format("q{}", number);
  e.title = title;
  e.source = "event log";
  e.query = "dataset:windows source.ip = \"203.0.113.7\" and event.action = \"4625\"";
  e.from = at("2026-11-24T01:12:00Z");
  e.to = at("2026-11-24T05:12:00Z");
  e.answer = answer;
  e.total = total;
  e.records = std::move(records);
  e.taken = at("2026-11-24T03:12:20Z");
  return e;
}

CaseView base() {
  CaseView view;
  auto& c = view.record;
  c.id = CaseId(123);
  c.title = "sshd: brute force trying to get access to the system";
  c.severity = Severity::high;
  c.created = at("2026-11-24T03:12:09Z");
  c.updated = c.created;
  c.last_alert = c.created;
  c.alerts = 2;
  c.version = 3;
  c.entities = {Entity(EntityType::ip, "203.0.113.7"),
                Entity(EntityType::user, "ann"),
                Entity(EntityType::host, "web01"),
                Entity(EntityType::domain, "login-corp.example"),
                Entity(EntityType::url, "http://login-corp.example/a?b=1"),
                Entity(EntityType::mail, "ann@corp.example"),
                Entity(EntityType::hash, "44d88612fea8a8f36de82e1278abb02f")};
  view.alerts = {alert(455, "sshd: brute force trying to get access to the system", "2026-11-24T03:11:58Z"),
                 alert(456, "Successful sudo to ROOT executed", "2026-11-24T03:20:41Z")};
  return view;
}

Action block_ip() {
  Action action;
  action.id = ActionId(9);
  action.case_id = CaseId(123);
  action.plan.verb = "block_ip";
  action.plan.provider = "crowdsec";
  action.plan.target = Entity(EntityType::ip, "203.0.113.7");
  action.plan.parameters = {{"duration", "4h"}};
  action.reason = "It guessed the password of ann and signed in [E1][E4].";
  action.proposer = "vedette";
  action.created = at("2026-11-24T03:12:31Z");
  action.changed = action.created;
  return action;
}

}  // namespace

CaseView investigating_case() {
  auto view = base();
  view.record.investigation = InvestigationState::running;
  view.record.alerts = 1;
  view.record.progress = {{"What is 203.0.113.7?", true},
                          {"Who else signed in from 203.0.113.7?", true},
                          {"How rare is this rule on web01?", false}};
  view.alerts.resize(1);
  return view;
}

CaseView malicious_case() {
  auto view = base();
  auto& c = view.record;
  c.investigation = InvestigationState::done;
  c.progress = {{"What is 203.0.113.7?", true}, {"Who else signed in from 203.0.113.7?", true}};
  Verdict v;
  v.label = Label::malicious;
  v.confidence = 86;
  v.probability = 0.93;
  v.severity = Severity::high;
  v.headline = "203.0.113.7 guessed the password of ann on web01 and became root";
  v.claims = {{"412 failed sign-ins from 203.0.113.7 against ann in 9 minutes, then one that worked", {1, 4}, {"412"}, 2.1},
              {"203.0.113.7 was never seen before in 30 days of sign-ins", {2}, {"203.0.113.7"}, 1.2},
              {"ann became root on web01 14 seconds after signing in", {5}, {"ann"}, 0.9},
              {"web01 answers SSH from the internet on purpose", {3}, {"web01"}, -0.4}};
  v.not_checked = {"What ann did on other hosts: no process logs before 02:00 UTC", "Mail: no mail source is connected"};
  v.would_change = "ann saying that she signed in from this address";
  v.techniques = {"T1110.001", "T1078", "T1548.003"};
  v.alternatives = {"A forgotten password: 412 tries in 9 minutes is no person typing",
                    "A scanner of ours: the address is none of ours"};
  v.decided = at("2026-11-24T03:12:31Z");
  c.verdict = v;
  view.evidence = {
      evidence(
          1, "How often did this address fail to sign in?", "412 failed sign-ins from 203.0.113.7, all as ann.", 412,
          {R"({"@timestamp":"2026-11-24T03:02:41Z","event.action":"4625","source.ip":"203.0.113.7","user.name":"ann"})",
           R"({"@timestamp":"2026-11-24T03:02:42Z","event.action":"4625","source.ip":"203.0.113.7","user.name":"ann"})"}),
      evidence(2, "Was this address seen before?", "No record of 203.0.113.7 in the 30 days before.", 0, {}),
      evidence(3, "Is web01 reachable from the internet?", "Yes, port 22, by the list of known services.", 1,
               {R"({"host.name":"web01","port":22})"}),
      evidence(
          4, "Did a sign-in from this address work?", "One, at 03:11:44 as ann.", 1,
          {R"({"@timestamp":"2026-11-24T03:11:44Z","event.action":"4624","source.ip":"203.0.113.7","user.name":"ann"})"}),
      evidence(5, "What did this user run next?", "sudo to root at 03:11:58.", 3,
               {R"({"@timestamp":"2026-11-24T03:11:58Z","process.command_line":"sudo -i","user.name":"ann"})"}),
      evidence(6, "Have cases like this been decided before?", "C-88, closed as true positive on 2026-10-02.", 1,
               {R"({"case":"C-88"})"})};
  view.actions = {block_ip()};
  view.notes = {{c.created, "alert", "vedette", "A-455 opened the case"},
                {at("2026-11-24T03:12:31Z"), "verdict", "vedette", "Likely malicious, 86 %"}};
  c.version = 7;
  return view;
}

CaseView benign_case() {
  auto view = malicious_case();
  auto& c = view.record;
  c.id = CaseId(124);
  c.severity = Severity::low;
  c.verdict->label = Label::benign;
  c.verdict->confidence = 91;
  c.verdict->severity = Severity::low;
  c.verdict->headline = "The backup account signed in from the backup server, as every night";
  c.verdict->claims = {{"The same sign-in happened on 29 of the last 30 nights", {2}, {"29"}, -2.5}};
  c.verdict->not_checked.clear();
  c.verdict->techniques.clear();
  view.actions.clear();
  return view;
}

CaseView inconclusive_case() {
  auto view = malicious_case();
  auto& c = view.record;
  c.id = CaseId(125);
  c.severity = Severity::medium;
  c.verdict->label = Label::inconclusive;
  c.verdict->confidence = 55;
  c.verdict->severity = Severity::medium;
  c.verdict->headline = "A rare program ran on web01; what it did is not in the logs";
  c.verdict->claims.resize(1);
  c.verdict->not_checked = {"Network traffic of web01: no such logs are connected", "The program's file: not collected",
                            "Other hosts"};
  c.verdict->would_change = "network logs of web01 between 03:00 and 03:30 UTC";
  view.actions.clear();
  return view;
}

CaseView failed_case() {
  auto view = base();
  view.record.id = CaseId(126);
  view.record.investigation = InvestigationState::failed;
  view.record.failure = "The event log did not answer in time, three times in a row.";
  view.record.progress = {{"What is 203.0.113.7?", true}, {"Who else signed in from 203.0.113.7?", false}};
  return view;
}

CaseView closed_case() {
  auto view = case_with_action(ActionState::succeeded);
  auto& c = view.record;
  c.status = CaseStatus::closed;
  c.owner = "ann";
  c.disposition = Disposition::fp;
  c.closing_reason = "Pentest, announced by bob";
  c.good = 1;
  c.bad = 2;
  view.notes.push_back({at("2026-11-24T04:10:00Z"), "status", "ann", "closed as false positive: Pentest, announced by bob"});
  return view;
}

CaseView case_with_action(ActionState state) {
  auto view = malicious_case();
  auto& action = view.actions.front();
  action.state = state;
  if (state == ActionState::proposed) return view;
  action.requester = "ann";
  action.approvals_needed = 2;
  action.expires = at("2026-11-24T03:45:00Z");
  action.changed = at("2026-11-24T03:15:00Z");
  action.votes = {{"bob", true, at("2026-11-24T03:16:10Z")}};
  view.record.status = CaseStatus::acknowledged;
  view.record.owner = "ann";
  view.notes.push_back({at("2026-11-24T03:14:50Z"), "status", "ann", "acknowledged"});
  view.notes.push_back({at("2026-11-24T03:15:00Z"), "action", "ann", "asked for R-9"});
  switch (state) {
    case ActionState::approved:
    case ActionState::executing:
    case ActionState::succeeded:
    case ActionState::failed:
    case ActionState::unknown:
      action.votes.push_back({"carol", true, at("2026-11-24T03:17:02Z")});
      action.changed = at("2026-11-24T03:17:05Z");
      break;
    case ActionState::denied:
      action.votes.push_back({"dave", false, at("2026-11-24T03:18:00Z")});
      action.changed = at("2026-11-24T03:18:00Z");
      break;
    case ActionState::expired: action.changed = at("2026-11-24T03:45:01Z"); break;
    default: break;
  }
  if (state == ActionState::succeeded) action.result = "CrowdSec bans 203.0.113.7 until 07:17 UTC (decision 41).";
  if (state == ActionState::failed) action.result = "CrowdSec refused: the address is on its allow-list.";
  if (state == ActionState::unknown) action.result = "No answer within 10 s.";
  return view;
}

CaseView hostile_case() {
  auto view = malicious_case();
  auto& c = view.record;
  const std::string nasty =
      "**bold** _it_ [click](http://evil.example/x) <http://evil.example|here> <!channel> <@U123> @here `code` "
      "{{DATE(2026-11-24T03:12:09Z,SHORT)}} &lt;at&gt;ann&lt;/at&gt; \xE2\x80\xAEgnp.exe\xE2\x80\xAC a\xE2\x80\x8B"
      "b\x07 "
      "mail bob@evil.example or 198.51.100.23:8080, www.evil.example";
  c.title = nasty;
  c.owner = "<@U1>";
  c.entities = {Entity(EntityType::url, "http://evil.example/[x](y)"), Entity(EntityType::process, "cmd.exe /c \"<!here>\""),
                Entity(EntityType::user, "*root*"), Entity(EntityType::domain, "evil.example")};
  c.verdict->headline = nasty;
  c.verdict->claims = {{nasty, {1}, {}, 1.0}};
  c.verdict->not_checked = {nasty};
  c.verdict->would_change = nasty;
  c.verdict->techniques = {"T1059](http://x)"};
  c.verdict->alternatives = {nasty};
  c.progress = {{nasty, true}};
  view.alerts = {alert(455, nasty.c_str(), "2026-11-24T03:11:58Z")};
  view.evidence = {evidence(1, nasty.c_str(), nasty.c_str(), 2, {"{\"message\":\"" + nasty + "\"}", "not json " + nasty})};
  view.evidence.front().query = nasty;
  view.actions.front().plan.target = Entity(EntityType::url, "http://evil.example/<!channel>");
  view.actions.front().plan.verb = "block_url";
  view.actions.front().reason = nasty;
  view.actions.front().result = nasty;
  view.actions.front().state = ActionState::failed;
  view.actions.front().requester = "ann";
  view.notes = {{c.created, "note", "ann", nasty}};
  return view;
}

CaseView large_case() {
  auto view = malicious_case();
  auto& c = view.record;
  const std::string sentence =
      "a long sentence about 203.0.113.7 that goes on about web01 and ann and the many things that happened there, one "
      "after the "
      "other, until nobody on a phone would still want to read it at three in the morning, and then a little further";
  c.verdict->headline = sentence;
  for (int i = 0; i < 40; ++i) {
    c.verdict->claims.push_back({fmt::format("Reason {}: {}", i, sentence), {1 + i % 30}, {}, i % 3 == 0 ? -0.2 : 0.2});
    c.verdict->not_checked.push_back(fmt::format("Source {}: {}", i, sentence));
    c.verdict->alternatives.push_back(fmt::format("Story {}: {}", i, sentence));
    c.verdict->techniques.push_back(fmt::format("T{}", 1100 + i));
    c.entities.push_back(Entity(EntityType::host, fmt::format("host{}", i)));
    auto action = view.actions.front();
    action.id = ActionId(100 + i);
    action.plan.target = Entity(EntityType::ip, fmt::format("198.51.100.{}", i));
    if (i % 2 == 0) action.state = ActionState::awaiting, action.requester = "ann";
    view.actions.push_back(action);
    view.notes.push_back({c.created + std::chrono::minutes(i), "note", "ann", fmt::format("Note {}: {}", i, sentence)});
  }
  view.evidence.clear();
  for (int i = 1; i <= 30; ++i) {
    std::vector<std::string> records;
    records.reserve(20);
    for (int r = 0; r < 20; ++r) {
      records.push_back(fmt::format("{{\"@timestamp\":\"2026-11-24T03:{:02}:{:02}Z\",\"message\":\"{}\"}}", i, r,
                                    std::string(r == 0 && i == 3 ? 5000 : 300, 'x')));
    }
    view.evidence.push_back(evidence(i, sentence.c_str(), sentence.c_str(), 12345, std::move(records)));
  }
  for (int i = 0; i < 48; ++i) view.alerts.push_back(alert(500 + i, sentence.c_str(), "2026-11-24T03:30:00Z"));
  c.alerts = 1234;
  return view;
}

std::vector<std::pair<std::string, CaseView>> all_cases() {
  return {{"investigating", investigating_case()},
          {"malicious", malicious_case()},
          {"benign", benign_case()},
          {"inconclusive", inconclusive_case()},
          {"failed", failed_case()},
          {"closed", closed_case()},
          {"awaiting", case_with_action(ActionState::awaiting)},
          {"approved", case_with_action(ActionState::approved)},
          {"succeeded", case_with_action(ActionState::succeeded)},
          {"action_failed", case_with_action(ActionState::failed)},
          {"denied", case_with_action(ActionState::denied)},
          {"expired", case_with_action(ActionState::expired)},
          {"unknown", case_with_action(ActionState::unknown)},
          {"hostile", hostile_case()}};
}

}  // namespace vedette::test

// The stories of the simulated company, with its ordinary weeks behind them: attacks come out as such, look-alikes as
// benign. The analyst knows nothing of the company but a list of two known-good entries any organisation would keep.

#include <cstdio>

#include "bot/app/demo/activity.hpp"
#include "bot/app/demo/stories.hpp"
#include "tests/integration/investigate/lab.hpp"

namespace vedette::test {
namespace {

namespace demo = app::demo;

struct Told {
  std::string name;
  bool malicious = false;
  CaseView view;
};

Result<std::vector<Event>> read_events(const std::vector<demo::Record>& records) {
  std::vector<Event> events;
  for (const auto& record : records) {
    TRY(auto some, Lab::events_of(record.stream, record.json));
    std::move(some.begin(), some.end(), std::back_inserter(events));
  }
  return events;
}

void print(const Told& told) {
  const auto& record = told.view.record;
  std::printf("%-22s %s\n", told.name.c_str(), record.verdict ? std::string(to_string(record.verdict->label)).c_str() : "-");
  if (!record.verdict) return;
  const auto& verdict = *record.verdict;
  std::printf("   %d %% p=%.2f %s | %s\n", verdict.confidence, verdict.probability,
              std::string(to_string(verdict.severity)).c_str(), verdict.headline.c_str());
  for (const auto& claim : verdict.claims)
    std::printf("   %+5.2f [E%d] %s\n", claim.weight, claim.evidence.front(), claim.text.c_str());
  for (const auto& line : verdict.not_checked) std::printf("   not checked: %s\n", line.c_str());
  for (const auto& action : told.view.actions)
    std::printf("   proposes %s: %s\n", action.plan.title().c_str(), action.reason.c_str());
}

// The mail gateway of the company sends a form of its own.
Result<std::vector<Alert>> read_alerts(const demo::Record& record, Time now) {
  if (record.stream != "mailgateway") return Lab::alerts_of(record.stream, record.json, now);
  intake::Mapping mapping;
  mapping.id = "/threat_id";
  mapping.title = "/verdict";
  mapping.time = "/seen_at";
  mapping.severity = "/risk";
  mapping.rule = "/policy";
  mapping.entities = {
      {EntityType::mail, "/message/recipient"}, {EntityType::mail, "/message/sender"}, {EntityType::url, "/message/link"}};
  mapping.fields = {
      {"email.from.address", "/message/sender"}, {"email.to.address", "/message/recipient"}, {"url.full", "/message/link"}};
  TRY(const auto document, Json::parse(record.json));
  TRY(auto parsed, intake::parse_mapped(mapping, document));
  for (size_t i = 0; i < parsed.alerts.size(); ++i)
    intake::complete(parsed.alerts[i], parsed.records[i], record.stream, "mapped", now);
  return std::move(parsed.alerts);
}

Async<std::vector<Told>> tell(Executor io) {
  Lab lab(io);
  const auto company = demo::make_company(7);
  const Time now = lab.clock().now();
  auto weeks = read_events(demo::ordinary_activity(company, 7, now, 14));
  if (!weeks) co_return weeks.error();
  std::printf("%zu ordinary records\n", weeks->size());
  CO_TRY_VOID(lab.keep(std::move(*weeks)));
  investigate::WorkerOptions options;
  options.known_good = {{"scanner", "vulnerability scanner", {"ip:" + company.server("scan-01").ip}, {}, {}},
                        {"protected", "domain controller", {"host:dc-01"}, {}, {}}};
  options.available_verbs = {
      {"block_ip", "firewall"}, {"isolate_host", "edr"}, {"suspend_user", "directory"}, {"disable_key", "cloud"}};
  std::vector<Told> all;
  demo::Random random(11);
  for (const auto& story : demo::all_stories()) {
    const auto scene = story.play(company, random, now);
    auto logs = read_events(scene.logs);
    if (!logs) co_return logs.error();
    CO_TRY_VOID(lab.keep(std::move(*logs)));
    std::vector<Alert> alerts;
    for (const auto& record : scene.alerts) {
      auto some = read_alerts(record, now);
      if (!some) co_return some.error();
      std::move(some->begin(), some->end(), std::back_inserter(alerts));
    }
    CO_TRY(auto view, lab.investigated(std::move(alerts), options));
    all.push_back({story.name, story.malicious, std::move(view)});
  }
  lab.store().close();
  co_return all;
}

ASYNC_TEST(Stories, attacks_and_look_alikes_are_told_apart) {
  const auto told = co_await tell(io);
  CO_ASSERT_OK(told);
  for (const auto& one : *told) {
    print(one);
    SCOPED_TRACE(one.name);
    EXPECT_EQ(one.view.record.investigation, InvestigationState::done);
    CO_ASSERT_TRUE(one.view.record.verdict.has_value());
    const auto label = one.view.record.verdict->label;
    if (one.malicious)
      EXPECT_TRUE(label == Label::malicious || label == Label::suspicious) << to_string(label);
    else
      EXPECT_EQ(label, Label::benign) << to_string(label);
    int dropped = 0;
    grounded_claims(one.view.record.verdict->claims, one.view.evidence, &dropped);
    EXPECT_EQ(dropped, 0);
    if (!one.malicious) {
      EXPECT_TRUE(one.view.actions.empty());
    }
  }
}

}  // namespace
}  // namespace vedette::test

// Public recordings of real attack tools, loaded as they are: the evidence a verdict cites holds the attacker's own records.
// invictus_aws: an hour of CloudTrail with Stratus detonations. otrf_mordor: Windows logs around simulated techniques.

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "bot/base/text.hpp"
#include "tests/integration/investigate/lab.hpp"

namespace vedette::test {
namespace {

struct Labelled {
  std::string label;
  Event event;
};

Result<std::vector<Labelled>> cloudtrail_hour(const std::filesystem::path& corpus_folder) {
  std::vector<Labelled> all;
  for (const auto& line : text::split(gunzip_file(corpus_folder / "eval/invictus_aws/events.jsonl.gz"), '\n')) {
    if (line.empty()) continue;
    TRY(const auto record, Json::parse(line));
    // Only the masked event is shown to the analyst; the label and the original user agent stay here.
    TRY(auto events, Lab::events_of("cloudtrail", record["event_masked"].dump()));
    all.push_back({record["label"].string_or(""), std::move(events.at(0))});
  }
  return all;
}

const std::set<std::string>& sensitive_calls() {
  static const std::set<std::string> calls = {"StopLogging",
                                              "DeleteTrail",
                                              "PutEventSelectors",
                                              "DeleteFlowLogs",
                                              "LeaveOrganization",
                                              "GetPasswordData",
                                              "GetSecretValue",
                                              "CreateAccessKey",
                                              "CreateUser",
                                              "CreateLoginProfile",
                                              "AttachUserPolicy",
                                              "UpdateAssumeRolePolicy",
                                              "CreateTrustAnchor",
                                              "ModifyImageAttribute",
                                              "ModifySnapshotAttribute",
                                              "ModifyDBSnapshotAttribute",
                                              "SendCommand",
                                              "UpdateFunctionCode20150331v2",
                                              "AddPermission20150331v2",
                                              "AuthorizeSecurityGroupIngress",
                                              "PutBucketPolicy",
                                              "ConsoleLogin",
                                              "DeleteDBInstance"};
  return calls;
}

Alert alert_of(const Event& event) {
  Alert alert;
  alert.source = "cloud-rules";
  alert.format = "ecs";
  alert.dedup_key = event.id;
  alert.title = "Sensitive call " + std::string(event.get("event.action"));
  alert.rule = "sensitive-call";
  alert.severity = Severity::medium;
  alert.time = alert.received = event.time;
  alert.fields = event.fields;
  alert.entities = entities_of(event.fields);
  alert.raw = event.raw;
  return alert;
}

// The records of everything the verdict cites, the alert itself left out.
std::string cited_records(const CaseView& view) {
  std::set<int> cited;
  for (const auto& claim : view.record.verdict->claims) cited.insert(claim.evidence.begin(), claim.evidence.end());
  std::string records;
  for (const auto& evidence : view.evidence) {
    if (evidence.question == investigate::kAlertQuestion || !cited.contains(evidence.number)) continue;
    for (const auto& record : evidence.records) records += record + "\n";
  }
  return records;
}

Job invictus(Executor io) {
  const auto folder = corpus();
  const auto hour = cloudtrail_hour(*folder);
  CO_ASSERT_OK(hour);
  CO_ASSERT_TRUE(hour->size() == 2900);
  Lab lab(io);
  std::set<std::string> attackers;
  std::map<std::string, int> calls_as;  // the attacker's calls by the account they were made as
  std::vector<Event> events;
  for (const auto& one : *hour) {
    events.push_back(one.event);
    if (one.label != "attack_detonation") continue;
    attackers.insert(one.event.id);
    ++calls_as[std::string(one.event.get("user.name"))];
  }
  CO_ASSERT_OK(co_await lab.keep(std::move(events)));
  std::map<std::string, int> taken;
  std::map<std::string, std::map<std::string, int>> counts;
  int attacks = 0, holding = 0;
  for (const auto& one : *hour) {
    const std::string action(one.event.get("event.action"));
    // Two alerts of a kind are enough: a detonation repeats one call many times.
    if (!sensitive_calls().contains(action) || ++taken[one.label + " " + action] > 2) continue;
    const auto view = co_await lab.investigated(alert_of(one.event));
    CO_ASSERT_OK(view);
    CO_ASSERT_TRUE(view->record.verdict.has_value());
    ++counts[one.label][std::string(to_string(view->record.verdict->label))];
    if (one.label != "attack_detonation") continue;
    ++attacks;
    const auto records = cited_records(*view);
    // The alert's own record is known anyway: another one of the attacker's has to be found.
    const bool holds = std::any_of(attackers.begin(), attackers.end(), [&](const std::string& id) {
      return id != one.event.id && records.find(id) != std::string::npos;
    });
    // Who did one single thing as an account left no other record under it. (What names that account elsewhere, such as the
    // AssumeRole before it, is not asked for yet.)
    const bool only_one = calls_as[std::string(one.event.get("user.name"))] == 1;
    if (only_one && !holds) std::printf("the only call of its account: %s\n", action.c_str());
    EXPECT_TRUE(holds || only_one) << action << " " << view->record.verdict->headline;
    if (holds) ++holding;
  }
  for (const auto& [label, verdicts] : counts) {
    std::printf("%-24s", label.c_str());
    for (const auto& [verdict, count] : verdicts) std::printf(" %s %d", verdict.c_str(), count);
    std::printf("\n");
  }
  std::printf("cited evidence holds a record of the attacker other than the alert's: %d of %d\n", holding, attacks);
  EXPECT_GE(attacks, 25);
  EXPECT_GE(holding, attacks - 2);
  lab.store().close();
}

TEST(InvictusAws, cited_evidence_holds_the_attackers_own_calls) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  run_async(invictus, std::chrono::seconds(150));
}

struct Recording {
  const char* id;
  const char* artefact;  // what the technique left in the log
};

Job mordor(Executor io) {
  const auto folder = corpus();
  const auto index = Json::parse(read_file(*folder / "eval/otrf_mordor/index.json"), JsonLimits{4 << 20, 64, 400'000});
  CO_ASSERT_OK(index);
  const Recording recordings[] = {{"SDWIN-201018225619", "Outflank-Dumpert.exe"}, {"SDWIN-190319024742", "MordorSchtask"}};
  int found = 0;
  for (const auto& recording : recordings) {
    SCOPED_TRACE(recording.id);
    for (const auto& entry : index->elements()) {
      if (entry["id"].string_or("") != recording.id || !entry["logs"].is_string()) continue;
      Lab lab(io);
      std::vector<Event> events;
      for (const auto& line :
           text::split(gunzip_file(*folder / "eval/otrf_mordor/logs" / entry["logs"].string_or("")), '\n')) {
        if (line.empty()) continue;
        auto some = Lab::events_of("windows", line);
        CO_ASSERT_OK(some);
        std::move(some->begin(), some->end(), std::back_inserter(events));
      }
      CO_ASSERT_TRUE(!events.empty());
      Time last = events.front().time;
      for (const auto& event : events) last = std::max(last, event.time);
      CO_ASSERT_OK(co_await lab.keep(std::move(events)));
      Alert alert;
      alert.source = "edr";
      alert.format = "ecs";
      alert.dedup_key = recording.id;
      alert.title = entry["title"].string_or("");
      alert.rule = alert.title;
      alert.severity = Severity::medium;
      alert.time = alert.received = last;
      // The machine on which most was recorded last: the index lists the domain controller too.
      std::string host = entry["hosts"][size_t{0}].string_or("");
      for (const auto& name : entry["hosts"].elements())
        if (name.string_or("").starts_with("WORKSTATION5")) host = name.string_or("");
      alert.fields = {{"host.name", host}};
      alert.entities = entities_of(alert.fields);
      const auto technique = entry["attack"][size_t{0}];
      alert.techniques = {technique[size_t{0}].string_or("") + "." + technique[size_t{1}].string_or("")};
      alert.raw = "{}";
      const auto view = co_await lab.investigated(alert);
      CO_ASSERT_OK(view);
      CO_ASSERT_TRUE(view->record.verdict.has_value());
      const auto& verdict = *view->record.verdict;
      std::printf("%s %s: %s %d %%\n", recording.id, alert.title.c_str(), std::string(to_string(verdict.label)).c_str(),
                  verdict.confidence);
      for (const auto& claim : verdict.claims)
        std::printf("   %+5.2f [E%d] %s\n", claim.weight, claim.evidence.front(), claim.text.c_str());
      EXPECT_TRUE(verdict.label == Label::malicious || verdict.label == Label::suspicious);
      EXPECT_NE(cited_records(*view).find(recording.artefact), std::string::npos);
      ++found;
      lab.store().close();
    }
  }
  EXPECT_EQ(found, 2);
}

TEST(OtrfMordor, cited_evidence_holds_the_artefact_of_the_technique) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  run_async(mordor, std::chrono::seconds(150));
}

}  // namespace
}  // namespace vedette::test

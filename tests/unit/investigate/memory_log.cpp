#include "tests/unit/investigate/memory_log.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/investigate/answer.hpp"
#include "tests/support/async_test.hpp"

namespace vedette::test {
namespace {

bool holds(const Condition& condition, const Event& event) {
  const auto value = event.get(condition.field);
  const auto same = [&](const std::string& wanted) { return text::iequals(value, wanted); };
  switch (condition.op) {
    case Op::equals: return same(condition.values.at(0));
    case Op::not_equals: return !same(condition.values.at(0));
    case Op::any_of: return std::any_of(condition.values.begin(), condition.values.end(), same);
    case Op::prefix: return text::lower(value).starts_with(text::lower(condition.values.at(0)));
    case Op::contains: return text::icontains(value, condition.values.at(0));
    case Op::exists: return !value.empty();
    case Op::missing: return value.empty();
    case Op::cidr: return false;
  }
  return false;
}

bool has_words(const std::string& words, const Event& event) {
  for (const auto& word : text::split(words, ' ')) {
    if (word.empty()) continue;
    const bool found = std::any_of(event.fields.begin(), event.fields.end(),
                                   [&](const auto& field) { return text::icontains(field.second, word); });
    if (!found) return false;
  }
  return true;
}

bool wanted(const EventQuery& query, const Event& event) {
  if (event.time < query.from || event.time > query.to) return false;
  if (!query.dataset.empty() && event.dataset != query.dataset) return false;
  const auto test = [&](const Condition& condition) { return holds(condition, event); };
  if (!std::all_of(query.all.begin(), query.all.end(), test)) return false;
  if (!query.any.empty() && !std::any_of(query.any.begin(), query.any.end(), test)) return false;
  return has_words(query.text, event);
}

}  // namespace

Async<EventResult> MemoryLog::query(EventQuery query, Deadline) {
  ++queries;
  if (broken) co_return Error(Code::unavailable, "the connection was refused.");
  std::vector<Event> found;
  std::copy_if(events.begin(), events.end(), std::back_inserter(found), [&](const Event& e) { return wanted(query, e); });
  std::sort(found.begin(), found.end(), [&](const Event& a, const Event& b) {
    if (a.time != b.time) return query.newest_first ? a.time > b.time : a.time < b.time;
    return a.id < b.id;
  });
  EventResult result;
  result.total = static_cast<int64_t>(found.size());
  std::map<std::string, EventGroup> groups;
  for (const auto& one : found) {
    result.first = result.first ? std::min(*result.first, one.time) : one.time;
    result.last = result.last ? std::max(*result.last, one.time) : one.time;
    if (query.group_by.empty() || one.get(query.group_by).empty()) continue;
    auto& group = groups[std::string(one.get(query.group_by))];
    group.first = group.count == 0 ? one.time : std::min(group.first, one.time);
    group.last = group.count == 0 ? one.time : std::max(group.last, one.time);
    group.value = one.get(query.group_by);
    ++group.count;
  }
  if (!query.group_by.empty()) {
    for (auto& [value, group] : groups) result.groups.push_back(group);
    std::sort(result.groups.begin(), result.groups.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
    if (result.groups.size() > query.limit) result.groups.resize(query.limit);
  } else {
    if (found.size() > query.limit) found.resize(query.limit);
    result.events = std::move(found);
  }
  co_return result;
}

Time at(const std::string& clock, int days_before) {
  return *parse_time("2026-11-24T" + clock + "Z") - std::chrono::days(days_before);
}

Event event(const std::string& dataset, Time time, FieldMap fields) {
  static int number = 0;
  Event made;
  made.id = fmt::format("event-{}", ++number);
  made.dataset = dataset;
  made.time = time;
  made.fields = std::move(fields);
  return made;
}

Alert alert(const std::string& title, Severity severity, Time time, FieldMap fields, std::vector<std::string> techniques) {
  Alert made;
  made.id = AlertId(1);
  made.source = "detector";
  made.dedup_key = title + to_rfc3339(time);
  made.title = title;
  made.rule = title;
  made.severity = severity;
  made.time = time;
  made.entities = entities_of(fields);
  made.fields = std::move(fields);
  made.techniques = std::move(techniques);
  made.raw = "{}";
  return made;
}

CaseView view_of(std::vector<Alert> alerts) {
  CaseView view;
  view.record.id = CaseId(1);
  view.record.alerts = static_cast<int>(alerts.size());
  for (const auto& one : alerts)
    for (const auto& entity : one.entities) add_unique(view.record.entities, entity);
  view.alerts = std::move(alerts);
  return view;
}

const investigate::Finding* Outcome::finding(std::string_view question) const {
  for (const auto& one : dossier.findings)
    if (one.question == question) return &one;
  return nullptr;
}

const Evidence* Outcome::evidence(std::string_view question) const {
  for (const auto& one : dossier.evidence)
    if (one.question == question || one.question.starts_with(std::string(question) + " ")) return &one;
  return nullptr;
}

Outcome investigate_case(MemoryLog& log, std::vector<Alert> alerts, std::vector<investigate::KnownGood> known_good,
                         CaseStore* cases) {
  using namespace investigate;
  Sources sources{{&log}, cases, std::move(known_good)};
  Outcome outcome;
  auto& dossier = outcome.dossier;
  dossier = open_dossier(view_of(std::move(alerts)), 1);
  const Time now = dossier.last_alert() + std::chrono::minutes(1);
  auto first = alert_evidence(dossier, now);
  first.number = 1;
  dossier.evidence.push_back(first);
  static const Sources* given = nullptr;
  static Outcome* into = nullptr;
  given = &sources;
  into = &outcome;
  run_async([](Executor) -> Job {
    auto& file = into->dossier;
    const Budget budget;
    while (auto ask = next_ask(built_in_questions(), file, budget)) {
      const Time taken = file.last_alert();
      const auto deadline = Deadline::after(std::chrono::seconds(5));
      auto asked = co_await put_question(*given, *ask, file, taken, deadline);
      file.asked.insert(ask->key());
      CO_ASSERT_OK(asked);
      for (auto& line : asked->not_checked) file.note_not_checked(line);
      if (!asked->evidence) continue;
      auto& evidence = *asked->evidence;
      evidence.number = static_cast<int>(file.evidence.size()) + 1;
      auto finding = interpret(*ask, evidence, file);
      evidence.answer = finding.text;
      file.evidence.push_back(std::move(evidence));
      add_finding(file, *ask, std::move(finding));
    }
  });
  outcome.verdict = decide(dossier, now);
  return outcome;
}

}  // namespace vedette::test

#include "bot/investigate/ask.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "bot/investigate/names.hpp"
#include "bot/investigate/phrase.hpp"

namespace vedette::investigate {
namespace {

constexpr size_t kRecordsKept = 19;  // and the summary makes twenty
constexpr size_t kFieldKept = 600;
constexpr size_t kLongFieldKept = 2000;
constexpr size_t kRoutineLookups = 6;  // values looked up for one question
constexpr size_t kRoutineDays = 5;

// A host goes by its short and its full name; the log may know one, the alert the other.
void widen_host(Condition& condition, const Dossier& dossier) {
  if (condition.op != Op::equals || condition.values.size() != 1) return;
  const Entity host(EntityType::host, condition.values.front());
  const auto known = dossier.names.find(host);
  std::vector<std::string> names = {host.value};
  const auto add = [&](std::string name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  };
  if (const size_t dot = host.value.find('.'); dot != std::string::npos) add(host.value.substr(0, dot));
  if (known != dossier.names.end())
    for (const auto& name : known->second) add(name);
  if (names.size() < 2) return;
  condition.op = Op::any_of;
  condition.values = std::move(names);
}

bool fill_conditions(const std::vector<Condition>& from, std::vector<Condition>& into, const PhraseLookup& lookup,
                     const Dossier& dossier) {
  for (const auto& pattern : from) {
    Condition made(pattern.field, pattern.op, {});
    for (const auto& value : pattern.values) {
      auto filled = fill_exactly(value, lookup);
      if (!filled) return false;
      made.values.push_back(std::move(*filled));
    }
    if (made.field == "host.name" && pattern.values == std::vector<std::string>{"{host}"}) widen_host(made, dossier);
    into.push_back(std::move(made));
  }
  return true;
}

bool matches_any(const std::vector<Pattern>& patterns, const Event& event) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const Pattern& pattern) {
    return std::any_of(pattern.fields().begin(), pattern.fields().end(),
                       [&](const std::string& field) { return pattern.matches(event.get(field)); });
  });
}

std::string event_record(const Event& event) {
  JsonWriter w;
  w.begin_object().field("dataset", event.dataset).field("id", event.id).field("time", to_rfc3339(event.time));
  w.key("fields").begin_object();
  for (const auto& [name, value] : event.fields) {
    const bool is_long = name.ends_with("command_line") || name.ends_with("script_block_text");
    w.field(name, std::string_view(value).substr(0, is_long ? kLongFieldKept : kFieldKept));
  }
  w.end_object().end_object();
  return w.take();
}

std::string group_record(const EventGroup& group, const std::string& by) {
  JsonWriter w;
  w.begin_object().field("group", by).field("value", group.value).field("count", group.count);
  w.field("first", to_rfc3339(group.first)).field("last", to_rfc3339(group.last)).end_object();
  return w.take();
}

double days_between(Time from, Time to) {
  return static_cast<double>(std::chrono::floor<std::chrono::days>(to - from).count());
}

// What several sources said to one query.
struct Gathered {
  EventResult result;
  std::vector<std::string> failures;
  bool answered = false;
};

Async<Gathered> gather(const Sources& sources, EventQuery query, Deadline deadline) {
  Gathered all;
  for (auto* const source : sources.events) {
    auto answer = co_await source->query(query, deadline);
    if (!answer) {
      all.failures.push_back(fmt::format("The {} did not answer: {}", source->name(), answer.error().message));
      continue;
    }
    all.answered = true;
    auto& part = *answer;
    std::move(part.events.begin(), part.events.end(), std::back_inserter(all.result.events));
    std::move(part.groups.begin(), part.groups.end(), std::back_inserter(all.result.groups));
    all.result.total += part.total;
    if (part.first && (!all.result.first || *part.first < *all.result.first)) all.result.first = part.first;
    if (part.last && (!all.result.last || *part.last > *all.result.last)) all.result.last = part.last;
  }
  co_return all;
}

// One entry a value, the most frequent first: the same whatever order the sources answered in.
void merge_groups(std::vector<EventGroup>& groups) {
  std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
  std::vector<EventGroup> merged;
  for (auto& group : groups) {
    if (merged.empty() || merged.back().value != group.value) {
      merged.push_back(std::move(group));
      continue;
    }
    merged.back().count += group.count;
    merged.back().first = std::min(merged.back().first, group.first);
    merged.back().last = std::max(merged.back().last, group.last);
  }
  std::sort(merged.begin(), merged.end(),
            [](const auto& a, const auto& b) { return a.count != b.count ? a.count > b.count : a.value < b.value; });
  groups = std::move(merged);
}

// The records nearest to the alerts, in order of time.
void keep_nearest(std::vector<Event>& events, const Dossier& dossier) {
  const auto by_time = [](const Event& a, const Event& b) {
    return std::tie(a.time, a.dataset, a.id) < std::tie(b.time, b.dataset, b.id);
  };
  std::sort(events.begin(), events.end(), by_time);
  if (events.size() <= kRecordsKept) return;
  const auto distance = [&](const Event& event) {
    if (event.time < dossier.first_alert()) return dossier.first_alert() - event.time;
    if (event.time > dossier.last_alert()) return event.time - dossier.last_alert();
    return Duration(0);
  };
  std::sort(events.begin(), events.end(), [&](const Event& a, const Event& b) {
    return distance(a) != distance(b) ? distance(a) < distance(b) : by_time(a, b);
  });
  events.resize(kRecordsKept);
  std::sort(events.begin(), events.end(), by_time);
}

class Summary {
 public:
  void set(std::string_view name, double value) { numbers_.emplace_back(name, value); }
  void note(std::string_view name, std::string value) { notes_.emplace_back(name, std::move(value)); }
  std::string record() const {
    JsonWriter w;
    w.begin_object().key("summary").begin_object();
    for (const auto& [name, value] : numbers_) {
      w.key(name);
      if (value == std::floor(value))
        w.value(static_cast<int64_t>(value));
      else
        w.value(value);
    }
    for (const auto& [name, value] : notes_) w.field(name, value);
    w.end_object().end_object();
    return w.take();
  }

 private:
  std::vector<std::pair<std::string, double>> numbers_;
  std::vector<std::pair<std::string, std::string>> notes_;
};

bool filters(const QueryTemplate& asked) {
  return !asked.keep.empty() || !asked.drop.empty() || !asked.unless_routine.empty();
}

// Leaves of the records returned those the question is about.
void filter_records(const QueryTemplate& asked, EventResult& result) {
  std::erase_if(result.events, [&](const Event& event) {
    return (!asked.keep.empty() && !matches_any(asked.keep, event)) || matches_any(asked.drop, event);
  });
}

size_t days_of(const std::vector<Event>& events) {
  std::set<int64_t> days;
  for (const auto& event : events) days.insert(std::chrono::floor<std::chrono::days>(event.time).time_since_epoch().count());
  return days.size();
}

// Takes out what happens all the time: the same command, path or key on many earlier days.
Async<void> leave_out_routine(const Sources& sources, const QueryTemplate& asked, const Dossier& dossier,
                              EventResult& result, Deadline deadline) {
  std::set<std::string, std::less<>> values;
  for (const auto& event : result.events) {
    const auto value = event.get(asked.unless_routine);
    if (!value.empty() && values.size() < kRoutineLookups) values.emplace(value);
  }
  for (const auto& value : values) {
    EventQuery before;
    before.from = dossier.first_alert() - std::chrono::days(30);
    before.to = dossier.first_alert() - std::chrono::hours(12);
    before.all.emplace_back(asked.unless_routine, Op::equals, std::vector<std::string>(1, value));
    before.limit = 500;
    CO_TRY(const auto found, gather(sources, before, deadline));
    if (days_of(found.result.events) < kRoutineDays) continue;
    std::erase_if(result.events, [&](const Event& event) { return event.get(asked.unless_routine) == value; });
  }
  co_return Status();
}

void add_counts(Summary& summary, const QueryTemplate& asked, Gathered& found, const Dossier& dossier, Evidence& evidence) {
  auto& result = found.result;
  if (filters(asked)) {
    summary.set("scanned", static_cast<double>(result.total));
    result.total = static_cast<int64_t>(result.events.size());
  }
  std::set<std::string, std::less<>> values;
  double sum = 0;
  for (const auto& event : result.events) {
    if (const auto value = event.get(asked.distinct_field); !value.empty()) values.emplace(value);
    if (const auto bytes = text::parse_integer(event.get(asked.sum_field)))
      sum += static_cast<double>(std::max<int64_t>(*bytes, 0));
  }
  merge_groups(result.groups);
  evidence.total = result.total;
  summary.set("total", static_cast<double>(result.total));
  summary.set("days", static_cast<double>(days_of(result.events)));
  summary.set("distinct", static_cast<double>(asked.distinct_field.empty() ? result.groups.size() : values.size()));
  summary.set("top", result.groups.empty() ? 0 : static_cast<double>(result.groups.front().count));
  if (!asked.sum_field.empty()) summary.set("sum_mb", std::round(sum / 1e5) / 10);
  if (result.first) {
    summary.set("age_days", std::floor(days_between(*result.first, dossier.first_alert())));
    summary.note("first", to_rfc3339(*result.first));
  }
  if (result.last) summary.note("last", to_rfc3339(*result.last));
  keep_nearest(result.events, dossier);
  for (const auto& event : result.events) evidence.records.push_back(event_record(event));
  for (const auto& group : result.groups) {
    if (evidence.records.size() >= kRecordsKept) break;
    evidence.records.push_back(group_record(group, asked.group_by));
  }
}

Async<Asked> ask_events(const Sources& sources, const Ask& ask, const Dossier& dossier, Time now, Deadline deadline) {
  Asked asked;
  const auto query = event_query(ask.question->query, ask, dossier);
  if (!query) co_return asked;
  Evidence evidence;
  evidence.source = sources.events.size() == 1 ? sources.events.front()->name() : "logs";
  evidence.query = to_text(*query);
  evidence.from = query->from;
  evidence.to = query->to;
  evidence.taken = now;
  CO_TRY(auto found, gather(sources, *query, deadline));
  asked.not_checked = found.failures;
  if (!found.answered) co_return asked;
  Summary summary;
  if (ask.subject) summary.note("subject", to_text(*ask.subject));
  const auto& wanted = ask.question->query;
  filter_records(wanted, found.result);
  if (!wanted.unless_routine.empty()) CO_TRY_VOID(leave_out_routine(sources, wanted, dossier, found.result, deadline));
  add_counts(summary, wanted, found, dossier, evidence);
  std::optional<EventQuery> baseline;
  if (ask.question->baseline) baseline = event_query(*ask.question->baseline, ask, dossier);
  if (baseline) {
    evidence.query += "; compared with " + to_text(*baseline) +
                      fmt::format(" from {} to {}", to_rfc3339(baseline->from), to_rfc3339(baseline->to));
    CO_TRY(auto before, gather(sources, *baseline, deadline));
    for (const auto& failure : before.failures) asked.not_checked.push_back(failure);
    if (before.answered) {
      merge_groups(before.result.groups);
      summary.set("baseline", static_cast<double>(before.result.total));
      summary.set("baseline_distinct", static_cast<double>(before.result.groups.size()));
      summary.set("baseline_days", before.result.first ? days_between(*before.result.first, dossier.first_alert()) : 0);
      if (before.result.first) summary.note("baseline_first", to_rfc3339(*before.result.first));
    }
  }
  evidence.records.push_back(summary.record());
  asked.evidence = std::move(evidence);
  co_return asked;
}

Evidence ask_alert(const Ask& ask, const Dossier& dossier, Time now) {
  Evidence evidence;
  evidence.source = "alert";
  evidence.from = dossier.first_alert();
  evidence.to = dossier.last_alert();
  evidence.taken = now;
  std::set<std::string> fields;
  for (const auto& pattern : ask.question->patterns) {
    for (const auto& field : pattern.fields()) {
      fields.insert(field);
      for (const auto& alert : dossier.alerts) {
        const auto value = alert_value(alert, field);
        const auto match = pattern.found_in(value);
        if (match.empty()) continue;
        ++evidence.total;
        if (evidence.records.size() >= kRecordsKept) continue;
        JsonWriter w;
        w.begin_object().field("alert", to_string(alert.id)).field("field", field).field("match", match);
        w.field("value", std::string_view(value).substr(0, kLongFieldKept)).end_object();
        evidence.records.push_back(w.take());
      }
    }
  }
  evidence.query = "patterns over " + text::join(std::vector<std::string>(fields.begin(), fields.end()), ", ");
  Summary summary;
  summary.set("total", static_cast<double>(evidence.total));
  evidence.records.push_back(summary.record());
  return evidence;
}

std::string past_case_record(const PastCase& past) {
  JsonWriter w;
  w.begin_object().field("case", to_string(past.id)).field("title", past.title).field("created", to_rfc3339(past.created));
  if (past.label) w.field("verdict", to_string(*past.label));
  if (past.disposition) w.field("disposition", to_string(*past.disposition));
  if (!past.closing_reason.empty()) w.field("reason", past.closing_reason);
  w.field("good", past.good).field("bad", past.bad).end_object();
  return w.take();
}

Async<Asked> ask_cases(const Sources& sources, const Ask& ask, const Dossier& dossier, Time now) {
  Asked asked;
  if (sources.cases == nullptr) co_return asked;
  PastCaseQuery query;
  query.except = dossier.id;
  query.limit = kRecordsKept;
  Evidence evidence;
  if (ask.question->by_rule) {
    query.rule = dossier.alert_field("alert.rule");
    if (query.rule.empty()) co_return asked;
    evidence.query = fmt::format("earlier cases of rule \"{}\"", query.rule);
  } else {
    if (!ask.subject) co_return asked;
    query.entities.push_back(*ask.subject);
    evidence.query = "earlier cases with " + to_text(*ask.subject);
  }
  auto found = co_await sources.cases->past(query);
  if (!found) {
    asked.not_checked.push_back("Earlier cases could not be read: " + found.error().message);
    co_return asked;
  }
  Summary summary;
  if (ask.subject) summary.note("subject", to_text(*ask.subject));
  int positives = 0, dismissed = 0, malicious = 0, benign = 0, good = 0, bad = 0;
  evidence.from = evidence.to = now;
  for (const auto& past : *found) {
    evidence.from = std::min(evidence.from, past.created);
    if (past.disposition == Disposition::tp) ++positives;
    if (past.disposition == Disposition::fp || past.disposition == Disposition::btp) ++dismissed;
    if (past.label == Label::malicious) ++malicious;
    if (past.label == Label::benign) ++benign;
    good += past.good;
    bad += past.bad;
    evidence.records.push_back(past_case_record(past));
  }
  evidence.source = "past cases";
  evidence.taken = now;
  evidence.total = static_cast<int64_t>(found->size());
  summary.set("total", static_cast<double>(evidence.total));
  summary.set("true_positives", positives);
  summary.set("dismissed", dismissed);
  summary.set("malicious", malicious);
  summary.set("benign", benign);
  summary.set("good", good);
  summary.set("bad", bad);
  evidence.records.push_back(summary.record());
  asked.evidence = std::move(evidence);
  co_return asked;
}

Evidence ask_known_good(const Sources& sources, const Ask& ask, const Dossier& dossier, Time now) {
  Evidence evidence;
  evidence.source = "known-good lists";
  evidence.query = fmt::format("list {}{}", ask.question->list, ask.subject ? ", " + to_text(*ask.subject) : "");
  evidence.from = dossier.first_alert();
  evidence.to = dossier.last_alert();
  evidence.taken = now;
  for (const auto& entry : sources.known_good) {
    if (entry.kind != ask.question->list) continue;
    // An entry must cover the subject (for a question about the whole case: anything in it) at the first and the last alert.
    const auto whole_time = [&](const Entity& entity) {
      return covers(entry, entity, dossier.first_alert()) && covers(entry, entity, dossier.last_alert());
    };
    const Entity* covered = nullptr;
    for (const auto& subject : dossier.subjects) {
      if (ask.subject ? subject.entity != *ask.subject : subject.followed) continue;
      if (whole_time(subject.entity)) covered = &subject.entity;
      if (covered != nullptr) break;
    }
    if (covered == nullptr) continue;
    ++evidence.total;
    if (evidence.records.size() >= kRecordsKept) continue;
    JsonWriter w;
    w.begin_object().field("list", entry.kind).field("name", entry.name).field("entity", to_text(*covered));
    if (entry.from) w.field("from", to_rfc3339(*entry.from));
    if (entry.to) w.field("to", to_rfc3339(*entry.to));
    w.end_object();
    evidence.records.push_back(w.take());
  }
  Summary summary;
  if (ask.subject) summary.note("subject", to_text(*ask.subject));
  summary.set("total", static_cast<double>(evidence.total));
  evidence.records.push_back(summary.record());
  return evidence;
}

}  // namespace

std::string title_of(const Ask& ask, const Dossier& dossier) {
  return fill(ask.question->title, case_names(ask, dossier)).text;
}

std::optional<EventQuery> event_query(const QueryTemplate& from, const Ask& ask, const Dossier& dossier) {
  const auto lookup = case_names(ask, dossier);
  EventQuery query;
  query.dataset = from.dataset;
  query.from = dossier.first_alert() + from.window.from;
  query.to = (from.window.to < std::chrono::seconds(0) ? dossier.first_alert() : dossier.last_alert()) + from.window.to;
  query.group_by = from.group_by;
  query.limit = from.limit;
  query.newest_first = from.newest_first;
  if (!fill_conditions(from.all, query.all, lookup, dossier)) return std::nullopt;
  if (!fill_conditions(from.any, query.any, lookup, dossier)) return std::nullopt;
  for (const auto& condition : from.if_known) fill_conditions({condition}, query.all, lookup, dossier);
  const auto words = fill_exactly(from.text, lookup);
  if (!words) return std::nullopt;
  query.text = *words;
  return query;
}

Async<Asked> put_question(const Sources& sources, const Ask& ask, const Dossier& dossier, Time now, Deadline deadline) {
  Asked asked;
  switch (ask.question->whom) {
    case Whom::events: {
      CO_TRY(asked, ask_events(sources, ask, dossier, now, deadline));
      break;
    }
    case Whom::cases: {
      CO_TRY(asked, ask_cases(sources, ask, dossier, now));
      break;
    }
    case Whom::alert: asked.evidence = ask_alert(ask, dossier, now); break;
    case Whom::known_good: asked.evidence = ask_known_good(sources, ask, dossier, now); break;
  }
  if (asked.evidence) {
    asked.evidence->case_id = dossier.id;
    asked.evidence->question = ask.key();
    asked.evidence->title = title_of(ask, dossier);
  }
  co_return asked;
}

}  // namespace vedette::investigate

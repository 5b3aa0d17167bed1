#include "bot/investigate/answer.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "bot/investigate/names.hpp"

namespace vedette::investigate {
namespace {

constexpr size_t kListed = 4;  // values shown of a list
constexpr size_t kPivots = 3;  // entities followed of one answer

struct Group {
  std::string value;
  int64_t count = 0;
};

// The stored records, read back.
struct Records {
  std::vector<std::map<std::string, std::string>> rows;  // events by their fields; other records by their members
  std::vector<Group> groups;
  std::map<std::string, double, std::less<>> metrics;
  std::map<std::string, std::string, std::less<>> notes;
};

std::map<std::string, std::string> scalars(const Json& object) {
  std::map<std::string, std::string> row;
  for (const auto& [name, value] : object.members()) {
    auto text = value.scalar_text();
    if (!text.empty()) row.emplace(name, std::move(text));
  }
  return row;
}

Records read(const Evidence& evidence) {
  Records records;
  for (const auto& bytes : evidence.records) {
    const auto parsed = Json::parse(bytes);
    if (!parsed) continue;  // masked or damaged: it says nothing any more
    if (const auto summary = (*parsed)["summary"]; summary.is_object()) {
      for (const auto& [name, value] : summary.members()) {
        if (const auto number = value.number())
          records.metrics[std::string(name)] = *number;
        else
          records.notes[std::string(name)] = value.string_or("");
      }
    } else if ((*parsed)["group"].exists()) {
      records.groups.push_back({(*parsed)["value"].string_or(""), (*parsed)["count"].integer_or(0)});
    } else if (const auto fields = (*parsed)["fields"]; fields.is_object()) {
      auto row = scalars(fields);
      row.emplace("event.dataset", (*parsed)["dataset"].string_or(""));
      row.emplace("@timestamp", (*parsed)["time"].string_or(""));
      records.rows.push_back(std::move(row));
    } else {
      records.rows.push_back(scalars(*parsed));
    }
  }
  return records;
}

std::vector<std::string> values_of(const Records& records, const std::string& field, size_t most) {
  std::vector<std::string> values;
  for (const auto& row : records.rows) {
    const auto found = row.find(field);
    if (found == row.end() || found->second.empty()) continue;
    if (std::find(values.begin(), values.end(), found->second) == values.end()) values.push_back(found->second);
    if (values.size() == most) break;
  }
  return values;
}

std::string number_text(double value) {
  return value == static_cast<double>(static_cast<int64_t>(value)) ? std::to_string(static_cast<int64_t>(value))
                                                                   : fmt::format("{}", value);
}

std::optional<PhraseValue> record_value(const Records& records, std::string_view name) {
  PhraseValue value;
  if (name == "groups") {
    for (const auto& group : records.groups) {
      if (value.values.size() == kListed) break;
      if (!group.value.empty()) value.values.push_back(group.value);
    }
  } else if (name == "top_value") {
    if (!records.groups.empty()) value.values.push_back(records.groups.front().value);
  } else if (name == "first" || name == "last" || name == "baseline_first") {
    // The day is enough for people, and stands in the record as it is shown.
    if (const auto note = records.notes.find(name); note != records.notes.end())
      value.values.push_back(note->second.substr(0, 10));
  } else if (const auto metric = records.metrics.find(name); metric != records.metrics.end()) {
    value.values.push_back(number_text(metric->second));
  } else if (name.starts_with("list:")) {
    value.values = values_of(records, std::string(name.substr(5)), kListed);
  } else {
    value.values = values_of(records, std::string(name), 1);
  }
  if (value.values.empty()) return std::nullopt;
  return value;
}

bool fits(const Outcome& outcome, const Records& records) {
  return std::all_of(outcome.when.begin(), outcome.when.end(), [&](const Comparison& comparison) {
    const auto metric = records.metrics.find(comparison.metric);
    return metric != records.metrics.end() &&
           comparison.holds(metric->second);  // a metric that is not known decides nothing
  });
}

std::vector<Entity> pivots_of(const Outcome& outcome, const Records& records) {
  std::vector<Entity> found;
  for (const auto& rule : outcome.pivots) {
    for (const auto& value : values_of(records, rule.field, kPivots)) add_unique(found, make_entity(rule.type, value));
    for (const auto& group : records.groups) {
      if (rule.field == "group" && found.size() < kPivots) add_unique(found, make_entity(rule.type, group.value));
    }
  }
  if (found.size() > kPivots) found.resize(kPivots);
  return found;
}

// "ws-14" in the case may be "ws-14.corp.example" in the log.
std::vector<std::string> spellings(const Entity& host, const Records& records) {
  std::vector<std::string> names;
  const auto short_name = host.value.substr(0, host.value.find('.'));
  for (const auto& value : values_of(records, "host.name", 8)) {
    auto name = text::lower(value);
    const bool same = name == short_name || name.starts_with(short_name + ".");
    if (same && name != host.value) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

Finding interpret(const Ask& ask, const Evidence& evidence, const Dossier& dossier) {
  const auto records = read(evidence);
  Finding finding;
  finding.question = ask.question->id;
  finding.subject = ask.subject.value_or(Entity());
  finding.evidence = evidence.number;
  const auto total = records.metrics.find("total");
  const auto baseline = records.metrics.find("baseline");
  finding.total = total == records.metrics.end() ? 0 : static_cast<int64_t>(total->second);
  if (ask.question->opens && baseline != records.metrics.end()) finding.total += static_cast<int64_t>(baseline->second);
  const Outcome* outcome = nullptr;
  for (const auto& candidate : ask.question->outcomes) {
    if (outcome == nullptr && fits(candidate, records)) outcome = &candidate;
  }
  // Without a summary the evidence is damaged or masked: nothing follows from it.
  if (outcome == nullptr || records.metrics.empty()) {
    finding.text = "The stored answer cannot be read.";
    return finding;
  }
  const auto names = case_names(ask, dossier);
  const PhraseLookup lookup = [&](std::string_view name) {
    auto value = record_value(records, name);
    return value ? value : names(name);
  };
  auto phrase = fill(outcome->says, lookup);
  finding.text = std::move(phrase.text);
  finding.quoted = std::move(phrase.quoted);
  finding.quoted_alert = std::move(phrase.quoted_alert);
  finding.weight = outcome->weight;
  finding.family = outcome->family;
  finding.hard = outcome->hard;
  finding.clears = outcome->clears;
  finding.tags = outcome->tags;
  finding.techniques = outcome->techniques;
  finding.pivots = pivots_of(*outcome, records);
  if (ask.question->opens && ask.subject && ask.subject->type == EntityType::host)
    finding.names = spellings(*ask.subject, records);
  if (!outcome->not_checked.empty()) finding.not_checked = fill(outcome->not_checked, lookup).text;
  return finding;
}

}  // namespace vedette::investigate

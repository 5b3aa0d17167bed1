// Alerts of any other JSON, by JSON pointers from the config. See mapping.hpp.

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/intake/format.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {
namespace {

// Pointers are looked up; every other text stands for itself.
std::string value_of(const Json& record, const std::string& mapped) {
  if (mapped.empty()) return {};
  return mapped.front() == '/' ? text_of(record.at(mapped)) : mapped;
}

Severity severity_of(const Mapping& mapping, const Json& record) {
  const std::string word = text::lower(value_of(record, mapping.severity));
  if (const auto found = mapping.severity_values.find(word); found != mapping.severity_values.end()) return found->second;
  return severity_from(word).value_or(Severity::medium);
}

void read_entities(Alert& alert, const Mapping& mapping, const Json& record) {
  for (const auto& mapped : mapping.entities) {
    const Json value = mapped.pointer.starts_with('/') ? record.at(mapped.pointer) : Json();
    if (value.is_array()) {
      for (const auto& element : value.elements()) add_entity(alert, mapped.type, text_of(element));
    } else {
      add_entity(alert, mapped.type, value_of(record, mapped.pointer));
    }
  }
}

Alert one(const Mapping& mapping, const Json& record) {
  Alert alert;
  alert.title = value_of(record, mapping.title);
  alert.description = value_of(record, mapping.description);
  alert.severity = severity_of(mapping, record);
  alert.rule = value_of(record, mapping.rule);
  alert.rule_name = value_of(record, mapping.rule_name);
  alert.category = value_of(record, mapping.category);
  alert.dedup_key = value_of(record, mapping.id);
  if (!mapping.time.empty()) alert.time = time_of(record.at(mapping.time)).value_or(Time{});
  add_techniques(alert, value_of(record, mapping.techniques));
  read_entities(alert, mapping, record);
  for (const auto& [field, pointer] : mapping.fields) put(alert.fields, field, std::string_view(value_of(record, pointer)));
  set_link(alert, value_of(record, mapping.link));
  return alert;
}

bool is_pointer(std::string_view pointer) {
  if (!pointer.starts_with('/')) return false;
  for (size_t at = pointer.find('~'); at != std::string_view::npos; at = pointer.find('~', at + 1)) {
    if (at + 1 >= pointer.size() || (pointer[at + 1] != '0' && pointer[at + 1] != '1')) return false;
  }
  return true;
}

}  // namespace

Status check(const Mapping& mapping) {
  const auto bad = [](std::string_view where, std::string_view pointer) {
    return Error(Code::invalid_input, fmt::format("{} of the mapping is not a JSON pointer: \"{}\"", where, pointer));
  };
  if (mapping.title.empty() && mapping.rule.empty() && mapping.rule_name.empty()) {
    return Error(Code::invalid_input, "the mapping needs a title or a rule");
  }
  if (!mapping.records.empty() && !is_pointer(mapping.records)) return bad("records", mapping.records);
  if (!mapping.time.empty() && !is_pointer(mapping.time)) return bad("time", mapping.time);
  for (const auto* part :
       {&mapping.title, &mapping.severity, &mapping.rule, &mapping.id, &mapping.link, &mapping.description}) {
    if (part->starts_with('/') && !is_pointer(*part)) return bad("a part", *part);
  }
  for (const auto& entity : mapping.entities) {
    if (!is_pointer(entity.pointer)) return bad("an entity", entity.pointer);
  }
  return {};
}

Result<Parsed> parse_mapped(const Mapping& mapping, const Json& document) {
  const Json list = document.at(mapping.records);
  if (!list.exists()) {
    return Error(Code::invalid_input,
                 fmt::format("no \"{}\" in the document, where the mapping expects the alerts", mapping.records));
  }
  Parsed parsed;
  const auto records = list.is_array() ? list.elements() : std::vector<Json>{list};
  for (const auto& record : records) {
    if (!record.is_object()) return Error(Code::invalid_input, "an alert that is not a JSON object");
    Alert alert = one(mapping, record);
    if (alert.title.empty() && alert.rule.empty() && alert.rule_name.empty()) {
      return Error(Code::invalid_input, "an alert without the title and the rule that the mapping names");
    }
    parsed.alerts.push_back(std::move(alert));
    parsed.records.push_back(record);
  }
  return parsed;
}

}  // namespace vedette::intake

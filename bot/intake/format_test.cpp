// `vedette format test`: what Vedette makes of a file, one JSON object a line.

#include <fmt/format.h>

#include "bot/intake/import.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {
namespace {

void write_fields(JsonWriter& writer, const Fields& fields) {
  writer.key("fields").begin_object();
  for (const auto& [name, value] : fields) writer.field(name, value);
  writer.end_object();
}

void write_entities(JsonWriter& writer, const std::vector<Entity>& entities) {
  writer.key("entities").begin_array();
  for (const auto& entity : entities) writer.value(to_text(entity));
  writer.end_array();
}

std::string unknown_line(size_t line, const Error& error) {
  JsonWriter writer;
  writer.begin_object().field("kind", "unknown").field("line", line).field("error", error.message).end_object();
  return writer.take();
}

struct Tester {
  const std::string& wanted;
  const Clock& clock;
  const std::function<void(const std::string&)>& out;
  ImportCounts counts;

  void alerts(const Format& format, Parsed parsed) {
    counts.ignored += static_cast<int64_t>(parsed.ignored);
    for (size_t i = 0; i < parsed.alerts.size(); ++i) {
      complete(parsed.alerts[i], parsed.records[i], "test", format.name, clock.now());
      ++counts.alerts;
      out(format_test_line(parsed.alerts[i]));
    }
  }

  void events(ParsedEvents parsed, bool alerts_too) {
    for (const auto& event : parsed.events) {
      if (!alerts_too && event.get("event.kind") == "alert") continue;
      ++counts.events;
      out(format_test_line(event));
    }
    counts.bad += static_cast<int64_t>(parsed.unreadable);
  }

  // As alerts, else as events; a stream that mixes both (Suricata) gives both.
  Status document(const Json& document) {
    const Format* format = wanted.empty() ? recognise_format(document) : find_format(wanted);
    const EventFormat* logs = wanted.empty() ? recognise_events(document) : find_event_format(wanted);
    Status why = Error(Code::invalid_input, "the format was not recognised");
    if (format != nullptr) {
      auto parsed = format->parse(document);
      if (!parsed) {
        why = parsed.error();
      } else {
        const bool mixed = parsed->ignored > 0;
        alerts(*format, std::move(*parsed));
        if (mixed && logs != nullptr && logs->name == format->name) {
          if (auto rest = parse_events(*logs, "", document)) events(std::move(*rest), false);
        }
        return {};
      }
    }
    if (logs == nullptr) return why;
    TRY(auto parsed, parse_events(*logs, "", document));
    events(std::move(parsed), true);
    return {};
  }
};

}  // namespace

std::string format_test_line(const Alert& alert) {
  JsonWriter writer;
  writer.begin_object();
  writer.field("kind", "alert").field("format", alert.format).field("title", alert.title);
  writer.field("time", to_rfc3339(alert.time)).field("severity", to_string(alert.severity));
  writer.field("rule", alert.rule).field("rule_name", alert.rule_name);
  write_entities(writer, alert.entities);
  writer.key("techniques").begin_array();
  for (const auto& technique : alert.techniques) writer.value(technique);
  writer.end_array();
  writer.field("description", alert.description).field("category", alert.category).field("link", alert.link);
  writer.field("dedup_key", alert.dedup_key);
  write_fields(writer, alert.fields);
  writer.end_object();
  return writer.take();
}

std::string format_test_line(const Event& event) {
  JsonWriter writer;
  writer.begin_object();
  const auto action = event.get("event.action");
  writer.field("kind", "event")
      .field("format", event.dataset)
      .field("title", action.empty() ? event.get("message") : action);
  writer.field("time", to_rfc3339(event.time)).field("severity", "informational");
  const auto rule = event.get("rule.id");
  writer.field("rule", rule.empty() ? event.get("event.code") : rule);
  write_entities(writer, entities_of(event.fields));
  writer.field("id", event.id);
  write_fields(writer, event.fields);
  writer.end_object();
  return writer.take();
}

Result<ImportCounts> format_test(const std::string& path, const std::string& format, const Clock& clock,
                                 const std::function<void(const std::string& line)>& out) {
  if (!format.empty() && find_format(format) == nullptr && find_event_format(format) == nullptr) {
    return Error(Code::invalid_input, fmt::format("unknown format \"{}\"", format));
  }
  TRY(auto file, FileReader::open(path));
  Tester tester{format, clock, out, {}};
  while (true) {
    auto record = file.next();
    if (record && !*record) return tester.counts;
    const size_t line = record ? (*record)->line : 0;
    Status used = record ? Status() : Status(record.error());
    if (record) {
      ++tester.counts.records;
      const auto document = Json::parse((*record)->text);
      used = document ? tester.document(*document) : Status(document.error());
    }
    if (used) continue;
    ++tester.counts.bad;
    out(unknown_line(line, used.error()));
    if (!record && record.error().code != Code::too_large) return tester.counts;
  }
}

}  // namespace vedette::intake

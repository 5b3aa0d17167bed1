#include <algorithm>

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/intake/events/event_format.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {

const std::vector<EventFormat>& event_formats() {
  static const std::vector<EventFormat> formats = {
      {"cloudtrail", is_cloudtrail_record, parse_cloudtrail},
      {"suricata", is_suricata_record, parse_suricata},
      {"windows", is_windows_record, parse_windows},
      {"ecs", is_ecs_record, parse_ecs},
  };
  return formats;
}

const EventFormat* find_event_format(std::string_view name) {
  for (const auto& format : event_formats()) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

const EventFormat* recognise_events(const Json& document) {
  const auto& formats = event_formats();
  const auto found = std::find_if(formats.begin(), formats.end(), [&](const EventFormat& format) {
    return !records_in(document, format.recognise).empty();
  });
  return found == formats.end() ? nullptr : &*found;
}

Result<ParsedEvents> parse_events(const EventFormat& format, std::string_view dataset, const Json& document) {
  const auto records = records_in(document, format.recognise);
  if (records.empty()) return Error(Code::invalid_input, fmt::format("no {} record in the document", format.name));
  ParsedEvents parsed;
  parsed.events.reserve(records.size());
  std::string why;
  for (const auto& record : records) {
    auto event = format.parse(record);
    if (!event) {
      ++parsed.unreadable;
      why = event.error().message;
      continue;
    }
    event->dataset = dataset.empty() ? std::string(format.name) : std::string(dataset);
    event->raw = record.dump();
    parsed.events.push_back(std::move(*event));
  }
  if (parsed.events.empty()) return Error(Code::invalid_input, why);
  return parsed;
}

std::string digest_id(const Json& record) { return crypto::sha256_hex(record.dump()).substr(0, 32); }

}  // namespace vedette::intake

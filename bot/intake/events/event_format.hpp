#pragma once
// From log records to events with ECS field names. One file a format; events/event_formats.cpp is the table.
// Pure functions; thread-safe. Errors: invalid_input when the document holds no record of the format.

#include <string>
#include <string_view>
#include <vector>

#include "bot/base/json.hpp"
#include "bot/base/result.hpp"
#include "bot/domain/event.hpp"

namespace vedette::intake {

struct EventFormat {
  std::string_view name;
  bool (*recognise)(const Json& record);       // is this one record of the format?
  Result<Event> (*parse)(const Json& record);  // dataset and raw are filled in by parse_events
};

// "cloudtrail", "windows", "suricata", "ecs"; the more specific ones first.
const std::vector<EventFormat>& event_formats();
const EventFormat* find_event_format(std::string_view name);
// The first format that accepts some record in the document; nullptr when none does.
const EventFormat* recognise_events(const Json& document);

struct ParsedEvents {
  std::vector<Event> events;
  size_t unreadable = 0;  // records of the format that lack what an event needs (a time)
};

// All records of the format in the document, whatever wraps them. `dataset` names the events; empty: the format's name.
Result<ParsedEvents> parse_events(const EventFormat& format, std::string_view dataset, const Json& document);

// The ECS fields of one record, for alerts that carry a record of these formats.
std::map<std::string, std::string> windows_fields(const Json& record);
std::map<std::string, std::string> suricata_fields(const Json& record);
std::map<std::string, std::string> cloudtrail_fields(const Json& record);

bool is_cloudtrail_record(const Json& record);
bool is_windows_record(const Json& record);
bool is_suricata_record(const Json& record);
bool is_ecs_record(const Json& record);
Result<Event> parse_cloudtrail(const Json& record);
Result<Event> parse_windows(const Json& record);
Result<Event> parse_suricata(const Json& record);
Result<Event> parse_ecs(const Json& record);

// The id of a record without one: SHA-256 of its canonical form, 32 hex digits.
std::string digest_id(const Json& record);

}  // namespace vedette::intake

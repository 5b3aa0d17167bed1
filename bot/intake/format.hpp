#pragma once
// From a detector's bytes to alerts. One file a format in formats/; formats/formats.cpp is the table. To add one: copy the
// nearest file, add its line to the table. Pure functions; thread-safe.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/json.hpp"
#include "bot/base/result.hpp"
#include "bot/domain/alert.hpp"
#include "bot/intake/mapping.hpp"

namespace vedette::intake {

struct Parsed {
  std::vector<Alert> alerts;
  std::vector<Json> records;  // what each alert was made from, in the same order
  size_t ignored = 0;         // records of the format that are no alert: resolved ones, flow records, …
  std::string confirm_url;    // Amazon SNS asks to be confirmed: the URL to fetch (checked, https to SNS itself)
};

struct Format {
  std::string_view name;
  bool (*recognise)(const Json& document);  // does it hold a record of this format?
  // Errors: invalid_input when it holds none. Alerts lack source, received, raw: see complete().
  Result<Parsed> (*parse)(const Json& document);
};

// The formats that need no mapping; the more specific ones first.
const std::vector<Format>& formats();
const Format* find_format(std::string_view name);
const Format* recognise_format(const Json& document);  // nullptr: none fits
Result<Parsed> parse_mapped(const Mapping& mapping, const Json& document);

// What an alert owes to nobody's format: readable title, a rule, a time (the received one where it has none, with a note in
// the field "vedette.time_note"; also where its own is far off), entities from its fields, a dedup key, the raw record
// (unless the caller has set it to the bytes received).
void complete(Alert& alert, const Json& record, std::string_view source, std::string_view format, Time received);

// For the format files.
// Every record `is_record` accepts; `one` makes an alert of it or nothing for a record to ignore.
Result<Parsed> parse_records(const Json& document, std::string_view format, bool (*is_record)(const Json&),
                             std::optional<Alert> (*one)(const Json&));
bool holds_record(const Json& document, bool (*is_record)(const Json&));
// Keeps the link if it is an http(s) URL without blanks, at most 2,000 bytes.
void set_link(Alert& alert, std::string_view url);

bool recognise_alertmanager(const Json& document);
bool recognise_ecs(const Json& document);
bool recognise_guardduty(const Json& document);
bool recognise_ocsf(const Json& document);
bool recognise_sentinel(const Json& document);
bool recognise_suricata(const Json& document);
bool recognise_wazuh(const Json& document);
Result<Parsed> parse_alertmanager(const Json& document);
Result<Parsed> parse_ecs_alerts(const Json& document);
Result<Parsed> parse_guardduty(const Json& document);
Result<Parsed> parse_ocsf(const Json& document);
Result<Parsed> parse_sentinel(const Json& document);
Result<Parsed> parse_suricata_alerts(const Json& document);
Result<Parsed> parse_wazuh(const Json& document);

}  // namespace vedette::intake

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/text.hpp"
#include "bot/domain/event.hpp"
#include "bot/intake/format.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {
namespace {

constexpr size_t kTitleCharacters = 300;
constexpr size_t kDescriptionCharacters = 4000;

// How far an alert's own time may be from the time of receipt without a remark.
constexpr std::chrono::minutes kAhead{15};
constexpr std::chrono::days kBehind{30};

void settle_time(Alert& alert) {
  if (alert.time == Time{}) {
    alert.time = alert.received;
    put(alert.fields, "vedette.time_note", "The alert has no time of its own; the time of receipt stands in.");
    return;
  }
  const auto gap = std::chrono::duration_cast<std::chrono::seconds>(alert.received - alert.time);
  if (gap < -kAhead) {
    put(alert.fields, "vedette.time_note",
        fmt::format("The alert's own time is {} ahead of its receipt.", format_duration(-gap)));
  } else if (gap > kBehind) {
    put(alert.fields, "vedette.time_note",
        fmt::format("The alert's own time is {} before its receipt.", format_duration(gap)));
  }
}

}  // namespace

const std::vector<Format>& formats() {
  static const std::vector<Format> table = {
      {"sentinel", recognise_sentinel, parse_sentinel},
      {"guardduty", recognise_guardduty, parse_guardduty},
      {"suricata", recognise_suricata, parse_suricata_alerts},
      {"wazuh", recognise_wazuh, parse_wazuh},
      {"ocsf", recognise_ocsf, parse_ocsf},
      {"ecs", recognise_ecs, parse_ecs_alerts},
      {"alertmanager", recognise_alertmanager, parse_alertmanager},
  };
  return table;
}

const Format* find_format(std::string_view name) {
  for (const auto& format : formats()) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

const Format* recognise_format(const Json& document) {
  const auto& table = formats();
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Format& format) { return format.recognise(document); });
  return found == table.end() ? nullptr : &*found;
}

Result<Parsed> parse_records(const Json& document, std::string_view format, bool (*is_record)(const Json&),
                             std::optional<Alert> (*one)(const Json&)) {
  auto records = records_in(document, is_record);
  if (records.empty()) return Error(Code::invalid_input, fmt::format("no {} alert in the document", format));
  Parsed parsed;
  for (auto& record : records) {
    auto alert = one(record);
    if (!alert) {
      ++parsed.ignored;
      continue;
    }
    parsed.alerts.push_back(std::move(*alert));
    parsed.records.push_back(std::move(record));
  }
  return parsed;
}

bool holds_record(const Json& document, bool (*is_record)(const Json&)) { return !records_in(document, is_record).empty(); }

void set_link(Alert& alert, std::string_view url) {
  constexpr size_t kLongest = 2000;
  const bool web = url.starts_with("https://") || url.starts_with("http://");
  const bool clean = std::none_of(url.begin(), url.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == '<' || c == '>' || c == '"' || c == '|' || c == 0x7F;
  });
  if (web && clean && url.size() <= kLongest) alert.link = std::string(url);
}

void complete(Alert& alert, const Json& record, std::string_view source, std::string_view format, Time received) {
  alert.source = std::string(source);
  alert.format = std::string(format);
  alert.received = received;
  settle_time(alert);
  if (alert.title.empty()) alert.title = alert.rule_name.empty() ? alert.rule : alert.rule_name;
  alert.title = text::ellipsize(text::trim(text::displayable(alert.title)), kTitleCharacters);
  if (alert.title.empty()) alert.title = fmt::format("Alert from {}", source.empty() ? format : source);
  alert.description = text::ellipsize(text::trim(text::displayable(alert.description, true)), kDescriptionCharacters);
  if (alert.rule_name.empty()) alert.rule_name = alert.rule.empty() ? alert.title : alert.rule;
  if (alert.rule.empty()) alert.rule = alert.rule_name;
  alert.rule = text::ellipsize(alert.rule, kTitleCharacters);
  alert.rule_name = text::ellipsize(text::displayable(alert.rule_name), kTitleCharacters);
  put_if_absent(alert.fields, "rule.id", alert.rule);
  put_if_absent(alert.fields, "rule.name", alert.rule_name);
  constexpr size_t kMostEntities = 100;
  for (auto& entity : entities_of(alert.fields)) {
    if (alert.entities.size() >= kMostEntities) break;
    add_unique(alert.entities, std::move(entity));
  }
  // The canonical form, so that the same alert with other white space is the same alert.
  if (alert.dedup_key.empty()) alert.dedup_key = crypto::sha256_hex(record.dump());
  if (alert.dedup_key.size() > 256) alert.dedup_key = crypto::sha256_hex(alert.dedup_key);
  if (alert.raw.empty()) alert.raw = record.dump();
}

}  // namespace vedette::intake

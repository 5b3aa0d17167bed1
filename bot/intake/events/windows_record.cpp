#include "bot/intake/events/windows_record.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "bot/base/text.hpp"

namespace vedette::intake {
namespace {

// Header and shipper fields that flat records mix with the event's data.
constexpr std::array<std::string_view, 57> kHeader = {"@timestamp",
                                                      "@version",
                                                      "AccountName",
                                                      "AccountType",
                                                      "ActivityID",
                                                      "Category",
                                                      "Channel",
                                                      "Computer",
                                                      "Domain",
                                                      "ERROR_EVT_UNRESOLVED",
                                                      "EventData",
                                                      "EventID",
                                                      "EventReceivedTime",
                                                      "EventRecordID",
                                                      "EventTime",
                                                      "EventType",
                                                      "EventTypeOrignal",
                                                      "ExecutionProcessID",
                                                      "ExtraEventData",
                                                      "Hostname",
                                                      "Keywords",
                                                      "Level",
                                                      "Message",
                                                      "MessageTitle",
                                                      "Opcode",
                                                      "OpcodeValue",
                                                      "ProviderGuid",
                                                      "ProviderName",
                                                      "RecordNumber",
                                                      "RelatedActivityID",
                                                      "Severity",
                                                      "SeverityValue",
                                                      "SourceModuleName",
                                                      "SourceModuleType",
                                                      "SourceName",
                                                      "SystemTime",
                                                      "Task",
                                                      "ThreadID",
                                                      "TimeCreated",
                                                      "UserData",
                                                      "UserID",
                                                      "UtcTime",
                                                      "Version",
                                                      "event",
                                                      "host",
                                                      "port",
                                                      "tags",
                                                      "type",
                                                      "winlog",
                                                      "log_name",
                                                      "source_name",
                                                      "p_log_type",
                                                      "p_event_time",
                                                      "RuleName",
                                                      "ecs",
                                                      "agent",
                                                      "message"};

bool is_header(std::string_view name) { return std::find(kHeader.begin(), kHeader.end(), name) != kHeader.end(); }

std::string lower_first(std::string_view name) {
  std::string result(name);
  if (!result.empty()) result[0] = text::lower(result.substr(0, 1))[0];
  return result;
}

// XML converters write an element with attributes as {"#text": …, "#attributes": {…}}.
std::string element_text(const Json& element) {
  if (!element.is_object()) return text_of(element);
  return first_text(element, {"/#text", "/value", "/_", "/#attributes/SystemTime", "/#attributes/Name", "/@SystemTime",
                              "/@Name", "/SystemTime", "/Name"});
}

std::string first_element(const Json& object, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    std::string found = element_text(object[name]);
    if (!found.empty()) return found;
  }
  return {};
}

// Wazuh escapes backslashes and quotes twice and leaves the XML entities in.
std::string unescaped(std::string value) {
  value = text::replace_all(std::move(value), "\\\\", "\\");
  value = text::replace_all(std::move(value), "\\\"", "\"");
  for (const auto& [from, to] : {std::pair{"&quot;", "\""}, {"&lt;", "<"}, {"&gt;", ">"}, {"&apos;", "'"}, {"&amp;", "&"}}) {
    value = text::replace_all(std::move(value), from, to);
  }
  return value;
}

}  // namespace

bool WindowsRecord::recognise(const Json& record) {
  if (record.at("/winlog/event_id").exists() || record.at("/Event/System/EventID").exists()) return true;
  if (record.at("/system/eventID").exists() && record["eventdata"].exists()) return true;
  if (!record["EventID"].exists()) return false;
  return record["Channel"].is_string() || record["SourceName"].is_string() || record["ProviderName"].is_string() ||
         record["Hostname"].is_string() || record["Computer"].is_string();
}

WindowsRecord::WindowsRecord(const Json& record) : record_(record), system_(record), data_(record) {
  if (record["winlog"].is_object()) {
    system_ = record["winlog"];
    data_ = system_["event_data"];
  } else if (record["Event"].is_object()) {
    system_ = record.at("/Event/System");
    data_ = record.at("/Event/EventData");
    if (!data_.is_object()) data_ = record.at("/Event/UserData");
  } else if (record["system"].is_object()) {
    wazuh_ = true;
    system_ = record["system"];
    data_ = record["eventdata"];
  } else {
    for (const char* bag : {"EventData", "ExtraEventData", "event_data"}) {
      if (record[bag].is_object()) data_ = record[bag];
    }
  }
  const std::string code = first_element(system_, {"EventID", "event_id", "eventID"});
  code_ = static_cast<int>(std::clamp<int64_t>(text::parse_integer(code).value_or(0), 0, 99'999));
  channel_ = first_element(system_, {"Channel", "channel", "log_name"});
  if (text::iequals(channel_, "security")) channel_ = "Security";
  provider_ =
      first_element(system_, {"SourceName", "ProviderName", "provider_name", "providerName", "Provider", "source_name"});
  host_ = first_element(system_, {"Hostname", "Computer", "computer_name", "computer"});
  if (host_.empty()) host_ = first_text(record, {"/host/name", "/host/hostname", "/host"});
  record_id_ = first_element(system_, {"RecordNumber", "EventRecordID", "record_id", "eventRecordID"});
  message_ = first_element(system_, {"Message", "message"});
  if (message_.empty()) message_ = text_of(record["message"]);
}

std::optional<Time> WindowsRecord::time() const {
  // The header's own time goes first: also where a shipper mislabelled its zone, it is at least the same for all records.
  if (const auto written = time_of(first_element(system_, {"TimeCreated", "systemTime", "SystemTime", "time_created"})))
    return written;
  const auto arrived = time_of(record_["@timestamp"]);
  const auto local = time_of(record_["EventTime"]);
  const auto local_arrived = time_of(record_["EventReceivedTime"]);
  if (arrived && local && local_arrived) {
    // NXLog writes local times without a zone. The zone is what lies between the local time of receipt and the pipeline's
    // UTC time stamp, in quarters of an hour.
    const auto quarter = std::chrono::minutes(15);
    const auto quarters = std::llround(static_cast<double>((*arrived - *local_arrived).count()) /
                                       static_cast<double>(std::chrono::duration_cast<Duration>(quarter).count()));
    if (std::llabs(quarters) <= 14LL * 4) {
      const Time shifted = *local + quarter * quarters;
      const auto exact = time_of(record_["UtcTime"]);
      const bool agrees =
          exact && *exact > shifted - std::chrono::seconds(90) && *exact < shifted + std::chrono::seconds(90);
      return agrees ? *exact : shifted;
    }
  }
  if (arrived) return arrived;
  if (const auto exact = time_of(data_["UtcTime"])) return exact;
  if (const auto exact = time_of(data_["utcTime"])) return exact;
  return local;
}

bool WindowsRecord::failed() const {
  if (text_of(record_["EventType"]) == "AUDIT_FAILURE" || text_of(system_["severityValue"]) == "AUDIT_FAILURE") return true;
  const std::string keywords = first_element(system_, {"Keywords", "keywords"});
  // Audit failure is bit 52 of the keyword mask: 0x10000000000000.
  if (keywords.starts_with("0x")) {
    char* end = nullptr;
    return (std::strtoull(keywords.c_str() + 2, &end, 16) & 0x10000000000000ULL) != 0;
  }
  return keywords.find("Audit Failure") != std::string::npos;
}

std::string WindowsRecord::clean(const Json& value) const {
  std::string found = text_of(value);
  return wazuh_ ? unescaped(std::move(found)) : found;
}

std::string WindowsRecord::take(std::string_view name) {
  taken_.emplace(name);
  std::string found = clean(data_[name]);
  if (found.empty() && wazuh_) found = clean(data_[std::string_view(lower_first(name))]);
  return found;
}

void WindowsRecord::put_rest(Fields& fields) const {
  for (const auto& [name, value] : data_.members()) {
    if (value.is_object() || is_header(name)) continue;
    std::string windows_name(name);
    if (wazuh_ && !windows_name.empty())
      windows_name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
    if (taken_.contains(windows_name) || is_header(windows_name)) continue;
    put(fields, "winlog.event_data." + windows_name, clean(value));
  }
}

}  // namespace vedette::intake

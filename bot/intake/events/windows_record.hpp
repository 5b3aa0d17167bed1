#pragma once
// One Windows event log record, whatever shape its shipper gave it:
//   flat        {"EventID": 1, "Channel": "…", "Hostname": "…", "Image": "…"}       NXLog, Mordor data sets
//   flat + bag  the same with "EventData" / "ExtraEventData" holding the data       Fluentd, osquery and others
//   winlogbeat  {"winlog": {"event_id": …, "event_data": {…}}}                      Elastic
//   evtx        {"Event": {"System": {…}, "EventData": {…}}}                        evtx_dump and other XML converters
//   wazuh       {"system": {"eventID": …}, "eventdata": {"image": …}}               what stands in data.win of a Wazuh alert
// Sources: Microsoft, "Windows Event Log schema"; NXLog im_msvistalog; Winlogbeat field reference; Wazuh "Windows
// eventchannel".

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "bot/base/clock.hpp"
#include "bot/base/json.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {

class WindowsRecord {
 public:
  static bool recognise(const Json& record);
  explicit WindowsRecord(const Json& record);

  int code() const { return code_; }
  const std::string& channel() const { return channel_; }
  const std::string& provider() const { return provider_; }
  const std::string& host() const { return host_; }
  const std::string& record_id() const { return record_id_; }
  const std::string& message() const { return message_; }
  std::optional<Time> time() const;
  bool is_sysmon() const {
    return channel_.find("Sysmon") != std::string::npos || provider_.find("Sysmon") != std::string::npos;
  }
  bool is_powershell() const { return channel_.find("PowerShell") != std::string::npos; }
  bool failed() const;  // by its audit keyword

  // A value of the event's data by its Windows name; remembers that it was read.
  std::string take(std::string_view name);
  // What nobody read, as winlog.event_data.<Name>.
  void put_rest(Fields& fields) const;

 private:
  std::string clean(const Json& value) const;

  Json record_;
  Json system_;  // where the header fields stand
  Json data_;    // where the event's own data stand
  bool wazuh_ = false;
  int code_ = 0;
  std::string channel_, provider_, host_, record_id_, message_;
  std::set<std::string, std::less<>> taken_;
};

}  // namespace vedette::intake

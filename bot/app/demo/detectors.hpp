#pragma once
// Alerts of the simulated company's detectors, each in its vendor's own format.

#include <string>

#include "bot/app/demo/records.hpp"

namespace vedette::app::demo {

// Wazuh, from a Sysmon process-creation event.
Record wazuh_process_alert(Random& random, Time time, const Process& process, const std::string& host_ip, int rule,
                           int level, const std::string& description, const std::string& technique);
// Wazuh, from a Windows Security or System event with the given data fields (of data.win.eventdata).
Record wazuh_windows_alert(Random& random, Time time, const std::string& host, const std::string& host_ip, int event,
                           int rule, int level, const std::string& description, const std::string& technique,
                           const Fields& data);
// Suricata EVE alert.
Record suricata_alert(Random& random, Time time, const std::string& source_ip, const std::string& destination_ip, int port,
                      int64_t signature, const std::string& name, const std::string& category, int severity,
                      const Fields& more = {});
// Microsoft Sentinel SecurityAlert about an account and an address.
Record sentinel_alert(Random& random, Time time, const std::string& name, const std::string& severity,
                      const std::string& description, const std::string& user, const std::string& domain,
                      const std::string& ip, const std::string& technique);
// GuardDuty finding about an IAM user's API call, in its EventBridge envelope.
Record guardduty_finding(Random& random, Time time, const Company& company, const std::string& type, double severity,
                         const std::string& title, const std::string& user, const std::string& key, const std::string& ip,
                         const std::string& service, const std::string& call);
// Elastic detection alert with ECS fields.
Record elastic_alert(Random& random, Time time, const std::string& rule, const std::string& severity,
                     const std::string& reason, const std::string& technique, const Fields& ecs);
// The mail gateway, whose own format is mapped by the configuration.
Record mail_gateway_alert(Random& random, Time time, const std::string& title, const std::string& severity,
                          const std::string& from, const std::string& to, const std::string& link);

}  // namespace vedette::app::demo

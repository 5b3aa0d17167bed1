#include "tests/support/attack.hpp"

#include <nlohmann/json.hpp>

namespace vedette::test {

using nlohmann::json;

std::string attack_log() {
  const auto record = [](int number, const char* image, const char* command, const char* parent) {
    const json fields = {{"EventID", 1},       {"RecordNumber", number}, {"Channel", "Microsoft-Windows-Sysmon/Operational"},
                         {"Hostname", "ws-7"}, {"User", "CORP\\dora"},   {"@timestamp", "2026-11-24T03:10:00Z"},
                         {"Image", image},     {"CommandLine", command}, {"ParentImage", parent}};
    return fields.dump() + "\n";
  };
  const json connection = {{"EventID", 3},
                           {"RecordNumber", 4},
                           {"Channel", "Microsoft-Windows-Sysmon/Operational"},
                           {"Hostname", "ws-7"},
                           {"User", "CORP\\dora"},
                           {"@timestamp", "2026-11-24T03:10:05Z"},
                           {"Image", "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"},
                           {"SourceIp", "10.0.0.7"},
                           {"DestinationIp", "203.0.113.66"},
                           {"DestinationPort", "443"},
                           {"Initiated", "true"}};
  return record(1, "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
                "powershell.exe -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA",
                "C:\\Program Files\\Microsoft Office\\Office16\\WINWORD.EXE") +
         record(2, "C:\\Windows\\System32\\vssadmin.exe", "vssadmin.exe delete shadows /all /quiet",
                "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe") +
         connection.dump() + "\n";
}

std::string attack_alert() {
  const json alert = {
      {"timestamp", "2026-11-24T03:10:10Z"},
      {"id", "1764000000.7"},
      {"rule",
       {{"level", 14},
        {"id", "92057"},
        {"description", "Powershell executed a base64 encoded command <!channel> <https://evil.example|click>"},
        {"mitre", {{"id", {"T1059.001"}}}}}},
      {"agent", {{"id", "7"}, {"name", "ws-7"}, {"ip", "10.0.0.7"}}},
      {"data",
       {{"win",
         {{"system", {{"eventID", "1"}, {"channel", "Microsoft-Windows-Sysmon/Operational"}, {"computer", "ws-7"}}},
          {"eventdata",
           {{"user", "CORP\\dora"},
            {"image", "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"},
            {"commandLine", "powershell.exe -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA"},
            {"parentImage", "C:\\Program Files\\Microsoft Office\\Office16\\WINWORD.EXE"},
            {"destinationIp", "203.0.113.66"}}}}}}},
      {"location", "EventChannel"}};
  return alert.dump();
}

}  // namespace vedette::test

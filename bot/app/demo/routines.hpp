#pragma once
// What people and machines of the simulated company do every day. Stories that only look bad repeat these routines.

#include <string>
#include <utility>
#include <vector>

#include "bot/app/demo/company.hpp"
#include "bot/app/demo/records.hpp"

namespace vedette::app::demo::routine {

struct Program {
  std::string image;
  std::string command_line;
};

inline constexpr const char* kBrowser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/143.0";
inline constexpr const char* kExplorer = R"(C:\Windows\explorer.exe)";
inline constexpr const char* kPowerShell = R"(C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe)";
inline constexpr const char* kCloudTool = "aws-cli/2.17.9 Python/3.12.4 Linux/6.8";
inline constexpr const char* kPipelineAgent = "APN/1.0 HashiCorp/1.0 Terraform/1.9.2";
inline constexpr const char* kPipelineIp = "192.0.2.40";

const std::vector<Program>& programs_of(Department department);
const std::vector<std::string>& sites();
const std::vector<std::string>& subjects();
const std::vector<std::string>& partners();                                // mail addresses of the company's partners
const std::vector<std::pair<std::string, std::string>>& cloud_reads();     // service, call
const std::vector<std::pair<std::string, std::string>>& pipeline_calls();  // what every deployment of infrastructure does

Process backup(const Company& company);
Process backup_snapshot(const Company& company);     // looks like ransomware: old shadow copies are removed each night
Process deployment(const std::string& workstation);  // looks like an attack: encoded PowerShell, run by the software agent

}  // namespace vedette::app::demo::routine

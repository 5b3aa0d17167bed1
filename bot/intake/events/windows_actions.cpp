#include "bot/intake/events/windows_actions.hpp"

#include <algorithm>
#include <array>

namespace vedette::intake {
namespace {

struct Row {
  int code;
  std::string_view name;
  std::string_view category;
};

constexpr std::array<Row, 29> kSysmon = {{
    {1, "process-created", "process"},
    {2, "file-creation-time-changed", "file"},
    {3, "network-connection", "network"},
    {4, "sysmon-service-state-changed", "configuration"},
    {5, "process-terminated", "process"},
    {6, "driver-loaded", "driver"},
    {7, "image-loaded", "process"},
    {8, "remote-thread-created", "process"},
    {9, "raw-disk-read", "file"},
    {10, "process-accessed", "process"},
    {11, "file-created", "file"},
    {12, "registry-object-changed", "registry"},
    {13, "registry-value-set", "registry"},
    {14, "registry-object-renamed", "registry"},
    {15, "file-stream-created", "file"},
    {16, "sysmon-config-changed", "configuration"},
    {17, "pipe-created", "file"},
    {18, "pipe-connected", "file"},
    {19, "wmi-filter-registered", "configuration"},
    {20, "wmi-consumer-registered", "configuration"},
    {21, "wmi-consumer-bound", "configuration"},
    {22, "dns-query", "network"},
    {23, "file-deleted-archived", "file"},
    {24, "clipboard-changed", "process"},
    {25, "process-tampered", "process"},
    {26, "file-deleted", "file"},
    {27, "executable-blocked", "file"},
    {28, "shredding-blocked", "file"},
    {29, "executable-created", "file"},
}};

constexpr std::array<Row, 72> kOther = {{
    {104, "event-log-cleared", "configuration"},
    {400, "powershell-engine-started", "process"},
    {403, "powershell-engine-stopped", "process"},
    {600, "powershell-provider-started", "process"},
    {800, "powershell-pipeline-executed", "process"},
    {1102, "audit-log-cleared", "iam"},
    {4103, "powershell-module-logged", "process"},
    {4104, "powershell-script-block", "process"},
    {4105, "powershell-script-started", "process"},
    {4106, "powershell-script-completed", "process"},
    {4611, "logon-process-registered", "configuration"},
    {4624, "logged-in", "authentication"},
    {4625, "logon-failed", "authentication"},
    {4627, "group-membership-listed", "iam"},
    {4634, "logged-out", "authentication"},
    {4647, "logged-out", "authentication"},
    {4648, "logged-in-explicit", "authentication"},
    {4656, "object-handle-requested", "file"},
    {4657, "registry-value-modified", "registry"},
    {4658, "object-handle-closed", "file"},
    {4661, "object-handle-requested", "iam"},
    {4662, "directory-object-accessed", "iam"},
    {4663, "object-accessed", "file"},
    {4670, "permissions-changed", "iam"},
    {4672, "logged-in-special", "iam"},
    {4673, "privileged-service-called", "iam"},
    {4674, "privileged-operation", "iam"},
    {4688, "created-process", "process"},
    {4689, "exited-process", "process"},
    {4690, "object-handle-duplicated", "file"},
    {4697, "service-installed", "configuration"},
    {4698, "scheduled-task-created", "configuration"},
    {4699, "scheduled-task-deleted", "configuration"},
    {4700, "scheduled-task-enabled", "configuration"},
    {4701, "scheduled-task-disabled", "configuration"},
    {4702, "scheduled-task-updated", "configuration"},
    {4703, "user-right-adjusted", "iam"},
    {4719, "audit-policy-changed", "configuration"},
    {4720, "added-user-account", "iam"},
    {4722, "enabled-user-account", "iam"},
    {4723, "changed-password", "iam"},
    {4724, "reset-password", "iam"},
    {4725, "disabled-user-account", "iam"},
    {4726, "deleted-user-account", "iam"},
    {4728, "added-member-to-group", "iam"},
    {4729, "removed-member-from-group", "iam"},
    {4732, "added-member-to-group", "iam"},
    {4733, "removed-member-from-group", "iam"},
    {4738, "modified-user-account", "iam"},
    {4740, "locked-out-user-account", "iam"},
    {4741, "added-computer-account", "iam"},
    {4742, "changed-computer-account", "iam"},
    {4756, "added-member-to-group", "iam"},
    {4757, "removed-member-from-group", "iam"},
    {4767, "unlocked-user-account", "iam"},
    {4768, "kerberos-ticket-requested", "authentication"},
    {4769, "kerberos-service-ticket-requested", "authentication"},
    {4770, "kerberos-ticket-renewed", "authentication"},
    {4771, "kerberos-preauthentication-failed", "authentication"},
    {4776, "credential-validated", "authentication"},
    {4798, "group-membership-enumerated", "iam"},
    {4799, "group-membership-enumerated", "iam"},
    {5136, "directory-object-modified", "iam"},
    {5140, "network-share-accessed", "file"},
    {5145, "network-share-object-accessed", "file"},
    {5156, "connection-permitted", "network"},
    {5157, "connection-blocked", "network"},
    {5158, "port-bound", "network"},
    {5379, "credentials-read", "iam"},
    {7036, "service-state-changed", "configuration"},
    {7040, "service-start-type-changed", "configuration"},
    {7045, "service-installed", "configuration"},
}};

template <size_t N>
const Row* find(const std::array<Row, N>& rows, int code) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.code == code; });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

WindowsAction windows_action(bool sysmon, std::string_view channel, int code) {
  // The same numbers mean other things in the logs of applications.
  const bool known = channel == "Security" || channel == "System" || channel.find("PowerShell") != std::string_view::npos ||
                     channel.empty();
  const Row* row = sysmon ? find(kSysmon, code) : known ? find(kOther, code) : nullptr;
  if (row == nullptr) return {"event-" + std::to_string(code), ""};
  return {std::string(row->name), row->category};
}

bool is_logon(int code) {
  switch (code) {
    case 4624:
    case 4625:
    case 4627:
    case 4634:
    case 4647:
    case 4768:
    case 4769:
    case 4770:
    case 4771:
    case 4772:
    case 4773:
    case 4776:
    case 4778:
    case 4779:
    case 4800:
    case 4801: return true;
    default: return false;
  }
}

bool is_group_change(int code) {
  return (code >= 4727 && code <= 4737) || (code >= 4744 && code <= 4763) || code == 4799 || code == 4764;
}

bool is_account_change(int code) {
  return (code >= 4720 && code <= 4726) || code == 4738 || (code >= 4740 && code <= 4743) || code == 4767 || code == 4781 ||
         code == 4798 || is_group_change(code);
}

bool is_failure(int code) { return code == 4625 || code == 4771 || code == 5157; }

}  // namespace vedette::intake

#pragma once
// What a Windows event means: name and ECS category per log and event id. Sources: Microsoft, "Appendix L: Events to
// Monitor" and the auditing reference; the Sysmon documentation of Sysinternals.

#include <string>
#include <string_view>

namespace vedette::intake {

struct WindowsAction {
  std::string name;
  std::string_view category;
};

// For events that are not in the table the name is "event-<code>" and the category empty.
WindowsAction windows_action(bool sysmon, std::string_view channel, int code);
bool is_logon(int code);           // the target of the event is who signed in
bool is_account_change(int code);  // somebody changed an account or group
bool is_group_change(int code);    // the target is a group
bool is_failure(int code);         // the event itself says that something failed

}  // namespace vedette::intake

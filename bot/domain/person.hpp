#pragma once
// People and what they may be. A person may have several identities (console, Slack, Teams) and is still one person.

#include <string>
#include <vector>

namespace vedette {

// Who did something, as a chat platform states it. Never a display name or mail address.
struct Identity {
  Identity() = default;
  Identity(std::string platform_, std::string workspace_, std::string user_)
      : platform(std::move(platform_)), workspace(std::move(workspace_)), user(std::move(user_)) {}
  std::string platform;   // "console", "slack", "teams"
  std::string workspace;  // Slack team or enterprise id, Teams tenant; empty for the console
  std::string user;       // immutable user id
  auto operator<=>(const Identity&) const = default;
  std::string text() const { return platform + ":" + (workspace.empty() ? "" : workspace + "/") + user; }
};

struct Person {
  std::string id;                  // short name, unique: "ann"
  std::string name;                // for display only
  std::vector<std::string> roles;  // "viewer", "analyst", "approver", "admin" and the organisation's own
  std::vector<Identity> identities;
  bool has_role(std::string_view role) const;
};

// The configured directory. Strangers are nobody: find() yields nullptr and everything but reading help is refused.
class Directory {
 public:
  Directory() = default;
  explicit Directory(std::vector<Person> people) : people_(std::move(people)) {}
  const Person* find(const Identity& identity) const;
  const Person* find(std::string_view person_id) const;
  const std::vector<Person>& people() const { return people_; }

 private:
  std::vector<Person> people_;
};

}  // namespace vedette

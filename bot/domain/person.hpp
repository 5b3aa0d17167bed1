#pragma once
// People and what they may be. A person may have several identities (console, Slack, Teams) and is still one person.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/clock.hpp"

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

// A further account of a person, added at run time: offered by an account of theirs, used by the new one, confirmed by the
// first.
struct LinkedIdentity {
  std::string person;     // Person::id
  Identity identity;      // the account that was added
  Identity confirmed_by;  // the account of the person that offered and confirmed it
  Time since;
  bool operator==(const LinkedIdentity&) const = default;
};

// An account of a person, and where it comes from.
struct KnownAs {
  Identity identity;
  bool configured = true;  // false: linked
  Identity confirmed_by;   // of a linked one
  Time since;              // of a linked one
  std::string ignored;     // why a linked one is not in force, as half a sentence; empty: it is
};

// Who is who: the configured people, and beside them the accounts linked at run time. Strangers are nobody: find() yields
// nullptr and everything but reading help is refused.
//
// The configuration wins: a link that does not agree with it is kept aside, never in force. A link holds only as long as the
// account that confirmed it is still the same person's. People themselves never change while it lives: links stand beside
// them, so a Person that was given out stays valid and as it is, whatever is linked or taken away meanwhile.
class Directory {
 public:
  Directory() = default;
  explicit Directory(std::vector<Person> people) : people_(std::move(people)) {}
  const Person* find(const Identity& identity) const;
  const Person* find(std::string_view person_id) const;
  const std::vector<Person>& people() const { return people_; }

  // All links there are, in place of those before. Answers those that are not in force, each with its reason.
  std::vector<KnownAs> relink(std::vector<LinkedIdentity> links);
  // Every account of a person, configured ones first; links that are not in force last.
  std::vector<KnownAs> accounts_of(std::string_view person_id) const;

 private:
  const Person* configured(const Identity& identity) const;
  std::string why_ignored(const LinkedIdentity& link) const;

  struct Linked {
    LinkedIdentity link;
    std::string ignored;
  };
  std::vector<Person> people_;
  std::vector<Linked> links_;
  std::map<Identity, std::string> in_force_;  // → Person::id
};

}  // namespace vedette

#pragma once
// What a platform tells once and an answer needs ever after: where we were added, and by which address and ids a
// conversation or person is reached there. A plain value.

#include <string>

#include "bot/base/clock.hpp"

namespace vedette {

struct Conversation {
  enum class Kind { channel, group, personal, person };  // person: no conversation, but how somebody is addressed
  std::string platform;                                  // "teams"
  std::string workspace;                                 // tenant
  std::string id;  // of the conversation, without a thread; of a person the immutable user id
  Kind kind = Kind::channel;
  std::string service_url;  // from a verified activity only: our token goes there
  std::string bot;          // our own id there
  std::string user;         // personal, person: immutable user id
  std::string address;      // personal, person: the id by which the platform addresses them
  std::string team;         // channel: of the team it is in
  std::string name;         // for display; may be empty
  bool blocked = false;     // we were removed or muted there: nothing is sent until we are back
  Time changed;
  bool operator==(const Conversation&) const = default;
};

}  // namespace vedette

#pragma once
// The port of what a platform tells once and an answer needs ever after: where we were added, and by which address and ids a
// conversation or person is reached there. Kept over restarts. io thread only.

#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/base/clock.hpp"

namespace vedette::chat {

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

class Conversations {
 public:
  virtual ~Conversations() = default;
  virtual Async<std::vector<Conversation>> all(std::string platform) = 0;
  // By (platform, workspace, id): made or replaced. On disk when it answers.
  virtual Async<void> keep(Conversation conversation) = 0;
};

}  // namespace vedette::chat

#pragma once
// The port of what a platform tells once and an answer needs ever after: where we were added, and by which address and ids a
// conversation or person is reached there. Kept over restarts. io thread only.

#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/domain/conversation.hpp"

namespace vedette::chat {

using vedette::Conversation;

class Conversations {
 public:
  virtual ~Conversations() = default;
  virtual Async<std::vector<Conversation>> all(std::string platform) = 0;
  // By (platform, workspace, id): made or replaced. On disk when it answers. Of a platform some 100,000 are kept; beyond
  // that, those that changed longest ago are forgotten, people before conversations.
  virtual Async<void> keep(Conversation conversation) = 0;
};

}  // namespace vedette::chat

#pragma once
// Where the platforms' conversations and people are reached, kept over restarts.

#include <cstddef>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/domain/conversation.hpp"

namespace vedette {

class ConversationStore {
 public:
  virtual ~ConversationStore() = default;
  // Of one platform, those that changed last at the end. Everything that is kept: some 100,000 rows at most.
  virtual Async<std::vector<Conversation>> all(std::string platform) = 0;
  // Makes or replaces the one with this (platform, workspace, id). `changed` is now where it is not set.
  // A platform has room for `kMostConversations`, and one in a hundred more until there is time to tidy up: then those that
  // changed longest ago are forgotten, people first, as they come again with each message, conversations only when there is
  // nobody left. invalid_input: without platform or id, or a field of more than kMostConversationText bytes.
  virtual Async<void> keep(Conversation conversation) = 0;
};

inline constexpr size_t kMostConversations = 100'000;
inline constexpr size_t kMostConversationText = 2048;

}  // namespace vedette

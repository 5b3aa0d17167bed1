#pragma once
// Conversations in the store. The store outlives it; io thread only.

#include "bot/chat/conversations.hpp"
#include "bot/store/conversation_store.hpp"

namespace vedette::chat {

class StoreConversations final : public Conversations {
 public:
  explicit StoreConversations(ConversationStore& store) : store_(store) {}
  Async<std::vector<Conversation>> all(std::string platform) override { return store_.all(std::move(platform)); }
  Async<void> keep(Conversation conversation) override { return store_.keep(std::move(conversation)); }

 private:
  ConversationStore& store_;
};

}  // namespace vedette::chat

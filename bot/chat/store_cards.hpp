#pragma once
// CurrentCards out of the outbox. The store outlives it.

#include "bot/chat/current_cards.hpp"
#include "bot/store/store.hpp"

namespace vedette::chat {

class StoreCards final : public CurrentCards {
 public:
  explicit StoreCards(Store& store) : store_(store) {}
  Async<std::optional<CurrentCard>> current(std::string platform, std::string channel, std::string slot) override;

 private:
  Store& store_;
};

}  // namespace vedette::chat

#include "bot/chat/store_cards.hpp"

namespace vedette::chat {

Async<std::optional<CurrentCard>> StoreCards::current(std::string platform, std::string channel, std::string slot) {
  CO_TRY(auto row, store_.outbox().find(std::move(platform), std::move(channel), std::move(slot)));
  if (!row) co_return std::optional<CurrentCard>();
  auto card = card_from_json(row->message.card);
  if (!card) co_return std::move(card).error();
  CurrentCard found;
  found.card = std::move(*card);
  found.message_ref = std::move(row->message_ref);
  found.only_for = std::move(row->message.only_for);
  co_return std::optional<CurrentCard>(std::move(found));
}

}  // namespace vedette::chat

#include "integrations/console/platform.hpp"

namespace vedette::console {

Async<std::string> ConsolePlatform::deliver(chat::Outgoing message, Deadline) {
  // The row has the author and the newest content; a page that gets the newest twice ignores the second.
  CO_TRY(const auto row, outbox_.find(name(), message.channel, message.slot));
  if (!row) co_return Error(Code::not_found, "this message is not in the outbox");
  hub_.publish(*row, !message.message_ref.empty());
  co_return message.slot;
}

Async<std::optional<chat::Found>> ConsolePlatform::find(chat::Outgoing message, Time, Deadline) {
  CO_TRY(const auto row, outbox_.find(name(), message.channel, message.slot));
  if (!row) co_return std::optional<chat::Found>();
  co_return std::optional<chat::Found>(chat::Found{row->message.slot, true});
}

}  // namespace vedette::console

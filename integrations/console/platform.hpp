#pragma once
// The console as a chat platform. Its messages are the outbox's own rows, so there is nothing to transmit: delivering means
// telling the pages that are open. message_ref is the slot.

#include <string>

#include "bot/chat/platform.hpp"
#include "bot/store/outbox_store.hpp"
#include "integrations/console/live.hpp"

namespace vedette::console {

inline constexpr std::string_view kPlatform = "console";

class ConsolePlatform final : public chat::ChatPlatform {
 public:
  ConsolePlatform(OutboxStore& outbox, LiveHub& hub) : outbox_(outbox), hub_(hub) {}

  std::string name() const override { return std::string(kPlatform); }
  Async<std::string> deliver(chat::Outgoing message, Deadline deadline) override;
  Async<std::optional<chat::Found>> find(chat::Outgoing message, Time since, Deadline deadline) override;
  std::chrono::milliseconds channel_pace() const override { return std::chrono::milliseconds(0); }

 private:
  OutboxStore& outbox_;
  LiveHub& hub_;
};

}  // namespace vedette::console

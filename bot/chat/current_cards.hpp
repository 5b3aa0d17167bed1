#pragma once
// The port by which a platform asks what one of its messages should say now: for a view that is refreshed when somebody
// looks at it, and for the rest of a message that was too long for one. io thread only.

#include <optional>
#include <string>

#include "bot/base/async.hpp"
#include "bot/chat/card.hpp"

namespace vedette::chat {

struct CurrentCard {
  Card card;
  std::string message_ref;  // where the platform has it; empty: not posted yet
  std::string only_for;     // whoever else asks gets nothing
};

class CurrentCards {
 public:
  virtual ~CurrentCards() = default;
  // By slot (Outgoing::slot), in this channel only; nothing: there is no such message of ours there.
  virtual Async<std::optional<CurrentCard>> current(std::string platform, std::string channel, std::string slot) = 0;
};

}  // namespace vedette::chat

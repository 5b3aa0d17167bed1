#pragma once
// The port of a person's own page, for platforms that have one (Slack's Home tab): what to show there now.

#include "bot/base/async.hpp"
#include "bot/chat/card.hpp"
#include "bot/domain/person.hpp"

namespace vedette::chat {

class HomePages {
 public:
  virtual ~HomePages() = default;
  // For somebody the directory does not know, or who may not read, a sentence that says what to do. Errors: the store's.
  virtual Async<Card> home_of(Identity who) = 0;
};

}  // namespace vedette::chat

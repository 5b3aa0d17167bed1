#pragma once
// What Vedette says in its channel about the connection itself. Pure.

#include <cstdint>

#include "bot/chat/card.hpp"

namespace vedette::slack {

// Slack counts connections that are not ours and may give them what people press: how to decide without buttons.
chat::Card ghosts_notice(int64_t counted, size_t ours);
chat::Card ghosts_gone_notice();

}  // namespace vedette::slack

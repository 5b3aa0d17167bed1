#pragma once
// The slots of answers to what people do: "reply/881" for inbox item 881, "reply/881/2" for the second message of a long
// one.

#include <cstdint>
#include <string>
#include <string_view>

namespace vedette::chat {

struct ReplySlot {
  int64_t item = 0;  // of the inbox; 0: no slot of an answer
  int part = 1;
};

std::string to_string(const ReplySlot& slot);
ReplySlot reply_slot_from(std::string_view slot);

}  // namespace vedette::chat

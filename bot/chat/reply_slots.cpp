#include "bot/chat/reply_slots.hpp"

#include <fmt/format.h>

#include "bot/base/text.hpp"

namespace vedette::chat {
namespace {
constexpr std::string_view kReply = "reply/";
}

std::string to_string(const ReplySlot& slot) {
  return slot.part == 1 ? fmt::format("{}{}", kReply, slot.item) : fmt::format("{}{}/{}", kReply, slot.item, slot.part);
}

ReplySlot reply_slot_from(std::string_view slot) {
  if (!slot.starts_with(kReply)) return {};
  const auto words = text::split(slot.substr(kReply.size()), '/');
  const auto item = text::parse_integer(words.front());
  const auto part = words.size() > 1 ? text::parse_integer(words[1]) : std::optional<int64_t>(1);
  if (!item || !part || words.size() > 2 || *part < 1) return {};
  return {*item, static_cast<int>(*part)};
}

}  // namespace vedette::chat

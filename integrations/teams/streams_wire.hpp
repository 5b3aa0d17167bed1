#pragma once
// A text message as the pieces of a stream. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace vedette::teams {

// The first piece: a typing activity with the beginning of the text, cut at the end of a paragraph. Nothing: the text is
// short, or `activity` is no text message.
std::optional<std::string> first_piece(std::string_view activity);
// The message itself as the end of the stream.
std::string last_piece(std::string_view activity, std::string_view stream_id);
// "Somebody is typing."
std::string typing_activity();

}  // namespace vedette::teams

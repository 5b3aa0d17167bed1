#pragma once
// The blocks of a message as the pieces in which it is streamed. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace vedette::slack {

// Arrays of chunks (docs.slack.dev/messaging/sending-and-scheduling-messages#text-streaming) for chat.startStream and
// chat.appendStream, in order; never none. The first block gets `mark` as its block_id.
std::vector<std::string> stream_pieces(std::string_view blocks, const std::string& mark);

}  // namespace vedette::slack

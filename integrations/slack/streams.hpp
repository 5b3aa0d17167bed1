#pragma once
// Answers to questions as streamed messages: begun, continued block by block and ended
// (docs.slack.dev/reference/methods/chat.startStream, chat.appendStream, chat.stopStream). Slack shows the answer as it
// grows and a sign that it is not over. Text is in blocks, never in Slack's markdown: it stays literal.
//
// A stream that Slack has begun is a message. What goes wrong after that, a crash included, is `unknown_outcome`: find()
// knows the beginning again by the block_id of its first block, ends the stream and says that the message is not whole, so
// that Delivery edits the whole answer into it. Slack ends a stream itself after some five minutes, or when the person
// presses stop; the way out is the same. Lives as long as the app; io thread only.

#include <map>
#include <optional>
#include <set>
#include <string>

#include "bot/base/async.hpp"
#include "bot/chat/platform.hpp"
#include "integrations/slack/web_api.hpp"

namespace vedette::slack {

class Streams {
 public:
  // Both outlive it.
  Streams(WebApi& api, const Clock& clock) : api_(api), clock_(clock) {}

  // Whether this message is one to stream: a new answer in a thread, to somebody of one workspace, where Slack has not
  // lately refused to.
  bool wanted(const chat::Outgoing& message) const;
  // Answers the message's ts. Nothing: Slack does not stream here and nothing was posted; post it the plain way.
  Async<std::optional<std::string>> say(chat::Outgoing message, std::string blocks, Deadline deadline);
  // The beginning of this answer, which is ended; nothing: there is none.
  Async<std::optional<chat::Found>> find_begun(chat::Outgoing message, Time since, Deadline deadline);

  // Somebody pressed stop: what stands there stays, and is not completed.
  void stopped(const std::string& channel, const std::set<std::string>& streams);

 private:
  Async<void> continue_and_end(chat::Outgoing message, std::string ts, std::vector<std::string> pieces, Deadline deadline);
  bool was_stopped(const std::string& channel, const std::string& ts) const { return stopped_.contains(channel + "/" + ts); }

  WebApi& api_;
  const Clock& clock_;
  std::map<char, SteadyTime> refused_until_;  // by the first letter of the channel's id: D, C, G
  std::set<std::string> stopped_;             // channel/ts, of the latest
};

}  // namespace vedette::slack

#pragma once
// Answers to questions as streamed messages: begun, continued block by block and ended
// (docs.slack.dev/reference/methods/chat.startStream, chat.appendStream, chat.stopStream). Slack shows the answer as it
// grows and a sign that it is not over. Text is in blocks, never in Slack's markdown: it stays literal.
//
// A stream that Slack has begun is a message. What goes wrong after that, a crash included, is `unknown_outcome`: find()
// knows the beginning again by the block_id of its first block, ends the stream and says that the message is not whole, so
// that Delivery edits the whole answer into it. Slack ends a stream itself after some five minutes, or when the person
// presses stop; the way out is the same. Lives as long as the app; io thread only.
//
// An answer that has not begun when stop is pressed is one line, "Stopped."; those that follow in the same thread are not
// said at all. Which threads are stopped is in memory only: what is answered after a restart is answered in full.

#include <functional>
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
  using Over = std::function<void(const std::string& channel, const std::string& thread)>;

  // Both outlive it.
  Streams(WebApi& api, const Clock& clock) : api_(api), clock_(clock) {}

  // Whether say() is to be asked: a new answer in a thread, to somebody of one workspace, where Slack has not lately refused
  // to stream, or where stop was pressed.
  bool wanted(const chat::Outgoing& message) const;
  // Answers the message's ts. Nothing: Slack does not stream here and nothing was posted; post it the plain way.
  Async<std::optional<std::string>> say(chat::Outgoing message, std::string blocks, Deadline deadline);
  // The beginning of this answer, which is ended; nothing: there is none.
  Async<std::optional<chat::Found>> find_begun(chat::Outgoing message, Time since, Deadline deadline);

  // Somebody pressed stop: what stands there stays, and is not completed.
  void stopped(const std::string& channel, const std::set<std::string>& streams);
  // And what was asked in this thread is not answered any more, until something is asked there again.
  void stop_answers(const std::string& channel, const std::string& thread, const std::set<std::string>& streams);
  void asked_again(const std::string& channel, const std::string& thread) { stopped_threads_.erase(channel + "/" + thread); }
  // Told of every stream that is over.
  void when_over(Over over) { over_ = std::move(over); }

 private:
  Async<void> continue_and_end(chat::Outgoing message, std::string ts, std::vector<std::string> pieces, Deadline deadline);
  Async<std::optional<std::string>> say_stopped(chat::Outgoing message, Deadline deadline);
  bool was_stopped(const std::string& channel, const std::string& ts) const { return stopped_.contains(channel + "/" + ts); }
  bool is_stopped(const chat::Outgoing& message) const {
    return stopped_threads_.contains(message.channel + "/" + message.thread_ref);
  }
  void over(const chat::Outgoing& message) const {
    if (over_) over_(message.channel, message.thread_ref);
  }

  WebApi& api_;
  const Clock& clock_;
  Over over_;
  std::map<char, SteadyTime> refused_until_;            // by the first letter of the channel's id: D, C, G
  std::set<std::string> stopped_;                       // channel/ts, of the latest
  std::map<std::string, std::string> stopped_threads_;  // by channel/thread: the ts of what stands there instead
};

}  // namespace vedette::slack

#pragma once
// Something a person did in chat, whatever the platform: typed a command, pressed a button, gave a thumb.

#include <string>
#include <string_view>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/base/clock.hpp"
#include "bot/domain/person.hpp"

namespace vedette::chat {

// The keys behind `after` and in front of `before`, byte by byte; neither of them included.
struct KeyRange {
  std::string after;
  std::string before;
};

struct Interaction {
  std::string key;  // unique on the platform; the same for a redelivery
  Identity who;
  std::string name;  // what the platform calls them: for display, never for a decision; may be empty
  std::string channel;
  std::string thread_ref;  // message_ref of the thread's root it was said in; empty: outside a thread
  std::string said_ref;    // message_ref of the message that was typed; empty: pressed, or a command nobody else sees
  std::string text;        // the command without "/soc" or the mention: "ack C-12"; a button's command
  bool button = false;     // pressed, not typed
  bool reaction = false;   // an emoji put on the message `thread_ref`; means something on a case's root message only
  bool direct = false;     // `channel` is between this person and Vedette: what is said there, nobody else reads
  std::string about_ref;   // message_ref, in the same channel, of the message it is about (a message's shortcut); else empty
  Time about_time;         // when that message was said
  std::string reply_url;   // platform's way to answer this interaction alone; may be empty
  // Where the inbox knows one of these, the person did that after this, and nothing of this is left to do: platforms do not
  // always deliver in the order in which things were done.
  std::vector<KeyRange> moot_by;
};

std::string to_json(const Interaction& interaction);
Result<Interaction> interaction_from_json(std::string_view json);

// Where platforms hand interactions in. Returns once it is on disk: acknowledge only then. False: seen before.
class InteractionSink {
 public:
  virtual ~InteractionSink() = default;
  virtual Async<bool> accept(Interaction interaction) = 0;
};

}  // namespace vedette::chat

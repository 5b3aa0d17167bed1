#pragma once
// The port a chat platform implements: say something, change it, and answer "was it posted?".

#include <optional>
#include <string>

#include "bot/base/async.hpp"
#include "bot/chat/card.hpp"
#include "bot/domain/person.hpp"

namespace vedette::chat {

struct Outgoing {
  std::string channel;
  std::string thread_ref;   // message_ref of the parent; empty: top level
  std::string message_ref;  // of the message to edit; empty: post a new one
  std::string only_for;     // platform user id; empty: to all
  std::string key;          // delivery key: the same for every attempt at the same slot
  std::string slot;
  Card card;

  // An earlier attempt at this post may stand there as well, where the platform could not be asked: worth a word.
  bool again = false;

  // For the reply to an interaction that is meant for one person: the platform's own way to answer it
  // (Interaction::reply_url), and what is used up of that. Whoever has the address may speak there: it is never logged and
  // never shown.
  std::string reply_url;  // empty: none
  Time reply_from;        // when the interaction came in
  int reply_uses = 0;     // attempts before this one

  // For the answer to a question that was asked where others can read it: who asked. No user: it is none.
  Identity asked_by;
};

// A message that was looked up.
struct Found {
  std::string message_ref;
  bool whole = true;  // false: the platform has the beginning of it only, and it is to be edited
};

class ChatPlatform {
 public:
  virtual ~ChatPlatform() = default;
  virtual std::string name() const = 0;  // "slack", "console"
  // Posts or edits; answers the message_ref. Errors: unknown_outcome = it may have been posted: find() before trying again;
  // rate_limited with retry_after; unavailable: surely not posted; of an edit, not_found: the message is gone, expired: it
  // is there, but cannot be changed any more; others are final for this content.
  virtual Async<std::string> deliver(Outgoing message, Deadline deadline) = 0;
  // A message posted with this key at or after `since`, or nothing when it surely was not. A platform that keeps no history
  // for us answers nothing and says so in looks_up().
  virtual Async<std::optional<Found>> find(Outgoing message, Time since, Deadline deadline) = 0;
  // False: after an unknown outcome the message is sent again, marked, rather than lost; it may stand there twice.
  virtual bool looks_up() const { return true; }
  // Whether a limit that an edit met holds for edits everywhere; else for its channel alone.
  virtual bool limits_edits_together() const { return true; }
  // Whether one message takes the card whole. Where not, an answer goes on in further messages (card_parts.hpp).
  virtual bool fits(const Card&) const { return true; }
  // The least time between two deliveries into one channel.
  virtual std::chrono::milliseconds channel_pace() const = 0;
  // How long after an attempt find() may miss a message that is there.
  virtual std::chrono::milliseconds settle_delay() const { return std::chrono::seconds(0); }
};

}  // namespace vedette::chat

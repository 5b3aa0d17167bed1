#pragma once
// What is to be seen in chat. A message is a slot with the content wanted there ("case/12/root"); delivery makes the
// platform agree with it: posts it once, edits it afterwards. Edits that were not sent yet are overtaken by later ones.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/domain/person.hpp"

namespace vedette {

// Smaller goes first.
enum class Lane { page, approval, verdict, update };

struct OutboxMessage {
  std::string slot;  // unique per platform and channel: "case/12/root", "case/12/evidence", "reply/881"
  std::string platform;
  std::string channel;    // the platform's channel id
  std::string thread_of;  // slot of the message it is a reply to; empty: none of ours. Posted only after that one.
  std::string below;    // message_ref of somebody else's message it is a reply to, where thread_of is none; empty: top level
  std::string follows;  // slot of the message said before it; empty: none. Posted only once that one is, or was given up.
  std::string only_for;  // platform user id: shown to this user alone; empty: to all
  Identity asked_by;     // whose question it answers for all who could read that; no user: it is no such answer
  std::string author;    // empty: Vedette. The console also keeps what people typed.
  Lane lane = Lane::update;
  std::string card;  // neutral card as JSON: what will have been shown, byte for byte
};

enum class DeliveryState { queued, sending, sent, unknown, failed };
std::string_view to_string(DeliveryState state);

struct OutboxRow {
  int64_t id = 0;
  OutboxMessage message;
  int64_t version = 0;      // of the content wanted; 1, 2, …
  int64_t delivered = 0;    // version the platform has; 0: not posted
  std::string message_ref;  // the platform's id of the posted message; empty: not posted
  std::string thread_ref;   // message_ref of `thread_of`, or `below`
  DeliveryState state = DeliveryState::queued;
  int attempts = 0;
  Time first_attempt;  // of the present version, for the look-up after an unknown outcome
  Time created;
  Time changed;
  std::string error;
};

// Messages that will not be tried again.
struct GivenUp {
  int64_t all = 0;
  int64_t recent = 0;  // at `since` or later
  std::string error;   // of the latest; empty: none
};

class OutboxStore {
 public:
  virtual ~OutboxStore() = default;
  // Creates the slot or, if the card differs, raises its version. Unchanged content does nothing.
  virtual Async<void> put(std::vector<OutboxMessage> messages) = 0;
  // Rows of a platform with something to send now: by lane, then age. Never a reply whose parent is still to be posted; one
  // whose parent was given up goes to the top level (thread_ref is empty), rather than nowhere.
  virtual Async<std::vector<OutboxRow>> due(std::string platform, Time now, size_t limit) = 0;
  // queued → sending, durable before the request leaves.
  virtual Async<void> sending(int64_t id, Time now) = 0;
  virtual Async<void> sent(int64_t id, int64_t version, std::string message_ref) = 0;
  virtual Async<void> retry(int64_t id, Time not_before, std::string error) = 0;    // → queued: surely not delivered
  virtual Async<void> unknown(int64_t id, Time not_before, std::string error) = 0;  // may have been delivered: look first
  virtual Async<void> failed(int64_t id, std::string error) = 0;
  // The posted message is gone from the platform → queued as if it had never been posted.
  virtual Async<void> gone(int64_t id, Time not_before, std::string error) = 0;
  // Since when the oldest message waits that the platform lacks, in whatever state; one that was given up counts when that
  // was at `failed_since` or later.
  virtual Async<std::optional<Time>> oldest_undelivered(std::string platform, Time failed_since) = 0;
  // An empty platform stands for all of them. A slot that gets other content counts no longer: it is tried anew.
  virtual Async<GivenUp> given_up(std::string platform, Time since) = 0;
  // After a restart: everything in `sending` becomes `unknown`. Answers how many.
  virtual Async<int64_t> recover() = 0;

  // For the console, which reads its messages here. Top-level messages of a channel, newest last; only_for is respected.
  virtual Async<std::vector<OutboxRow>> channel(std::string platform, std::string channel, std::string user, int64_t before,
                                                size_t limit) = 0;
  virtual Async<std::vector<OutboxRow>> thread(std::string platform, std::string channel, std::string root_slot,
                                               std::string user) = 0;
  virtual Async<std::optional<OutboxRow>> find(std::string platform, std::string channel, std::string slot) = 0;
  // By the platform's own id of a posted message (to know which case a thread or thumb belongs to).
  virtual Async<std::optional<OutboxRow>> find_ref(std::string platform, std::string channel, std::string message_ref) = 0;
};

}  // namespace vedette

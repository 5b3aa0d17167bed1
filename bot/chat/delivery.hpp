#pragma once
// Makes one chat platform agree with the outbox: every slot is posted once and edited afterwards.
//
// The order of things is what keeps the promise "once": `sending` is on disk before the request leaves; an answer that is
// lost (time-out, broken connection, crash) makes the row `unknown`, and an unknown post is looked up on the platform, after
// its settle delay, before it is sent again; where the platform keeps no history, it is sent again with a word about it, a
// few times at most. Edits are sent again without asking: twice the same edit is one edit. A message for one person cannot
// be looked up; when its fate is unknown it is not repeated. A message that somebody deleted on the platform is posted anew
// when its content changes; what stands there but cannot be edited any more is said again in its thread. Nothing is ever
// skipped: what cannot be delivered now is tried again later, with growing, jittered pauses that honour retry-after.
//
// Within a channel one delivery at a time, at least channel_pace() apart, the most urgent lane first; channels go side by
// side. An edit that meets a limit holds back edits everywhere (or its channel, as the platform counts), a post that does
// holds back its channel. Lives as long as the App; used on the io thread; one Delivery a platform. `run` ends when its task
// is cancelled.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "bot/base/async.hpp"
#include "bot/chat/platform.hpp"
#include "bot/store/store.hpp"

namespace vedette::chat {

struct DeliveryOptions {
  Duration poll = std::chrono::seconds(1);          // how often to look without a wake-up, for rows whose time has come
  std::chrono::milliseconds request_limit{30'000};  // deadline of one request
  Duration retry_first = std::chrono::seconds(1);   // doubles with every attempt …
  Duration retry_most = std::chrono::minutes(5);    // … up to this
  size_t batch = 64;                                // rows looked at; grows while they all wait for the same channels
  size_t side_by_side = 16;                         // channels served at once
  uint64_t seed = 0;                                // of the jitter; 0: from the operating system
};

// Counters since the start, for health and metrics.
struct DeliveryHealth {
  int64_t posted = 0;
  int64_t edited = 0;
  int64_t retried = 0;   // surely not delivered, will be tried again
  int64_t unknown = 0;   // outcome not known
  int64_t found = 0;     // unknown, then found on the platform
  int64_t reposted = 0;  // unknown, surely not there, sent again
  int64_t frozen = 0;    // could not be edited any more, said again in the thread
  int64_t failed = 0;    // given up
  std::string last_error;
};

class Delivery {
 public:
  Delivery(Executor io, Store& store, ChatPlatform& platform, const Clock& clock, DeliveryOptions options = {});
  ~Delivery();
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  Job run();
  const DeliveryHealth& health() const { return health_; }
  // How long the oldest message has been waiting that this Delivery is trying to deliver; none: all is said or given up.
  std::optional<Duration> oldest_unposted() const;
  // The same of all that the platform lacks, as the store knew it a moment ago: also replies that wait for their root, and
  // for a day what was given up.
  std::optional<Duration> oldest_undelivered() const;
  // What was given up, by the store; `recent` is the last day.
  const GivenUp& given_up() const { return given_up_; }

 private:
  struct Channel {
    bool busy = false;
    Time free_at;  // not before: pace, retry-after
  };
  struct Turn;  // marks a channel busy as long as it lives
  enum class Ending { sent, retry, unknown, gone, frozen, failed, none };
  struct Outcome {
    Ending ending = Ending::retry;
    std::string message_ref;
    int64_t version = 0;
    Time not_before;
    std::string error;
  };

  boost::asio::awaitable<bool> recover();
  boost::asio::awaitable<void> look_for_undelivered(Time now);
  boost::asio::awaitable<Duration> start_due();
  bool start(const OutboxRow& row, Time now);
  bool ready(const OutboxRow& row, Time now);
  Job deliver(OutboxRow row);
  boost::asio::awaitable<Outcome> attempt(OutboxRow row);
  boost::asio::awaitable<std::optional<Outcome>> look_up(OutboxRow row, Outgoing message);
  boost::asio::awaitable<Outcome> send(OutboxRow row, Outgoing message);
  boost::asio::awaitable<Outgoing> with_reply_way(OutboxRow row, Outgoing message);
  Async<Card> first_part(OutboxRow row, Card card);
  Outcome not_now(const OutboxRow& row, const Error& error);
  bool in_doubt_too_often(const OutboxRow& row);
  Outcome after_error(const OutboxRow& row, const Error& error);
  boost::asio::awaitable<void> record(OutboxRow row, Outcome outcome);
  Async<void> store_outcome(OutboxRow row, Outcome outcome);
  Async<void> say_again(OutboxRow row, Outcome outcome);
  void pause(const std::string& channel, Duration wait);
  void wake_at(Time when);
  Duration backoff(int attempts, std::optional<std::chrono::milliseconds> at_least);

  Store& store_;
  ChatPlatform& platform_;
  const Clock& clock_;
  DeliveryOptions options_;
  std::shared_ptr<Signal> wake_;
  TaskGroup tasks_;
  std::mt19937_64 random_;
  std::map<std::string, Channel> channels_;
  Time edits_free_at_;  // no edit before, in any channel
  std::set<int64_t> in_flight_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // what a Turn that outlives us looks at
  std::map<int64_t, Time> waiting_;                             // rows seen and not delivered yet → since when
  std::map<int64_t, int> look_ups_;                             // rows of unknown outcome → look-ups that gave no answer
  std::map<int64_t, int> in_doubt_;                             // posts that may stand there → attempts of unknown outcome
  std::optional<Time> next_wake_;                               // earliest time one of our own retries is due
  Time look_ups_from_;  // rows left over from before the start are not looked up earlier than this
  std::optional<Time> undelivered_since_;
  GivenUp given_up_;
  std::optional<Time> undelivered_seen_;  // when that was asked
  size_t batch_;
  bool store_failed_ = false;
  DeliveryHealth health_;
};

}  // namespace vedette::chat

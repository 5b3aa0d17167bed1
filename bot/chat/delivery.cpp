#include "bot/chat/delivery.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>

#include "bot/base/crypto.hpp"
#include "bot/base/log.hpp"
#include "bot/base/text.hpp"
#include "bot/chat/card_parts.hpp"
#include "bot/chat/interaction.hpp"
#include "bot/chat/reply_slots.hpp"

namespace vedette::chat {

namespace asio = boost::asio;

namespace {

constexpr size_t kBatchMost = 1000;
constexpr size_t kMostParts = 5;  // messages of one answer
constexpr size_t kChannelsKept = 1024;
// The platform's clock may be behind ours: a message can bear a time a little before the attempt that posted it.
constexpr std::chrono::minutes kClockSkew{2};
constexpr std::chrono::seconds kStoreRetry{1};
constexpr std::chrono::seconds kUndeliveredEvery{1};
constexpr std::chrono::hours kFailedCountFor{24};
// What a stop leaves running requests to end by themselves, and then to be cancelled in.
constexpr std::chrono::milliseconds kDrain{2000};
constexpr std::chrono::milliseconds kCancel{3000};

uint64_t seed_from_system() {
  const std::string bytes = crypto::random_bytes(sizeof(uint64_t));
  uint64_t seed = 0;
  std::memcpy(&seed, bytes.data(), sizeof seed);
  return seed;
}

// The same for every attempt at a slot, different for every slot of a channel. Not secret, and without any content.
std::string delivery_key(const OutboxMessage& message) {
  return crypto::sha256_hex(message.platform + "\n" + message.channel + "\n" + message.slot).substr(0, 32);
}

bool is_post(const OutboxRow& row) { return row.message_ref.empty(); }

// Attempts at one post whose fate nobody can tell: where nothing can be looked up, each may be one message more.
constexpr int kMostInDoubt = 5;

// The slot in which a message is said again that cannot be edited any more.
constexpr std::string_view kAgain = "/again";

}  // namespace

// A request that did not end in time is taken apart with the io_context, which may be after its Delivery.
struct Delivery::Turn {
  Turn(Delivery& owner_, int64_t row_, std::string channel_)
      : owner(owner_), alive(owner_.alive_), row(row_), channel(std::move(channel_)) {}
  ~Turn() {
    if (alive.expired()) return;
    owner.channels_[channel].busy = false;
    owner.in_flight_.erase(row);
    owner.wake_->notify();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  Delivery& owner;
  std::weak_ptr<bool> alive;
  int64_t row;
  std::string channel;
};

Delivery::Delivery(Executor io, Store& store, ChatPlatform& platform, const Clock& clock, DeliveryOptions options)
    : store_(store),
      platform_(platform),
      clock_(clock),
      options_(options),
      wake_(std::make_shared<Signal>(io)),
      tasks_(io, "delivery/" + platform.name()),
      random_(options.seed != 0 ? options.seed : seed_from_system()),
      batch_(options.batch) {
  // The store keeps its listeners to its end, which may be after ours: they share the signal, not this object.
  store_.on_commit(Store::Topic::outbox, [signal = wake_] { signal->notify(); });
}

Delivery::~Delivery() = default;

Job Delivery::run() {
  const bool recovered = co_await recover();
  if (!recovered) co_return;
  while (true) {
    const bool stop = co_await cancelled();
    if (stop) break;
    const Duration wait = co_await start_due();
    co_await wake_->wait(wait);
  }
  // Requests under way may end by themselves; what is cut off is looked up after the next start.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  const auto drained = Deadline::after(kDrain);
  while (tasks_.running() > 0 && !drained.passed()) {
    co_await sleep_for(std::chrono::milliseconds(10));
  }
  const bool ended = co_await tasks_.stop(Deadline::after(kCancel));
  if (!ended) log::warning("chat", "{}: a delivery did not end in time", platform_.name());
}

asio::awaitable<bool> Delivery::recover() {
  while (true) {
    const auto count = co_await store_.outbox().recover();
    if (count) {
      if (*count > 0) log::info("chat", "{} messages were on their way when we stopped; they are looked up first", *count);
      break;
    }
    const bool stop = co_await cancelled();
    if (stop || count.error().code == Code::cancelled) co_return false;
    log::warning("chat", "{}: the outbox cannot be read: {}", platform_.name(), count.error().message);
    co_await sleep_for(kStoreRetry);
  }
  look_ups_from_ = clock_.now() + platform_.settle_delay();
  co_return true;
}

// Starts what can be sent now; answers how long to wait before looking again.
asio::awaitable<Duration> Delivery::start_due() {
  const Time now = clock_.now();
  if (next_wake_ && *next_wake_ <= now) next_wake_.reset();
  co_await look_for_undelivered(now);
  // What is being delivered while we read may end before the answer is here: the answer is out of date for it.
  const auto moving = in_flight_;
  const auto rows = co_await store_.outbox().due(platform_.name(), now, batch_);
  if (!rows) {
    if (!store_failed_) log::warning("chat", "{}: the outbox cannot be read: {}", platform_.name(), rows.error().message);
    store_failed_ = true;
    co_return kStoreRetry;
  }
  store_failed_ = false;
  size_t started = 0;
  for (const auto& row : *rows) {
    if (moving.contains(row.id)) continue;
    waiting_.try_emplace(row.id, row.delivered == 0 ? row.created : now);
    if (tasks_.running() >= options_.side_by_side) break;
    if (start(row, now)) ++started;
  }
  // All rows wait for busy channels, and there may be others behind them: look further. Otherwise a small look is enough.
  const bool blocked = started == 0 && rows->size() == batch_ && tasks_.running() < options_.side_by_side;
  if (blocked && batch_ < kBatchMost) {
    batch_ = std::min(batch_ * 2, kBatchMost);
    co_return Duration(0);
  }
  if (!blocked && rows->size() < options_.batch) batch_ = options_.batch;
  Duration wait = options_.poll;
  if (next_wake_) wait = std::clamp(*next_wake_ - now, Duration(1000), wait);
  for (const auto& [name, channel] : channels_) {
    if (!channel.busy && channel.free_at > now) wait = std::min(wait, std::max(channel.free_at - now, Duration(1000)));
  }
  co_return wait;
}

asio::awaitable<void> Delivery::look_for_undelivered(Time now) {
  if (undelivered_seen_ && now - *undelivered_seen_ < kUndeliveredEvery) co_return;
  const Time failed_since = now - kFailedCountFor;
  const auto since = co_await store_.outbox().oldest_undelivered(platform_.name(), failed_since);
  if (!since) co_return;
  auto given_up = co_await store_.outbox().given_up(platform_.name(), failed_since);
  if (!given_up) co_return;
  given_up_ = std::move(*given_up);
  undelivered_since_ = *since;
  undelivered_seen_ = now;
}

bool Delivery::ready(const OutboxRow& row, Time now) {
  if (!is_post(row) && edits_free_at_ > now) {
    wake_at(edits_free_at_);
    return false;
  }
  if (row.state != DeliveryState::unknown || !is_post(row) || !row.message.only_for.empty()) return true;
  if (now >= look_ups_from_) return true;
  wake_at(look_ups_from_);
  return false;
}

bool Delivery::start(const OutboxRow& row, Time now) {
  if (channels_.size() > kChannelsKept) {
    std::erase_if(channels_, [&](const auto& entry) { return !entry.second.busy && entry.second.free_at <= now; });
  }
  auto& channel = channels_[row.message.channel];
  if (channel.busy || channel.free_at > now || !ready(row, now)) return false;
  channel.busy = true;
  in_flight_.insert(row.id);
  tasks_.spawn(row.message.slot, deliver(row));
  return true;
}

Job Delivery::deliver(OutboxRow row) {
  const Turn turn(*this, row.id, row.message.channel);
  Outcome outcome;
  bool threw = false;
  try {
    outcome = co_await attempt(row);
  } catch (const std::exception& e) {
    log::error("chat", "{}: delivering {} threw: {}", platform_.name(), row.message.slot, e.what());
    threw = true;
  }
  if (threw) outcome = after_error(row, Error(Code::unknown_outcome, "delivery broke off because of a bug"));
  pause(row.message.channel, platform_.channel_pace());
  co_await record(row, outcome);
}

asio::awaitable<Delivery::Outcome> Delivery::attempt(OutboxRow row) {
  auto card = card_from_json(row.message.card);
  if (!card) {
    Outcome failed;
    failed.ending = Ending::failed;
    failed.error = card.error().message;
    co_return failed;
  }
  Outgoing message;
  message.channel = row.message.channel;
  message.thread_ref = row.thread_ref;
  message.message_ref = row.message_ref;
  message.only_for = row.message.only_for;
  message.key = delivery_key(row.message);
  message.slot = row.message.slot;
  message.card = std::move(*card);
  message.asked_by = row.message.asked_by;
  if (!row.message.only_for.empty()) message = co_await with_reply_way(row, std::move(message));
  if (row.state == DeliveryState::unknown && is_post(row)) {
    const auto known = co_await look_up(row, message);
    if (known) co_return *known;
    message.again = !platform_.looks_up();
    ++health_.reposted;
  }
  auto first = co_await first_part(row, std::move(message.card));
  if (!first) co_return not_now(row, first.error());
  message.card = std::move(*first);
  co_return co_await send(std::move(row), std::move(message));
}

// The answer to an interaction may go the way that came with it. Where that cannot be read now, the usual way is left.
asio::awaitable<Outgoing> Delivery::with_reply_way(OutboxRow row, Outgoing message) {
  const ReplySlot slot = reply_slot_from(row.message.slot);
  if (slot.item == 0) co_return message;
  const auto item = co_await store_.inbox().find(slot.item);
  if (!item || !item->has_value() || (*item)->platform != row.message.platform) co_return message;
  auto interaction = interaction_from_json((*item)->payload);
  if (!interaction || interaction->who.user != row.message.only_for) co_return message;
  message.reply_url = std::move(interaction->reply_url);
  message.reply_from = (*item)->received;
  message.reply_uses = row.attempts + slot.part - 1;
  co_return message;
}

// Of an answer that one message cannot hold, what goes into the first; the rest is in the outbox before that leaves: a crash
// in between loses none, and putting it there again changes nothing.
Async<Card> Delivery::first_part(OutboxRow row, Card card) {
  const ReplySlot slot = reply_slot_from(row.message.slot);
  if (slot.item == 0 || slot.part > 1) co_return card;
  const auto fits = [this](const Card& part) { return platform_.fits(part); };
  std::vector<Card> parts = parts_of(card, fits, kMostParts);
  std::vector<OutboxMessage> following;
  std::string before = row.message.slot;
  for (size_t at = 1; at < parts.size(); ++at) {
    OutboxMessage next = row.message;
    next.slot = to_string(ReplySlot{slot.item, static_cast<int>(at) + 1});
    next.follows = std::exchange(before, next.slot);
    next.card = to_json(parts[at]);
    following.push_back(std::move(next));
  }
  if (!following.empty()) CO_TRY_VOID(store_.outbox().put(std::move(following)));
  co_return std::move(parts.front());
}

// The store failed us before anything was sent: what was in doubt stays so.
Delivery::Outcome Delivery::not_now(const OutboxRow& row, const Error& error) {
  Outcome outcome;
  outcome.ending = row.state == DeliveryState::unknown ? Ending::unknown : Ending::retry;
  outcome.not_before = clock_.now() + backoff(1, error.retry_after);
  outcome.error = error.message;
  return outcome;
}

// For a post of unknown outcome. Nothing: it surely is not there, so it may be sent again.
asio::awaitable<std::optional<Delivery::Outcome>> Delivery::look_up(OutboxRow row, Outgoing message) {
  Outcome outcome;
  if (!row.message.only_for.empty()) {
    outcome.ending = Ending::failed;
    outcome.error = "whether it arrived is not known, and a message for one person cannot be looked up";
    co_return outcome;
  }
  // Where the content changed since, the attempt in question may be older than the attempts at the present version.
  const Time since = (row.version > 1 || row.first_attempt == Time() ? row.created : row.first_attempt) - kClockSkew;
  const auto deadline = Deadline::after(options_.request_limit);
  const auto there = co_await platform_.find(std::move(message), since, deadline);
  if (!there) {
    const int times = ++look_ups_[row.id];
    outcome.ending = Ending::unknown;
    outcome.not_before = clock_.now() + backoff(times, there.error().retry_after);
    outcome.error = there.error().message;
    if (there.error().code == Code::rate_limited) pause(row.message.channel, outcome.not_before - clock_.now());
    co_return outcome;
  }
  if (!there->has_value()) co_return std::nullopt;
  ++health_.found;
  outcome.ending = Ending::sent;
  outcome.message_ref = (*there)->message_ref;
  // Which version stands there is certain only if there was never another; otherwise an edit follows.
  outcome.version = row.version > 1 || !(*there)->whole ? row.version - 1 : row.version;
  co_return outcome;
}

asio::awaitable<Delivery::Outcome> Delivery::send(OutboxRow row, Outgoing message) {
  // On disk before the request leaves: a crash from here on makes the row `unknown`, never forgotten.
  const auto noted = co_await store_.outbox().sending(row.id, clock_.now());
  Outcome outcome;
  if (!noted && (noted.error().code == Code::conflict || noted.error().code == Code::not_found)) {
    outcome.ending = Ending::none;  // it is no longer ours to send
    outcome.error = noted.error().message;
    co_return outcome;
  }
  if (!noted) co_return not_now(row, noted.error());
  const auto deadline = Deadline::after(options_.request_limit);
  const auto ref = co_await platform_.deliver(std::move(message), deadline);
  if (!ref) co_return after_error(row, ref.error());
  ++(is_post(row) ? health_.posted : health_.edited);
  outcome.ending = Ending::sent;
  outcome.message_ref = *ref;
  outcome.version = row.version;
  co_return outcome;
}

// It may stand there that often by now.
bool Delivery::in_doubt_too_often(const OutboxRow& row) {
  return !platform_.looks_up() && ++in_doubt_[row.id] >= kMostInDoubt;
}

Delivery::Outcome Delivery::after_error(const OutboxRow& row, const Error& error) {
  Outcome outcome;
  outcome.error = error.message;
  const Duration wait = backoff(row.attempts + 1, error.retry_after);
  outcome.not_before = clock_.now() + wait;
  switch (error.code) {
    case Code::unknown_outcome:
    case Code::timeout:
    case Code::cancelled:
      ++health_.unknown;
      if (!is_post(row)) {
        outcome.ending = Ending::retry;
      } else if (!row.message.only_for.empty() || in_doubt_too_often(row)) {
        outcome.ending = Ending::failed;
      } else {
        outcome.ending = Ending::unknown;
        // Where nothing can be looked up every further attempt may be one message more.
        const Duration settle = platform_.settle_delay();
        outcome.not_before = clock_.now() + (platform_.looks_up() ? settle : std::max(settle, wait));
      }
      return outcome;
    case Code::rate_limited: {
      // The platform names the wait: one that grew with every attempt would let others overtake.
      const Duration named = error.retry_after ? backoff(1, error.retry_after) : wait;
      outcome.not_before = clock_.now() + named;
      // Platforms count edits apart from posts: a page must not wait because much was edited.
      if (is_post(row) || !platform_.limits_edits_together()) {
        pause(row.message.channel, named);
      } else {
        edits_free_at_ = std::max(edits_free_at_, outcome.not_before);
      }
      outcome.ending = Ending::retry;
      break;
    }
    case Code::not_found:  // of an edit: somebody deleted the message, but what it says now is still to be seen
      outcome.ending = is_post(row) ? Ending::failed : Ending::gone;
      return outcome;
    case Code::expired:  // of an edit: too late for it, so what stands there stays as it is
      if (is_post(row)) {
        outcome.ending = Ending::failed;
        return outcome;
      }
      ++health_.frozen;
      outcome.ending = row.message.slot.ends_with(kAgain) ? Ending::gone : Ending::frozen;
      outcome.not_before = clock_.now();
      outcome.version = row.version;
      return outcome;
    case Code::unavailable:
    case Code::unauthenticated:  // a token that people will renew: no fault of the message
      outcome.ending = Ending::retry;
      break;
    default: outcome.ending = error.retryable ? Ending::retry : Ending::failed;
  }
  if (outcome.ending == Ending::retry) ++health_.retried;
  return outcome;
}

// Until it is on disk: an answer of the platform that we forgot would have to be asked for again.
asio::awaitable<void> Delivery::record(OutboxRow row, Outcome outcome) {
  if (outcome.ending == Ending::none) {
    waiting_.erase(row.id);
    co_return;
  }
  if (outcome.ending == Ending::failed) {
    ++health_.failed;
    log::error("chat", "{}: {} is given up: {}", platform_.name(), row.message.slot, outcome.error);
  } else if (outcome.ending == Ending::frozen) {
    log::info("chat", "{}: {} cannot be edited any more and is said again in its thread", platform_.name(),
              row.message.slot);
  } else if (outcome.ending != Ending::sent) {
    log::warning("chat", "{}: {} is not delivered yet: {}", platform_.name(), row.message.slot, outcome.error);
    wake_at(outcome.not_before);
  }
  if (!outcome.error.empty()) health_.last_error = outcome.error;
  if (outcome.ending == Ending::sent || outcome.ending == Ending::frozen || outcome.ending == Ending::failed) {
    waiting_.erase(row.id);
    look_ups_.erase(row.id);
    in_doubt_.erase(row.id);
  }
  while (true) {
    const auto stored = co_await store_outcome(row, outcome);
    if (stored) co_return;
    const bool stop = co_await cancelled();
    const auto code = stored.error().code;
    if (stop || code == Code::cancelled || code == Code::conflict || code == Code::not_found) co_return;
    log::warning("chat", "{}: the outbox cannot be written: {}", platform_.name(), stored.error().message);
    co_await sleep_for(kStoreRetry);
  }
}

// In the thread, where whoever reads the old message finds it. The row counts as delivered: what is wanted there stands in
// the other slot, and the next change comes here again. A crash in between repeats both, which changes nothing.
Async<void> Delivery::say_again(OutboxRow row, Outcome outcome) {
  auto card = card_from_json(row.message.card);
  if (!card) co_return std::move(card).error();
  card->blocks.insert(
      card->blocks.begin(),
      Paragraph{{{"An earlier message here can no longer be edited. This is how it stands now.", {}, false}}, true});
  OutboxMessage again = row.message;
  if (again.thread_of.empty()) again.thread_of = again.slot;
  again.slot += kAgain;
  again.card = to_json(*card);
  std::vector<OutboxMessage> messages;
  messages.push_back(std::move(again));
  CO_TRY_VOID(store_.outbox().put(std::move(messages)));
  co_return co_await store_.outbox().sent(row.id, outcome.version, row.message_ref);
}

Async<void> Delivery::store_outcome(OutboxRow row, Outcome outcome) {
  auto& outbox = store_.outbox();
  const int64_t id = row.id;
  switch (outcome.ending) {
    case Ending::sent: co_return co_await outbox.sent(id, outcome.version, outcome.message_ref);
    case Ending::retry: co_return co_await outbox.retry(id, outcome.not_before, outcome.error);
    case Ending::unknown: co_return co_await outbox.unknown(id, outcome.not_before, outcome.error);
    case Ending::gone: co_return co_await outbox.gone(id, outcome.not_before, outcome.error);
    case Ending::frozen: co_return co_await say_again(std::move(row), std::move(outcome));
    case Ending::failed: co_return co_await outbox.failed(id, outcome.error);
    case Ending::none: break;
  }
  co_return Status();
}

void Delivery::pause(const std::string& channel, Duration wait) {
  auto& free_at = channels_[channel].free_at;
  free_at = std::max(free_at, clock_.now() + wait);
}

void Delivery::wake_at(Time when) {
  if (!next_wake_ || when < *next_wake_) next_wake_ = when;
}

Duration Delivery::backoff(int attempts, std::optional<std::chrono::milliseconds> at_least) {
  const int doublings = std::clamp(attempts - 1, 0, 20);
  const Duration plain = std::min(options_.retry_first * (int64_t{1} << doublings), options_.retry_most);
  // Half of it fixed, half by chance: many rows that failed together do not come back together.
  std::uniform_int_distribution<int64_t> chance(0, plain.count() / 2);
  const Duration wait = plain / 2 + Duration(chance(random_));
  return at_least ? std::max<Duration>(wait, *at_least) : wait;
}

std::optional<Duration> Delivery::oldest_unposted() const {
  if (waiting_.empty()) return std::nullopt;
  Time oldest = waiting_.begin()->second;
  for (const auto& [id, since] : waiting_) oldest = std::min(oldest, since);
  return std::max(clock_.now() - oldest, Duration(0));
}

std::optional<Duration> Delivery::oldest_undelivered() const {
  if (!undelivered_since_) return std::nullopt;
  return std::max(clock_.now() - *undelivered_since_, Duration(0));
}

}  // namespace vedette::chat

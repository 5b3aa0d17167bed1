#include "integrations/slack/catch_up.hpp"

#include <algorithm>

#include "bot/base/log.hpp"
#include "integrations/slack/timestamp.hpp"

namespace vedette::slack {
namespace {

constexpr auto kReach = std::chrono::minutes(30);
constexpr auto kThreads = std::chrono::days(7);
// A link may have been dead for a while before that was noticed, and what was on its way then was not acknowledged.
constexpr auto kOverlap = std::chrono::minutes(1);
constexpr int kPages = 10;

// Whether the next place can be expected to be read though this one was not.
bool of_one_place(const Error& error, const Deadline& deadline) {
  return error.code != Code::cancelled && error.code != Code::rate_limited && !is_final(error) && !deadline.passed();
}

bool said_since(const Json& message, Time since) {
  const auto time = from_ts(message["ts"].text());
  return time && *time >= since;
}

}  // namespace

CatchUp::CatchUp(Executor executor, WebApi& api, EnvelopeTaker& taker, const Clock& clock, SlackOptions options)
    : api_(api), taker_(taker), clock_(clock), options_(std::move(options)), back_(std::move(executor)) {}

void CatchUp::connected(size_t sockets) {
  const bool here = sockets > 0;
  if (here_ && !here) {
    lost_again_ = true;
    if (!gap_) bare_since_ = clock_.now();
    gap_ = true;
  }
  here_ = here;
  if (here_ && gap_) back_.notify();
}

void CatchUp::ghosts(bool there) {
  ghosts_ = there;
  look_at_ = clock_.now();  // when they are gone, for what went to them since the last look
  back_.notify();
}

void CatchUp::held_back() {
  held_until_ = clock_.now() + options_.held_back;
  if (!look_at_) look_at_ = held_until_;  // and not later and later while one such minute follows the other
  back_.notify();
}

Duration CatchUp::until_look() const {
  const Duration again = options_.catch_up_again;
  if (!look_at_ || reading_) return again;
  return std::clamp<Duration>(*look_at_ - clock_.now(), std::chrono::milliseconds(1), again);
}

void CatchUp::begin(Time now, bool look) {
  lost_again_ = false;
  if (look) look_at_.reset();
  reading_.emplace(now, (look ? read_until_ : bare_since_) - kOverlap, gap_, look);
}

void CatchUp::end() {
  const Reading reading = std::move(*reading_);
  reading_.reset();
  read_until_ = reading.began;
  if (reading.look) ++looks_;
  if (ghosts_ && !look_at_) look_at_ = reading.began + options_.ghost_recheck;
  if (held_until_ > reading.began) look_at_ = std::min(look_at_.value_or(held_until_), held_until_);
  if (reading.gap) {
    ++gaps_;
    // The sockets may have gone meanwhile, and come again: the next reading starts where this one began.
    gap_ = lost_again_;
    bare_since_ = reading.began;
  }
  if (gap_ && here_) back_.notify();
}

Job CatchUp::run() {
  while (true) {
    const bool stop = co_await cancelled();
    if (stop) co_return;
    const Duration wait = until_look();
    co_await back_.wait(wait);
    const Time now = clock_.now();
    const bool look = look_at_ && *look_at_ <= now;
    if (!here_ || (!gap_ && !look && !reading_)) continue;
    if (!reading_) begin(now, look);
    const Time since = std::max(reading_->since, now - kReach);
    auto done = co_await read(since);
    if (!done) {
      log::warning("slack", "what was said while Slack was out of reach cannot be read: {}", done.error().message);
      if (!is_final(done.error())) continue;  // a missing right is no more there in half a minute
    }
    end();
  }
}

// What fails in one place does not keep the others from being read; it is tried again with the next attempt.
Async<void> CatchUp::read(Time since) {
  const Deadline deadline = Deadline::after(options_.catch_up_for);
  const auto self = co_await api_.self(deadline);
  if (!self) co_return self.error();
  Status first;
  for (const auto& channel : options_.channels) {
    Place place(channel, "channel");
    auto done = co_await read_place(std::move(place), since, deadline);
    if (!done && !of_one_place(done.error(), deadline)) co_return done;
    if (!done && first) first = std::move(done);
  }
  for (const auto& person : options_.people) {
    auto done = co_await read_person(person, since, deadline);
    if (!done && !of_one_place(done.error(), deadline)) co_return done;
    if (!done && first) first = std::move(done);
  }
  co_return first;
}

Async<void> CatchUp::read_person(std::string user, Time since, Deadline deadline) {
  if (reading_->done.contains(user)) co_return Status();
  CO_TRY(auto place, direct_with(user, deadline));
  if (place) CO_TRY_VOID(read_place(std::move(*place), since, deadline));
  reading_->done.insert(std::move(user));
  co_return Status();
}

Async<void> CatchUp::read_place(Place place, Time since, Deadline deadline) {
  const std::string channel = place.channel;
  if (reading_->done.contains(channel)) co_return Status();
  auto done = co_await read_channel(std::move(place), since, deadline);
  if (done) reading_->done.insert(channel);
  if (done) co_return done;
  // A channel we are not in says nothing; the doctor and the deliveries tell about it.
  const Code code = done.error().code;
  if (code != Code::forbidden && code != Code::not_found) co_return done;
  log::debug("slack", "channel {} cannot be read: {}", channel, done.error().message);
  co_return Status();
}

// Nothing where the two have never spoken, or where Slack does not let us look (the scope im:write came later).
Async<std::optional<CatchUp::Place>> CatchUp::direct_with(std::string user, Deadline deadline) {
  Fields fields = {{"users", user}, {"prevent_creation", "true"}};
  auto answer = co_await ask("conversations.open", std::move(fields), deadline);
  if (!answer) {
    const Error& error = answer.error();
    if (error.http_status != 200 || error.code == Code::rate_limited || error.code == Code::unavailable) co_return error;
    log::debug("slack", "the direct conversation with {} cannot be read: {}", user, error.message);
    co_return std::optional<Place>();
  }
  std::string channel = (*answer)["channel"]["id"].string_or("");
  if (channel.empty()) co_return std::optional<Place>();
  co_return std::optional<Place>(Place(std::move(channel), "im"));
}

Async<void> CatchUp::read_channel(Place place, Time since, Deadline deadline) {
  std::string cursor;
  for (int page = 0; page < kPages; ++page) {
    Fields fields = {{"channel", place.channel}, {"oldest", to_ts(since - kThreads)}, {"limit", "200"}};
    if (!cursor.empty()) fields.emplace_back("cursor", cursor);
    CO_TRY(const Json answer, ask("conversations.history", std::move(fields), deadline));
    for (const auto& message : answer["messages"].elements()) {
      const auto last_reply = from_ts(message["latest_reply"].text());
      const std::string root = message["ts"].string_or("");
      if (said_since(message, since)) CO_TRY_VOID(hand_in(place, message));
      const std::string thread = place.channel + "/" + root;
      if (!last_reply || *last_reply < since || reading_->done.contains(thread)) continue;
      CO_TRY_VOID(read_thread(place, root, since, deadline));
      reading_->done.insert(thread);
    }
    cursor = answer.at("/response_metadata/next_cursor").string_or("");
    if (cursor.empty()) co_return Status();
  }
  log::warning("slack", "channel {} has too many messages of the last days; older threads were not caught up",
               place.channel);
  co_return Status();
}

Async<void> CatchUp::read_thread(Place place, std::string root, Time since, Deadline deadline) {
  std::string cursor;
  for (int page = 0; page < kPages; ++page) {
    Fields fields = {{"channel", place.channel}, {"ts", root}, {"oldest", to_ts(since)}, {"limit", "200"}};
    if (!cursor.empty()) fields.emplace_back("cursor", cursor);
    CO_TRY(const Json answer, ask("conversations.replies", std::move(fields), deadline));
    for (const auto& message : answer["messages"].elements()) {
      // The root comes with every answer, whatever its age.
      const bool reply = message["ts"].text() != root && said_since(message, since);
      if (reply) CO_TRY_VOID(hand_in(place, message));
    }
    cursor = answer.at("/response_metadata/next_cursor").string_or("");
    if (cursor.empty()) co_return Status();
  }
  co_return Status();
}

// In the shape of an event; whether it is meant for us, and who may say it, is decided where events are.
Async<void> CatchUp::hand_in(Place place, Json message) {
  if (!message["bot_id"].text().empty()) co_return Status();
  const Self& self = api_.known_self();
  JsonWriter writer;
  writer.begin_object().field("type", "event_callback").field("team_id", self.team);
  if (!self.enterprise.empty()) writer.field("enterprise_id", self.enterprise);
  writer.key("event").begin_object().field("channel", place.channel).field("channel_type", place.type);
  for (const char* name : {"type", "subtype", "user", "text", "ts", "thread_ts"}) {
    if (message[name].is_string()) writer.field(name, message[name].text());
  }
  writer.end_object().end_object();
  auto payload = Json::parse(writer.take());
  if (!payload) co_return payload.error();
  Envelope envelope;
  envelope.type = "events_api";
  envelope.payload = *std::move(payload);
  CO_TRY_VOID(taker_.take(std::move(envelope)));  // nobody waits for its answer
  co_return Status();
}

// Waits out Slack's limits.
Async<Json> CatchUp::ask(std::string method, Fields fields, Deadline deadline) {
  while (true) {
    auto answer = co_await api_.call(method, fields, Repeat::repeatable, deadline);
    if (answer || answer.error().code != Code::rate_limited) co_return answer;
    const auto wait =
        std::max<Duration>(answer.error().retry_after.value_or(options_.catch_up_again), std::chrono::milliseconds(100));
    if (deadline.left() < wait) co_return answer;
    co_await sleep_for(wait);
    const bool stop = co_await cancelled();
    if (stop) co_return Error(Code::cancelled, "Vedette is shutting down");
  }
}

}  // namespace vedette::slack

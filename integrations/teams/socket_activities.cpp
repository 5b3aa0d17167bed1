// What comes through the connections of Socket Mode, and how it is answered.

#include <algorithm>

#include "bot/base/crypto.hpp"
#include "bot/base/log.hpp"
#include "bot/base/text.hpp"
#include "integrations/teams/socket_link.hpp"
#include "integrations/teams/socket_mode.hpp"

namespace vedette::teams {
namespace {

using std::chrono::milliseconds;

int64_t milliseconds_of(Time time) { return to_micros(time) / 1000; }

// The service's deadline less what the way back may take.
milliseconds time_to_answer(const SocketEnvelope& envelope, milliseconds most) {
  if (envelope.deadline_ms == 0) return most;
  const milliseconds given(envelope.deadline_ms);
  return std::min(most, given - std::min<milliseconds>(milliseconds(500), given / 4));
}

// An id alone might be a number that starts anew with each connection: the same envelope is one with the same activity.
std::string key_of(const SocketEnvelope& envelope, std::string_view body) {
  return envelope.id.empty() ? std::string() : envelope.id + "/" + crypto::sha256_hex(body);
}

std::string error_body(std::string_view text) {
  JsonWriter w;
  w.begin_object().field("error", text).end_object();
  return w.take();
}

}  // namespace

void SocketMode::on_frame(const LinkPtr& link, std::string_view text) {
  if (!link->shaken) {
    auto shaken = parse_handshake(text);
    if (!shaken) return lose(link, std::move(shaken).error());
    link->shaken = true;
    return;
  }
  auto frame = parse_socket_frame(text);
  if (!frame) {
    ++counts_.malformed;
    log::warning("teams", "Socket Mode, {}: a frame that could not be read: {}", link->geography, frame.error().message);
    return;
  }
  if (const auto* ready = std::get_if<SocketReady>(&*frame)) return on_ready(link, *ready);
  if (auto* envelope = std::get_if<SocketEnvelope>(&*frame)) return on_envelope(link, std::move(*envelope));
  if (const auto* close = std::get_if<SocketClose>(&*frame)) {
    link->leaving = true;
    link->why = Error(Code::unavailable, "The service closes the connection" +
                                             (close->error.empty() ? std::string(".") : " (" + close->error + ")."));
    link->changed.notify();
    return;
  }
  if (const auto* other = std::get_if<SocketOther>(&*frame)) {
    ++counts_.unknown;
    log::debug("teams", "Socket Mode, {}: ignored {}", link->geography, other->what);
    if (other->invocation.empty()) return;
    ++link->in_work;
    answers_.spawn("answer", fail_call(link, other->invocation));
  }
}

void SocketMode::on_ready(const LinkPtr& link, const SocketReady& ready) {
  if (link->ready) return;
  if (is_foreign(ready.bot_key))
    return lose(link, Error(Code::forbidden, "The socket that was given is another bot's. Check the app id."));
  link->ready = true;
  link->ready_at = std::chrono::steady_clock::now();
  link->changed.notify();
  log::info("teams", "Socket Mode, {}: connection {} is ready", link->geography, link->generation);
}

// A key that is no app id at all says nothing: the preview's pages do not promise its form.
bool SocketMode::is_foreign(std::string_view bot_key) const {
  if (bot_key.starts_with("28:")) bot_key.remove_prefix(3);
  return is_guid(bot_key) && !text::iequals(bot_key, options_.app_id);
}

void SocketMode::on_envelope(const LinkPtr& link, SocketEnvelope envelope) {
  ++counts_.activities;
  ++link->in_work;
  Asked asked{link, envelope.invocation, envelope.id, envelope.invoke, milliseconds_of(clock_.now())};
  const bool newer = envelope.version > kSocketProtocol;
  if (newer || !envelope.activity.exists() || is_foreign(envelope.bot_key)) {
    ++counts_.refused;
    log::warning("teams", "Socket Mode, {}: an envelope is refused: {}", link->geography,
                 newer ? "its protocol is newer than ours" : "it holds no activity for us");
    asked.invoke = true;  // with a body
    const char* why = newer ? "unsupported protocolVersion" : "no activity for this bot";
    return answer_soon(std::move(asked), ActivityAnswer(400, error_body(why)));
  }
  std::string body = envelope.activity.dump();
  std::string key = key_of(envelope, body);
  if (!key.empty()) {
    const auto seen = record_.ask(key, clock_.steady_now());
    if (seen != SocketRecord::Seen::fresh) ++counts_.repeated;
    if (seen == SocketRecord::Seen::answered) return answer_soon(std::move(asked), record_.answer(key));
    if (seen == SocketRecord::Seen::in_work) {
      waiting_.emplace(std::move(key), std::move(asked));
      return;
    }
  }
  const Deadline deadline = Deadline::after(time_to_answer(envelope, options_.answer_wait));
  answers_.spawn("activity", work(std::move(asked), std::move(key), std::move(body), deadline));
}

Job SocketMode::work(Asked asked, std::string key, std::string body, Deadline deadline) {
  ReceivedActivity activity;
  activity.body = std::move(body);
  activity.vouched_for = true;
  activity.peer = "Teams Socket Mode, " + asked.link->geography;
  ActivityAnswer answered = co_await taker_.take(std::move(activity), deadline);
  if (!key.empty()) {
    record_.finish(key, answered, clock_.steady_now());
    const auto [first, last] = waiting_.equal_range(key);
    for (auto copy = first; copy != last; ++copy) answer_soon(std::move(copy->second), answered);
    waiting_.erase(first, last);
  }
  co_await answer(std::move(asked), std::move(answered));
}

void SocketMode::answer_soon(Asked asked, ActivityAnswer answered) {
  answers_.spawn("answer", answer(std::move(asked), std::move(answered)));
}

Job SocketMode::answer(Asked asked, ActivityAnswer answered) {
  const LinkPtr link = asked.link;
  if (!asked.invocation.empty() && !link->closed) {
    SocketAnswer reply;
    reply.envelope = std::move(asked.envelope);
    reply.bot_key = options_.app_id;
    reply.status = answered.status;
    if (asked.invoke) reply.body = std::move(answered.body);
    reply.received_at = asked.received_at;
    reply.answered_at = std::max(milliseconds_of(clock_.now()), asked.received_at);
    std::string frame = completion_frame(asked.invocation, reply);
    const auto written = co_await link->socket->write(std::move(frame));
    if (written) ++counts_.answered;
  }
  done_with(*link);
}

// SignalR waits for the end of every call it gave a number to.
Job SocketMode::fail_call(LinkPtr link, std::string invocation) {
  std::string frame = failure_frame(invocation, "Vedette has no such method.");
  (void)co_await link->socket->write(std::move(frame));
  done_with(*link);
}

void SocketMode::done_with(Link& link) {
  if (link.in_work-- >= kSocketInWork) link.room.notify();
}

}  // namespace vedette::teams

// RelayListener: what comes over the control channel, and how it is answered.

#include <algorithm>

#include "bot/base/log.hpp"
#include "integrations/teams/relay_link.hpp"

namespace vedette::teams {

using std::chrono::milliseconds;

namespace {

constexpr size_t kInWork = 256;    // activities with the taker; more are told 503
constexpr size_t kBody = 1 << 20;  // of an activity; larger ones are told 413
constexpr size_t kRejecting = 16;  // WebSockets of senders that are turned away at the same time

ActivityAnswer try_again(int seconds) {
  ActivityAnswer answer(503);
  answer.retry_after = seconds;
  return answer;
}

}  // namespace

RelayListener::RequestPtr RelayListener::new_request(RelayRequest message) {
  const Deadline deadline = Deadline::after(options_.relay.answer_wait);
  return std::make_shared<Request>(jobs_.executor(), std::move(message), deadline, busy_, room_);
}

void RelayListener::take_text(const LinkPtr& link, std::string_view text) {
  if (link->waiting) {  // its body should have been next
    ++counts_.malformed;
    link->waiting->spoilt = true;
    link->waiting->body_came.notify();
    link->waiting.reset();
  }
  auto message = parse_relay_message(text);
  if (!message) {
    ++counts_.malformed;
    log::warning("teams", "Azure Relay sent a message that cannot be read: {}", message.error().message);
    return;
  }
  if (auto* request = std::get_if<RelayRequest>(&*message)) return take_request(link, std::move(*request));
  if (auto* accept = std::get_if<RelayAccept>(&*message)) {
    if (rejecting_ >= kRejecting) return;  // the sender hears of it by the service's own time-out
    ++rejecting_;
    talks_.spawn("reject", reject(std::move(*accept)));
  }
}

void RelayListener::take_body(const LinkPtr& link, std::string body) {
  const RequestPtr request = std::exchange(link->waiting, nullptr);
  if (!request) {
    ++counts_.malformed;
    return;
  }
  request->body = std::move(body);
  request->complete = true;
  request->body_came.notify();
}

void RelayListener::take_request(const LinkPtr& link, RelayRequest message) {
  const RequestPtr request = new_request(std::move(message));
  if (!request->message.here) {
    talks_.spawn("fetch", fetch(request));
    return;
  }
  request->complete = !request->message.body;
  if (!request->complete) link->waiting = request;
  talks_.spawn("request", serve(link, request));
}

// A request that came over the control channel.
Job RelayListener::serve(LinkPtr link, RequestPtr request) {
  bool stop = false;
  while (!request->complete && !request->spoilt && link_ == link && !request->deadline.passed() && !stop) {
    co_await request->body_came.wait(request->deadline.left());
    stop = co_await cancelled();
  }
  if (link->waiting == request) link->waiting.reset();
  ActivityAnswer answer(request->spoilt ? 400 : 408);
  if (request->complete) answer = co_await answer_to(request);
  co_await reply(link, std::move(request), std::move(answer));
}

boost::asio::awaitable<ActivityAnswer> RelayListener::answer_to(RequestPtr request) {
  ++counts_.requests;
  if (const int status = misdirected(request->message, address_->connection); status != 0) co_return ActivityAnswer(status);
  if (request->message.ambiguous) co_return ActivityAnswer(400);
  if (request->body.size() > kBody) co_return ActivityAnswer(413);
  if (works_.running() >= kInWork) {
    ++counts_.crowded;
    co_return try_again(1);
  }
  ReceivedActivity activity;
  activity.body = std::move(request->body);
  activity.authorization = std::move(request->message.authorization);
  activity.peer = "azure relay";
  const auto work = std::make_shared<Work>(jobs_.executor());
  const Deadline by = Deadline::after(options_.answer_wait).earlier_of(request->deadline);
  works_.spawn("take", take(work, std::move(activity), by));
  bool stop = false;
  while (!work->answer && !request->deadline.passed() && !stop) {
    co_await work->done.wait(request->deadline.left());
    stop = co_await cancelled();
  }
  if (work->answer) co_return std::move(*work->answer);
  ++counts_.late;
  co_return try_again(5);
}

Job RelayListener::take(std::shared_ptr<Work> work, ReceivedActivity activity, Deadline deadline) {
  try {
    work->answer = co_await taker_.take(std::move(activity), deadline);
  } catch (const std::exception& e) {
    log::error("teams", "an activity over Azure Relay failed: {}", e.what());
    work->answer = ActivityAnswer(500);
  }
  work->done.notify();
}

boost::asio::awaitable<bool> RelayListener::reply_on(SocketPtr socket, RequestPtr request, ActivityAnswer answer) {
  std::vector<net::WebSocketMessage> messages;
  messages.emplace_back(relay_response(request->message.id, answer), false);
  if (!answer.body.empty()) messages.emplace_back(std::move(answer.body), true);
  const auto sent = co_await socket->write_messages(std::move(messages));
  ++(sent ? counts_.answered : counts_.unanswered);
  co_return sent.has_value();
}

boost::asio::awaitable<void> RelayListener::reply(LinkPtr link, RequestPtr request, ActivityAnswer answer) {
  const size_t size = relay_response(request->message.id, answer).size() + answer.body.size();
  if (size > kRelayInControl) {
    std::string met_at = request->message.met_at;
    const auto meeting = co_await meet(std::move(met_at), request->deadline);
    if (meeting) {
      const bool sent = co_await reply_on((*meeting)->socket, request, std::move(answer));
      request.reset();
      if (sent) co_await converse(*meeting, std::move(request));
      co_return;
    }
    log::warning("teams", "Azure Relay: a large answer cannot be handed over: {}", meeting.error().message);
    answer = try_again(1);
  }
  co_await reply_on(link->socket, request, std::move(answer));
}

}  // namespace vedette::teams

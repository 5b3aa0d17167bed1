// RelayListener: the rendezvous sockets, over which large requests and answers go. Anybody who knows the address can send
// requests, so their number, size and time are bounded.

#include <algorithm>

#include "bot/base/log.hpp"
#include "integrations/teams/relay_link.hpp"

namespace vedette::teams {

using std::chrono::milliseconds;

namespace {

constexpr size_t kMeetings = 64;             // sockets at a time; further requests wait, within their own time
constexpr size_t kKept = 16;                 // that may stay open for their sender's next request
constexpr size_t kMeetingMessage = 2 << 20;  // a larger one ends the socket
constexpr auto kMeetingIdle = std::chrono::minutes(2);
constexpr auto kCloseWait = std::chrono::seconds(2);
constexpr uint16_t kNormalClosure = 1000;

}  // namespace

boost::asio::awaitable<bool> RelayListener::meeting_place(Deadline deadline) {
  if (meetings_ < kMeetings) {
    ++meetings_;
    co_return true;
  }
  const auto turn = std::make_shared<Signal>(jobs_.executor());
  turns_.push_back(turn);
  co_await turn->wait(deadline.left());
  co_return std::erase(turns_, turn) == 0;  // handed over by end_meeting()
}

void RelayListener::end_meeting() {
  if (turns_.empty()) {
    --meetings_;
    return;
  }
  turns_.front()->notify();
  turns_.pop_front();
}

Async<RelayListener::SocketPtr> RelayListener::dial(std::string met_at, Deadline deadline) {
  const Status allowed = check_rendezvous(*address_, met_at);
  if (!allowed) {
    ++counts_.forbidden;
    log::warning("teams", "{}", allowed.error().message);
    co_return allowed.error();
  }
  net::WebSocketOptions options = socket_options();
  options.message_bytes = kMeetingMessage;
  options.idle = std::min<milliseconds>(options.idle, kMeetingIdle);
  net::Headers headers;
  const Deadline by = Deadline::after(options_.call_wait).earlier_of(deadline);
  auto connected = co_await net::connect_websocket(std::move(met_at), std::move(headers), std::move(options), by);
  if (!connected) co_return std::move(connected).error();
  co_return SocketPtr(std::move(*connected));
}

Async<RelayListener::MeetingPtr> RelayListener::meet(std::string met_at, Deadline deadline) {
  const bool place = co_await meeting_place(deadline);
  if (!place) co_return Error(Code::rate_limited, "Too many rendezvous sockets of Azure Relay are open.", true);
  const auto meeting = std::make_shared<Meeting>(*this);
  CO_TRY(meeting->socket, dial(std::move(met_at), deadline));
  ++counts_.rendezvous;
  co_return meeting;
}

// A request of which only the address came.
Job RelayListener::fetch(RequestPtr request) {
  std::string met_at = request->message.met_at;
  const auto meeting = co_await meet(std::move(met_at), request->deadline);
  if (!meeting) {
    ++counts_.unanswered;
    log::debug("teams", "Azure Relay: a large request cannot be fetched: {}", meeting.error().message);
    co_return;
  }
  co_await converse(*meeting, std::move(request));
}

// Reads and answers one request after the other, as long as the sender keeps its connection to the service. `first` is the
// one whose address we came by, if it is still to be read.
boost::asio::awaitable<void> RelayListener::converse(MeetingPtr meeting, RequestPtr first) {
  for (;;) {
    const RequestPtr request = co_await next_request(meeting, std::exchange(first, nullptr));
    if (!request) break;
    auto answer = co_await answer_to(request);
    const bool sent = co_await reply_on(meeting->socket, request, std::move(answer));
    if (!sent || stopping_ || meetings_ > kKept) break;
  }
  const Deadline soon = Deadline::after(kCloseWait);
  co_await meeting->socket->close(kNormalClosure, soon);
}

// The next whole request; none when there will not be one.
boost::asio::awaitable<RelayListener::RequestPtr> RelayListener::next_request(MeetingPtr meeting, RequestPtr request) {
  const auto reading = std::make_shared<Reading>(jobs_.executor());
  const Over over{reading};
  if (request) talks_.spawn("limit", limit(meeting->socket, reading, request->deadline));
  auto text = co_await meeting->socket->read_message();
  auto message = text && !text->binary ? parse_relay_message(text->bytes) : Error(Code::invalid_input, "no text");
  auto* found = message ? std::get_if<RelayRequest>(&*message) : nullptr;
  if (found == nullptr || !found->here) {
    if (text) ++counts_.malformed;
    co_return nullptr;
  }
  if (request) {
    request->message = std::move(*found);
  } else {
    request = new_request(std::move(*found));
    talks_.spawn("limit", limit(meeting->socket, reading, request->deadline));
  }
  if (request->message.body) {
    auto body = co_await meeting->socket->read_message();
    if (!body || !body->binary) co_return nullptr;
    request->body = std::move(body->bytes);
  }
  request->complete = true;
  co_return request;
}

// A sender that hands over its body drop by drop does not hold a place for longer than a request may take.
Job RelayListener::limit(SocketPtr socket, std::shared_ptr<Reading> reading, Deadline deadline) {
  bool stop = false;
  while (!reading->done && !deadline.passed() && !stop) {
    co_await reading->over.wait(deadline.left());
    stop = co_await cancelled();
  }
  if (!reading->done) socket->cut();
}

Job RelayListener::reject(RelayAccept accept) {
  std::string url = rejection_url(accept.met_at, 400, "WebSockets are not accepted here");
  const Deadline deadline = Deadline::after(options_.call_wait);
  auto socket = co_await dial(std::move(url), deadline);
  --rejecting_;
  if (!socket) {
    if (socket.error().http_status == 410) ++counts_.rejected;  // what the service says when it has understood
    co_return;
  }
  const Deadline soon = Deadline::after(kCloseWait);
  co_await (*socket)->close(kNormalClosure, soon);
}

}  // namespace vedette::teams

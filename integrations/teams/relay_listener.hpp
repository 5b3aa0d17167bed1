#pragma once
// The way in over Azure Relay Hybrid Connections: we listen over a WebSocket that we open, so that no port of ours needs to
// be reachable. Lives as long as the app; io thread only. Sources: learn.microsoft.com/azure/azure-relay/
// relay-hybrid-connections-protocol; how Microsoft's own listeners behave: npm hyco-https 1.4.5 and azure-relay-dotnet.
//
// - One control channel, opened with a signature or an Entra token in the header ServiceBusAuthorization (the token alone,
//   without "Bearer") and renewed on the same socket: a signature at half of its life, an Entra token as soon as the token
//   source has a newer one.
// - Small requests come over the control channel, large and chunked ones are fetched from the rendezvous address; answers
//   over 64 kB go there too. A rendezvous socket is kept for the sender's next requests. Only addresses of the namespace's
//   own service are dialled (check_rendezvous).
// - Requests are served side by side, so many at a time; more are told 503. Rendezvous sockets are bounded too, because
//   anybody who knows the address can make the service ask for them; more requests wait for theirs. Each is answered within
//   `answer_wait`, once: an answer that comes later, or after the connection broke, is dropped. What the taker has stored by
//   then stays stored, and Teams' next delivery of it is known as a repetition.
// - Never pings (the service ends connections on which it is pinged, github.com/Azure/azure-relay-dotnet issue 103); pongs
//   instead. Silence is a dead link. Connects again after 0, 1, 2, 5, 10, then every 30 s, give or take a quarter; only a
//   link that stayed up for a while resets that.
// - 401, 403 and 404 are for a person to mend: said in state().trouble and asked again every `refused_probe`.
// - WebSockets that senders open are turned away.

#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "bot/base/async.hpp"
#include "bot/net/websocket.hpp"
#include "integrations/teams/activity_taker.hpp"
#include "integrations/teams/options.hpp"
#include "integrations/teams/relay_wire.hpp"
#include "integrations/teams/tokens.hpp"

namespace vedette::teams {

struct RelayCounts {
  uint64_t opened = 0;      // control channels
  uint64_t failed = 0;      // attempts to open one
  uint64_t renewals = 0;    // of tokens, sent
  uint64_t requests = 0;    // taken, refused ones among them
  uint64_t answered = 0;    // handed to the service
  uint64_t unanswered = 0;  // the connection broke first
  uint64_t late = 0;        // told 503 because the work took too long
  uint64_t crowded = 0;     // told 503 because too much was in work
  uint64_t rendezvous = 0;  // opened
  uint64_t forbidden = 0;   // rendezvous addresses that were not dialled
  uint64_t rejected = 0;    // WebSockets of senders
  uint64_t malformed = 0;   // messages
};

class RelayListener {
 public:
  // `tokens` may be null when the options name a key. All outlive it.
  RelayListener(Executor executor, ActivityTaker& taker, TokenSource* tokens, const Clock& clock, TeamsOptions options);
  ~RelayListener();

  void start();
  // Lets requests in work be answered, then closes the sockets.
  boost::asio::awaitable<void> stop(Deadline deadline);

  WayState state() const;
  const RelayCounts& counts() const { return counts_; }

 private:
  struct Link;
  struct Request;
  struct Work;
  struct Meeting;
  struct Reading;
  struct Over;
  using LinkPtr = std::shared_ptr<Link>;
  using RequestPtr = std::shared_ptr<Request>;
  using MeetingPtr = std::shared_ptr<Meeting>;
  using SocketPtr = std::shared_ptr<net::WebSocket>;

  Job keep();
  Async<LinkPtr> open();
  Async<std::string> listen_token(Deadline deadline);
  Async<SocketPtr> dial(std::string met_at, Deadline deadline);
  boost::asio::awaitable<void> read_loop(LinkPtr link);
  Job renew(LinkPtr link);
  void take_text(const LinkPtr& link, std::string_view text);
  void take_body(const LinkPtr& link, std::string body);
  void take_request(const LinkPtr& link, RelayRequest message);

  Job serve(LinkPtr link, RequestPtr request);
  Job fetch(RequestPtr request);
  Job reject(RelayAccept accept);
  boost::asio::awaitable<ActivityAnswer> answer_to(RequestPtr request);
  Job take(std::shared_ptr<Work> work, ReceivedActivity activity, Deadline deadline);
  boost::asio::awaitable<void> reply(LinkPtr link, RequestPtr request, ActivityAnswer answer);
  boost::asio::awaitable<bool> reply_on(SocketPtr socket, RequestPtr request, ActivityAnswer answer);
  boost::asio::awaitable<bool> meeting_place(Deadline deadline);
  void end_meeting();
  Async<MeetingPtr> meet(std::string met_at, Deadline deadline);
  boost::asio::awaitable<void> converse(MeetingPtr meeting, RequestPtr first);
  boost::asio::awaitable<RequestPtr> next_request(MeetingPtr meeting, RequestPtr request);
  Job limit(SocketPtr socket, std::shared_ptr<Reading> reading, Deadline deadline);

  RequestPtr new_request(RelayRequest message);
  net::WebSocketOptions socket_options() const;
  std::chrono::milliseconds after_failure(const Error& error);
  std::chrono::milliseconds after_loss(const Link& link);
  std::chrono::milliseconds next_pause();
  std::chrono::milliseconds jittered(std::chrono::milliseconds wait);
  void refuse(std::string what);
  bool signs() const { return !options_.relay.key_name.empty(); }

  ActivityTaker& taker_;
  TokenSource* tokens_;
  const Clock& clock_;
  TeamsOptions options_;
  std::optional<RelayAddress> address_;
  TaskGroup jobs_;   // the control channel
  TaskGroup talks_;  // requests
  TaskGroup works_;  // what the taker does
  Signal wake_;
  Signal room_;
  LinkPtr link_;
  size_t failures_ = 0;
  std::chrono::milliseconds paused_{0};        // before the present link
  size_t busy_ = 0;                            // requests that are not answered yet
  size_t meetings_ = 0;                        // rendezvous sockets
  std::deque<std::shared_ptr<Signal>> turns_;  // of those who wait for a place among them
  size_t rejecting_ = 0;
  bool stopping_ = false;
  bool refused_ = false;
  bool fresh_token_ = false;  // after a 401 the token source was asked for another one
  std::string trouble_;
  RelayCounts counts_;
  std::minstd_rand random_;
};

}  // namespace vedette::teams

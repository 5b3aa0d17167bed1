#pragma once
// Socket Mode (docs.slack.dev/apis/events-api/using-socket-mode): keeps a number of sockets to Slack open and acknowledges
// each envelope on the socket it came in by, after the taker has said yes. Lives as long as the app; io thread only.
//
// - A link is connected once hello came. A successor is opened, and has said hello, before the old link goes: at about four
//   fifths of the announced lifetime (the sockets at different moments), on `warning` and on `refresh_requested`. The old
//   link is read and acknowledged until Slack closes it; closing it from here would lose clicks that are on their way.
// - Failures back off exponentially with jitter; only a link that stayed up for a while resets that. Never gives up.
// - What a person must mend (a refused token, a missing scope, Socket Mode switched off) is reported once. From then on one
//   call of apps.connections.open is made every few minutes, and its socket used: once Slack takes it, all links come back
//   without a restart.
// - Envelopes are handled side by side, so that many commits share one flush.
// - Silence, pongs included, is a dead link (net::WebSocketOptions::idle); a quiet channel is not.
// - When hello counts more connections than are ours, envelopes may be going to dead ones. Slack is asked again with a fresh
//   link after `ghost_check`, because the links of a program that was just killed linger for a moment; what is still there
//   then is reported through `ghosts`, once, and asked for every few minutes until `ghosts_gone`.

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>

#include "bot/base/async.hpp"
#include "bot/net/websocket.hpp"
#include "integrations/slack/inbound.hpp"

namespace vedette::slack {

struct SocketModeEvents {
  std::function<void(size_t connected)> changed;  // number of links that said hello
  std::function<void(int64_t counted_by_slack, size_t ours)> ghosts;
  std::function<void()> ghosts_gone;              // after `ghosts`
  std::function<void(const Error& why)> refused;  // a person must mend it; again only for another reason
  std::function<void()> accepted;                 // after `refused`: Slack takes us again
};

struct SocketModeCounts {
  uint64_t opened = 0;  // links that said hello
  uint64_t failed = 0;  // attempts that did not get so far
  uint64_t envelopes = 0;
  uint64_t acknowledged = 0;
  uint64_t withheld = 0;  // not acknowledged because they could not be stored
  uint64_t malformed = 0;
};

class SocketMode {
 public:
  SocketMode(Executor executor, WebApi& api, EnvelopeTaker& taker, SlackOptions options, SocketModeEvents events = {});
  ~SocketMode();

  void start();
  // Lets envelopes in work be acknowledged, then closes the links.
  boost::asio::awaitable<void> stop(Deadline deadline);

  size_t connected() const;
  // What a person must mend before there are links again; none: all is well or the network's fault.
  const std::optional<Error>& refusal() const { return refusal_; }
  // How many sockets of the app Slack counted beyond ours in the last hello; 0: none.
  int64_t ghosts() const { return ghosts_; }
  const SocketModeCounts& counts() const { return counts_; }

 private:
  struct Link;
  using LinkPtr = std::shared_ptr<Link>;

  Job keep_slot(size_t slot, LinkPtr link);
  Job probe();
  Async<LinkPtr> open_link(size_t slot);
  boost::asio::awaitable<void> watch(LinkPtr link);
  Job read_loop(LinkPtr link);
  Job answer(LinkPtr link, Envelope envelope);
  Job retire(LinkPtr link);
  Job close_link(LinkPtr link, Deadline deadline);
  void on_hello(Link& link, const Hello& hello);
  void count_ghosts(const Hello& hello);
  Job recount();
  void on_disconnect(Link& link, const Disconnect& disconnect);
  void on_frame(const LinkPtr& link, std::string_view text);
  void leave(Link& link, std::string reason);
  void forget(const LinkPtr& link);
  void refuse(Error why);
  void accept();
  void fill_slots();
  void report_change();
  std::chrono::milliseconds next_wait(const Link& link, int& failures);
  std::chrono::milliseconds after_failure(const Error& error, int& failures);
  std::chrono::milliseconds backoff(int& failures);
  std::chrono::milliseconds jittered(std::chrono::milliseconds wait);
  Duration refresh_after(const Link& link) const;

  WebApi& api_;
  EnvelopeTaker& taker_;
  SlackOptions options_;
  SocketModeEvents events_;
  TaskGroup jobs_;             // slots, readers
  TaskGroup answers_;          // envelopes in work
  std::deque<LinkPtr> links_;  // from the handshake until closed, oldest first
  size_t opening_ = 0;
  uint64_t next_generation_ = 1;
  bool stopping_ = false;
  bool probing_ = false;
  std::array<bool, 4> kept_{};  // slots that have a job
  std::optional<Error> refusal_;
  int64_t ghosts_ = 0;
  SteadyTime ghosts_since_;
  bool ghosts_told_ = false;
  bool recounting_ = false;
  SocketModeCounts counts_;
  std::minstd_rand random_;
};

}  // namespace vedette::slack

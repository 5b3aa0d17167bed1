#pragma once
// Teams Socket Mode (preview): one WebSocket a geography, opened from here, through which activities come in and are
// answered. Sources: see socket_wire.hpp. Lives as long as the app; io thread only.
//
// - Teams does not say beforehand by which geography it will come, so each has its own connection, and none waits for
//   another. A connection counts once SocketReady came.
// - The ticket of a connection expires. Some time before, a second connection is opened; only when that is ready, the first
//   is left, and it is read and answered on for `keep_old` more, and until what it brought is answered.
// - Lost connections and failures back off with full jitter; only a connection that stayed up for a while resets that.
//   Retry-After is honoured. Never gives up.
// - A sign-in that is refused is reported to the token source and tried once more; from then on, as with what else a person
//   must mend, one question is asked in `refused_probe`, and no restart is needed.
// - Activities are worked on side by side, 256 a connection; then reading pauses. The taker gets what is left of the
//   service's `deadlineMs` and of `answer_wait`, whichever is less.
// - An envelope that comes again, by whichever connection, is answered as the first time, without asking the taker.
// - No frame for `silent` is a dead connection: the service pings. WebSocket pongs do not count, they come from what stands
//   in between too.

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/net/http_client.hpp"
#include "integrations/teams/activity_taker.hpp"
#include "integrations/teams/options.hpp"
#include "integrations/teams/socket_record.hpp"
#include "integrations/teams/socket_wire.hpp"
#include "integrations/teams/tokens.hpp"

namespace vedette::teams {

struct SocketModeCounts {
  uint64_t opened = 0;   // connections that became ready
  uint64_t rotated = 0;  // of those: in place of one whose ticket ran out
  uint64_t failed = 0;   // attempts that did not get so far
  uint64_t lost = 0;     // ready connections that broke, fell silent or were closed by the service
  uint64_t activities = 0;
  uint64_t answered = 0;   // answers that were written
  uint64_t repeated = 0;   // envelopes that came again
  uint64_t refused = 0;    // envelopes of a newer protocol, for another bot, or without an activity
  uint64_t malformed = 0;  // frames that could not be read
  uint64_t unknown = 0;    // frames and calls of kinds we do not know
};

class SocketMode {
 public:
  // All outlive it, except the options, which are copied.
  SocketMode(Executor executor, net::HttpClient& http, TokenSource& tokens, ActivityTaker& taker, const Clock& clock,
             TeamsOptions options);
  ~SocketMode();
  SocketMode(const SocketMode&) = delete;
  SocketMode& operator=(const SocketMode&) = delete;

  void start();
  // Lets activities in work be answered, then closes the connections.
  boost::asio::awaitable<void> stop(Deadline deadline);

  // `links`: geographies with a connection that is ready. `trouble` names those without one, and why.
  WayState state() const;
  const SocketModeCounts& counts() const { return counts_; }

 private:
  struct Link;
  using LinkPtr = std::shared_ptr<Link>;
  struct Geography;
  // An envelope that awaits its answer.
  struct Asked {
    LinkPtr link;
    std::string invocation;
    std::string envelope;
    bool invoke = false;
    int64_t received_at = 0;
  };

  // Connections (socket_mode.cpp)
  Job keep(Geography& geography);
  Async<LinkPtr> open(Geography& geography);
  void use(Geography& geography, LinkPtr link);
  boost::asio::awaitable<void> watch(LinkPtr link);
  Job read(LinkPtr link);
  Job tend(LinkPtr link);
  Job retire(LinkPtr link);
  Job close(LinkPtr link);
  void lose(const LinkPtr& link, Error why);
  SteadyTime due(const Link& link) const;
  std::chrono::milliseconds after_link(const Link& link, Geography& geography);
  std::chrono::milliseconds after_failure(const Error& error, Geography& geography);
  std::chrono::milliseconds backoff(int& failures);
  std::chrono::milliseconds up_to(std::chrono::milliseconds most);

  // What comes through them (socket_activities.cpp)
  void on_frame(const LinkPtr& link, std::string_view text);
  void on_ready(const LinkPtr& link, const SocketReady& ready);
  void on_envelope(const LinkPtr& link, SocketEnvelope envelope);
  Job work(Asked asked, std::string key, std::string body, Deadline deadline);
  void answer_soon(Asked asked, ActivityAnswer answer);
  Job answer(Asked asked, ActivityAnswer answer);
  Job fail_call(LinkPtr link, std::string invocation);
  void done_with(Link& link);
  bool is_foreign(std::string_view bot_key) const;

  net::HttpClient& http_;
  TokenSource& tokens_;
  ActivityTaker& taker_;
  const Clock& clock_;
  TeamsOptions options_;
  TaskGroup jobs_;     // geographies, readers
  TaskGroup answers_;  // activities in work
  std::vector<std::unique_ptr<Geography>> geographies_;
  std::vector<LinkPtr> links_;  // from the handshake until closed
  SocketRecord record_;
  std::multimap<std::string, Asked> waiting_;  // copies of envelopes in work, by their key
  uint64_t next_generation_ = 1;
  bool stopping_ = false;
  SocketModeCounts counts_;
  std::minstd_rand random_;
};

}  // namespace vedette::teams

#pragma once
// Teams Socket Mode's service on loopback: the request for a socket, SignalR's negotiation and its hub over WebSockets, one
// a geography, as strict as the real ones about tokens, addresses and frames, with faults on request. What it is modelled
// on: integrations/teams/socket_wire.hpp. A library for tests and a program (fake_teams_socket_main.cpp), which Microsoft's
// SignalR client is run against. io thread only. start() … stop(); stop before destruction.

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bot/base/async.hpp"
#include "bot/net/http_server.hpp"
#include "tests/fakes/activity_carrier.hpp"

namespace vedette::test {

struct FakeTeamsSocketOptions {
  uint16_t port = 0;
  std::string app_id = "aabdbd62-bc97-4afb-83ee-575594577de5";
  std::string token;  // of the bot; empty: any is taken
  std::vector<std::string> geographies = {"amer", "emea", "apac"};
  std::chrono::milliseconds lifetime = std::chrono::hours(1);     // expiresIn; the socket is closed then
  std::chrono::milliseconds deadline = std::chrono::seconds(15);  // deadlineMs
  std::chrono::milliseconds ping = std::chrono::seconds(15);
  std::chrono::milliseconds client_silent = std::chrono::seconds(30);  // a client that says nothing for so long is closed
  std::chrono::milliseconds routed_on{0};  // activities may go to an older socket for so long after a newer is ready
  uint32_t seed = 1;
};

// What happens at the next `times` occasions.
//   connect    a status ("503"), hang, garbage, elsewhere (SignalR at a host that is not Microsoft's), cleartext
//   negotiate  a status, hang, garbage, redirect, elsewhere (a redirect to such a host), error, no_websocket
//   upgrade    a status
//   handshake  refuse, hang
//   ready      withhold, foreign (another bot's key), close (a close frame instead)
struct FakeSocketFault {
  std::string step;
  std::string kind;
  int times = 1;
  int retry_after = 0;    // seconds, with a status; 0: no such header
  std::string geography;  // empty: any
};

// How frames are written.
struct FakeFrameShape {
  bool split = false;      // a few bytes a message; Microsoft's own JavaScript client cannot read that
  bool coalesced = false;  // with pings before and behind in one message
  bool pascal = false;     // names of the envelope in PascalCase; SignalR's own never are
  bool activity = false;   // the activity is in "activity", not in "payload"
};

struct FakeSent {
  std::string geography;
  nlohmann::json envelope;
  uint64_t socket = 0;  // the last it went to; 0: none was there
  int deliveries = 0;
  bool broken = false;  // that socket ended before an answer came
  int answers = 0;
  nlohmann::json result;  // of the last answer; null: none
  std::string error;      // a completion that says so
  std::optional<SteadyTime> sent;
  std::optional<SteadyTime> answered;
};

class FakeTeamsSocket {
 public:
  explicit FakeTeamsSocket(Executor io, FakeTeamsSocketOptions options = {});
  ~FakeTeamsSocket();
  Status start();
  boost::asio::awaitable<void> stop();
  uint16_t port() const { return server_->port(); }
  std::string url() const;  // for Cloud::socket_url
  FakeTeamsSocketOptions& options() { return options_; }

  // Brings an activity by the newest ready socket of the geography; what it was answered is in sent(handle). `changes` are
  // merged into the envelope (null removes a field); {"invocation":false} asks for no answer.
  size_t send(const std::string& geography, nlohmann::json activity, nlohmann::json changes = {});
  void send_again(size_t handle, uint64_t socket = 0);  // the same envelope; 0: by the newest
  void send_raw(uint64_t socket, std::string text);     // one WebSocket message as it is
  void call(uint64_t socket, const std::string& target, bool answered);
  const FakeSent& sent(size_t handle) const { return sent_.at(handle); }
  size_t sends() const { return sent_.size(); }
  boost::asio::awaitable<bool> wait_answered(size_t handle, std::chrono::milliseconds at_most);
  // One activity a call, by a socket of this geography.
  ActivityCarrier carrier(const std::string& geography);

  void fault(FakeSocketFault fault) { faults_.push_back(std::move(fault)); }
  size_t pending_faults() const;
  void shape(FakeFrameShape shape) { shape_ = shape; }

  std::vector<uint64_t> sockets(const std::string& geography) const;  // ready ones, oldest first
  boost::asio::awaitable<bool> wait_sockets(size_t all, std::chrono::milliseconds at_most);
  void kill(uint64_t socket);  // without a close frame
  void close(uint64_t socket, const std::string& error = {}, bool reconnect = false);
  void hush(uint64_t socket);  // reads on, and never says anything again

  size_t connects(const std::string& geography) const;  // requests for a socket
  size_t opened() const { return opened_; }             // sockets that became ready
  size_t calls_answered() const { return calls_answered_; }
  size_t pings() const { return pings_; }          // of the client
  size_t farewells() const { return farewells_; }  // close frames of the client
  // How often, and for how long, a geography was without a ready socket after its first.
  size_t bare_times(const std::string& geography) const;
  std::chrono::milliseconds time_without_socket() const;  // of all
  size_t lost() const;                                    // activities that met no socket, or one that broke
  // What the client did against the protocol; a test expects none.
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  struct Socket;
  using SocketPtr = std::shared_ptr<Socket>;
  struct Pass {  // an access token of ours
    std::string geography;
    int hop = 0;
  };
  struct Ticket {  // a connection token
    std::string geography;
    std::string token;
  };
  struct Bare {
    bool begun = false;
    std::optional<SteadyTime> since;
    size_t times = 0;
    std::chrono::milliseconds total{0};
  };

  boost::asio::awaitable<net::HttpResponse> connect(net::HttpRequest request);
  boost::asio::awaitable<net::HttpResponse> negotiate(net::HttpRequest request);
  boost::asio::awaitable<net::HttpResponse> check_upgrade(net::HttpRequest request);
  boost::asio::awaitable<net::HttpResponse> control(net::HttpRequest request);
  nlohmann::json state() const;
  Job on_socket(net::HttpRequest request, std::unique_ptr<net::WebSocket> connection);
  Job read_socket(SocketPtr socket);
  Job tend_socket(SocketPtr socket);
  Job write_out(SocketPtr socket);
  void write_message(const SocketPtr& socket, std::string text);
  Job close_later(SocketPtr socket);
  Job hang();
  void on_handshake(const SocketPtr& socket, const std::string& text);
  void on_frame(const SocketPtr& socket, const std::string& text);
  void on_completion(Socket& socket, const nlohmann::json& frame);
  void write(const SocketPtr& socket, const nlohmann::json& frame);
  void deliver(size_t handle, const SocketPtr& socket);
  void end(const SocketPtr& socket);
  void count_sockets(const std::string& geography);
  void complain(std::string what) { complaints_.push_back(std::move(what)); }
  std::optional<FakeSocketFault> take_fault(const std::string& step, const std::string& geography);
  std::string new_name(const std::string& kind);
  std::string hub_url(const std::string& geography, int hop) const;
  SocketPtr find_socket(uint64_t id) const;
  SocketPtr route(const std::string& geography);

  FakeTeamsSocketOptions options_;
  std::unique_ptr<net::HttpServer> server_;
  TaskGroup jobs_;
  std::vector<SocketPtr> sockets_;
  std::map<std::string, Pass> passes_;
  std::map<std::string, Ticket> tickets_;
  std::deque<FakeSent> sent_;
  std::deque<FakeSocketFault> faults_;
  FakeFrameShape shape_;
  std::map<std::string, Bare> bare_;
  std::map<std::string, size_t> connects_;
  std::vector<std::string> complaints_;
  size_t opened_ = 0;
  size_t pings_ = 0;
  size_t farewells_ = 0;
  size_t calls_answered_ = 0;
  uint64_t next_ = 1;
  bool stopping_ = false;
  std::minstd_rand random_;
};

}  // namespace vedette::test

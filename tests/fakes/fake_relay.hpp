#pragma once
// Azure Relay Hybrid Connections on loopback: one namespace with one hybrid connection, whose senders need no authorization
// (as for Teams). Listeners connect to /$hc/NAME, senders make HTTP requests to /NAME/…; refuses what Microsoft's service
// refuses and notes what it would not stand (violations). Source: learn.microsoft.com/azure/azure-relay/
// relay-hybrid-connections-protocol; npm hyco-https listens on it in tests/slow/teams. io thread only.

#include <map>
#include <random>
#include <set>

#include "bot/base/async.hpp"
#include "bot/net/http_server.hpp"
#include "integrations/teams/options.hpp"
#include "tests/fakes/activity_carrier.hpp"

namespace vedette::test {

struct FakeRelayOptions {
  uint16_t port = 0;
  std::string connection = "vedette";
  std::string listen_rule = "listener";
  std::string listen_key = "bGlzdGVuZXIta2V5LW9mLXRoZS10ZXN0cw==";
  std::string send_rule = "sender";  // has no right to listen
  std::string send_key = "c2VuZGVyLWtleS1vZi10aGUtdGVzdHM=";
  std::set<std::string> entra_tokens;  // that may listen
  std::string certificate_file;        // TLS: both
  std::string key_file;
  std::chrono::milliseconds answer_limit = std::chrono::seconds(60);
  std::chrono::milliseconds address_life = std::chrono::seconds(30);
  std::chrono::milliseconds pong = std::chrono::milliseconds(0);  // of the service to its listeners; 0: none
  uint32_t seed = 1;
};

// Set at any time; they hold for what comes next.
struct FakeRelayFaults {
  int listen_status = 0;          // every listener is answered so: 401, 403, 404, 500, 503
  bool mute = false;              // handshakes of listeners and rendezvous are never answered
  bool force_rendezvous = false;  // small requests too
  std::string met_at;             // told as the rendezvous address instead of our own
  size_t fragment = 0;            // of bodies, in bytes
  std::chrono::milliseconds body_delay = std::chrono::milliseconds(0);  // between a request and its body
};

struct FakeRelaySeen {
  uint64_t listens = 0;
  uint64_t refused = 0;  // listeners
  uint64_t renewals = 0;
  uint64_t pongs = 0;
  uint64_t rendezvous = 0;
  uint64_t rejections = 0;  // WebSockets of senders that a listener turned away
  uint64_t answers = 0;
  uint64_t in_control = 0;  // of these over the control channel
  uint64_t delivered = 0;   // requests
  std::string last_token;
  std::string last_trace;  // sb-hc-id of a listener
  std::vector<std::string> violations;
};

class FakeRelay {
 public:
  explicit FakeRelay(Executor executor, FakeRelayOptions options = {});
  ~FakeRelay();

  Status start();
  boost::asio::awaitable<void> stop();
  uint16_t port() const { return server_->port(); }
  std::string namespace_url() const;
  // Who listens here with the right to.
  void fill(teams::TeamsOptions& teams) const;
  const FakeRelayOptions& options() const { return options_; }

  FakeRelayFaults faults;
  const FakeRelaySeen& seen() const { return seen_; }

  size_t listeners() const { return listeners_.size(); }
  boost::asio::awaitable<bool> wait_listeners(size_t count, std::chrono::milliseconds at_most);

  // A sender's request with its target ("/vedette/api/messages"), as if it had come over HTTP. Requests with the same
  // `sender` share a connection to the service, and so the rendezvous socket.
  boost::asio::awaitable<net::HttpResponse> send(net::HttpRequest request, std::string sender = {});
  ActivityCarrier carrier();

  void close_listeners(uint16_t code);  // 1001 deleted, 1008 token expired, 1011 our fault
  void cut_listeners();                 // without a word
  size_t rendezvous_open() const { return rendezvous_.size(); }
  void cut_rendezvous();
  void remove_connection(bool removed);                             // 1001 to the listeners, then 404
  boost::asio::awaitable<void> say(net::WebSocketMessage message);  // to every listener, whatever it is

 private:
  struct Listener;
  struct Delivery;
  struct Rendezvous;
  struct Verdict;
  using ListenerPtr = std::shared_ptr<Listener>;
  using DeliveryPtr = std::shared_ptr<Delivery>;
  using RendezvousPtr = std::shared_ptr<Rendezvous>;
  using Socket = std::unique_ptr<net::WebSocket>;

  boost::asio::awaitable<net::HttpResponse> check(net::HttpRequest request);
  net::HttpResponse check_listener(const net::HttpRequest& request);
  boost::asio::awaitable<net::HttpResponse> check_sender(net::HttpRequest request);
  net::HttpResponse check_meeting(const net::HttpRequest& request);
  Verdict judge(const std::string& token) const;
  Job serve(net::HttpRequest request, Socket socket);
  boost::asio::awaitable<void> serve_listener(ListenerPtr listener);
  boost::asio::awaitable<void> serve_rendezvous(RendezvousPtr rendezvous);
  boost::asio::awaitable<net::HttpResponse> from_http(net::HttpRequest request);
  boost::asio::awaitable<CarriedAnswer> carry(std::string activity, std::string authorization);
  Job tend();

  std::string new_address(const DeliveryPtr& delivery, std::string_view action);
  boost::asio::awaitable<void> hand_over(net::WebSocket& socket, DeliveryPtr delivery);
  boost::asio::awaitable<net::HttpResponse> outcome(DeliveryPtr delivery);
  void take(const ListenerPtr& listener, const net::WebSocketMessage& message);
  void take_renewal(const ListenerPtr& listener, const std::string& token);
  // The delivery whose answer's body comes next.
  DeliveryPtr take_answer(const net::WebSocketMessage& message, DeliveryPtr waiting, bool in_control);
  void finish(const DeliveryPtr& delivery, net::HttpResponse response, bool in_control);
  void violation(std::string what) { seen_.violations.push_back(std::move(what)); }

  FakeRelayOptions options_;
  std::unique_ptr<net::HttpServer> server_;
  TaskGroup jobs_;
  std::vector<ListenerPtr> listeners_;
  std::map<std::string, DeliveryPtr> deliveries_;  // by id, not answered yet
  std::map<std::string, DeliveryPtr> addresses_;   // by the ticket in the rendezvous address
  std::vector<RendezvousPtr> rendezvous_;
  std::map<std::string, bool> done_;  // by id: was it answered?
  bool removed_ = false;
  bool stopping_ = false;
  uint64_t next_ = 1;
  FakeRelaySeen seen_;
  std::minstd_rand random_;
};

}  // namespace vedette::test

#pragma once
// Inside the fake relay.

#include <optional>

#include "tests/fakes/fake_relay.hpp"

namespace vedette::test {

struct FakeRelay::Listener {
  std::shared_ptr<net::WebSocket> socket;
  Time expires;
  DeliveryPtr waiting;  // for the body of its answer
  uint64_t pings = 0;
  uint64_t pongs = 0;
};

// One request, or a WebSocket that a sender wants, until it is answered.
struct FakeRelay::Delivery {
  explicit Delivery(const Executor& executor) : done(executor) {}
  std::string id;
  std::string action;  // of the rendezvous address: "request" or "accept"
  net::HttpRequest request;
  std::string sender;
  bool handed_over = false;  // the listener has the whole of it
  bool met = false;          // the rendezvous address was used
  SteadyTime address_ends;
  std::weak_ptr<Listener> listener;
  net::HttpResponse arriving;  // while its body is still to come
  std::optional<net::HttpResponse> response;
  Signal done;
};

struct FakeRelay::Rendezvous {
  std::shared_ptr<net::WebSocket> socket;
  std::string sender;
  DeliveryPtr current;
  DeliveryPtr waiting;
};

struct FakeRelay::Verdict {
  int status = 0;  // 0: it may listen
  Time expires;
};

constexpr size_t kFakeRelaySmall = 64 << 10;

std::string query_of(const net::HttpRequest& request, const std::string& name);
// A request target without what is the relay's own: sb-hc-… parameters.
std::string strip_target(const std::string& target);
std::string request_message(const std::string& id, const std::string& address, const net::HttpRequest* request);

}  // namespace vedette::test

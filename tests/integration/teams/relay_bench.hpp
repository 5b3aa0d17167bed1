#pragma once
// A relay listener in front of the fake relay, with a taker that does as it is told.

#include <functional>
#include <set>

#include <fmt/format.h>

#include "integrations/teams/relay_listener.hpp"
#include "tests/fakes/fake_relay.hpp"
#include "tests/support/async_test.hpp"

namespace vedette::test::over_relay {

using namespace std::chrono_literals;
using teams::ActivityAnswer;
using teams::ReceivedActivity;
using teams::RelayListener;
using teams::TeamsOptions;

// Stores what it is given, then answers.
struct ScriptedTaker : teams::ActivityTaker {
  ActivityAnswer answer;
  std::function<ActivityAnswer(const ReceivedActivity&)> script;  // instead of `answer`
  std::chrono::milliseconds delay{0};
  bool hold = false;  // answers come once this is false again
  bool throws = false;
  std::vector<ReceivedActivity> stored;
  Deadline last_deadline = Deadline::never();
  int inside = 0;
  int most_inside = 0;

  boost::asio::awaitable<ActivityAnswer> take(ReceivedActivity activity, Deadline deadline) override {
    last_deadline = deadline;
    most_inside = std::max(most_inside, ++inside);
    stored.push_back(activity);
    if (throws) throw std::runtime_error("a bug");
    if (delay.count() > 0) co_await sleep_for(delay);
    while (hold) co_await sleep_for(5ms);
    --inside;
    co_return script ? script(activity) : answer;
  }
  std::multiset<std::string> bodies() const {
    std::multiset<std::string> result;
    for (const auto& each : stored) result.insert(each.body);
    return result;
  }
};

struct ScriptedTokens : teams::TokenSource {
  std::string token_now = "entra-1";
  std::optional<Error> error;
  int asked = 0;
  std::vector<std::string> refusals;
  std::string after_refusal;  // what is given once one was refused

  Async<std::string> token(std::string scope, Deadline) override {
    ++asked;
    EXPECT_EQ(scope, "https://relay.azure.net/.default");
    if (error) co_return *error;
    co_return token_now;
  }
  void refused(const std::string&, const std::string& token) override {
    refusals.push_back(token);
    if (!after_refusal.empty()) token_now = after_refusal;
  }
};

struct RelayBench {
  explicit RelayBench(Executor io, FakeRelayOptions fake_options = {}) : executor(io), fake(io, std::move(fake_options)) {
    EXPECT_TRUE(fake.start());
    options.proxy.clear();
    fake.fill(options);
    options.relay.pauses = {0ms, 10ms, 20ms, 40ms};
    options.relay.pong = 50ms;
    options.refused_probe = 80ms;
  }

  Executor executor;
  FakeRelay fake;
  ScriptedTaker taker;
  ScriptedTokens tokens;
  TeamsOptions options;
  std::unique_ptr<RelayListener> listener;

  void start() {
    listener = std::make_unique<RelayListener>(executor, taker, &tokens, system_clock(), options);
    listener->start();
  }
  boost::asio::awaitable<bool> listening() {
    start();
    co_return co_await fake.wait_listeners(1, 3000ms);
  }
  boost::asio::awaitable<void> stop() {
    if (listener) co_await listener->stop(Deadline::after(3000ms));
    co_await fake.stop();
    const std::vector<std::string> none;
    EXPECT_EQ(fake.seen().violations, none);
  }
};

inline net::HttpRequest activity_request(std::string body) {
  net::HttpRequest request("POST", "/vedette/api/messages");
  request.headers.add("Content-Type", "application/json");
  request.headers.add("Authorization", "Bearer connector-token");
  request.body = std::move(body);
  return request;
}

// Sends in the background and keeps the answer.
struct Sent {
  net::HttpResponse response{0};
  std::chrono::milliseconds took{0};
  bool done = false;
};
inline Job send_into(FakeRelay& fake, net::HttpRequest request, std::shared_ptr<Sent> sent) {
  const auto start = std::chrono::steady_clock::now();
  sent->response = co_await fake.send(std::move(request));
  sent->took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  sent->done = true;
}

#define CO_RELAY_EVENTUALLY(condition)                                                                \
  do {                                                                                                \
    const auto eventually_by = std::chrono::steady_clock::now() + std::chrono::seconds(3);            \
    while (!(condition) && std::chrono::steady_clock::now() < eventually_by) co_await sleep_for(3ms); \
    EXPECT_TRUE(condition);                                                                           \
  } while (false)

}  // namespace vedette::test::over_relay

#pragma once
// Socket Mode against the fake service, with a scripted taker of activities and tokens that are given out in turn.

#include <deque>
#include <functional>
#include <optional>

#include "bot/base/clock.hpp"
#include "integrations/teams/socket_mode.hpp"
#include "tests/fakes/fake_teams_socket.hpp"
#include "tests/support/async_test.hpp"

namespace vedette::test {

using std::chrono::milliseconds;

// Waits until a condition holds; fails the test when it does not within three seconds.
#define CO_SOON(condition)                                                         \
  do {                                                                             \
    const Deadline soon_by = Deadline::after(milliseconds(3000));                  \
    while (!(condition) && !soon_by.passed()) co_await sleep_for(milliseconds(2)); \
    EXPECT_TRUE(condition);                                                        \
  } while (false)

struct ScriptedTaker final : teams::ActivityTaker {
  boost::asio::awaitable<teams::ActivityAnswer> take(teams::ReceivedActivity activity, Deadline deadline) override {
    taken.push_back(std::move(activity));
    time_left.push_back(deadline.left());
    most_inside = std::max(most_inside, ++inside);
    if (delay.count() > 0) co_await sleep_for(std::min(delay, deadline.left()));
    while (hold && !deadline.passed()) co_await sleep_for(milliseconds(5));
    --inside;
    teams::ActivityAnswer answer = answers.empty() ? fallback : answers.front();
    if (!answers.empty()) answers.pop_front();
    if (deadline.passed()) answer = teams::ActivityAnswer(503);
    co_return answer;
  }
  std::vector<teams::ReceivedActivity> taken;
  std::vector<milliseconds> time_left;
  std::deque<teams::ActivityAnswer> answers;
  teams::ActivityAnswer fallback{200};
  milliseconds delay{0};
  bool hold = false;  // nothing is done before it is false
  size_t inside = 0;
  size_t most_inside = 0;
};

struct ScriptedTokens final : teams::TokenSource {
  Async<std::string> token(std::string scope, Deadline) override {
    scopes.push_back(std::move(scope));
    if (error) co_return *error;
    co_return "token-" + std::to_string(number);
  }
  void refused(const std::string& scope, const std::string& token) override {
    refusals.push_back(scope + " " + token);
    ++number;
  }
  int number = 1;
  std::optional<Error> error;
  std::vector<std::string> scopes;
  std::vector<std::string> refusals;
};

struct SocketBench {
  explicit SocketBench(Executor executor, FakeTeamsSocketOptions fake_options = {})
      : io(executor), fake(executor, std::move(fake_options)), http(net::make_http_client(executor, plain())) {
    options.app_id = fake.options().app_id;
    options.proxy.clear();
    options.call_wait = milliseconds(1500);
    options.answer_wait = milliseconds(2000);
    options.refused_probe = milliseconds(200);
    options.socket.keep_old = milliseconds(60);
    options.socket.backoff_first = milliseconds(20);
    options.socket.backoff_most = milliseconds(100);
  }
  static net::HttpClientOptions plain() {
    net::HttpClientOptions options;
    options.proxy.clear();
    return options;
  }
  void start() {
    const auto listening = fake.start();
    EXPECT_TRUE(listening.has_value());
    options.cloud.socket_url = fake.url();
    sockets.emplace(io, *http, tokens, taker, system_clock(), options);
    sockets->start();
  }
  // One geography, so that another cannot hide a gap.
  void start_one() {
    options.socket.geographies = {"emea"};
    start();
  }
  boost::asio::awaitable<void> stop() {
    const Deadline soon = Deadline::after(milliseconds(2000));
    if (sockets) co_await sockets->stop(soon);
    co_await fake.stop();
    for (const auto& complaint : fake.complaints()) ADD_FAILURE() << complaint;
  }
  uint64_t newest(const std::string& geography = "emea") const {
    const auto ids = fake.sockets(geography);
    return ids.empty() ? 0 : ids.back();
  }
  nlohmann::json message(const std::string& text) {
    return {{"type", "message"}, {"id", "m" + std::to_string(next_message++)}, {"text", text}};
  }
  nlohmann::json invoke(const std::string& name) {
    return {{"type", "invoke"}, {"id", "i" + std::to_string(next_message++)}, {"name", name}};
  }
  const nlohmann::json& result(size_t handle) const { return fake.sent(handle).result; }

  Executor io;
  FakeTeamsSocket fake;
  std::unique_ptr<net::HttpClient> http;
  ScriptedTaker taker;
  ScriptedTokens tokens;
  teams::TeamsOptions options;
  std::optional<teams::SocketMode> sockets;
  int next_message = 1;
};

}  // namespace vedette::test

#pragma once
// Vedette's Slack side against the fake Slack, over real sockets.

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "integrations/slack/slack.hpp"
#include "tests/fakes/fake_slack.hpp"
#include "tests/support/async_test.hpp"

namespace vedette::test {

using std::chrono::milliseconds;

// An inbox that takes its time or fails on request.
class TestSink final : public chat::InteractionSink {
 public:
  Async<bool> accept(chat::Interaction interaction) override {
    ++calls;
    ++inside;
    most_inside = std::max(most_inside, inside);
    if (delay.count() > 0) co_await sleep_for(delay);
    --inside;
    if (failures > 0) {
      --failures;
      co_return Error(Code::unavailable, "the disk is full", true);
    }
    last_commit = std::chrono::steady_clock::now();
    const bool fresh = keys.insert(interaction.key).second;
    if (fresh) taken.push_back(std::move(interaction));
    co_return fresh;
  }
  std::vector<chat::Interaction> taken;
  std::set<std::string> keys;
  milliseconds delay{0};
  int failures = 0;
  int calls = 0;
  int inside = 0;
  int most_inside = 0;
  SteadyTime last_commit{};
};

// Everything with timings a test can wait for.
struct SlackBench {
  explicit SlackBench(Executor io, FakeSlackOptions fake_options = {}) : executor(io), fake(io, fake_options) {
    auto started = fake.start();
    if (!started) ADD_FAILURE() << started.error().message;
    net::HttpClientOptions client;
    client.proxy.clear();
    http = net::make_http_client(io, client);
    options.app_token = Secret(fake_options.app_token);
    options.bot_token = Secret(fake_options.bot_token);
    options.api_url = fake.api_url();
    options.idle = milliseconds(2000);
    options.hello_wait = milliseconds(400);
    options.stable_after = milliseconds(300);
    options.backoff_first = milliseconds(20);
    options.backoff_most = milliseconds(200);
    options.too_many_wait = milliseconds(300);
    options.refused_probe = milliseconds(100);
    options.ghost_check = milliseconds(60);
    options.ghost_recheck = milliseconds(100);
    options.ack_wait = milliseconds(1000);
    options.pace = milliseconds(0);
    options.settle_delay = milliseconds(0);
    options.home_pace = milliseconds(50);
  }

  void start() {
    slack::SocketModeEvents events;
    events.ghosts = [this](int64_t, size_t) { ++ghosts; };
    events.ghosts_gone = [this] { ++ghosts_gone; };
    events.refused = [this](const Error& why) {
      ++refusals;
      refused = why.message;
    };
    events.accepted = [this] { ++acceptances; };
    vedette = std::make_unique<slack::Slack>(executor, *http, system_clock(), options, sink, events);
    vedette->start();
  }

  boost::asio::awaitable<void> stop() {
    const Deadline deadline = Deadline::after(milliseconds(2000));
    if (vedette) co_await vedette->stop(deadline);
    co_await fake.stop();
    vedette.reset();
  }

  chat::Outgoing outgoing(const std::string& key, const std::string& text) const {
    chat::Outgoing out;
    out.channel = "C1";
    out.key = key;
    out.slot = key;
    out.card.summary = text;
    out.card.blocks = {chat::Heading{text, {}},
                       chat::Buttons{{{"Ack", "ack C-1", {}, ""}, {"Approve", "approve R-9", {}, ""}}}};
    return out;
  }

  Executor executor;
  FakeSlack fake;
  std::unique_ptr<net::HttpClient> http;
  slack::SlackOptions options;
  TestSink sink;
  std::unique_ptr<slack::Slack> vedette;
  int ghosts = 0;
  int ghosts_gone = 0;
  int refusals = 0;
  int acceptances = 0;
  std::string refused;
};

inline Deadline within(int ms) { return Deadline::after(milliseconds(ms)); }

}  // namespace vedette::test

// Waits until the condition holds, three seconds at most; leaves the coroutine when it does not.
#define CO_EVENTUALLY(condition)                                                                            \
  do {                                                                                                      \
    const vedette::Deadline eventually = vedette::Deadline::after(std::chrono::milliseconds(3000));         \
    while (!(condition) && !eventually.passed()) co_await vedette::sleep_for(std::chrono::milliseconds(2)); \
    CO_ASSERT_TRUE(condition);                                                                              \
  } while (false)

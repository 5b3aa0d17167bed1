#pragma once
// Inside the fake Slack: one socket of a bot.

#include "bot/net/websocket.hpp"
#include "tests/fakes/fake_slack.hpp"

namespace vedette::test {

struct FakeSlack::Socket {
  Socket(Executor executor, uint64_t number) : id(number), jobs(executor, "fake slack socket"), wake(executor) {}
  void end() {
    ending = true;
    wake.notify();
  }
  uint64_t id;
  std::unique_ptr<net::WebSocket> socket;
  TaskGroup jobs;  // its reader and writers
  Signal wake;     // its owner waits for the end
  bool hello = false;
  bool ending = false;  // to be dropped now, without a close frame
  bool closed = false;  // the reader met its end
  bool deaf = false;
};

}  // namespace vedette::test

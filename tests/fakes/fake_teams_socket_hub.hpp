#pragma once
// Inside the fake Socket Mode service: one socket of a bot.

#include <deque>
#include <set>

#include "bot/net/websocket.hpp"
#include "tests/fakes/fake_teams_socket.hpp"

namespace vedette::test {

struct FakeTeamsSocket::Socket {
  Socket(Executor executor, uint64_t number) : id(number), jobs(executor, "fake teams socket"), wake(executor) {}
  uint64_t id;
  std::string geography;
  std::unique_ptr<net::WebSocket> socket;
  TaskGroup jobs;  // its reader and writers
  Signal wake;     // its owner waits for the end
  std::string pending;
  std::deque<std::string> out;  // messages to be written, in order
  bool writing = false;
  bool shaken = false;
  bool ready = false;
  bool quiet = false;    // says nothing any more
  bool leaving = false;  // a close frame was sent
  bool ended = false;
  SteadyTime ready_at{};
  SteadyTime heard_at{};
  SteadyTime opened_at{};
  std::map<std::string, size_t> calls;  // invocation → handle
  std::set<std::string> other_calls;
};

}  // namespace vedette::test

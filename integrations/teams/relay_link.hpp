#pragma once
// Inside RelayListener: one control channel, one request, and what the taker does with it. io thread only.

#include "integrations/teams/relay_listener.hpp"

namespace vedette::teams {

struct RelayListener::Link {
  Link(const Executor& executor, SocketPtr s, std::string t) : socket(std::move(s)), token(std::move(t)), gone(executor) {}
  SocketPtr socket;
  std::string token;  // the last one sent
  SteadyTime opened_at = std::chrono::steady_clock::now();
  RequestPtr waiting;  // for its body, which is the next message
  std::string why;     // it ended
  Signal gone;         // waited on by renew()
};

struct RelayListener::Request {
  Request(const Executor& executor, RelayRequest m, Deadline d, size_t& count, Signal& freed)
      : message(std::move(m)), deadline(d), body_came(executor), busy(count), room(freed) {
    ++busy;
  }
  ~Request() {
    --busy;
    room.notify();
  }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  RelayRequest message;
  Deadline deadline;  // by which it is answered
  std::string body;
  bool complete = false;  // the body is here, if there is to be one
  bool spoilt = false;    // something else came in the body's place
  Signal body_came;       // waited on by serve()
  size_t& busy;
  Signal& room;
};

struct RelayListener::Work {
  explicit Work(const Executor& executor) : done(executor) {}
  std::optional<ActivityAnswer> answer;
  Signal done;
};

// A rendezvous socket and its place among them.
struct RelayListener::Meeting {
  explicit Meeting(RelayListener& l) : listener(l) {}
  ~Meeting() { listener.end_meeting(); }
  Meeting(const Meeting&) = delete;
  Meeting& operator=(const Meeting&) = delete;
  RelayListener& listener;
  SocketPtr socket;
};

// A request that is being read from a rendezvous socket.
struct RelayListener::Reading {
  explicit Reading(const Executor& executor) : over(executor) {}
  bool done = false;
  Signal over;  // waited on by limit()
};
struct RelayListener::Over {
  ~Over() {
    reading->done = true;
    reading->over.notify();
  }
  std::shared_ptr<Reading> reading;
};

}  // namespace vedette::teams

#pragma once
// Inside Socket Mode: one connection and one geography.

#include "bot/net/websocket.hpp"
#include "integrations/teams/socket_mode.hpp"

namespace vedette::teams {

inline constexpr size_t kSocketInWork = 256;  // activities of one connection; reading pauses beyond

struct SocketMode::Link {
  explicit Link(Executor executor) : changed(executor), room(executor) {}
  bool serving() const { return ready && !leaving && !closed; }

  std::string geography;
  uint64_t generation = 0;
  std::unique_ptr<net::WebSocket> socket;
  FrameCutter cutter{4 << 20};
  bool shaken = false;   // SignalR took the handshake
  bool ready = false;    // SocketReady came
  bool leaving = false;  // the service said close
  bool closed = false;
  std::optional<Error> why;  // it is left or closed
  SteadyTime issued{};       // the ticket
  std::chrono::milliseconds lifetime{0};
  SteadyTime ready_at{};
  SteadyTime heard_at{};  // the last frame
  size_t in_work = 0;
  Signal changed;  // waited on by the geography's job, later by retire()
  Signal room;     // waited on by the reader
};

struct SocketMode::Geography {
  std::string name;
  LinkPtr current;      // the latest that became ready; may be closed
  std::string trouble;  // why there is none
  int failures = 0;     // in a row
  int refusals = 0;     // in a row: what a person must mend
};

}  // namespace vedette::teams

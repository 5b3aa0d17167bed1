#pragma once
// The seam between the three ways in and what is done with an activity. io thread only.

#include <cstdint>
#include <optional>
#include <string>

#include "bot/base/async.hpp"

namespace vedette::teams {

// One activity as it came, not yet trusted or read.
struct ReceivedActivity {
  std::string body;           // JSON, unread
  std::string authorization;  // the Authorization header as received; empty: none
  // The connection vouches for it: TLS and a negotiation with our own token. True for Socket Mode only; else the token in
  // `authorization` is all there is.
  bool vouched_for = false;
  std::string peer;  // for the log
};

// What the sender is told, whichever way: an HTTP status and a body.
struct ActivityAnswer {
  ActivityAnswer() = default;
  explicit ActivityAnswer(int status_, std::string body_ = {}) : status(status_), body(std::move(body_)) {}
  int status = 200;
  std::string body;                // JSON; empty: none
  std::optional<int> retry_after;  // seconds
};

class ActivityTaker {
 public:
  virtual ~ActivityTaker() = default;
  // Never throws and never takes longer than the deadline: what cannot be stored by then is answered 503.
  virtual boost::asio::awaitable<ActivityAnswer> take(ReceivedActivity activity, Deadline deadline) = 0;
};

// How a way in is, for readiness, metrics and the log.
struct WayState {
  bool open = false;    // activities can come in now
  std::string trouble;  // a sentence for whoever runs Vedette; empty: none
  size_t links = 0;     // sockets that are up; 0 for https
};

}  // namespace vedette::teams

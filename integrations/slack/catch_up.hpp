#pragma once
// Reads what was said to us while no socket was up. Slack repeats an event three times within some minutes and then forgets
// it; the channels remember. Once a socket is there again, messages of the routed channels and of their threads are handed
// in as if Slack had just sent them; the inbox knows those it has seen. Lives as long as the app; io thread only.
//
// After a start nobody knows how long we were away: half an hour is read, and never more than that: what somebody wanted
// longer ago should be asked again. Threads count when their root is at most a week old.

#include <optional>
#include <string>

#include "bot/base/async.hpp"
#include "integrations/slack/inbound.hpp"
#include "integrations/slack/web_api.hpp"

namespace vedette::slack {

class CatchUp {
 public:
  // All but the options outlive it.
  CatchUp(Executor executor, WebApi& api, EnvelopeTaker& taker, const Clock& clock, SlackOptions options);

  void connected(size_t sockets);  // whenever the number of sockets that said hello changes
  Job run();
  uint64_t gaps() const { return gaps_; }  // that were read to their end

 private:
  struct Place {
    Place(std::string channel_, const char* type_) : channel(std::move(channel_)), type(type_) {}
    std::string channel;
    const char* type;  // as in an event: "channel", "im"
  };
  Async<void> read(Time since);
  Async<void> read_place(Place place, Time since, Deadline deadline);
  Async<std::optional<Place>> direct_with(std::string user, Deadline deadline);
  Async<void> read_channel(Place place, Time since, Deadline deadline);
  Async<void> read_thread(Place place, std::string root, Time since, Deadline deadline);
  Async<void> hand_in(Place place, Json message);
  Async<Json> ask(std::string method, Fields fields, Deadline deadline);

  WebApi& api_;
  EnvelopeTaker& taker_;
  const Clock& clock_;
  SlackOptions options_;
  Signal back_;
  Time bare_since_;          // when the last socket went; meaningless while there is one
  bool gap_ = true;          // not read yet
  bool lost_again_ = false;  // while it was being read
  bool here_ = false;        // a socket is up
  uint64_t gaps_ = 0;
};

}  // namespace vedette::slack

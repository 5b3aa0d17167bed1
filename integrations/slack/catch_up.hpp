#pragma once
// Reads what was said to us while no socket was up. Slack repeats an event three times within some minutes and then forgets
// it; the channels remember. Once a socket is there again, messages of the routed channels and of their threads are handed
// in as if Slack had just sent them; the inbox knows those it has seen. Lives as long as the app; io thread only.
//
// Sockets that are up do not always get everything: while Slack counts connections that are not ours, events can go to those
// four times and be gone, and while it holds back events of a busy workspace (app_rate_limited) they are never sent. Then
// the channels are looked through too: every few minutes for as long as the ghosts are there, and after Slack's minute is
// over.
//
// A reading that is not over in time, or in which something cannot be read, goes on with what is left: first the channels,
// then people's direct conversations.
//
// After a start nobody knows how long we were away: half an hour is read, and never more than that: what somebody wanted
// longer ago should be asked again. Threads count when their root is at most a week old.

#include <optional>
#include <set>
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
  void ghosts(bool there);         // whether Slack counts connections that are not ours
  void held_back();                // Slack does not send the events of this minute
  Job run();
  uint64_t gaps() const { return gaps_; }    // that were read to their end
  uint64_t looks() const { return looks_; }  // that were taken because of ghosts or held back events

 private:
  struct Place {
    Place(std::string channel_, const char* type_) : channel(std::move(channel_)), type(type_) {}
    std::string channel;
    const char* type;  // as in an event: "channel", "im"
  };
  // One that is under way, over as many attempts as it takes.
  struct Reading {
    Reading(Time began_, Time since_, bool gap_, bool look_) : began(began_), since(since_), gap(gap_), look(look_) {}
    Time began;
    Time since;
    bool gap;
    bool look;
    std::set<std::string> done;  // channels and people; threads as channel/root
  };
  Duration until_look() const;
  void begin(Time now, bool look);
  void end();
  Async<void> read(Time since);
  Async<void> read_person(std::string user, Time since, Deadline deadline);
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
  bool ghosts_ = false;
  std::optional<Reading> reading_;
  std::optional<Time> look_at_;  // when to look although there is no gap
  Time held_until_;              // by then Slack sends events again
  Time read_until_;              // all that was said before was read or has come
  uint64_t gaps_ = 0;
  uint64_t looks_ = 0;
};

}  // namespace vedette::slack

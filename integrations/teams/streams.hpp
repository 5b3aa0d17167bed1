#pragma once
// Long answers in a conversation of two appear bit by bit (learn.microsoft.com/microsoftteams/platform/bots/streaming-ux):
// the beginning at once, the whole of it a second later, in one message. Teams takes streams there alone, no more than one
// piece a second, for two minutes. Lives as long as the app; io thread only.

#include "integrations/teams/connector.hpp"

namespace vedette::teams {

class Streams {
 public:
  // It outlives this.
  Streams(Connector& connector, TeamsOptions options) : connector_(connector), options_(std::move(options)) {}
  // Says `activity`, a text message's JSON, in pieces where it is long enough. Answers as Connector::send does; once the
  // first piece is there every failure is unknown_outcome.
  Async<Posted> say(Place place, std::string activity, Deadline deadline);

 private:
  Connector& connector_;
  TeamsOptions options_;
  std::optional<SteadyTime> refused_;  // Teams does not take streams; not asked again for an hour
};

}  // namespace vedette::teams

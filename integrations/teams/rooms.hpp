#pragma once
// Who is in a conversation, where it is small: their cards are refreshed when they look at them. Lives as long as the app;
// io thread only.

#include <map>
#include <string>
#include <vector>

#include "integrations/teams/connector.hpp"

namespace vedette::teams {

class Rooms {
 public:
  // It outlives this.
  explicit Rooms(Connector& connector) : connector_(connector) {}
  // The members' ids ("29:…"), 60 at most, as of the last ten minutes; none: more than that, or it could not be asked. Never
  // an error: a card that is not refreshed by itself is edited all the same.
  boost::asio::awaitable<std::vector<std::string>> small(Place place, Deadline deadline);

 private:
  struct Known {
    std::vector<std::string> members;
    SteadyTime when;
  };
  Connector& connector_;
  std::map<std::string, Known> known_;
};

}  // namespace vedette::teams

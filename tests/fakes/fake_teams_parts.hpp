#pragma once
// Inside the fake Teams: a request to the Connector taken apart, and its answer.

#include "tests/fakes/fake_teams.hpp"

namespace vedette::test {

struct FakeTeams::Asked {
  net::HttpRequest request;
  std::string conversation;  // as named, with the thread
  std::string activity_id;
  std::string token;
  nlohmann::json body;
  bool targeted = false;
};

struct FakeTeams::Answer {
  int status = 200;
  nlohmann::json body;  // null: none
  std::string text;     // instead of JSON
  int retry_after = 0;
};

}  // namespace vedette::test

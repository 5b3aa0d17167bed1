#pragma once
// How often the Connector may be called, known beforehand
// (learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit): per conversation (a channel with all its threads, a
// group, a chat of two) so many messages in 1, 2, 30 and 3600 s, more look-ups of members, and 50 calls a second to one
// tenant. And what an answer told: not before some time has passed. Nothing here waits: it tells how long to.
//
// Edits have no window of their own in what Microsoft publishes: they count for the tenant alone, and its 429 is the last
// word. Used on the io thread only; `clock` outlives it. Conversations nobody spoke in for an hour are forgotten.

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "bot/base/clock.hpp"

namespace vedette::teams {

enum class Call { post, edit, look_up };

class RateBudget {
 public:
  explicit RateBudget(const Clock& clock) : clock_(clock) {}

  // Zero: call now, it is counted. Else: how long to wait before asking again, nothing is counted. Without `windows` only
  // hold_back() counts: emulators have none.
  std::chrono::milliseconds take(const std::string& tenant, const std::string& conversation, Call call, bool windows);
  // The other side refused for now. Answers how long nothing is to be sent there: what it told and a little, or 1, 2, 4 …
  // 30 s and a little the more often it happens in a row. The little is chance, so that not all come back at once.
  std::chrono::milliseconds hold_back(const std::string& conversation, std::optional<std::chrono::milliseconds> told);
  // It answered as it should: the next refusal is the first one again.
  void succeeded(const std::string& conversation);

  size_t size() const { return conversations_.size() + tenants_.size(); }

 private:
  struct Conversation {
    std::deque<SteadyTime> posts;
    std::deque<SteadyTime> look_ups;
    SteadyTime not_before;
    SteadyTime used;
    int refusals = 0;  // in a row
  };
  void forget_old(SteadyTime now);

  const Clock& clock_;
  std::map<std::string, Conversation> conversations_;
  std::map<std::string, std::deque<SteadyTime>> tenants_;
  size_t tidy_at_ = 256;
};

}  // namespace vedette::teams

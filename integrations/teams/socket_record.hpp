#pragma once
// What envelopes of Socket Mode were answered with, for some minutes: the service may hand the same one to the old and the
// new socket while they overlap, and again when the answer was lost with its socket. Only a convenience, in memory: the
// taker of activities knows repetitions by itself. io thread only.

#include <deque>
#include <map>
#include <string>

#include "bot/base/clock.hpp"
#include "integrations/teams/activity_taker.hpp"

namespace vedette::teams {

class SocketRecord {
 public:
  struct Limits {
    std::chrono::minutes age = std::chrono::minutes(5);
    size_t count = 10'000;
    size_t bytes = 8 << 20;  // of answers
  };
  SocketRecord() = default;
  explicit SocketRecord(Limits limits) : limits_(limits) {}

  enum class Seen { fresh, in_work, answered };
  // Fresh ones are in work from now on, until finish().
  Seen ask(const std::string& key, SteadyTime now);
  const ActivityAnswer& answer(const std::string& key) const;  // of an answered one
  // An answer that only says "not now" (5xx, 429) is not kept: the envelope may be tried again.
  void finish(const std::string& key, const ActivityAnswer& answer, SteadyTime now);
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    bool answered = false;
    ActivityAnswer answer;
    size_t bytes = 0;
  };
  struct Age {
    SteadyTime since;
    std::string key;
  };
  void forget_old(SteadyTime now);

  Limits limits_;
  std::map<std::string, Entry> entries_;
  std::deque<Age> ages_;  // of the answered ones, oldest first
  size_t bytes_ = 0;
};

}  // namespace vedette::teams

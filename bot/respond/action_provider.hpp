#pragma once
// The port through which an approved action reaches another system.

#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/domain/action.hpp"

namespace vedette::respond {

enum class Outcome { done, not_done, unknown };

struct Receipt {
  Outcome outcome = Outcome::unknown;
  std::string message;  // one sentence for people: what the other system said
};

class ActionProvider {
 public:
  virtual ~ActionProvider() = default;
  virtual std::string name() const = 0;                // as configured
  virtual std::vector<std::string> verbs() const = 0;  // "block_ip", "unblock_ip"
  // Refuses a plan it cannot run (wrong target type, missing parameter), before anyone is asked to approve it. No network.
  virtual Status check(const ActionPlan& plan) const = 0;
  // What people may change about this plan before it is approved, with what it is now; check() refuses wrong values. No
  // network.
  virtual std::vector<PlanSetting> settings(const ActionPlan&) const { return {}; }
  // Does it. `key` is the same for every attempt at one action: an idempotency key where the other side has such a thing.
  // An Error with unavailable means surely not done; unknown_outcome or timeout: ask with look_up().
  virtual Async<Receipt> execute(ActionPlan plan, std::string key, Deadline deadline) = 0;
  // Reads back whether the wanted state holds.
  virtual Async<Receipt> look_up(ActionPlan plan, std::string key, Deadline deadline) = 0;
};

}  // namespace vedette::respond

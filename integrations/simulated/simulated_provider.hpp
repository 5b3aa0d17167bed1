#pragma once
// A pretended company network on which actions can be carried out without touching anything: for the demo and for trying
// Vedette out. It really keeps state: what is blocked is blocked until it is unblocked, look_up() reads it back, and doing a
// thing twice says so. The state lives in memory and is gone after a restart, as look_up() then truthfully tells. Used from
// the io thread only.

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "bot/respond/action_provider.hpp"

namespace vedette::simulated {

struct SimulatedOptions {
  std::string name = "simulated";
  std::chrono::milliseconds latency = std::chrono::milliseconds(0);  // of every call, inside its deadline
};

class SimulatedProvider final : public respond::ActionProvider {
 public:
  explicit SimulatedProvider(SimulatedOptions options);
  std::string name() const override { return options_.name; }
  std::vector<std::string> verbs() const override;
  Status check(const ActionPlan& plan) const override;
  std::vector<PlanSetting> settings(const ActionPlan& plan) const override;
  Async<respond::Receipt> execute(ActionPlan plan, std::string key, Deadline deadline) override;
  Async<respond::Receipt> look_up(ActionPlan plan, std::string key, Deadline deadline) override;

  // Whether a measure is in force: in_force("blocked", ip).
  bool in_force(std::string_view measure, const Entity& target) const;

 private:
  SimulatedOptions options_;
  std::map<std::string, std::set<Entity>, std::less<>> measures_;  // "blocked" → what is
  int receipts_ = 0;
};

std::unique_ptr<respond::ActionProvider> make_simulated_provider(SimulatedOptions options);

}  // namespace vedette::simulated

#pragma once
// The configured action providers by name. Filled once at start by the wiring, then only read; outlives everything that
// acts.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bot/respond/action_provider.hpp"

namespace vedette::respond {

class Providers {
 public:
  // invalid_input when the name is taken.
  Status add(std::unique_ptr<ActionProvider> provider);
  ActionProvider* find(std::string_view name) const;  // nullptr: not configured
  std::vector<ActionProvider*> all() const;           // by name
  // The first provider, by name, that offers this verb: what a proposal without a named provider runs on. May be nullptr.
  ActionProvider* for_verb(std::string_view verb) const;
  // Empty for a provider that is not configured.
  std::vector<PlanSetting> settings(const ActionPlan& plan) const;
  // The provider exists, offers the verb and accepts the plan; errors are sentences for people.
  Status check(const ActionPlan& plan) const;

 private:
  std::map<std::string, std::unique_ptr<ActionProvider>, std::less<>> providers_;
};

}  // namespace vedette::respond

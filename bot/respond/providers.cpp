#include "bot/respond/providers.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"

namespace vedette::respond {
namespace {

bool offers(const ActionProvider& provider, std::string_view verb) {
  const auto verbs = provider.verbs();
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

}  // namespace

Status Providers::add(std::unique_ptr<ActionProvider> provider) {
  std::string name = provider->name();
  if (providers_.contains(name)) {
    return Error(Code::invalid_input, fmt::format("two action providers are called '{}'", name));
  }
  providers_.emplace(std::move(name), std::move(provider));
  return {};
}

ActionProvider* Providers::find(std::string_view name) const {
  const auto found = providers_.find(name);
  return found == providers_.end() ? nullptr : found->second.get();
}

std::vector<ActionProvider*> Providers::all() const {
  std::vector<ActionProvider*> result;
  result.reserve(providers_.size());
  for (const auto& [name, provider] : providers_) result.push_back(provider.get());
  return result;
}

ActionProvider* Providers::for_verb(std::string_view verb) const {
  for (const auto& [name, provider] : providers_) {
    if (offers(*provider, verb)) return provider.get();
  }
  return nullptr;
}

std::vector<PlanSetting> Providers::settings(const ActionPlan& plan) const {
  const auto* provider = find(plan.provider);
  return provider == nullptr ? std::vector<PlanSetting>() : provider->settings(plan);
}

Status Providers::check(const ActionPlan& plan) const {
  const auto* provider = find(plan.provider);
  if (provider == nullptr) {
    return Error(Code::not_found,
                 fmt::format("No action provider called '{}' is configured.", text::displayable(plan.provider)));
  }
  if (!offers(*provider, plan.verb)) {
    return Error(Code::invalid_input, fmt::format("{} does not offer {}.", plan.provider, text::displayable(plan.verb)));
  }
  return provider->check(plan);
}

}  // namespace vedette::respond

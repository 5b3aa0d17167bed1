#include "integrations/simulated/simulated_provider.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "bot/base/text.hpp"

namespace vedette::simulated {
namespace {

using respond::Outcome;
using respond::Receipt;

struct VerbRow {
  std::string_view verb;
  EntityType target;
  std::string_view measure;  // the set of things it adds to or takes from
  bool sets;
  std::string_view system;  // who answers
  std::string_view after;   // "{target} <after>"
};
constexpr std::array<VerbRow, 17> kVerbs = {{
    {"block_ip", EntityType::ip, "blocked", true, "firewall", "is blocked"},
    {"unblock_ip", EntityType::ip, "blocked", false, "firewall", "is no longer blocked"},
    {"block_domain", EntityType::domain, "blocked", true, "name server", "is blocked"},
    {"unblock_domain", EntityType::domain, "blocked", false, "name server", "is no longer blocked"},
    {"block_url", EntityType::url, "blocked", true, "web proxy", "is blocked"},
    {"unblock_url", EntityType::url, "blocked", false, "web proxy", "is no longer blocked"},
    {"block_hash", EntityType::hash, "blocked", true, "endpoint protection", "is blocked"},
    {"unblock_hash", EntityType::hash, "blocked", false, "endpoint protection", "is no longer blocked"},
    {"isolate_host", EntityType::host, "isolated", true, "endpoint protection", "is isolated"},
    {"release_host", EntityType::host, "isolated", false, "endpoint protection", "is back on the network"},
    {"suspend_user", EntityType::user, "suspended", true, "directory", "is suspended"},
    {"restore_user", EntityType::user, "suspended", false, "directory", "can sign in again"},
    {"revoke_user", EntityType::user, "signed out", true, "directory", "is signed out everywhere"},
    {"disable_key", EntityType::key, "disabled", true, "cloud account", "is disabled"},
    {"enable_key", EntityType::key, "disabled", false, "cloud account", "is enabled again"},
    {"purge_mail", EntityType::mail, "purged", true, "mail server", "has no copy of the message any more"},
    {"reset_password", EntityType::user, "password reset", true, "directory", "has to choose a new password"},
}};

const VerbRow* row_of(std::string_view verb) {
  const auto row = std::find_if(kVerbs.begin(), kVerbs.end(), [&](const VerbRow& r) { return r.verb == verb; });
  return row == kVerbs.end() ? nullptr : row;
}

constexpr std::string_view kDefaultDuration = "4h";
constexpr std::chrono::seconds kShortest = std::chrono::minutes(1);
constexpr std::chrono::seconds kLongest = std::chrono::days(30);

std::string shown(const Entity& target) { return text::defang(text::displayable(target.value)); }

// True when it waited for the whole latency, false when the deadline or a cancellation came first.
boost::asio::awaitable<bool> pretend_to_work(std::chrono::milliseconds latency, Deadline deadline) {
  if (latency.count() > 0) {
    const auto wait = std::min(latency, deadline.left());
    co_await sleep_for(wait);
  }
  const bool stopped = co_await cancelled();
  co_return !stopped && !deadline.passed();
}

}  // namespace

SimulatedProvider::SimulatedProvider(SimulatedOptions options) : options_(std::move(options)) {}

std::vector<std::string> SimulatedProvider::verbs() const {
  std::vector<std::string> names;
  names.reserve(std::size(kVerbs));
  for (const auto& row : kVerbs) names.emplace_back(row.verb);
  return names;
}

Status SimulatedProvider::check(const ActionPlan& plan) const {
  const auto* row = row_of(plan.verb);
  if (row == nullptr)
    return Error(Code::invalid_input, fmt::format("{} cannot {}.", options_.name, text::displayable(plan.verb)));
  if (plan.target.type != row->target || plan.target.value.empty()) {
    return Error(Code::invalid_input, fmt::format("{} needs a target of type {}.", row->verb, to_string(row->target)));
  }
  const auto duration = plan.parameters.find("duration");
  if (duration != plan.parameters.end()) {
    const auto length = parse_duration(duration->second);
    if (!length || *length < kShortest || *length > kLongest) {
      return Error(Code::invalid_input, "The duration must be a time span from 1m to 30d, as in 4h.");
    }
  }
  if (row->verb == "block_ip" && is_internal_ip(plan.target.value)) {
    return Error(
        Code::invalid_input,
        fmt::format("{} is an address inside the network; blocking it would cut off our own machines.", shown(plan.target)));
  }
  return {};
}

std::vector<PlanSetting> SimulatedProvider::settings(const ActionPlan& plan) const {
  if (!plan.verb.starts_with("block_")) return {};
  const auto given = plan.parameters.find("duration");
  PlanSetting duration;
  duration.name = "duration";
  duration.label = "For how long";
  duration.hint = "From 1m to 30d, as in 4h";
  duration.value = given == plan.parameters.end() ? std::string(kDefaultDuration) : given->second;
  return {std::move(duration)};
}

bool SimulatedProvider::in_force(std::string_view measure, const Entity& target) const {
  const auto found = measures_.find(measure);
  return found != measures_.end() && found->second.contains(target);
}

Async<Receipt> SimulatedProvider::execute(ActionPlan plan, std::string key, Deadline deadline) {
  if (auto fits = check(plan); !fits) co_return std::move(fits).error();
  if (!co_await pretend_to_work(options_.latency, deadline)) {
    co_return Error(Code::unavailable, fmt::format("{} did not begin in time.", options_.name));
  }
  const auto& row = *row_of(plan.verb);
  auto& affected = measures_[std::string(row.measure)];
  const bool changed = row.sets ? affected.insert(plan.target).second : affected.erase(plan.target) > 0;
  Receipt receipt;
  receipt.outcome = Outcome::done;
  const auto duration = plan.parameters.find("duration");
  const std::string for_long = row.sets && duration != plan.parameters.end() ? " for " + duration->second : "";
  receipt.message = fmt::format("Simulated {}: {} {}{}{} (receipt {}, {}).", row.system, shown(plan.target), row.after,
                                for_long, changed ? "" : ", as it was before", ++receipts_, key);
  co_return receipt;
}

Async<Receipt> SimulatedProvider::look_up(ActionPlan plan, std::string, Deadline deadline) {
  if (auto fits = check(plan); !fits) co_return std::move(fits).error();
  if (!co_await pretend_to_work(options_.latency, deadline)) {
    co_return Error(Code::unavailable, fmt::format("{} did not answer in time.", options_.name));
  }
  const auto& row = *row_of(plan.verb);
  const bool holds = in_force(row.measure, plan.target) == row.sets;
  Receipt receipt;
  receipt.outcome = holds ? Outcome::done : Outcome::not_done;
  receipt.message = holds ? fmt::format("Simulated {}: {} {}.", row.system, shown(plan.target), row.after)
                          : fmt::format("Simulated {}: nothing of it is recorded for {}.", row.system, shown(plan.target));
  co_return receipt;
}

std::unique_ptr<respond::ActionProvider> make_simulated_provider(SimulatedOptions options) {
  return std::make_unique<SimulatedProvider>(std::move(options));
}

}  // namespace vedette::simulated

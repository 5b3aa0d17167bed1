#include "integrations/crowdsec/crowdsec_provider.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/net/url.hpp"
#include "integrations/crowdsec/lapi_client.hpp"
#include "integrations/crowdsec/wire.hpp"

namespace vedette::crowdsec {
namespace {

using respond::Outcome;
using respond::Receipt;

constexpr std::string_view kDefaultDuration = "4h";
constexpr std::chrono::seconds kShortest = std::chrono::minutes(1);
constexpr std::chrono::seconds kLongest = std::chrono::days(30);

Receipt make_receipt(Outcome outcome, std::string message) {
  Receipt receipt;
  receipt.outcome = outcome;
  receipt.message = std::move(message);
  return receipt;
}

// What the decision of one action is found by again.
std::string tag(std::string_view key) { return "vedette/" + std::string(key); }

std::string shown(const ActionPlan& plan) { return text::defang(plan.target.value); }

std::optional<std::chrono::seconds> duration_of(const ActionPlan& plan) {
  const auto given = plan.parameters.find("duration");
  const auto duration = parse_duration(given == plan.parameters.end() ? kDefaultDuration : std::string_view(given->second));
  if (!duration || *duration < kShortest || *duration > kLongest) return std::nullopt;
  return duration;
}

bool bans_exactly(const Decision& decision, const ActionPlan& plan) {
  return decision.type == "ban" && text::iequals(decision.scope, "ip") && decision.value == plan.target.value &&
         decision.active();
}

class CrowdsecProvider final : public respond::ActionProvider {
 public:
  CrowdsecProvider(net::HttpClient& client, CrowdsecOptions options, const Clock& clock)
      : name_(options.name),
        lapi_(client, options.url, options.machine_id, options.password, options.bouncer_key, clock),
        clock_(clock) {}

  std::string name() const override { return name_; }
  std::vector<std::string> verbs() const override { return {"block_ip", "unblock_ip"}; }
  Status check(const ActionPlan& plan) const override;
  std::vector<PlanSetting> settings(const ActionPlan& plan) const override;
  Async<Receipt> execute(ActionPlan plan, std::string key, Deadline deadline) override;
  Async<Receipt> look_up(ActionPlan plan, std::string key, Deadline deadline) override;

 private:
  Async<Receipt> block(ActionPlan plan, std::string key, Deadline deadline);
  Async<Receipt> unblock(ActionPlan plan, Deadline deadline);
  Async<Receipt> find_ban(ActionPlan plan, std::string key, Deadline deadline);
  // Decisions that touch the address, bans on ranges included.
  Async<std::vector<Decision>> decisions_on(std::string address, Deadline deadline);
  Async<std::vector<Decision>> read_alerts(std::string query, Deadline deadline);
  // The answer to a request that was to change something.
  Receipt refusal(const net::HttpResponse& response) const;

  std::string name_;
  LapiClient lapi_;
  const Clock& clock_;
};

Status CrowdsecProvider::check(const ActionPlan& plan) const {
  if (plan.verb != "block_ip" && plan.verb != "unblock_ip") {
    return Error(Code::invalid_input, fmt::format("{} can block and unblock IP addresses, nothing else.", name_));
  }
  if (plan.target.type != EntityType::ip || !is_ip(plan.target.value)) {
    return Error(Code::invalid_input, fmt::format("{} needs an IP address as its target.", name_));
  }
  for (const auto& [parameter, value] : plan.parameters) {
    if (parameter == "duration" && plan.verb == "block_ip") continue;
    return Error(Code::invalid_input,
                 fmt::format("{} knows no parameter '{}' for {}.", name_, text::displayable(parameter), plan.verb));
  }
  if (plan.verb == "unblock_ip") return {};
  if (is_internal_ip(plan.target.value)) {
    return Error(
        Code::invalid_input,
        fmt::format("{} is an address inside the network; blocking it would cut off our own machines.", shown(plan)));
  }
  if (!duration_of(plan)) return Error(Code::invalid_input, "The duration must be from 1m to 30d, as in 4h.");
  return {};
}

std::vector<PlanSetting> CrowdsecProvider::settings(const ActionPlan& plan) const {
  if (plan.verb != "block_ip") return {};
  const auto given = plan.parameters.find("duration");
  PlanSetting duration;
  duration.name = "duration";
  duration.label = "For how long";
  duration.hint = "From 1m to 30d, as in 4h";
  duration.value = given == plan.parameters.end() ? std::string(kDefaultDuration) : given->second;
  return {std::move(duration)};
}

Receipt CrowdsecProvider::refusal(const net::HttpResponse& response) const {
  const std::string said = parse_error(response.body);
  const std::string why = said.empty() ? "" : " It said: " + said;
  // 1.4.6 answers 500 both to what it refuses and to what broke half-way, so only a look-up can tell.
  if (response.status >= 500 || response.status == 408) {
    return make_receipt(Outcome::unknown,
                        fmt::format("CrowdSec answered {}, which leaves open whether it was done.{}", response.status, why));
  }
  return make_receipt(Outcome::not_done, fmt::format("CrowdSec refused it ({}).{}", response.status, why));
}

Async<Receipt> CrowdsecProvider::execute(ActionPlan plan, std::string key, Deadline deadline) {
  if (auto fits = check(plan); !fits) co_return std::move(fits).error();
  if (plan.verb == "unblock_ip") co_return co_await unblock(std::move(plan), deadline);
  co_return co_await block(std::move(plan), std::move(key), deadline);
}

Async<Receipt> CrowdsecProvider::block(ActionPlan plan, std::string key, Deadline deadline) {
  // Since 1.6.5 there are allow lists, and a ban on such an address would be accepted and never enforced. Older ones answer
  // 404.
  std::string check_path = "v1/allowlists/check/" + net::percent_encode(plan.target.value);
  auto listed = co_await lapi_.call("GET", std::move(check_path), std::string(), deadline);
  if (!listed) {
    // Nothing was changed yet, so this is never an unknown outcome.
    Error error = std::move(listed).error();
    if (error.code == Code::unknown_outcome) error.code = Code::unavailable;
    co_return error;
  }
  if (listed->status == 200) {
    if (const auto reason = parse_allowlisted(listed->body)) {
      co_return make_receipt(Outcome::not_done,
                             fmt::format("{} is on an allow list of CrowdSec{}; a ban would have no effect.", shown(plan),
                                         reason->empty() ? "" : " (" + *reason + ")"));
    }
  }
  const auto duration = *duration_of(plan);
  const std::string message = fmt::format("Vedette {}: blocked after approval", key);
  std::string body = ban_body(plan.target.value, tag(key), message, duration, clock_.now());
  CO_TRY(const auto response, lapi_.call("POST", "v1/alerts", std::move(body), deadline));
  if (response.status != 200 && response.status != 201) co_return refusal(response);
  co_return make_receipt(Outcome::done, fmt::format("CrowdSec bans {} for {}.", shown(plan), format_duration(duration)));
}

Async<Receipt> CrowdsecProvider::unblock(ActionPlan plan, Deadline deadline) {
  // contains=false: only bans on exactly this address, not those on a range around it.
  std::string path = fmt::format("v1/decisions?ip={}&type=ban&contains=false", net::percent_encode(plan.target.value));
  CO_TRY(const auto response, lapi_.call("DELETE", std::move(path), std::string(), deadline));
  if (response.status != 200) co_return refusal(response);
  const auto deleted = parse_deleted(response.body);
  if (!deleted) co_return make_receipt(Outcome::unknown, deleted.error().message);
  std::string message = *deleted > 0 ? fmt::format("CrowdSec lifted the ban on {}.", shown(plan))
                                     : fmt::format("CrowdSec had no ban on {}.", shown(plan));
  // Whether a wider ban still catches it is worth knowing; that the question fails changes nothing about what was done.
  std::string address = plan.target.value;
  const auto left = co_await decisions_on(std::move(address), deadline);
  if (left) {
    const auto range = std::find_if(left->begin(), left->end(), [](const Decision& d) {
      return d.type == "ban" && d.active() && text::iequals(d.scope, "range");
    });
    if (range != left->end())
      message += fmt::format(" It is still caught by the ban on the range {}.", text::defang(range->value));
  }
  co_return make_receipt(Outcome::done, std::move(message));
}

Async<std::vector<Decision>> CrowdsecProvider::read_alerts(std::string query, Deadline deadline) {
  std::string path = "v1/alerts?" + query;
  CO_TRY(const auto response, lapi_.call("GET", std::move(path), std::string(), deadline));
  if (response.status != 200) {
    co_return Error(Code::upstream, fmt::format("CrowdSec could not be asked ({}).", response.status), true);
  }
  co_return parse_alert_decisions(response.body);
}

Async<std::vector<Decision>> CrowdsecProvider::decisions_on(std::string address, Deadline deadline) {
  if (lapi_.has_bouncer_key()) {
    std::string path = "v1/decisions?ip=" + net::percent_encode(address);
    auto response = co_await lapi_.read_as_bouncer(std::move(path), deadline);
    if (response && response->status == 200) co_return parse_decisions(response->body);
    if (!response) co_return std::move(response).error();
    // A bouncer key that was revoked is no reason not to know: the machine may read alerts.
  }
  std::string query = fmt::format("ip={}&has_active_decision=true&limit=200", net::percent_encode(address));
  co_return co_await read_alerts(std::move(query), deadline);
}

Async<Receipt> CrowdsecProvider::look_up(ActionPlan plan, std::string key, Deadline deadline) {
  if (auto fits = check(plan); !fits) co_return std::move(fits).error();
  if (plan.verb == "block_ip") co_return co_await find_ban(std::move(plan), std::move(key), deadline);
  std::string address = plan.target.value;
  CO_TRY(const auto decisions, decisions_on(std::move(address), deadline));
  const bool banned =
      std::any_of(decisions.begin(), decisions.end(), [&](const Decision& d) { return bans_exactly(d, plan); });
  if (banned) co_return make_receipt(Outcome::not_done, fmt::format("CrowdSec still bans {}.", shown(plan)));
  co_return make_receipt(Outcome::done, fmt::format("CrowdSec has no ban on {}.", shown(plan)));
}

Async<Receipt> CrowdsecProvider::find_ban(ActionPlan plan, std::string key, Deadline deadline) {
  std::string address = plan.target.value;
  CO_TRY(const auto active, decisions_on(std::move(address), deadline));
  const std::string scenario = tag(key);
  const auto ours = [&](const Decision& d) { return d.scenario == scenario && d.value == plan.target.value; };
  if (std::any_of(active.begin(), active.end(), [&](const Decision& d) { return ours(d) && bans_exactly(d, plan); })) {
    co_return make_receipt(Outcome::done, fmt::format("CrowdSec bans {}, as this action wanted.", shown(plan)));
  }
  // Not in force now; it may have been, and have ended.
  std::string query = fmt::format("scenario={}&limit=50", net::percent_encode(scenario));
  CO_TRY(const auto recorded, read_alerts(std::move(query), deadline));
  if (std::any_of(recorded.begin(), recorded.end(), ours)) {
    co_return make_receipt(Outcome::done, fmt::format("CrowdSec recorded the ban on {}; it has ended since.", shown(plan)));
  }
  const auto other = std::find_if(active.begin(), active.end(), [&](const Decision& d) { return bans_exactly(d, plan); });
  if (other != active.end()) {
    co_return make_receipt(Outcome::not_done,
                           fmt::format("CrowdSec has no ban of this action; {} is banned by another one ({}).", shown(plan),
                                       text::ellipsize(text::displayable(other->scenario), 80)));
  }
  co_return make_receipt(Outcome::not_done, fmt::format("CrowdSec has no ban on {}.", shown(plan)));
}

}  // namespace

Result<std::unique_ptr<respond::ActionProvider>> make_crowdsec_provider(net::HttpClient& client, CrowdsecOptions options,
                                                                        const Clock& clock) {
  TRY_VOID(net::parse_url(options.url));
  if (options.name.empty()) return Error(Code::invalid_input, "a crowdsec action provider needs a name");
  if (options.machine_id.empty() || options.password.empty()) {
    return Error(Code::invalid_input, fmt::format("{} needs a machine id and its password", options.name));
  }
  return std::unique_ptr<respond::ActionProvider>(std::make_unique<CrowdsecProvider>(client, std::move(options), clock));
}

}  // namespace vedette::crowdsec

#include "integrations/registry.hpp"

#include <array>

#include "integrations/crowdsec/crowdsec_provider.hpp"
#include "integrations/simulated/simulated_provider.hpp"
#include "integrations/webhook/webhook_provider.hpp"

namespace vedette::integrations {
namespace {

using Made = Result<std::unique_ptr<respond::ActionProvider>>;
using Factory = Made (*)(const ActionConfig&, net::HttpClient&, const Clock&);

Made crowdsec_provider(const ActionConfig& config, net::HttpClient& client, const Clock& clock) {
  crowdsec::CrowdsecOptions options;
  options.name = config.name;
  options.url = config.url;
  options.machine_id = config.machine_id;
  options.password = config.password;
  options.bouncer_key = config.bouncer_key;
  return crowdsec::make_crowdsec_provider(client, std::move(options), clock);
}

Made webhook_provider(const ActionConfig& config, net::HttpClient& client, const Clock& clock) {
  webhook::WebhookOptions options;
  options.name = config.name;
  options.url = config.url;
  options.status_url = config.status_url;
  options.secret = config.secret;
  options.verbs = config.verbs;
  return webhook::make_webhook_provider(client, std::move(options), clock);
}

Made simulated_provider(const ActionConfig& config, net::HttpClient&, const Clock&) {
  simulated::SimulatedOptions options;
  options.name = config.name;
  options.latency = config.latency;
  return simulated::make_simulated_provider(std::move(options));
}

constexpr std::array<std::pair<std::string_view, Factory>, 3> kFactories = {{
    {"crowdsec", crowdsec_provider},
    {"webhook", webhook_provider},
    {"simulated", simulated_provider},
}};

}  // namespace

Made make_action_provider(const ActionConfig& config, net::HttpClient& client, const Clock& clock) {
  for (const auto& [type, factory] : kFactories) {
    if (type == config.type) return factory(config, client, clock);
  }
  return Error(Code::invalid_input, fmt::format("'{}' is no known type of action provider", config.type));
}

}  // namespace vedette::integrations

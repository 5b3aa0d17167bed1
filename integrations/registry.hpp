#pragma once
// The table of vendors that can carry out actions: type name in the configuration → factory.

#include <memory>
#include <string>
#include <vector>

#include "bot/base/secret.hpp"
#include "bot/net/http_client.hpp"
#include "bot/respond/action_provider.hpp"

namespace vedette::integrations {

// One entry of `actions` in the configuration; a provider reads the members it knows.
struct ActionConfig {
  std::string name;
  std::string type;  // "crowdsec", "webhook", "simulated"
  std::string url;
  std::string status_url;
  std::vector<std::string> verbs;
  Secret secret;
  std::string machine_id;
  Secret password;
  Secret bouncer_key;
  std::chrono::milliseconds latency{0};  // simulated only
};

// invalid_input when the type is unknown or the vendor lacks something, naming it.
Result<std::unique_ptr<respond::ActionProvider>> make_action_provider(const ActionConfig& config, net::HttpClient& client,
                                                                      const Clock& clock);

}  // namespace vedette::integrations

#pragma once
// The configuration: YAML, checked against config/vedette.schema.json, secrets taken from ${env:NAME} and ${file:PATH}.
// docs/configuration.md explains it for users.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/app/http_api.hpp"
#include "bot/base/log.hpp"
#include "bot/chat/route.hpp"
#include "bot/domain/person.hpp"
#include "bot/intake/source.hpp"
#include "bot/investigate/dossier.hpp"
#include "bot/net/http_server.hpp"
#include "bot/policy/policy.hpp"
#include "integrations/console/console.hpp"
#include "integrations/registry.hpp"
#include "integrations/slack/options.hpp"
#include "integrations/teams/options.hpp"

namespace vedette::app {

struct SlackConfig {
  slack::SlackOptions options;
  std::string channel;
};

struct InvestigationConfig {
  size_t concurrency = 4;
  std::chrono::seconds deadline{20};
  std::chrono::milliseconds pace{0};  // not configurable: the demo's pause between questions
  std::vector<investigate::KnownGood> known_good;
};

struct Config {
  net::HttpServerOptions server;
  std::vector<ApiToken> api_tokens;
  std::string store_path = "vedette.sqlite";
  log::Level log_level = log::Level::info;
  std::optional<SlackConfig> slack;
  std::optional<teams::TeamsOptions> teams;
  console::ConsoleOptions console;
  std::vector<intake::SourceConfig> sources;
  std::vector<intake::EventSourceConfig> events;
  std::chrono::minutes join_window{60};
  std::vector<chat::Route> routes;  // as configured; see routes_of()
  InvestigationConfig investigation;
  std::vector<integrations::ActionConfig> actions;
  policy::PolicyOptions policy;
  std::vector<Person> people;
};

// The configured routes, or each platform's own channel where there are none.
std::vector<chat::Route> routes_of(const Config& config);

// Reads and checks a file. The error's message has a line per problem: "vedette.yaml:12:5: sources[0].auth: …".
// No message holds a value, so none holds a secret.
Result<Config> load_config(const std::string& path);
// The same for text; `name` stands for the file in messages, `folder` is what relative paths start from.
Result<Config> parse_config(std::string_view yaml, const std::string& name, const std::string& folder);

}  // namespace vedette::app

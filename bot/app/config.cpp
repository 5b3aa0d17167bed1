#include "bot/app/config.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>

#include <boost/asio/ip/address.hpp>

#include "bot/app/config_chat.hpp"
#include "bot/base/embedded.hpp"
#include "bot/base/text.hpp"

namespace vedette::app {
namespace {

Json schema() {
  for (const auto& file : embedded_config()) {
    if (file.name == "vedette.schema.json") return std::move(Json::parse(file.content)).value();
  }
  return {};
}

// Decodes a document that the schema has accepted; what the schema cannot say is checked here, with the same kind of
// message.
class Decoder : public ConfigReader {
 public:
  explicit Decoder(std::filesystem::path folder) : ConfigReader(std::move(folder)) {}

  Config config;

  void decode(const YAML::Node& root) {
    server(root["server"]);
    store(root["store"]);
    if (root["log"] && root["log"]["level"]) level(root["log"]["level"]);
    chat(root["chat"]);
    for (const auto& node : root["sources"]) source(node);
    for (const auto& node : root["events"]) event_source(node);
    if (root["join"] && root["join"]["window_minutes"])
      config.join_window = std::chrono::minutes(number(root["join"]["window_minutes"]));
    for (const auto& node : root["routes"]) route(node);
    investigation(root["investigation"]);
    for (const auto& node : root["actions"]) action(node);
    policy(root["policy"]);
    for (const auto& node : root["people"]) person(node);
    people_exist(root);
  }

 private:
  void server(const YAML::Node& node) {
    config.server.port = 8080;
    if (!node) return;
    if (node["listen"]) listen(node["listen"]);
    if (node["tls"]) {
      config.server.certificate_file = path(node["tls"]["certificate"]);
      config.server.key_file = path(node["tls"]["key"]);
    }
    boost::system::error_code error;
    const bool loopback = boost::asio::ip::make_address(config.server.address, error).is_loopback();
    if (!loopback && !node["tls"]) complain(node, "server: listening on other than a loopback address needs tls");
    for (const auto& token : node["api_tokens"])
      config.api_tokens.push_back({text(token["name"]), secret(token["token"], kShortestToken)});
  }

  void listen(const YAML::Node& node) {
    const std::string value = text(node);
    const size_t colon = value.rfind(':');
    const auto port =
        colon == std::string::npos ? std::nullopt : text::parse_integer(std::string_view(value).substr(colon + 1));
    std::string address = colon == std::string::npos ? value : value.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    if (!port || *port < 0 || *port > 65535 || !is_ip(address)) {
      return complain(node, "server.listen: expected ADDRESS:PORT, such as 127.0.0.1:8080");
    }
    config.server.address = address;
    config.server.port = static_cast<uint16_t>(*port);
  }

  void store(const YAML::Node& node) {
    const std::string value = node ? text(node) : "sqlite:vedette.sqlite";
    if (!value.starts_with("sqlite:") || value.size() == 7) return complain(node, "store: expected sqlite:PATH");
    config.store_path = (folder() / value.substr(7)).lexically_normal().string();
  }

  void level(const YAML::Node& node) {
    const std::string value = text(node);
    config.log_level = value == "debug"     ? log::Level::debug
                       : value == "warning" ? log::Level::warning
                       : value == "error"   ? log::Level::error
                                            : log::Level::info;
  }

  void chat(const YAML::Node& node) {
    config.console.channels = {{"alerts", "alerts", "Every case, as it is investigated"}};
    if (!node) return;
    if (const auto console = node["console"]) {
      if (console["channel"])
        config.console.channels.front().id = config.console.channels.front().name = text(console["channel"]);
      auto& sign_in = config.console.sign_in;
      if (console["session_hours"]) sign_in.session_lifetime = std::chrono::hours(number(console["session_hours"]));
      for (const auto& entry : console["sign_in"])
        sign_in.tokens.push_back({text(entry["person"]), secret(entry["token"], kShortestToken)});
    }
    if (const auto slack = node["slack"]) config.slack = read_slack(*this, slack);
    if (const auto teams = node["teams"]) config.teams = read_teams(*this, teams);
  }

  intake::Auth auth(const YAML::Node& node) {
    const std::string type = text(node["type"]);
    const auto secrets = [&](const YAML::Node& list) {
      std::vector<Secret> values;
      for (const auto& entry : list) values.push_back(secret(entry));
      return values;
    };
    if (type == "hmac") {
      intake::HmacAuth hmac;
      hmac.keys = secrets(node["secrets"]);
      return hmac;
    }
    if (type == "bearer") {
      intake::BearerAuth bearer;
      bearer.tokens = secrets(node["tokens"]);
      return bearer;
    }
    if (type == "basic") {
      return intake::BasicAuth{text(node["user"]), secret(node["password"])};
    }
    return intake::NoAuth{};
  }

  void source(const YAML::Node& node) {
    intake::SourceConfig source;
    source.name = text(node["name"]);
    source.format = text(node["format"]);
    source.auth = auth(node["auth"]);
    if (node["per_minute"]) source.quota.per_minute = static_cast<int>(number(node["per_minute"]));
    if (node["mapping"]) source.mapping = mapping(node["mapping"]);
    config.sources.push_back(std::move(source));
    if (const auto status = intake::check(config.sources); !status) {
      complain(node, status.error().message);
      config.sources.pop_back();
    }
  }

  intake::Mapping mapping(const YAML::Node& node) {
    intake::Mapping mapping;
    const std::pair<const char*, std::string*> pointers[] = {{"records", &mapping.records},
                                                             {"title", &mapping.title},
                                                             {"description", &mapping.description},
                                                             {"time", &mapping.time},
                                                             {"severity", &mapping.severity},
                                                             {"rule", &mapping.rule},
                                                             {"rule_name", &mapping.rule_name},
                                                             {"category", &mapping.category},
                                                             {"techniques", &mapping.techniques},
                                                             {"id", &mapping.id},
                                                             {"link", &mapping.link}};
    for (const auto& [key, target] : pointers) *target = text(node[key]);
    for (const auto& entry : node["severity_values"]) {
      if (const auto severity = severity_from(text(entry.second)))
        mapping.severity_values[text::lower(entry.first.Scalar())] = *severity;
    }
    for (const auto& entry : node["entities"]) {
      if (const auto type = entity_type_from(text(entry["type"])))
        mapping.entities.push_back({*type, text(entry["pointer"])});
    }
    for (const auto& entry : node["fields"]) mapping.fields[entry.first.Scalar()] = text(entry.second);
    return mapping;
  }

  void event_source(const YAML::Node& node) {
    intake::EventSourceConfig source;
    source.dataset = text(node["dataset"]);
    source.auth = auth(node["auth"]);
    config.events.push_back(std::move(source));
    if (const auto status = intake::check(config.events); !status) {
      complain(node, status.error().message);
      config.events.pop_back();
    }
  }

  void route(const YAML::Node& node) {
    chat::Route route;
    route.platform = text(node["platform"]);
    route.channel = text(node["channel"]);
    route.source = text(node["source"]);
    if (node["at_least"]) route.at_least = severity_from(text(node["at_least"]));
    if (route.platform == "slack" && !config.slack) complain(node, "routes: a route to slack needs the section chat.slack");
    route.flat = route.platform == "teams" && !teams::is_channel(route.channel);
    if (route.platform == "teams" && !config.teams) complain(node, "routes: a route to teams needs the section chat.teams");
    const auto& channels = config.console.channels;
    const bool known =
        std::any_of(channels.begin(), channels.end(), [&](const auto& channel) { return channel.id == route.channel; });
    if (route.platform == "console" && !known) {
      complain(node,
               fmt::format("routes: the console has no channel '{}'; it has '{}'", route.channel, channels.front().id));
    }
    config.routes.push_back(std::move(route));
  }

  void investigation(const YAML::Node& node) {
    if (!node) return;
    if (node["concurrency"]) config.investigation.concurrency = static_cast<size_t>(number(node["concurrency"]));
    if (node["seconds"]) config.investigation.deadline = std::chrono::seconds(number(node["seconds"]));
    for (const auto& entry : node["known_good"]) {
      investigate::KnownGood known;
      known.kind = text(entry["kind"]);
      known.name = text(entry["name"]);
      known.entities = texts(entry["entities"]);
      for (const auto& [key, target] : {std::pair{"from", &known.from}, std::pair{"to", &known.to}}) {
        if (!entry[key]) continue;
        *target = parse_time(text(entry[key]));
        if (!*target) complain(entry[key], "expected a time such as 2026-11-24T03:00:00Z");
      }
      config.investigation.known_good.push_back(std::move(known));
    }
  }

  void action(const YAML::Node& node) {
    integrations::ActionConfig action;
    action.name = text(node["name"]);
    action.type = text(node["type"]);
    action.url = text(node["url"]);
    action.status_url = text(node["status_url"]);
    action.verbs = texts(node["verbs"]);
    action.secret = secret(node["secret"]);
    action.machine_id = text(node["machine_id"]);
    action.password = secret(node["password"]);
    action.bouncer_key = secret(node["bouncer_key"]);
    for (const auto& other : config.actions) {
      if (other.name == action.name) complain(node, fmt::format("actions: '{}' stands twice", action.name));
    }
    config.actions.push_back(std::move(action));
  }

  void policy(const YAML::Node& node) {
    if (!node) return;
    if (node["expiry_minutes"]) config.policy.expiry = std::chrono::minutes(number(node["expiry_minutes"]));
    if (node["longest_snooze_hours"]) {
      config.policy.longest_snooze = std::chrono::hours(number(node["longest_snooze_hours"]));
    }
    config.policy.protected_targets = texts(node["protected"]);
    for (const auto& entry : node["rules"]) {
      policy::ActionRule rule;
      rule.verb = text(entry["verb"]);
      if (entry["approvals"]) rule.approvals = static_cast<int>(number(entry["approvals"]));
      if (entry["approver_roles"]) rule.approver_roles = texts(entry["approver_roles"]);
      config.policy.rules.push_back(std::move(rule));
    }
    if (const auto valid = policy::validate(config.policy); !valid) complain(node, "policy: " + valid.error().message);
  }

  void person(const YAML::Node& node) {
    Person person;
    person.id = text(node["id"]);
    person.name = node["name"] ? text(node["name"]) : person.id;
    person.roles = texts(node["roles"]);
    person.identities.emplace_back("console", "", person.id);
    const auto add = [&person](std::optional<Identity> identity) {
      if (identity) person.identities.push_back(std::move(*identity));
    };
    if (node["slack"]) add(read_slack_identity(*this, node["slack"]));
    if (node["teams"]) add(read_teams_identity(*this, node["teams"], config.teams));
    for (const auto& other : config.people) {
      if (other.id == person.id) complain(node, fmt::format("people: '{}' stands twice", person.id));
      for (const auto& identity : person.identities) {
        if (std::find(other.identities.begin(), other.identities.end(), identity) != other.identities.end() &&
            other.id != person.id) {
          complain(node, "people: two people have the same identity");
        }
      }
    }
    config.people.push_back(std::move(person));
  }

  void people_exist(const YAML::Node& root) {
    const Directory directory(config.people);
    for (const auto& entry : config.console.sign_in.tokens) {
      if (directory.find(std::string_view(entry.person)) == nullptr) {
        complain(root["chat"]["console"]["sign_in"],
                 fmt::format("chat.console.sign_in: nobody under people has the id '{}'", entry.person));
      }
    }
  }
};

Error refusal(const std::string& name, std::vector<ConfigProblem> problems) {
  std::sort(problems.begin(), problems.end(), [](const auto& a, const auto& b) {
    return std::tie(a.line, a.column, a.message) < std::tie(b.line, b.column, b.message);
  });
  std::string message;
  for (const auto& problem : problems) {
    if (!message.empty()) message += '\n';
    message += fmt::format("{}:{}:{}: {}", name, problem.line, problem.column, problem.message);
  }
  return Error(Code::invalid_input, std::move(message));
}

}  // namespace

std::vector<chat::Route> routes_of(const Config& config) {
  if (!config.routes.empty()) return config.routes;
  std::vector<chat::Route> routes;
  for (const auto& channel : config.console.channels) {
    chat::Route route;
    route.platform = "console";
    route.channel = channel.id;
    routes.push_back(std::move(route));
  }
  if (config.slack) {
    chat::Route route;
    route.platform = "slack";
    route.channel = config.slack->channel;
    routes.push_back(std::move(route));
  }
  if (config.teams) {
    chat::Route route;
    route.platform = "teams";
    route.channel = config.teams->channel;
    route.flat = !teams::is_channel(route.channel);
    routes.push_back(std::move(route));
  }
  return routes;
}

Result<Config> parse_config(std::string_view yaml, const std::string& name, const std::string& folder) {
  YAML::Node root;
  try {
    root = YAML::Load(std::string(yaml));
  } catch (const YAML::ParserException& e) {
    return refusal(name, {{e.mark.line + 1, e.mark.column + 1, "not valid YAML: " + e.msg}});
  }
  if (!root || root.IsNull()) root = YAML::Node(YAML::NodeType::Map);
  if (auto problems = check_config(root, schema()); !problems.empty()) return refusal(name, std::move(problems));
  Decoder decoder(folder);
  decoder.decode(root);
  if (!decoder.problems.empty()) return refusal(name, std::move(decoder.problems));
  return std::move(decoder.config);
}

Result<Config> load_config(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error(Code::not_found, fmt::format("{}: cannot be read", path));
  std::ostringstream content;
  content << in.rdbuf();
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  return parse_config(content.str(), path, folder.string());
}

}  // namespace vedette::app

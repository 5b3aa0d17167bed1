#include "bot/app/config_chat.hpp"

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/net/url.hpp"
#include "integrations/teams/trust.hpp"

namespace vedette::app {
namespace {

constexpr const char* kSlackApi = "https://slack.com/api/";
constexpr const char* kRelayDomain = ".servicebus.windows.net";
constexpr const char* kGovernmentRelayDomain = ".servicebus.usgovcloudapi.net";

class TeamsSection {
 public:
  TeamsSection(ConfigReader& reader, const YAML::Node& node) : reader_(reader), node_(node) {}

  teams::TeamsOptions read() {
    who_we_are();
    credentials();
    addresses();
    way();
    options_.development_tokens = ConfigReader::is_true(node_["development_tokens"]);
    if (const auto sensitivity = node_["sensitivity"]) {
      options_.sensitivity.name = reader_.text(sensitivity["name"]);
      options_.sensitivity.description = reader_.text(sensitivity["description"]);
    }
    options_.channel = reader_.text(node_["channel"]);
    if (node_["pace_milliseconds"])
      options_.pace = std::chrono::milliseconds(ConfigReader::number(node_["pace_milliseconds"]));
    return std::move(options_);
  }

 private:
  bool is_listed(const net::Url& url) const {
    const auto& hosts = options_.cloud.trusted_hosts;
    return std::any_of(hosts.begin(), hosts.end(), [&](const auto& entry) { return teams::names_host(entry, url); });
  }

  void complain(const YAML::Node& node, const std::string& message) {
    reader_.complain(node, "chat.teams" + (message.starts_with('.') ? message : ": " + message));
  }

  // A GUID in lower case; empty, with a complaint, where it is none.
  std::string guid(const YAML::Node& node, const std::string& value, const std::string& key) {
    if (teams::is_guid(value)) return text::lower(value);
    complain(node, fmt::format(".{}: expected a GUID such as 00000000-0000-0000-0000-000000000000", key));
    return {};
  }

  std::string guid_or_variable(const char* key, const char* variable) {
    if (node_[key]) return guid(node_[key], reader_.text(node_[key]), key);
    const std::string value = environment(variable);
    if (!value.empty()) return guid(node_, value, fmt::format("{}: {}", key, variable));
    complain(node_, fmt::format(".{}: missing; write it here or set {}", key, variable));
    return {};
  }

  void who_we_are() {
    options_.app_id = guid_or_variable("app_id", "TEAMS_APP_ID");
    options_.tenant = guid_or_variable("tenant", "TEAMS_TENANT_ID");
    for (const auto& tenant : node_["allowed_tenants"])
      options_.allowed_tenants.push_back(guid(tenant, reader_.text(tenant), "allowed_tenants"));
  }

  void credentials() {
    auto& credentials = options_.credentials;
    const auto identity = node_["managed_identity"];
    credentials.managed_identity = identity && (identity.IsMap() || ConfigReader::is_true(identity));
    const int written =
        (node_["app_secret"] ? 1 : 0) + (node_["certificate"] ? 1 : 0) + (credentials.managed_identity ? 1 : 0);
    if (written > 1) complain(node_, "expected one of app_secret, certificate and managed_identity, not several");
    if (node_["app_secret"]) {
      credentials.secret = reader_.secret(node_["app_secret"]);
    } else if (written == 0) {
      credentials.secret = Secret(environment("TEAMS_APP_SECRET"));
      if (credentials.secret.empty()) {
        complain(node_,
                 ".app_secret: missing; write it here or set TEAMS_APP_SECRET, or write certificate or managed_identity");
      }
    }
    if (const auto certificate = node_["certificate"]) {
      credentials.certificate_file = reader_.path(certificate["certificate"]);
      credentials.key_file = reader_.path(certificate["key"]);
    }
    if (identity && identity.IsMap()) identity_endpoint(identity["endpoint"]);
  }

  // A machine in Azure asks its identity service by plain http, at an address that no router passes on.
  void identity_endpoint(const YAML::Node& node) {
    const std::string value = reader_.text(node);
    options_.credentials.identity_endpoint = value;
    const bool usable = net::parse_url(value) && (value.starts_with("http://") || value.starts_with("https://"));
    if (!usable && !value.starts_with("http://169.254."))
      complain(node, ".managed_identity.endpoint: expected https://…, or http://… on this machine or at 169.254.x.x");
  }

  // https, or plain http on this machine.
  void address(const char* key, std::string& target) {
    if (!node_[key]) return;
    target = reader_.text(node_[key]);
    const auto url = net::parse_url(target);
    if (!url || (url->scheme != "https" && url->scheme != "http"))
      complain(node_[key], fmt::format(".{}: expected https://…, or http://… on this machine", key));
  }

  void addresses() {
    auto& cloud = options_.cloud;
    if (reader_.text(node_["cloud"]) == "us_government") cloud = teams::us_government_cloud();
    address("login_url", cloud.login_url);
    address("openid_url", cloud.openid_url);
    address("service_url", cloud.service_url);
    address("socket_url", cloud.socket_url);
    if (node_["issuer"]) cloud.issuer = reader_.text(node_["issuer"]);
    if (node_["scope"]) cloud.scope = reader_.text(node_["scope"]);
    if (node_["trusted_hosts"]) cloud.trusted_hosts.clear();
    for (const auto& entry : node_["trusted_hosts"]) trusted_host(entry);
    const auto service = net::parse_url(cloud.service_url);
    if (service && !service->loopback() && !is_listed(*service))
      complain(node_["service_url"] ? node_["service_url"] : node_["trusted_hosts"],
               ".service_url: its host is not among trusted_hosts; our token would go there");
  }

  void trusted_host(const YAML::Node& entry) {
    std::string host = text::lower(reader_.text(entry));
    const std::string_view name = host.starts_with("*.") ? std::string_view(host).substr(2) : std::string_view(host);
    const bool plain =
        !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos;
    // "*.com" would be everybody's.
    const bool broad = host.starts_with("*.") && name.find('.') == std::string::npos;
    if (!plain || broad)
      return complain(entry, ".trusted_hosts: expected the name of a host, or *.DOMAIN.TLD for those below a domain");
    options_.cloud.trusted_hosts.push_back(std::move(host));
  }

  void way() {
    const std::string way = reader_.text(node_["way"]);
    options_.way = way == "relay" ? teams::Way::relay : way == "socket" ? teams::Way::socket : teams::Way::https;
    if (node_["relay"]) relay(node_["relay"]);
    if (options_.way == teams::Way::relay && !node_["relay"])
      complain(node_["way"], ".way: relay needs the section relay with namespace and connection");
    if (options_.way == teams::Way::socket && options_.cloud.socket_url.empty())
      complain(node_["way"], ".way: Microsoft offers socket in the public cloud alone; use relay or https here");
  }

  void relay(const YAML::Node& node) {
    auto& relay = options_.relay;
    relay.namespace_url = relay_address(node["namespace"]);
    relay.connection = reader_.text(node["connection"]);
    relay.key_name = reader_.text(node["key_name"]);
    relay.key = reader_.secret(node["key"]);
    if (relay.connection.find_first_of("?#% ") != std::string::npos)
      complain(node["connection"], ".relay.connection: expected the name of a hybrid connection, not an address");
    if (relay.key_name.empty() != relay.key.empty())
      complain(node, ".relay: expected key_name and key, or neither of them (then with the app's own token)");
  }

  // "contoso", "contoso.servicebus.windows.net", or the address as the portal shows it: sb:// or https://.
  std::string relay_address(const YAML::Node& node) {
    std::string value = reader_.text(node);
    if (value.starts_with("sb://")) value = "https://" + value.substr(5);
    if (value.find("://") == std::string::npos) {
      const bool government = reader_.text(node_["cloud"]) == "us_government";
      if (value.find('.') == std::string::npos) value += government ? kGovernmentRelayDomain : kRelayDomain;
      value = "https://" + value;
    }
    const auto url = net::parse_url(value);
    if (!url || (url->scheme != "https" && url->scheme != "http") || url->target != "/") {
      complain(node, ".relay.namespace: expected NAME.servicebus.windows.net");
      return {};
    }
    return url->scheme + "://" + url->authority();
  }

  ConfigReader& reader_;
  const YAML::Node& node_;
  teams::TeamsOptions options_;
};

}  // namespace

SlackConfig read_slack(ConfigReader& reader, const YAML::Node& node) {
  SlackConfig slack;
  const auto token = [&](const char* key, const char* variable, size_t shortest) {
    if (node[key]) return reader.secret(node[key], shortest);
    return reader.long_enough(node, environment(variable), shortest, std::string(variable) + ": ");
  };
  slack.options.app_token = token("app_token", "SLACK_APP_TOKEN", 0);
  slack.options.bot_token = token("bot_token", "SLACK_BOT_TOKEN", 0);
  slack.options.signing_secret = token("signing_secret", "SLACK_SIGNING_SECRET", kShortestToken);
  if (slack.options.bot_token.empty())
    reader.complain(node, "chat.slack.bot_token: missing; write it here or set SLACK_BOT_TOKEN");
  if (slack.options.app_token.empty() && slack.options.signing_secret.empty()) {
    reader.complain(
        node,
        "chat.slack.app_token: missing; write it here or set SLACK_APP_TOKEN, or, where Slack calls this server, "
        "signing_secret or SLACK_SIGNING_SECRET");
  }
  slack.options.api_url = node["api_url"] ? reader.text(node["api_url"]) : environment("SLACK_API_URL");
  if (slack.options.api_url.empty()) slack.options.api_url = kSlackApi;
  if (node["pace_milliseconds"])
    slack.options.pace = std::chrono::milliseconds(ConfigReader::number(node["pace_milliseconds"]));
  slack.options.classic_blocks = reader.text(node["blocks"]) == "classic";
  if (node["sockets"]) slack.options.sockets = static_cast<size_t>(ConfigReader::number(node["sockets"]));
  slack.channel = reader.text(node["channel"]);
  for (const auto& group : node["groups"]) {
    slack.options.groups.push_back({reader.text(group["id"]), reader.texts(group["roles"])});
    if (!slack.options.groups.back().id.starts_with('S'))
      reader.complain(group["id"], "chat.slack.groups: expected the id of a user group, such as S0123ABCD, not its name");
  }
  return slack;
}

teams::TeamsOptions read_teams(ConfigReader& reader, const YAML::Node& node) { return TeamsSection(reader, node).read(); }

std::optional<Identity> read_slack_identity(ConfigReader& reader, const YAML::Node& node) {
  const std::string id = reader.text(node);
  const size_t slash = id.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == id.size()) {
    reader.complain(node, "people: slack: expected TEAM/USER, such as T0123/U0456");
    return std::nullopt;
  }
  return Identity("slack", id.substr(0, slash), id.substr(slash + 1));
}

std::optional<Identity> read_teams_identity(ConfigReader& reader, const YAML::Node& node,
                                            const std::optional<teams::TeamsOptions>& teams) {
  const std::string id = text::lower(reader.text(node));
  const size_t slash = id.find('/');
  if (slash == std::string::npos || !teams::is_guid(id.substr(0, slash)) || !teams::is_guid(id.substr(slash + 1))) {
    reader.complain(node, "people: teams: expected TENANT/OBJECT, two GUIDs, as `whoami` tells them in Teams");
    return std::nullopt;
  }
  const std::string tenant = id.substr(0, slash);
  if (teams) {
    const auto& allowed = teams->allowed_tenants;
    const bool heard =
        allowed.empty() ? tenant == teams->tenant : std::find(allowed.begin(), allowed.end(), tenant) != allowed.end();
    if (!heard) reader.complain(node, "people: teams: nobody of this tenant is heard; chat.teams.allowed_tenants lacks it");
  }
  return Identity("teams", tenant, id.substr(slash + 1));
}

}  // namespace vedette::app

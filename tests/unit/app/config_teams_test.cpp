// The section chat.teams, routes to Teams and people's identities there.
#include <cstdlib>

#include <gtest/gtest.h>

#include "bot/app/config.hpp"
#include "tests/support/files.hpp"

namespace vedette::app {
namespace {

constexpr const char* kApp = "0e9c0e9c-1111-4222-8333-0123456789ab";
constexpr const char* kTenant = "72f988bf-0000-4111-9222-2d7cd011db47";
constexpr const char* kOther = "11111111-2222-4333-8444-555555555555";
constexpr const char* kAnn = "b13a5c2e-9e0a-4f0e-a2a4-3f0a4b9d2c11";
constexpr const char* kSection =
    "app_id: 0E9C0E9C-1111-4222-8333-0123456789AB, tenant: 72f988bf-0000-4111-9222-2d7cd011db47, channel: "
    "\"19:alerts@thread.tacv2\"";

class ConfigTeamsTest : public testing::Test {
 protected:
  ConfigTeamsTest() { unset(); }
  ~ConfigTeamsTest() override { unset(); }
  static void unset() {
    for (const char* name : {"TEAMS_APP_ID", "TEAMS_APP_SECRET", "TEAMS_TENANT_ID"}) unsetenv(name);
  }
  Result<Config> parse(const std::string& yaml) { return parse_config(yaml, "vedette.yaml", folder_.path().string()); }
  // chat.teams with app_id, tenant, channel and what else is given.
  Result<Config> teams(const std::string& more) {
    return parse(std::string("chat: {teams: {") + kSection + (more.empty() ? "" : ", " + more) + "}}");
  }
  void refused(const std::string& more, const std::string& message) {
    const auto config = teams(more);
    ASSERT_FALSE(config) << more;
    EXPECT_NE(config.error().message.find(message), std::string::npos)
        << more << "\n  said: " << config.error().message << "\n  not: " << message;
  }
  test::TempDir folder_;
};

TEST_F(ConfigTeamsTest, the_environment_tells_who_we_are) {
  setenv("TEAMS_APP_ID", "0E9C0E9C-1111-4222-8333-0123456789AB", 1);
  setenv("TEAMS_TENANT_ID", kTenant, 1);
  setenv("TEAMS_APP_SECRET", "secret-of-the-environment", 1);
  const auto config = parse("chat: {teams: {channel: \"19:alerts@thread.tacv2\"}}");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_TRUE(config->teams);
  EXPECT_EQ(config->teams->app_id, kApp);
  EXPECT_EQ(config->teams->tenant, kTenant);
  EXPECT_EQ(config->teams->credentials.secret.reveal(), "secret-of-the-environment");
  EXPECT_EQ(config->teams->way, teams::Way::https);
  EXPECT_TRUE(config->teams->allowed_tenants.empty());
  EXPECT_FALSE(config->teams->development_tokens);
  EXPECT_EQ(config->teams->cloud.login_url, "https://login.microsoftonline.com/");
  const auto routes = routes_of(*config);
  ASSERT_EQ(routes.size(), 2u);
  EXPECT_EQ(routes[1].platform, "teams");
  EXPECT_EQ(routes[1].channel, "19:alerts@thread.tacv2");
}

TEST_F(ConfigTeamsTest, reads_every_key) {
  const auto config = teams(
      "app_secret: a-client-secret, way: relay, allowed_tenants: [72F988BF-0000-4111-9222-2D7CD011DB47], "
      "development_tokens: true, "
      "relay: {namespace: \"sb://contoso.servicebus.windows.net/\", connection: vedette, key_name: listen, key: "
      "a-relay-key}, "
      "sensitivity: {name: Confidential, description: For the SOC}, login_url: \"http://127.0.0.1:1/\", "
      "openid_url: \"http://127.0.0.1:1/keys\", service_url: \"http://127.0.0.1:2/teams/\", socket_url: "
      "\"http://127.0.0.1:3/\", "
      "issuer: \"https://issuer.example\", scope: \"https://scope.example/.default\", trusted_hosts: [proxy.example, "
      "\"*.Teams.example\"]");
  ASSERT_TRUE(config) << config.error().message;
  const auto& options = *config->teams;
  EXPECT_EQ(options.allowed_tenants, std::vector<std::string>{kTenant});
  EXPECT_TRUE(options.development_tokens);
  EXPECT_EQ(options.way, teams::Way::relay);
  EXPECT_EQ(options.relay.namespace_url, "https://contoso.servicebus.windows.net");
  EXPECT_EQ(options.relay.connection, "vedette");
  EXPECT_EQ(options.relay.key_name, "listen");
  EXPECT_EQ(options.relay.key.reveal(), "a-relay-key");
  EXPECT_EQ(options.sensitivity.name, "Confidential");
  EXPECT_EQ(options.sensitivity.description, "For the SOC");
  EXPECT_EQ(options.cloud.login_url, "http://127.0.0.1:1/");
  EXPECT_EQ(options.cloud.openid_url, "http://127.0.0.1:1/keys");
  EXPECT_EQ(options.cloud.service_url, "http://127.0.0.1:2/teams/");
  EXPECT_EQ(options.cloud.socket_url, "http://127.0.0.1:3/");
  EXPECT_EQ(options.cloud.issuer, "https://issuer.example");
  EXPECT_EQ(options.cloud.scope, "https://scope.example/.default");
  EXPECT_EQ(options.cloud.trusted_hosts, (std::vector<std::string>{"proxy.example", "*.teams.example"}));
}

TEST_F(ConfigTeamsTest, one_kind_of_credentials) {
  const auto certificate = teams("certificate: {certificate: app.pem, key: /etc/app.key}");
  ASSERT_TRUE(certificate) << certificate.error().message;
  EXPECT_EQ(certificate->teams->credentials.certificate_file, folder_.file("app.pem"));
  EXPECT_EQ(certificate->teams->credentials.key_file, "/etc/app.key");
  const auto identity = teams("managed_identity: true");
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_TRUE(identity->teams->credentials.managed_identity);
  const auto elsewhere = teams("managed_identity: {endpoint: \"http://169.254.169.254/metadata/identity/oauth2/token\"}");
  ASSERT_TRUE(elsewhere) << elsewhere.error().message;
  EXPECT_TRUE(elsewhere->teams->credentials.managed_identity);
  EXPECT_EQ(elsewhere->teams->credentials.identity_endpoint, "http://169.254.169.254/metadata/identity/oauth2/token");
  // What is written wins: the variable is then not looked at.
  setenv("TEAMS_APP_SECRET", "secret-of-the-environment", 1);
  EXPECT_TRUE(teams("managed_identity: true")->teams->credentials.secret.empty());
  unset();
  refused("", "vedette.yaml:1:15: chat.teams.app_secret: missing; write it here or set TEAMS_APP_SECRET");
  refused("managed_identity: false", "chat.teams.app_secret: missing");
  refused("app_secret: a-client-secret, managed_identity: true",
          "expected one of app_secret, certificate and managed_identity");
  refused("managed_identity: maybe", "chat.teams.managed_identity: expected true or false");
  refused("managed_identity: {endpont: x}", "did you mean 'endpoint'?");
  refused("managed_identity: {endpoint: \"http://example.com/token\"}", "expected https://…, or http://… on this machine");
}

TEST_F(ConfigTeamsTest, a_government_has_addresses_of_its_own) {
  const auto config = teams("app_secret: a-client-secret, cloud: us_government");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->teams->cloud.login_url, "https://login.microsoftonline.us/");
  refused("app_secret: a-client-secret, cloud: us_government, way: socket", "offers socket in the public cloud alone");
}

TEST_F(ConfigTeamsTest, a_short_name_of_a_namespace_will_do) {
  const auto config = teams("app_secret: a-client-secret, way: relay, relay: {namespace: Contoso, connection: vedette}");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->teams->relay.namespace_url, "https://contoso.servicebus.windows.net");
  EXPECT_TRUE(config->teams->relay.key.empty());
  const auto government = teams(
      "app_secret: a-client-secret, cloud: us_government, way: relay, relay: {namespace: contoso, connection: soc/vedette}");
  ASSERT_TRUE(government) << government.error().message;
  EXPECT_EQ(government->teams->relay.namespace_url, "https://contoso.servicebus.usgovcloudapi.net");
}

TEST_F(ConfigTeamsTest, problems_are_placed_and_explained) {
  const std::string secret = "app_secret: hunter2-hunter2, ";
  refused(secret + "way: relay", "chat.teams.way: relay needs the section relay");
  refused(secret + "way: carrier_pigeon", "chat.teams.way: expected one of: https, relay, socket");
  refused(secret + "way: relay, relay: {namespace: contoso, connection: vedette, key_name: listen}",
          "chat.teams.relay: expected key_name and key, or neither");
  refused(secret + "relay: {namespace: \"ftp://x\", connection: vedette}", "chat.teams.relay.namespace: expected NAME");
  refused(secret + "relay: {namespace: \"https://x.example/vedette\", connection: vedette}", "chat.teams.relay.namespace");
  refused(secret + "relay: {namespace: contoso, connection: \"vedette?x=1\"}", "chat.teams.relay.connection");
  refused(secret + "allowed_tenants: [contoso.onmicrosoft.com]", "chat.teams.allowed_tenants: expected a GUID");
  refused(secret + "login_url: \"http://login.example/\"",
          "chat.teams.login_url: expected https://…, or http://… on this machine");
  refused(secret + "openid_url: \"ws://127.0.0.1/\"", "chat.teams.openid_url: expected https://");
  refused(secret + "service_url: \"https://proxy.example/teams/\"",
          "chat.teams.service_url: its host is not among trusted_hosts");
  refused(secret + "trusted_hosts: [proxy.example]", "chat.teams.service_url: its host is not among trusted_hosts");
  refused(secret + "trusted_hosts: [\"*.com\"]", "chat.teams.trusted_hosts: expected the name of a host");
  refused(secret + "trusted_hosts: [\"*\"]", "chat.teams.trusted_hosts: expected the name of a host");
  refused(secret + "trusted_hosts: [\"https://x.example\"]", "chat.teams.trusted_hosts: expected the name of a host");
  EXPECT_TRUE(teams(secret + "service_url: \"https://proxy.example/teams/\", trusted_hosts: [\"*.example\", proxy.example]")
                  .error()
                  .message.find("trusted_hosts: expected") != std::string::npos);
  EXPECT_TRUE(teams(secret + "service_url: \"https://proxy.example/teams/\", trusted_hosts: [proxy.example]"));
  const auto nobody = parse("chat:\n  teams: {channel: c, app_secret: hunter2-hunter2, tenant: hunter2}");
  ASSERT_FALSE(nobody);
  EXPECT_NE(nobody.error().message.find("vedette.yaml:2:10: chat.teams.app_id: missing; write it here or set TEAMS_APP_ID"),
            std::string::npos)
      << nobody.error().message;
  EXPECT_NE(nobody.error().message.find("vedette.yaml:2:60: chat.teams.tenant: expected a GUID"), std::string::npos)
      << nobody.error().message;
  EXPECT_EQ(nobody.error().message.find("hunter2"), std::string::npos);
  setenv("TEAMS_APP_ID", "hunter2", 1);
  const auto wrong = parse("chat: {teams: {channel: c, app_secret: hunter2-hunter2, tenant: hunter2}}");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("chat.teams.app_id: TEAMS_APP_ID: expected a GUID"), std::string::npos);
  EXPECT_EQ(wrong.error().message.find("hunter2"), std::string::npos);
}

TEST_F(ConfigTeamsTest, people_and_routes) {
  const std::string section = std::string("chat: {teams: {") + kSection + ", managed_identity: true}}\n";
  const std::string person = "people: [{id: ann, roles: [analyst], slack: T1/U1, teams: ";
  const auto known =
      parse(section + person + "72F988BF-0000-4111-9222-2D7CD011DB47/B13A5C2E-9E0A-4F0E-A2A4-3F0A4B9D2C11}]\n" +
            "routes: [{platform: teams, channel: \"19:x@thread.tacv2\", at_least: high}]");
  ASSERT_TRUE(known) << known.error().message;
  const Directory directory(known->people);
  ASSERT_NE(directory.find(Identity("teams", kTenant, kAnn)), nullptr);
  EXPECT_EQ(directory.find(Identity("teams", kTenant, kAnn)), directory.find(Identity("slack", "T1", "U1")));
  EXPECT_EQ(routes_of(*known).at(0).platform, "teams");

  const auto said = [&](const std::string& yaml) {
    const auto config = parse(yaml);
    return config ? std::string("nothing") : config.error().message;
  };
  EXPECT_NE(said(section + person + "ann@contoso.com}]").find("people: teams: expected TENANT/OBJECT"), std::string::npos);
  EXPECT_NE(said(section + person + kAnn + "}]").find("people: teams: expected TENANT/OBJECT"), std::string::npos);
  EXPECT_NE(said(section + person + kOther + "/" + kAnn + "}]").find("nobody of this tenant is heard"), std::string::npos);
  EXPECT_NE(said("routes: [{platform: teams, channel: c}]").find("a route to teams needs the section chat.teams"),
            std::string::npos);
  const std::string twice = std::string(kTenant) + "/" + kAnn;
  EXPECT_NE(said(section + person + twice + "}, {id: ben, roles: [], teams: " + twice + "}]")
                .find("two people have the same identity"),
            std::string::npos);
}

}  // namespace
}  // namespace vedette::app

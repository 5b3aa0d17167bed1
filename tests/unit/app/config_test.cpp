#include "bot/app/config.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/support/files.hpp"

namespace vedette::app {
namespace {

constexpr const char* kGood = R"(
server:
  listen: 127.0.0.1:9000
  api_tokens:
    - {name: dashboards, token: "${env:TEST_API_TOKEN}"}
store: sqlite:data/vedette.sqlite
log: {level: warning}
chat:
  console:
    channel: soc
    sign_in: [{person: ann, token: "${file:ann.token}"}]
  slack: {app_token: xapp-1-test-token, bot_token: xoxb-1-test-token, channel: C0123, sockets: 3, groups: [{id: S0123, roles: [approver]}]}
sources:
  - {name: wazuh, format: wazuh, auth: {type: hmac, secrets: [first-secret-0123456789, second-secret-012345678]}}
  - name: scanner
    format: mapped
    auth: {type: basic, user: scanner, password: scanner-password}
    per_minute: 60
    mapping:
      title: /name
      severity: /risk
      severity_values: {"5": critical}
      entities: [{type: host, pointer: /asset}]
events:
  - {dataset: windows, auth: {type: bearer, tokens: [windows-token-0123456789]}}
join: {window_minutes: 30}
routes:
  - {platform: slack, channel: C0123, at_least: high}
  - {platform: console, channel: soc}
investigation:
  seconds: 30
  known_good: [{kind: scanner, name: Scanner, entities: ["ip:10.0.9.5"], to: "2027-01-01T00:00:00Z"}]
actions:
  - {name: edge, type: simulated}
policy:
  expiry_minutes: 15
  protected: ["host:dc*"]
  rules: [{verb: isolate_host, approvals: 2}]
people:
  - {id: ann, name: Ann, roles: [analyst], slack: T1/U1}
  - {id: ben, roles: [approver]}
)";

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    setenv("SHORT", "abc", 1);
    setenv("TEST_API_TOKEN", "api-token-0123456789", 1);
    test::write_file(folder_.file("ann.token"), "ann-token-0123456789\n");
  }
  Result<Config> parse(const std::string& yaml) { return parse_config(yaml, "vedette.yaml", folder_.path().string()); }
  test::TempDir folder_;
};

TEST_F(ConfigTest, reads_every_section) {
  const auto config = parse(kGood);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->server.port, 9000);
  EXPECT_EQ(config->api_tokens.at(0).token.reveal(), "api-token-0123456789");
  EXPECT_EQ(config->store_path, folder_.file("data/vedette.sqlite"));
  EXPECT_EQ(config->console.sign_in.tokens.at(0).token.reveal(), "ann-token-0123456789");
  EXPECT_EQ(config->console.channels.at(0).id, "soc");
  ASSERT_TRUE(config->slack);
  EXPECT_EQ(config->slack->options.sockets, 3u);
  ASSERT_EQ(config->slack->options.groups.size(), 1u);
  EXPECT_EQ(config->slack->options.groups[0].id, "S0123");
  EXPECT_EQ(config->slack->options.groups[0].roles, std::vector<std::string>{"approver"});
  EXPECT_EQ(std::get<intake::HmacAuth>(config->sources.at(0).auth).keys.size(), 2u);
  EXPECT_EQ(config->sources.at(1).mapping.severity_values.at("5"), Severity::critical);
  EXPECT_EQ(config->sources.at(1).quota.per_minute, 60);
  EXPECT_EQ(config->events.at(0).dataset, "windows");
  EXPECT_EQ(config->join_window, std::chrono::minutes(30));
  EXPECT_EQ(routes_of(*config).size(), 2u);
  EXPECT_EQ(routes_of(*config).at(0).at_least, Severity::high);
  EXPECT_EQ(config->investigation.deadline, std::chrono::seconds(30));
  EXPECT_TRUE(config->investigation.known_good.at(0).to);
  EXPECT_EQ(config->policy.rules.at(0).approvals, 2);
  EXPECT_EQ(config->policy.expiry, std::chrono::minutes(15));
  const Directory directory(config->people);
  EXPECT_EQ(directory.find(Identity("slack", "T1", "U1"))->id, "ann");
  EXPECT_EQ(directory.find(Identity("console", "", "ben"))->id, "ben");
}

TEST_F(ConfigTest, an_empty_file_is_a_configuration) {
  const auto config = parse("");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->server.address, "127.0.0.1");
  EXPECT_EQ(routes_of(*config).at(0).platform, "console");
}

TEST_F(ConfigTest, slack_tokens_come_from_the_environment_by_default) {
  setenv("SLACK_APP_TOKEN", "xapp-from-environment", 1);
  setenv("SLACK_BOT_TOKEN", "xoxb-from-environment", 1);
  setenv("SLACK_API_URL", "http://127.0.0.1:9/api/", 1);
  const auto config = parse("chat: {slack: {channel: C1}}");
  unsetenv("SLACK_APP_TOKEN");
  unsetenv("SLACK_BOT_TOKEN");
  unsetenv("SLACK_API_URL");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->slack->options.bot_token.reveal(), "xoxb-from-environment");
  EXPECT_EQ(config->slack->options.api_url, "http://127.0.0.1:9/api/");
  EXPECT_EQ(routes_of(*config).size(), 2u);
}

TEST_F(ConfigTest, classic_blocks_are_an_exception) {
  const std::string tokens = "bot_token: xoxb-1-test-token, app_token: xapp-1-test-token";
  const auto usual = parse("chat: {slack: {channel: C1, " + tokens + "}}");
  ASSERT_TRUE(usual) << usual.error().message;
  EXPECT_FALSE(usual->slack->options.classic_blocks);
  const auto classic = parse("chat: {slack: {channel: C1, blocks: classic, " + tokens + "}}");
  ASSERT_TRUE(classic) << classic.error().message;
  EXPECT_TRUE(classic->slack->options.classic_blocks);
  EXPECT_FALSE(parse("chat: {slack: {channel: C1, blocks: newest, " + tokens + "}}"));
}

// Slack reaches us by sockets, by requests or by both; each has its own secret.
TEST_F(ConfigTest, slack_needs_one_way_in) {
  const auto requests =
      parse("chat: {slack: {channel: C1, bot_token: xoxb-1-test-token, signing_secret: 0123456789abcdef}}");
  ASSERT_TRUE(requests) << requests.error().message;
  EXPECT_EQ(requests->slack->options.signing_secret.reveal(), "0123456789abcdef");
  EXPECT_TRUE(requests->slack->options.app_token.empty());
  setenv("SLACK_SIGNING_SECRET", "signing-secret-of-the-environment", 1);
  const auto both = parse("chat: {slack: {channel: C1, bot_token: xoxb-1-test-token, app_token: xapp-1-test-token}}");
  unsetenv("SLACK_SIGNING_SECRET");
  ASSERT_TRUE(both) << both.error().message;
  EXPECT_EQ(both->slack->options.signing_secret.reveal(), "signing-secret-of-the-environment");
  EXPECT_FALSE(both->slack->options.app_token.empty());
  const auto neither = parse("chat: {slack: {channel: C1, bot_token: xoxb-1-test-token}}");
  ASSERT_FALSE(neither);
  EXPECT_NE(neither.error().message.find("signing_secret or SLACK_SIGNING_SECRET"), std::string::npos);
  EXPECT_FALSE(parse("chat: {slack: {channel: C1, bot_token: xoxb-1-test-token, signing_secret: short}}"));
  setenv("SLACK_SIGNING_SECRET", "short", 1);
  const auto short_one = parse("chat: {slack: {channel: C1, bot_token: xoxb-1-test-token}}");
  unsetenv("SLACK_SIGNING_SECRET");
  ASSERT_FALSE(short_one);
  EXPECT_NE(short_one.error().message.find("SLACK_SIGNING_SECRET: expected a secret of at least 16 characters"),
            std::string::npos)
      << short_one.error().message;
}

TEST_F(ConfigTest, problems_are_placed_and_explained) {
  const struct {
    const char* yaml;
    const char* message;
  } cases[] = {
      {"server:\n  lisen: 127.0.0.1:1", "vedette.yaml:2:3: server: unknown key 'lisen'; did you mean 'listen'?"},
      {"server: [1]", "vedette.yaml:1:9: server: expected a mapping, found a list"},
      {"sources: wazuh", "vedette.yaml:1:10: sources: expected a list, found a single value"},
      {"join: {window_minutes: soon}", "vedette.yaml:1:24: join.window_minutes: expected a whole number"},
      {"join:\n  window_minutes: 0", "vedette.yaml:2:19: join.window_minutes: expected a number from 1 to 10080, found 0"},
      {"log: {level: loud}", "vedette.yaml:1:14: log.level: expected one of: debug, info, warning, error"},
      {"sources:\n  - {name: a, format: wazuh}", "vedette.yaml:2:5: sources[0]: the key 'auth' is missing"},
      {"sources:\n  - {name: a, format: wazuh, auth: {type: bearer}}",
       "vedette.yaml:2:5: source \"a\" needs one or two tokens"},
      {"sources:\n  - {name: a, format: wazuh, auth: {type: bearer, tokens: [short]}}", "expected at least 16 characters"},
      {"store: postgres", "vedette.yaml:1:8: store: expected sqlite:PATH"},
      {"server: {listen: localhost}", "vedette.yaml:1:18: server.listen: expected ADDRESS:PORT"},
      {"server: {listen: 1.2.3.4:99999}", "server.listen: expected ADDRESS:PORT"},
      {"chat: {slack: {channel: C1}}", "chat.slack.app_token: missing; write it here or set SLACK_APP_TOKEN"},
      {"people: [{id: ann, roles: []}, {id: ann, roles: []}]", "people: 'ann' stands twice"},
      {"people: [{id: ann, roles: [], slack: ann}]", "people: slack: expected TEAM/USER"},
      {"chat: {console: {sign_in: [{person: eve, token: token-0123456789abc}]}}", "nobody under people has the id 'eve'"},
      {"routes: [{platform: slack, channel: C1}]", "a route to slack needs the section chat.slack"},
      {"log: {level: info, level: error}", "log.level: stands twice"},
      {"server: {listen: \"${env:NO_SUCH_VARIABLE}\"}", "the environment variable NO_SUCH_VARIABLE is not set"},
      {"server: {listen: \"${file:no-such-file}\"}", "the file no-such-file cannot be read"},
      {"server: {listen: 0.0.0.0:80}", "server: listening on other than a loopback address needs tls"},
      {"server: {api_tokens: [{name: a, token: \"${env:SHORT}\"}]}", "expected a secret of at least 16 characters"},
      {"policy: {protected: [dc01*x]}", "policy: "},
      {"policy: {rules: [{verb: block_ip, approver_roles: []}]}", "policy: "},
      {"routes: [{platform: console, channel: nowhere}]", "the console has no channel 'nowhere'; it has 'alerts'"},
      {"actions: [{name: a, type: simulated}, {name: a, type: simulated}]", "actions: 'a' stands twice"},
      {"store: [", "vedette.yaml:1:1: not valid YAML"},
  };
  for (const auto& [yaml, message] : cases) {
    const auto config = parse(yaml);
    ASSERT_FALSE(config) << yaml;
    EXPECT_EQ(config.error().code, Code::invalid_input);
    EXPECT_NE(config.error().message.find(message), std::string::npos)
        << yaml << "\n  said: " << config.error().message << "\n  not: " << message;
  }
}

TEST_F(ConfigTest, the_shipped_example_is_right) {
  const std::string yaml = test::read_file(std::string(VEDETTE_SOURCE_DIR) + "/config/example.yaml");
  // Whatever it takes from the environment is there.
  size_t variables = 0;
  for (size_t at = yaml.find("${env:"); at != std::string::npos; at = yaml.find("${env:", at + 1)) {
    const size_t begin = at + 6;
    setenv(yaml.substr(begin, yaml.find('}', begin) - begin).c_str(), "a-secret-of-some-length-0123456789", 1);
    ++variables;
  }
  const auto config = parse(yaml);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_GT(variables, 5u);
  EXPECT_EQ(config->sources.size(), 8u);
  EXPECT_TRUE(config->slack);
  EXPECT_TRUE(config->teams);
}

TEST_F(ConfigTest, messages_never_hold_a_value) {
  const auto config =
      parse("chat: {slack: {channel: C1, app_token: [hunter2-hunter2], bot_token: xoxb-hunter2-hunter2, sockets: hunter2}}");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message.find("hunter2"), std::string::npos) << config.error().message;
}

TEST_F(ConfigTest, all_problems_are_told_at_once) {
  const auto config = parse("store: x\nlog: {level: loud}\njoin: {window_minutes: x}");
  ASSERT_FALSE(config);
  EXPECT_EQ(std::count(config.error().message.begin(), config.error().message.end(), '\n'), 1) << config.error().message;
}

}  // namespace
}  // namespace vedette::app

// The app manifest: within Slack's limits, of known keys only, and with what its parts need of each other.

#include "integrations/slack/manifest.hpp"

#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bot/base/text.hpp"
#include "tests/support/files.hpp"

namespace vedette::slack {
namespace {

using nlohmann::json;

json made(const std::string& url = "") {
  ManifestOptions options;
  options.request_url = url;
  const auto text = manifest(options);
  EXPECT_TRUE(text) << text.error().message;
  return text ? json::parse(*text) : json();
}

size_t length(const json& value) { return text::characters(value.get<std::string>()); }

// The limits of docs.slack.dev/reference/app-manifest.
void within_limits(const json& manifest) {
  const json& display = manifest["display_information"];
  EXPECT_LE(length(display["name"]), 35u);
  EXPECT_LE(length(display["description"]), 140u);
  EXPECT_GE(length(display["long_description"]), 175u);
  EXPECT_LE(length(display["long_description"]), 4000u);
  const std::string color = display["background_color"];
  EXPECT_TRUE(color.size() == 7 && color[0] == '#' && color.find_first_not_of("0123456789abcdef", 1) == std::string::npos);
  EXPECT_LE(length(manifest["features"]["bot_user"]["display_name"]), 80u);
  for (const auto& command : manifest["features"]["slash_commands"]) {
    EXPECT_TRUE(command["command"].get<std::string>().starts_with("/"));
    EXPECT_LE(length(command["command"]), 32u);
    EXPECT_LE(length(command["description"]), 2000u);
    EXPECT_LE(length(command["usage_hint"]), 1000u);
  }
  EXPECT_LE(manifest["features"]["shortcuts"].size(), 10u);
  for (const auto& shortcut : manifest["features"]["shortcuts"]) {
    EXPECT_LE(length(shortcut["name"]), 24u);
    EXPECT_LE(length(shortcut["callback_id"]), 255u);
    EXPECT_LE(length(shortcut["description"]), 150u);
    EXPECT_TRUE(shortcut["type"] == "message" || shortcut["type"] == "global");
  }
  EXPECT_LE(manifest["settings"]["event_subscriptions"]["bot_events"].size(), 100u);
  EXPECT_LE(manifest["oauth_config"]["scopes"]["bot"].size(), 255u);
}

// Every path of a key, list elements as "[]".
void paths_of(const json& node, const std::string& path, std::set<std::string>& paths) {
  if (node.is_object()) {
    for (const auto& [name, child] : node.items()) {
      paths.insert(path + "/" + name);
      paths_of(child, path + "/" + name, paths);
    }
  } else if (node.is_array()) {
    for (const auto& child : node) paths_of(child, path + "/[]", paths);
  }
}

TEST(SlackManifest, keeps_slacks_limits) {
  within_limits(made());
  within_limits(made("https://vedette.example"));
}

// The draft passes Slack's published schema; our keys are among its keys, and few beside them.
TEST(SlackManifest, has_only_keys_that_slack_knows) {
  if (!test::corpus()) GTEST_SKIP() << test::kNoCorpus;
  const json draft = json::parse(test::read_file(*test::corpus() / "slack" / "manifest.draft.json"));
  std::set<std::string> known = {"/display_information/long_description", "/features/slash_commands/[]/url",
                                 "/settings/event_subscriptions/request_url", "/settings/interactivity/request_url"};
  paths_of(draft, "", known);
  std::set<std::string> ours;
  paths_of(made("https://vedette.example"), "", ours);
  for (const auto& path : ours) EXPECT_TRUE(known.contains(path)) << path;
  const auto among = [&](const char* pointer) {
    const json wanted = draft.at(json::json_pointer(pointer));
    const json all = made().at(json::json_pointer(pointer));
    for (const auto& one : all) EXPECT_NE(std::find(wanted.begin(), wanted.end(), one), wanted.end()) << one;
  };
  among("/oauth_config/scopes/bot");
  among("/settings/event_subscriptions/bot_events");
}

TEST(SlackManifest, has_what_the_program_uses) {
  const json manifest = made();
  const json& scopes = manifest["oauth_config"]["scopes"]["bot"];
  const json& events = manifest["settings"]["event_subscriptions"]["bot_events"];
  const auto has = [](const json& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  for (const char* scope : {"app_mentions:read", "channels:history", "channels:read", "chat:write", "commands",
                            "files:write", "groups:history", "groups:read", "im:history", "im:write",
                            "metadata.message:read", "reactions:read", "usergroups:read", "users:read"}) {
    EXPECT_TRUE(has(scopes, scope)) << scope;
  }
  EXPECT_EQ(scopes.size(), needed_scopes().size());
  for (const char* event : {"app_home_opened", "app_mention", "message.channels", "message.groups", "message.im",
                            "reaction_added", "reaction_removed"}) {
    EXPECT_TRUE(has(events, event)) << event;
  }
  for (const auto& event : needed_events()) {
    if (!event.scope.empty()) EXPECT_TRUE(has(scopes, event.scope)) << event.name;
  }
  EXPECT_EQ(manifest["features"]["shortcuts"][0]["callback_id"], "investigate_message");
  EXPECT_EQ(manifest["features"]["shortcuts"][1]["callback_id"], "investigate_text");
  EXPECT_TRUE(manifest["features"]["app_home"]["home_tab_enabled"].get<bool>());
  EXPECT_TRUE(manifest["settings"]["interactivity"]["is_enabled"].get<bool>());
}

TEST(SlackManifest, socket_mode_or_requests) {
  const json sockets = made();
  EXPECT_TRUE(sockets["settings"]["socket_mode_enabled"].get<bool>());
  EXPECT_EQ(sockets.dump().find("url"), std::string::npos);
  for (const char* url : {"https://vedette.example", "https://vedette.example/"}) {
    const json requests = made(url);
    EXPECT_FALSE(requests["settings"]["socket_mode_enabled"].get<bool>());
    EXPECT_EQ(requests["settings"]["event_subscriptions"]["request_url"], "https://vedette.example/slack/events");
    EXPECT_EQ(requests["settings"]["interactivity"]["request_url"], "https://vedette.example/slack/interactions");
    EXPECT_EQ(requests["features"]["slash_commands"][0]["url"], "https://vedette.example/slack/commands");
  }
  EXPECT_EQ(made("https://proxy.example:8443/soc")["features"]["slash_commands"][0]["url"],
            "https://proxy.example:8443/soc/slack/commands");
  for (const char* wrong : {"http://vedette.example", "http://127.0.0.1:8080", "https://127.0.0.1", "vedette.example",
                            "https://vedette.example/?a=b", "https://user@vedette.example"}) {
    ManifestOptions options;
    options.request_url = wrong;
    const auto refused = manifest(options);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, Code::invalid_input);
  }
}

// The file that ships is what the program prints.
TEST(SlackManifest, the_shipped_file_is_up_to_date) {
  const std::string path = std::string(VEDETTE_SOURCE_DIR) + "/config/slack_manifest.json";
  const auto printed = manifest({});
  ASSERT_TRUE(printed);
  if (std::getenv("UPDATE_GOLDEN") != nullptr) test::write_file(path, *printed + "\n");
  EXPECT_EQ(test::read_file(path), *printed + "\n") << "vedette manifest slack > config/slack_manifest.json";
}

// Whoever installs it can read what each right is for.
TEST(SlackManifest, every_scope_is_explained_to_people) {
  const std::string page = test::read_file(std::string(VEDETTE_SOURCE_DIR) + "/docs/slack.md");
  for (const auto& scope : needed_scopes()) {
    EXPECT_NE(page.find("`" + std::string(scope.name) + "`"), std::string::npos) << scope.name;
  }
}

}  // namespace
}  // namespace vedette::slack

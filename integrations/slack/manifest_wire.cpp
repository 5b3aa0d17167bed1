#include <nlohmann/json.hpp>

#include "bot/net/url.hpp"
#include "integrations/slack/manifest.hpp"

namespace vedette::slack {
namespace {

using json = nlohmann::ordered_json;

constexpr const char* kName = "Vedette";
constexpr const char* kDescription = "Investigates security alerts, shows the evidence and carries out what people approve.";
constexpr const char* kLongDescription =
    "Vedette is a security analyst in chat. Every alert is investigated within moments; the verdict, its reasons and the "
    "evidence stand on one card, edited in place, with the details in its thread. People ask, decide and approve right "
    "there: an action runs only after a second, entitled person has approved exactly what will run, and everything is "
    "recorded. It runs in your own network and speaks only to the systems you connect.";

json slash_command(const std::string& base) {
  json command = {{"command", "/soc"},
                  {"description", "Ask the SOC analyst"},
                  {"usage_hint", "help | list open | why C-12 | ack C-12"},
                  {"should_escape", true}};
  if (!base.empty()) command["url"] = net::join_url(base, "slack/commands");
  return command;
}

json shortcuts() {
  return json::array({{{"name", "Investigate this"},
                       {"type", "message"},
                       {"callback_id", "investigate_message"},
                       {"description", "Open a case from this message"}},
                      {{"name", "Investigate a text"},
                       {"type", "global"},
                       {"callback_id", "investigate_text"},
                       {"description", "Open a case from what you paste"}}});
}

// At most four.
json prompts() {
  return json::array({{{"title", "What is open?"}, {"message", "list open"}},
                      {{"title", "What waits for an approval?"}, {"message", "list pending"}},
                      {{"title", "Is everything investigated?"}, {"message", "coverage"}},
                      {{"title", "What can I ask?"}, {"message", "help"}}});
}

json features(const std::string& base) {
  return {
      {"agent_view", {{"agent_description", kDescription}, {"suggested_prompts", prompts()}}},
      {"app_home", {{"home_tab_enabled", true}, {"messages_tab_enabled", true}, {"messages_tab_read_only_enabled", false}}},
      {"bot_user", {{"display_name", "vedette"}, {"always_online", true}}},
      {"shortcuts", shortcuts()},
      {"slash_commands", json::array({slash_command(base)})}};
}

json settings(const std::string& base) {
  json events = json::object();
  if (!base.empty()) events["request_url"] = net::join_url(base, "slack/events");
  for (const auto& event : needed_events()) events["bot_events"].push_back(event.name);
  json interactivity = {{"is_enabled", true}};
  if (!base.empty()) interactivity["request_url"] = net::join_url(base, "slack/interactions");
  return {{"event_subscriptions", std::move(events)},
          {"interactivity", std::move(interactivity)},
          {"org_deploy_enabled", false},
          {"socket_mode_enabled", base.empty()},
          {"token_rotation_enabled", false}};
}

// Slack calls from the internet and checks the certificate.
Result<std::string> checked_base(const std::string& text) {
  if (text.empty()) return std::string();
  const auto url = net::parse_url(text);
  const bool plain = text.find_first_of("?#") == std::string::npos;
  if (!url || url->scheme != "https" || url->loopback() || !plain)
    return Error(Code::invalid_input, "expected the address at which Slack reaches this server: https://HOST");
  return url->text();
}

}  // namespace

std::string prompts_json() { return prompts().dump(); }

const std::vector<Scope>& needed_scopes() {
  static const std::vector<Scope> scopes = {
      {"app_mentions:read", "hear @vedette in a channel"},
      {"assistant:write", "show in a direct message that it works on a question, and offer things to ask"},
      {"channels:history",
       "find its own message again after an answer of Slack got lost, read the threads of its cases after a "
       "gap, and take a message that somebody wants investigated; in public channels"},
      {"channels:read", "see whether it is in the channels of the configuration (vedette doctor)"},
      {"chat:write", "post and edit its cards and answers"},
      {"commands", "/soc and the shortcuts"},
      {"files:write", "put evidence that is too long for a message into the case's thread as a text file"},
      {"groups:history", "the same as channels:history, in private channels it was invited to"},
      {"groups:read", "the same as channels:read, for private channels"},
      {"im:history", "hear what is said to it in a direct message"},
      {"im:write", "find its direct conversations again after a gap"},
      {"metadata.message:read", "know its own messages by the key it gave them, so that nothing is posted twice"},
      {"reactions:read", "take a thumb under a card as feedback on the verdict"},
      {"usergroups:read", "let a Slack user group stand for a role in the policy"},
      {"users:read", "see whether who decides is a full member: no guest, no bot, not deactivated, not from elsewhere"},
  };
  return scopes;
}

const std::vector<Event>& needed_events() {
  static const std::vector<Event> events = {
      {"agent_session_stopped", ""},        {"app_home_opened", ""},
      {"app_mention", "app_mentions:read"}, {"message.channels", "channels:history"},
      {"message.groups", "groups:history"}, {"message.im", "im:history"},
      {"reaction_added", "reactions:read"}, {"reaction_removed", "reactions:read"},
  };
  return events;
}

Result<std::string> manifest(const ManifestOptions& options) {
  TRY(const std::string base, checked_base(options.request_url));
  json scopes = json::array();
  for (const auto& scope : needed_scopes()) scopes.push_back(scope.name);
  const json document = {{"_metadata", {{"major_version", 2}}},
                         {"display_information",
                          {{"name", kName},
                           {"description", kDescription},
                           {"long_description", kLongDescription},
                           {"background_color", "#1d1c1d"}}},
                         {"features", features(base)},
                         {"oauth_config", {{"scopes", {{"bot", std::move(scopes)}}}}},
                         {"settings", settings(base)}};
  return document.dump(2);
}

}  // namespace vedette::slack

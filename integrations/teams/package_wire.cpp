#include <nlohmann/json.hpp>

#include "bot/base/embedded.hpp"
#include "bot/base/text.hpp"
#include "bot/base/zip.hpp"
#include "bot/net/url.hpp"
#include "integrations/teams/activity_wire.hpp"
#include "integrations/teams/package.hpp"

namespace vedette::teams {
namespace {

using json = nlohmann::ordered_json;

// Raised with every change of the manifest, else Teams does not take it as an update.
constexpr const char* kPackageVersion = "1.0.0";
constexpr const char* kSchema = "https://developer.microsoft.com/json-schemas/teams/v1.25/MicrosoftTeams.schema.json";
constexpr const char* kSchemaVersion = "1.25";
constexpr const char* kLicence = "https://www.apache.org/licenses/LICENSE-2.0";
constexpr const char* kDescription = "Investigates security alerts, shows the evidence, and asks before it acts.";
constexpr const char* kLongDescription =
    "Vedette is a security analyst in chat. Every alert is investigated within moments; the verdict, its reasons and the "
    "evidence stand on one card, edited in place, with the details in its thread. People ask, decide and approve right "
    "there: an action runs only after a second, entitled person has approved exactly what will run, and everything is "
    "recorded. It runs in your own network and speaks only to the systems you connect.\n\nIn a channel write @Vedette and "
    "what you want; to Vedette alone, without the mention. Say help for what there is.";
constexpr size_t kMostLists = 3;
constexpr size_t kMostCommands = 10;
constexpr size_t kLongestTitle = 32;
constexpr size_t kLongestDescription = 128;

Result<json> command_lists(const std::vector<OfferedCommands>& offered) {
  if (offered.size() > kMostLists) return Error(Code::invalid_input, "Teams takes three lists of commands at most");
  json lists = json::array();
  for (const auto& list : offered) {
    if (list.commands.size() > kMostCommands)
      return Error(Code::invalid_input, "Teams takes ten commands in a list at most");
    json commands = json::array();
    for (const auto& command : list.commands) {
      if (text::characters(command.title) > kLongestTitle || text::characters(command.description) > kLongestDescription)
        return Error(Code::invalid_input, fmt::format("the command '{}' is too long for Teams", command.title));
      commands.push_back({{"title", command.title}, {"description", command.description}});
    }
    lists.push_back({{"scopes", {list.scope}}, {"commands", std::move(commands)}});
  }
  return lists;
}

// "Investigate this" on somebody's message; what it says comes as composeExtension/fetchTask.
json message_actions(const std::string& app_id) {
  json investigate = {{"id", kInvestigate},          {"type", "action"},
                      {"title", "Investigate this"}, {"description", "Open a case from this message"},
                      {"context", {"message"}},      {"fetchTask", true}};
  return json::array({{{"botId", app_id}, {"commands", json::array({std::move(investigate)})}}});
}

Result<std::string> checked_website(const std::string& website) {
  if (website.empty()) return std::string(kLicence);
  const auto url = net::parse_url(website);
  if (!url || url->scheme != "https" || website.size() > 2048)
    return Error(Code::invalid_input, "expected an address that people can open: https://…");
  return website;
}

std::string_view icon(std::string_view name) {
  for (const auto& file : embedded_teams_icons()) {
    if (file.name == name) return file.content;
  }
  return {};
}

}  // namespace

const std::vector<Permission>& needed_permissions() {
  static const std::vector<Permission> permissions = {
      {"identity", "know who said or pressed something: tenant, Entra object id and name of people in its conversations"},
      {"messageTeamMembers", "answer somebody alone, in a conversation between the two"},
  };
  return permissions;
}

Result<std::string> app_manifest(const PackageOptions& options) {
  TRY(const std::string website, checked_website(options.website));
  TRY(json lists, command_lists(options.offered));
  json permissions = json::array();
  for (const auto& permission : needed_permissions()) permissions.push_back(permission.name);
  json bot = {{"botId", options.app_id},         {"scopes", {"personal", "team", "groupChat"}},
              {"isNotificationOnly", false},     {"supportsFiles", false},
              {"supportsCalling", false},        {"supportsVideo", false},
              {"commandLists", std::move(lists)}};
  const json document = {
      {"$schema", kSchema},
      {"manifestVersion", kSchemaVersion},
      {"version", kPackageVersion},
      {"id", options.app_id},
      {"developer", {{"name", "Vedette"}, {"websiteUrl", website}, {"privacyUrl", website}, {"termsOfUseUrl", website}}},
      {"name", {{"short", "Vedette"}, {"full", "Vedette, the SOC analyst that lives in chat"}}},
      {"description", {{"short", kDescription}, {"full", kLongDescription}}},
      {"icons", {{"color", "color.png"}, {"outline", "outline.png"}}},
      {"accentColor", "#2F5FE0"},
      {"bots", json::array({std::move(bot)})},
      {"composeExtensions", message_actions(options.app_id)},
      {"defaultInstallScope", "team"},
      {"defaultGroupCapability", {{"team", "bot"}, {"groupchat", "bot"}}},
      {"supportsChannelFeatures", "tier1"},
      {"permissions", std::move(permissions)},
      {"validDomains", json::array()}};
  return document.dump(2) + "\n";
}

Result<std::string> app_package(const PackageOptions& options) {
  TRY(std::string manifest, app_manifest(options));
  std::vector<ZipFile> files = {{"manifest.json", std::move(manifest)}};
  for (const char* name : {"color.png", "outline.png"}) files.push_back({name, std::string(icon(name))});
  return zip(files);
}

}  // namespace vedette::teams

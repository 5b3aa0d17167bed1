#include "bot/app/teams_package.hpp"

#include <fstream>

#include "bot/app/config.hpp"
#include "bot/app/config_chat.hpp"
#include "bot/base/text.hpp"
#include "commands/registry.hpp"

namespace vedette::app {
namespace {

constexpr int kOk = 0;
constexpr int kFoundWanting = 1;
constexpr int kUsage = 2;

// In a channel most is said in the thread of a case; alone with Vedette people look around.
struct Menu {
  const char* scope;
  std::vector<std::string_view> verbs;
};
const std::vector<Menu>& menus() {
  static const std::vector<Menu> all = {
      {"team", {"list", "why", "evidence", "timeline", "ack", "assign", "note", "close", "snooze", "help"}},
      {"groupChat", {"list", "why", "evidence", "timeline", "ack", "assign", "note", "close", "investigate", "help"}},
      {"personal", {"list", "show", "why", "evidence", "investigate", "ack", "coverage", "link", "whoami", "help"}},
  };
  return all;
}

std::string sentence(std::string_view words) {
  std::string text(words);
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

// Where neither is given: a complaint.
std::optional<std::string> app_id_of(const TeamsPackageArguments& arguments,
                                     const std::function<void(const std::string&)>& complain) {
  if (!arguments.config.empty() && arguments.app_id.empty()) {
    const auto config = load_config(arguments.config);
    if (!config) {
      complain(config.error().message);
      return std::nullopt;
    }
    if (config->teams) return config->teams->app_id;
  }
  const std::string given = arguments.app_id.empty() ? environment("TEAMS_APP_ID") : arguments.app_id;
  if (given.empty()) {
    complain("expected the id of the bot's app: --app-id, TEAMS_APP_ID, or --config with the section chat.teams");
  } else if (!teams::is_guid(given)) {
    complain("the app id: expected a GUID such as 00000000-0000-0000-0000-000000000000");
  } else {
    return text::lower(given);
  }
  return std::nullopt;
}

}  // namespace

std::vector<teams::OfferedCommands> offered_in_teams() {
  std::vector<teams::OfferedCommands> offered;
  for (const auto& menu : menus()) {
    teams::OfferedCommands list{menu.scope, {}};
    for (const auto verb : menu.verbs) {
      if (const auto* spec = commands::find_command(verb))
        list.commands.push_back({std::string(spec->name), sentence(spec->summary)});
    }
    offered.push_back(std::move(list));
  }
  return offered;
}

int write_teams_package(const TeamsPackageArguments& arguments, const std::function<void(const std::string&)>& print,
                        const std::function<void(const std::string&)>& complain) {
  const auto app_id = app_id_of(arguments, complain);
  if (!app_id) return kUsage;
  teams::PackageOptions options;
  options.app_id = *app_id;
  options.website = arguments.website;
  options.offered = offered_in_teams();
  const auto package = teams::app_package(options);
  if (!package) {
    complain((arguments.website.empty() ? "" : "--website: ") + package.error().message);
    return kUsage;
  }
  std::ofstream out(arguments.output, std::ios::binary | std::ios::trunc);
  out.write(package->data(), static_cast<std::streamsize>(package->size()));
  out.close();
  if (!out) {
    complain(arguments.output + ": cannot be written");
    return kFoundWanting;
  }
  print(fmt::format("{}: the app {} for Teams. Upload it: Apps → Manage your apps → Upload an app.", arguments.output,
                    *app_id));
  return kOk;
}

}  // namespace vedette::app

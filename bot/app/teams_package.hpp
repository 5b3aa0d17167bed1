#pragma once
// `vedette manifest teams`: writes the app package that is uploaded in Teams.

#include <functional>
#include <string>

#include "integrations/teams/package.hpp"

namespace vedette::app {

struct TeamsPackageArguments {
  std::string config;  // path; empty: the app id is given otherwise
  std::string app_id;  // empty: that of the configuration, else of TEAMS_APP_ID
  std::string output = "vedette-teams.zip";
  std::string website;
};

// What people are offered to say in Teams, in the words of the commands themselves.
std::vector<teams::OfferedCommands> offered_in_teams();

// 0; 2 for a configuration or argument that cannot be used; 1 when the file cannot be written. Each line is for people.
int write_teams_package(const TeamsPackageArguments& arguments, const std::function<void(const std::string&)>& print,
                        const std::function<void(const std::string&)>& complain);

}  // namespace vedette::app

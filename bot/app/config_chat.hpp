#pragma once
// Decodes the sections chat.slack and chat.teams and the ids that people have there. What is wrong is added to the reader's
// problems.

#include <optional>

#include "bot/app/config.hpp"
#include "bot/app/config_reader.hpp"

namespace vedette::app {

inline constexpr size_t kShortestToken = 16;

SlackConfig read_slack(ConfigReader& reader, const YAML::Node& node);
teams::TeamsOptions read_teams(ConfigReader& reader, const YAML::Node& node);

// people[].slack: TEAM/USER; people[].teams: TENANT/AAD-OBJECT-ID, both GUIDs.
std::optional<Identity> read_slack_identity(ConfigReader& reader, const YAML::Node& node);
std::optional<Identity> read_teams_identity(ConfigReader& reader, const YAML::Node& node,
                                            const std::optional<teams::TeamsOptions>& teams);

}  // namespace vedette::app

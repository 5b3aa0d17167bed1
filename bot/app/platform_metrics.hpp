#pragma once
// What one chat platform counts, as Prometheus text (prometheus.io/docs/instrumenting/exposition_formats). Pure.

#include <string>

#include "integrations/slack/slack.hpp"
#include "integrations/teams/teams.hpp"

namespace vedette::app {

std::string slack_metrics(const slack::Slack& slack);
std::string teams_metrics(const teams::Teams& teams);

}  // namespace vedette::app

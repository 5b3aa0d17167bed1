#include "bot/app/platform_metrics.hpp"

#include <fmt/format.h>

namespace vedette::app {
namespace {

std::string request_metrics(const slack::HttpEntryCounts& requests) {
  std::string text = "# HELP vedette_slack_requests Requests from Slack.\n# TYPE vedette_slack_requests counter\n";
  for (const auto& [outcome, count] :
       {std::pair{"taken", requests.taken}, std::pair{"refused", requests.refused},
        std::pair{"malformed", requests.malformed}, std::pair{"not_stored", requests.not_stored}}) {
    text += fmt::format("vedette_slack_requests{{outcome=\"{}\"}} {}\n", outcome, count);
  }
  return text + fmt::format(
                    "# HELP vedette_slack_repeated_requests Those that Slack said it sent again.\n"
                    "# TYPE vedette_slack_repeated_requests counter\nvedette_slack_repeated_requests {}\n",
                    requests.repeats);
}

}  // namespace

std::string slack_metrics(const slack::Slack& slack) {
  std::string text = fmt::format(
      "# HELP vedette_slack_sockets Socket Mode links that are up.\n# TYPE vedette_slack_sockets gauge\n"
      "vedette_slack_sockets {}\n"
      "# HELP vedette_slack_refused Whether Slack refuses a token, a scope or Socket Mode itself.\n"
      "# TYPE vedette_slack_refused gauge\nvedette_slack_refused {}\n"
      "# HELP vedette_slack_foreign_sockets Sockets of the app that Slack counts beyond ours.\n"
      "# TYPE vedette_slack_foreign_sockets gauge\nvedette_slack_foreign_sockets {}\n",
      slack.socket().connected(), slack.refusal().empty() ? 0 : 1, slack.socket().ghosts());
  if (slack.uses_http()) text += request_metrics(slack.http_counts());
  return text;
}

std::string teams_metrics(const teams::Teams& teams) {
  const auto state = teams.state();
  const auto& counts = teams.inbound().counts();
  std::string text = fmt::format(
      "# HELP vedette_teams_open Whether activities can come in.\n# TYPE vedette_teams_open gauge\n"
      "vedette_teams_open {}\n"
      "# HELP vedette_teams_links Sockets that activities come in by; none where Teams calls our server.\n"
      "# TYPE vedette_teams_links gauge\nvedette_teams_links {}\n"
      "# HELP vedette_teams_refused Whether Microsoft refuses our credentials or the way in.\n"
      "# TYPE vedette_teams_refused gauge\nvedette_teams_refused {}\n"
      "# HELP vedette_teams_activities Activities by what became of them.\n"
      "# TYPE vedette_teams_activities counter\n",
      state.open ? 1 : 0, state.links, teams.refusal().empty() ? 0 : 1);
  for (const auto& [outcome, count] :
       {std::pair{"accepted", counts.accepted}, std::pair{"repeated", counts.repeated}, std::pair{"ignored", counts.ignored},
        std::pair{"refused", counts.refused}, std::pair{"malformed", counts.malformed}, std::pair{"unknown", counts.unknown},
        std::pair{"refreshed", counts.refreshed}, std::pair{"dialogs", counts.dialogs},
        std::pair{"not_stored", counts.not_stored}}) {
    text += fmt::format("vedette_teams_activities{{outcome=\"{}\"}} {}\n", outcome, count);
  }
  return text;
}

}  // namespace vedette::app

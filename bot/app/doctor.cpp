#include "bot/app/doctor.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "bot/base/log.hpp"
#include "bot/base/secret.hpp"
#include "bot/base/text.hpp"
#include "bot/store/sqlite_store.hpp"
#include "integrations/registry.hpp"
#include "integrations/slack/doctor.hpp"
#include "integrations/teams/doctor.hpp"

namespace vedette::app {
namespace {

using Kind = Finding::Kind;
constexpr std::chrono::seconds kLongest(60);
constexpr const char* kSlackPeople = "Let them say /soc whoami, and write what it tells under people as slack: TEAM/USER.";
constexpr const char* kTeamsPeople =
    "Let them say @Vedette whoami, and write what it tells under people as teams: TENANT/OBJECT.";

// Whether a running Vedette holds the lock beside the database (bot/store/sqlite/open.hpp).
bool in_use(const std::string& database) {
  const int descriptor = ::open((database + "-lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno != ENOENT;  // somebody else's: better not to get in its way
  const bool held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0;
  ::close(descriptor);
  return held;
}

Finding database(const std::string& path, bool running) {
  if (running) return {Kind::ok, "database", path + " is in use by a running Vedette.", ""};
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    const auto folder = std::filesystem::path(path).parent_path();
    if (::access(folder.c_str(), W_OK | X_OK) == 0)
      return {Kind::ok, "database", path + " is not there yet; the first start makes it.", ""};
    return {Kind::problem, "database", fmt::format("{} cannot be made: its folder is missing or not writable.", path),
            "Make the folder, owned by the user that runs Vedette."};
  }
  SqliteOptions options;
  options.path = path;
  const auto pending = inspect_sqlite_store(options);
  if (!pending)
    return {Kind::problem, "database", pending.error().message,
            "docs/operations.md tells how backups are made and put back."};
  if (!pending->empty()) {
    return {Kind::note, "database",
            fmt::format("{} is sound and of an older version; the next start brings it up to date.", path),
            "Make a backup first if you may want to go back."};
  }
  return {Kind::ok, "database", path + " is sound.", ""};
}

std::vector<Finding> actions(const Config& config, net::HttpClient& http, const Clock& clock) {
  std::vector<Finding> findings;
  for (const auto& action : config.actions) {
    const auto provider = integrations::make_action_provider(action, http, clock);
    if (!provider)
      findings.push_back(
          {Kind::problem, "action " + action.name, provider.error().message, "docs/response.md has an example."});
  }
  if (findings.empty() && !config.actions.empty())
    findings.push_back({Kind::ok, "actions", fmt::format("{} action systems are configured.", config.actions.size()), ""});
  return findings;
}

std::vector<Finding> sources(const Config& config) {
  if (config.sources.empty())
    return {{Kind::note, "sources", "none: nobody may send alerts.", "Add one under sources; docs/sources.md has them."}};
  return {{Kind::ok, "sources", fmt::format("{} may send alerts.", config.sources.size()), ""}};
}

// Who may act in a platform that is configured.
Finding people(const Config& config, std::string_view platform, const std::string& spoken, const char* advice) {
  const auto known = std::count_if(config.people.begin(), config.people.end(), [&](const Person& person) {
    return std::any_of(person.identities.begin(), person.identities.end(),
                       [&](const Identity& identity) { return identity.platform == platform; });
  });
  if (known > 0) return {Kind::ok, "people", fmt::format("{} are known in {}.", known, spoken), ""};
  return {Kind::note, "people", fmt::format("nobody is known in {}: everybody can look, nobody can act.", spoken), advice};
}

std::vector<std::string> channels_of(const Config& config, std::string_view platform) {
  std::vector<std::string> channels;
  for (const auto& route : routes_of(config)) {
    if (route.platform == platform && std::find(channels.begin(), channels.end(), route.channel) == channels.end())
      channels.push_back(route.channel);
  }
  return channels;
}

slack::Examination slack_examination(const Config& config, bool running, std::string post_channel) {
  slack::Examination examination;
  examination.channels = channels_of(config, "slack");
  examination.open_socket = !running;
  examination.post_channel = std::move(post_channel);
  return examination;
}

// What earlier runs learnt of Teams, where that can be read without getting in anybody's way.
std::optional<std::vector<Conversation>> known_conversations(const Config& config, bool running) {
  if (running) return std::nullopt;
  std::error_code error;
  if (!std::filesystem::exists(config.store_path, error)) return std::vector<Conversation>();
  SqliteOptions options;
  options.path = config.store_path;
  auto known = peek_conversations(options, "teams");
  if (!known) return std::nullopt;  // what is wrong with the database has been said
  return std::move(*known);
}

teams::Examination teams_examination(const Config& config, bool running, std::string post_channel) {
  teams::Examination examination;
  examination.channels = channels_of(config, "teams");
  examination.known = known_conversations(config, running);
  examination.running = running;
  examination.server = {config.server.address, config.server.port, !config.server.certificate_file.empty()};
  examination.post_channel = std::move(post_channel);
  return examination;
}

// Ids of Teams' channels and chats begin so, those of Slack never.
bool is_in_teams(const std::string& channel) { return channel.starts_with("19:"); }

}  // namespace

boost::asio::awaitable<std::vector<Finding>> examine(Executor executor, Config config, net::HttpClient& http,
                                                     const Clock& clock, std::string post_channel) {
  std::vector<Finding> findings;
  const auto add = [&findings](std::vector<Finding> more) {
    for (auto& finding : more) findings.push_back(std::move(finding));
  };
  const bool running = in_use(config.store_path);
  findings.push_back(database(config.store_path, running));
  add(sources(config));
  add(actions(config, http, clock));
  const Deadline deadline = Deadline::after(kLongest);
  const bool post_in_teams = is_in_teams(post_channel);
  if (config.slack) {
    slack::Doctor doctor(executor, http, clock, config.slack->options);
    auto examination = slack_examination(config, running, post_in_teams ? "" : post_channel);
    auto found = co_await doctor.examine(std::move(examination), deadline);
    add(std::move(found));
    findings.push_back(people(config, "slack", "Slack", kSlackPeople));
  }
  if (config.teams) {
    teams::Doctor doctor(executor, http, clock, *config.teams);
    auto examination = teams_examination(config, running, post_in_teams ? post_channel : "");
    auto found = co_await doctor.examine(std::move(examination), deadline);
    add(std::move(found));
    findings.push_back(people(config, "teams", "Teams", kTeamsPeople));
  }
  if (!config.slack && !config.teams) {
    findings.push_back({Kind::note, "chat", "only in the console: neither Slack nor Teams is configured.",
                        "docs/slack.md and docs/teams.md tell how."});
  }
  co_return findings;
}

bool wanting(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.kind == Kind::problem; });
}

std::string to_text(const Finding& finding) {
  const char* kind = finding.kind == Kind::ok ? "ok" : finding.kind == Kind::note ? "note" : "problem";
  std::string line = fmt::format("{:<8} {:<18} {}", kind, finding.what, finding.text);
  if (!finding.advice.empty()) line += fmt::format("\n{:<27} → {}", "", finding.advice);
  return redact(std::move(line));
}

int run_doctor(const DoctorArguments& arguments, const std::function<void(const std::string&)>& print) {
  auto config = load_config(arguments.config);
  if (!config) {
    for (const auto& problem : text::split(config.error().message, '\n')) {
      const Finding finding{Kind::problem, "configuration", problem, "docs/configuration.md explains every key."};
      print(to_text(finding));
    }
    return 1;
  }
  const Finding read{Kind::ok, "configuration", arguments.config + " can be used.", ""};
  print(to_text(read));
  log::set_level(log::Level::error);  // what is wrong is said once, as a finding
  boost::asio::io_context io(1);
  const auto http = net::make_http_client(io.get_executor(), {});
  bool failed = true;
  boost::asio::co_spawn(io, examine(io.get_executor(), std::move(*config), *http, system_clock(), arguments.post_channel),
                        [&](std::exception_ptr thrown, const std::vector<Finding>& findings) {
                          if (!thrown) {
                            for (const auto& finding : findings) print(to_text(finding));
                            failed = wanting(findings);
                          }
                          io.stop();
                        });
  io.run();
  return failed ? 1 : 0;
}

}  // namespace vedette::app

#include "bot/app/doctor.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "bot/base/secret.hpp"
#include "bot/base/text.hpp"
#include "bot/store/sqlite_store.hpp"
#include "integrations/registry.hpp"

namespace vedette::app {
namespace {

using Kind = Finding::Kind;
constexpr std::chrono::seconds kLongest(60);

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

std::vector<Finding> people(const Config& config) {
  const auto known = std::count_if(config.people.begin(), config.people.end(), [](const Person& person) {
    return std::any_of(person.identities.begin(), person.identities.end(),
                       [](const Identity& identity) { return identity.platform == "slack"; });
  });
  if (!config.slack) return {};
  if (known == 0)
    return {{Kind::note, "people", "nobody is known in Slack: everybody can look, nobody can act.",
             "Let them say /soc whoami, and write what it tells under people as slack: TEAM/USER."}};
  return {{Kind::ok, "people", fmt::format("{} are known in Slack.", known), ""}};
}

std::vector<std::string> slack_channels(const Config& config) {
  std::vector<std::string> channels;
  for (const auto& route : routes_of(config)) {
    if (route.platform == "slack" && std::find(channels.begin(), channels.end(), route.channel) == channels.end())
      channels.push_back(route.channel);
  }
  return channels;
}

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
  if (!config.slack) {
    findings.push_back({Kind::note, "slack", "not configured.", "docs/slack.md tells how, in ten minutes."});
    co_return findings;
  }
  slack::Doctor doctor(executor, http, clock, config.slack->options);
  slack::Examination examination;
  examination.channels = slack_channels(config);
  examination.open_socket = !running;
  examination.post_channel = std::move(post_channel);
  const Deadline deadline = Deadline::after(kLongest);
  auto slack_findings = co_await doctor.examine(std::move(examination), deadline);
  add(std::move(slack_findings));
  add(people(config));
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

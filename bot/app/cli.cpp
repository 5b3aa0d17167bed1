#include "bot/app/cli.hpp"

#include <cstdio>
#include <filesystem>

#include <sys/stat.h>
#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "bot/app/config.hpp"
#include "bot/app/demo/demo.hpp"
#include "bot/app/doctor.hpp"
#include "bot/app/service.hpp"
#include "bot/app/teams_package.hpp"
#include "bot/base/json.hpp"
#include "bot/intake/import.hpp"
#include "bot/store/sqlite_store.hpp"
#include "integrations/slack/manifest.hpp"

namespace vedette::app {
namespace {

constexpr int kOk = 0;
constexpr int kFoundWanting = 1;
constexpr int kUsage = 2;
constexpr const char* kVersion = VEDETTE_VERSION;  // of CMakeLists.txt

void out(const std::string& line) { std::fputs((line + "\n").c_str(), stdout); }
void complain(const std::string& line) { std::fputs((line + "\n").c_str(), stderr); }

std::optional<Config> config_from(const std::string& path) {
  auto config = load_config(path);
  if (config) return std::move(*config);
  complain(config.error().message);
  return std::nullopt;
}

int run(const std::string& path) {
  auto config = config_from(path);
  if (!config) return kUsage;
  return run_service(std::move(*config), [](App& app, TaskGroup&) {
    out("listening on " + app.local_url());
    std::fflush(stdout);
  });
}

int check(const std::string& path) {
  const auto config = config_from(path);
  if (!config) return kUsage;
  boost::asio::io_context io(1);
  const auto client = net::make_http_client(io.get_executor(), {});
  for (const auto& action : config->actions) {
    const auto provider = integrations::make_action_provider(action, *client, system_clock());
    if (provider) continue;
    complain(fmt::format("{}: actions: {}: {}", path, action.name, provider.error().message));
    return kUsage;
  }
  out(fmt::format("{}: ok: {} sources, {} event datasets, {} action providers, {} people, Slack {}, Teams {}", path,
                  config->sources.size(), config->events.size(), config->actions.size(), config->people.size(),
                  config->slack ? "on" : "off", config->teams ? "on" : "off"));
  return kOk;
}

// Runs one job on the store of a configuration, without the rest of the program.
int with_store(const std::string& config_path,
               const std::function<boost::asio::awaitable<int>(Store&, const Config&)>& job) {
  const auto config = config_from(config_path);
  if (!config) return kUsage;
  boost::asio::io_context io(1);
  SqliteOptions options;
  options.path = config->store_path;
  auto store = open_sqlite_store(io.get_executor(), std::move(options));
  if (!store) {
    complain(store.error().message);
    return kFoundWanting;
  }
  int code = kFoundWanting;
  boost::asio::co_spawn(io, job(**store, *config), [&](std::exception_ptr thrown, int result) {
    code = thrown ? kFoundWanting : result;
    (*store)->close();
    io.stop();
  });
  io.run();
  return code;
}

struct ImportArguments {
  std::string config;
  std::string format;
  std::string source = "import";
  std::string dataset;
  std::vector<std::string> files;
  bool json = false;
};

void report(const std::string& file, const intake::ImportCounts& counts, bool as_json) {
  if (!as_json) {
    out(fmt::format("{}: {} records, {} new, {} known already, {} ignored, {} unreadable", file, counts.records,
                    counts.stored, counts.duplicates, counts.ignored, counts.bad));
    return;
  }
  JsonWriter w;
  w.begin_object().field("file", file).field("records", counts.records).field("stored", counts.stored);
  w.field("duplicates", counts.duplicates).field("ignored", counts.ignored).field("bad", counts.bad).end_object();
  out(w.take());
}

// The mapping of the configured source that the alerts count as coming from.
intake::Mapping mapping_of(const Config& config, const std::string& source) {
  for (const auto& configured : config.sources) {
    if (configured.name == source) return configured.mapping;
  }
  return {};
}

boost::asio::awaitable<int> import_files(Store& store, intake::Mapping mapping, ImportArguments arguments) {
  int code = kOk;
  for (const auto& file : arguments.files) {
    intake::ImportJob job(file);
    job.format = arguments.format;
    job.source = arguments.source;
    job.mapping = mapping;
    job.dataset = arguments.dataset;
    intake::BadRecord bad = [&](size_t line, const Error& error) {
      complain(fmt::format("{}:{}: {}", file, line, error.message));
    };
    Result<intake::ImportCounts> counts = intake::ImportCounts();
    if (arguments.dataset.empty()) {
      counts = co_await intake::import_alerts(store, std::move(job), system_clock(), std::move(bad));
    } else {
      counts = co_await intake::import_events(store, std::move(job), std::move(bad));
    }
    if (!counts) {
      complain(fmt::format("{}: {}", file, counts.error().message));
      co_return kFoundWanting;
    }
    report(file, *counts, arguments.json);
    if (counts->bad > 0) code = kFoundWanting;
  }
  co_return code;
}

int format_test(const std::string& format, const std::vector<std::string>& files, bool as_json) {
  int code = kOk;
  for (const auto& file : files) {
    const auto counts = intake::format_test(file, format, system_clock(), out);
    if (!counts) {
      complain(fmt::format("{}: {}", file, counts.error().message));
      return kFoundWanting;
    }
    if (!as_json)
      complain(fmt::format("{}: {} records: {} alerts, {} events, {} unreadable", file, counts->records, counts->alerts,
                           counts->events, counts->bad));
    if (counts->bad > 0) code = kFoundWanting;
  }
  return code;
}

boost::asio::awaitable<int> verify_audit(Store& store, bool as_json) {
  const auto checked = co_await store.audit().verify();
  if (!checked) {
    complain(checked.error().message);
    co_return kFoundWanting;
  }
  if (as_json) {
    JsonWriter w;
    w.begin_object().field("intact", checked->intact).field("rows", checked->rows).field("first_bad", checked->first_bad);
    w.field("reason", checked->reason).end_object();
    out(w.take());
  } else if (checked->intact) {
    out(fmt::format("the audit record is intact: {} rows", checked->rows));
  } else {
    out(fmt::format("the audit record is broken at row {}: {}", checked->first_bad, checked->reason));
  }
  co_return checked->intact ? kOk : kFoundWanting;
}

boost::asio::awaitable<int> export_audit(Store& store) {
  int64_t after = 0;
  while (true) {
    const auto rows = co_await store.audit().rows(after, 500);
    if (!rows) {
      complain(rows.error().message);
      co_return kFoundWanting;
    }
    if (rows->empty()) co_return kOk;
    for (const auto& row : *rows) {
      JsonWriter w;
      w.begin_object().field("sequence", row.sequence).field("at", to_rfc3339(row.at)).field("actor", row.entry.actor);
      w.field("identity", row.entry.identity).field("action", row.entry.action).field("subject", row.entry.subject);
      w.field("detail", row.entry.detail)
          .field("cause", row.entry.cause)
          .field("previous", row.previous)
          .field("hash", row.hash)
          .end_object();
      out(w.take());
      after = row.sequence;
    }
  }
}

int print_slack_manifest(const std::string& request_url) {
  slack::ManifestOptions options;
  options.request_url = request_url;
  const auto manifest = slack::manifest(options);
  if (!manifest) {
    complain("--http: " + manifest.error().message);
    return kUsage;
  }
  out(*manifest);
  return kOk;
}

// Adds the commands; `code` is set by the one that runs.
class CommandLine {
 public:
  explicit CommandLine(CLI::App& app) : app_(app) {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", kVersion);
    add_run();
    add_demo();
    add_import();
    add_format();
    add_audit();
    add_set_up();
    app_.add_subcommand("version", "Print the version")->callback([] { out(kVersion); });
  }

  int code = kOk;

 private:
  void config_option(CLI::App* command, std::string& target) {
    command->add_option("--config", target, "The configuration file")->required()->check(CLI::ExistingFile);
  }

  void add_run() {
    auto* run_command = app_.add_subcommand("run", "Run Vedette");
    config_option(run_command, config_);
    run_command->callback([this] { code = run(config_); });
    auto* check_command = app_.add_subcommand("check", "Check a configuration without starting anything");
    config_option(check_command, config_);
    check_command->callback([this] { code = check(config_); });
  }

  void add_demo() {
    auto* command = app_.add_subcommand("demo", "Run Vedette with a simulated company");
    command->add_option("--listen", demo_.listen, "ADDRESS:PORT; port 0 picks a free one")->capture_default_str();
    command->add_option("--speed", speed_, "How fast the stories are told: 1, 4, … or max")->default_str("1");
    command->add_option("--data", demo_.data, "Folder of the database; without it nothing stays");
    auto* slack = command->add_option("--slack", demo_.slack_channel,
                                      "Id of a Slack channel that gets the cases too; tokens from SLACK_BOT_TOKEN and "
                                      "SLACK_APP_TOKEN");
    command->add_flag("--classic-blocks", demo_.slack_classic, "As chat.slack.blocks: classic")->needs(slack);
    command->add_option("--person", demo_people_, "Who is who in Slack, such as ann=T0123/U0456 (ann, ben or vic)")
        ->needs(slack);
    command->callback([this] {
      if (speed_ == "max") {
        demo_.speed = 0;
      } else if (!CLI::detail::lexical_cast(speed_, demo_.speed) || demo_.speed < 0.1 || demo_.speed > 1000) {
        throw CLI::ValidationError("--speed", "expected a number from 0.1 to 1000, or max");
      }
      for (const auto& entry : demo_people_) {
        const size_t equals = entry.find('=');
        const std::string who = entry.substr(0, equals);
        if (equals == std::string::npos || (who != "ann" && who != "ben" && who != "vic"))
          throw CLI::ValidationError("--person", "expected ann=TEAM/USER, ben=TEAM/USER or vic=TEAM/USER");
        demo_.slack_people[who] = entry.substr(equals + 1);
      }
      code = demo::run_demo(demo_);
    });
  }

  void add_import() {
    auto* command =
        app_.add_subcommand("import", "Read alerts, or log records with --events, from files (JSON, JSON lines, .gz)");
    config_option(command, import_.config);
    command->add_option("--format", import_.format, "Alert format; recognised where none is given");
    command
        ->add_option("--source", import_.source,
                     "Source the alerts count as coming from; for format mapped, one of the configuration")
        ->capture_default_str();
    command->add_option("--events", import_.dataset, "The files hold log records of this dataset");
    command->add_flag("--json", import_.json, "One JSON object a file");
    command->add_option("files", import_.files, "Files")->required()->check(CLI::ExistingFile);
    command->callback([this] {
      code = with_store(import_.config, [this](Store& store, const Config& config) {
        return import_files(store, mapping_of(config, import_.source), import_);
      });
    });
  }

  void add_format() {
    auto* format = app_.add_subcommand("format", "Try alert and event formats")->require_subcommand(1);
    auto* test = format->add_subcommand("test", "Show what files are read as: one JSON object a line");
    test->add_option("--format", format_, "Format; recognised where none is given");
    test->add_flag("--json", json_, "No summary on standard error");
    test->add_option("files", files_, "Files")->required()->check(CLI::ExistingFile);
    test->callback([this] { code = format_test(format_, files_, json_); });
  }

  void add_audit() {
    auto* audit = app_.add_subcommand("audit", "The audit record")->require_subcommand(1);
    auto* verify = audit->add_subcommand("verify", "Check the hash chain");
    config_option(verify, config_);
    verify->add_flag("--json", json_);
    verify->callback(
        [this] { code = with_store(config_, [this](Store& store, const Config&) { return verify_audit(store, json_); }); });
    auto* exported = audit->add_subcommand("export", "Print every row as a JSON line");
    config_option(exported, config_);
    exported->add_flag("--json", json_, "As is");
    exported->callback(
        [this] { code = with_store(config_, [](Store& store, const Config&) { return export_audit(store); }); });
  }

  void add_set_up() {
    auto* doctor = app_.add_subcommand("doctor", "Look whether everything is set up, and say what to do where it is not");
    doctor->add_option("--config", doctor_.config, "The configuration file")->required();
    doctor->add_option("--post", doctor_.post_channel, "Post a message into this channel (its id) and take it away again");
    doctor->callback([this] { code = run_doctor(doctor_, out); });
    auto* manifest = app_.add_subcommand("manifest", "What a chat platform has to be told about the app");
    manifest->require_subcommand(1);
    auto* slack = manifest->add_subcommand("slack", "An app manifest to paste at api.slack.com/apps");
    slack->add_option("--http", request_url_, "https://HOST of this server: Slack calls it, instead of Socket Mode");
    slack->callback([this] { code = print_slack_manifest(request_url_); });
    auto* teams = manifest->add_subcommand("teams", "The app package to upload in Microsoft Teams");
    teams->add_option("--config", package_.config, "The configuration file, for the app id")->check(CLI::ExistingFile);
    teams->add_option("--app-id", package_.app_id, "The app id, in place of the configuration's or TEAMS_APP_ID");
    teams->add_option("--output", package_.output, "The file to write")->capture_default_str();
    teams->add_option("--website", package_.website, "https://… of your organisation, for the links in the app's details");
    teams->callback([this] { code = write_teams_package(package_, out, complain); });
  }

  CLI::App& app_;
  std::string config_;
  DoctorArguments doctor_;
  std::string request_url_;
  TeamsPackageArguments package_;
  demo::DemoOptions demo_;
  std::string speed_ = "1";
  std::vector<std::string> demo_people_;
  ImportArguments import_;
  std::string format_;
  std::vector<std::string> files_;
  bool json_ = false;
};

}  // namespace

int run_cli(int argc, char** argv) {
  umask(077);  // what we write holds alerts and tokens' hashes: for this user alone
  CLI::App app("Vedette, the SOC analyst that lives in chat");
  CommandLine commands(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  return commands.code;
}

}  // namespace vedette::app

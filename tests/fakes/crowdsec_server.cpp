#include "tests/fakes/crowdsec_server.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "tests/support/files.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace vedette::test {
namespace {

namespace fs = std::filesystem;

// Starts a program without a shell; its output goes to `log`. 0 when it cannot be started.
pid_t start_program(const std::vector<std::string>& arguments, const fs::path& in, const fs::path& log) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, in.c_str());
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t process = 0;
  const int failed = posix_spawnp(&process, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return failed == 0 ? process : 0;
}

// Waits for the end, at most so long; then ends it. True for exit code 0.
bool wait_for_end(pid_t process, std::chrono::seconds at_most) {
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  int status = 0;
  while (waitpid(process, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      kill(process, SIGKILL);
      waitpid(process, &status, 0);
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool run(const std::vector<std::string>& arguments, const fs::path& in, const fs::path& log, std::chrono::seconds at_most) {
  const pid_t process = start_program(arguments, in, log);
  return process != 0 && wait_for_end(process, at_most);
}

// The unpacked package; downloaded with apt where it is not there yet.
Result<fs::path> package() {
  const fs::path cache = fs::path(VEDETTE_BINARY).parent_path() / "third_party" / "crowdsec";
  const fs::path unpacked = cache / "root";
  if (fs::exists(unpacked / "usr/bin/crowdsec") && fs::exists(unpacked / "usr/bin/cscli")) return unpacked;
  fs::create_directories(cache);
  const fs::path log = cache / "fetch.log";
  if (!run({"apt-get", "download", "crowdsec"}, cache, log, std::chrono::seconds(90))) {
    return Error(Code::unavailable,
                 "Debian's crowdsec package cannot be downloaded here (apt-get download crowdsec failed)");
  }
  for (const auto& entry : fs::directory_iterator(cache)) {
    if (entry.path().extension() != ".deb") continue;
    const fs::path partial = cache / "root.partial";
    fs::remove_all(partial);
    if (!run({"dpkg", "-x", entry.path().string(), partial.string()}, cache, log, std::chrono::seconds(60))) break;
    fs::remove_all(unpacked);
    fs::rename(partial, unpacked);
    return unpacked;
  }
  return Error(Code::unavailable, "Debian's crowdsec package cannot be unpacked here");
}

// 0 when the system has none.
uint16_t free_port() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  const bool known = bind(descriptor, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
                     getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  close(descriptor);
  return known ? ntohs(address.sin_port) : uint16_t{0};
}

bool listens(uint16_t port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const bool connected = connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(descriptor);
  return connected;
}

void write_configuration(const fs::path& folder, uint16_t port) {
  for (const char* name : {"hub", "data", "etc"}) fs::create_directories(folder / name);
  write_file(folder / "hub/.index.json", "{}");
  write_file(folder / "etc/simulation.yaml", "simulation: off\n");
  // At least one profile is required; this one matches nothing.
  write_file(folder / "etc/profiles.yaml",
             "name: none\nfilters:\n  - \"false\"\ndecisions:\n  - type: ban\n    duration: 4h\non_success: break\n");
  const std::string f = folder.string();
  write_file(
      folder / "config.yaml",
      fmt::format("common: {{daemonize: false, log_media: stdout, log_level: info, working_dir: {0}}}\n"
                  "config_paths: {{config_dir: {0}/etc, data_dir: {0}/data, simulation_path: {0}/etc/simulation.yaml, "
                  "hub_dir: {0}/hub, index_path: {0}/hub/.index.json, notification_dir: {0}/etc, plugin_dir: {0}/etc}}\n"
                  "crowdsec_service: {{enable: false}}\n"
                  "db_config: {{type: sqlite, db_path: {0}/data/crowdsec.db, use_wal: true}}\n"
                  "api:\n"
                  "  client: {{credentials_path: {0}/credentials.yaml}}\n"
                  "  server: {{enable: true, listen_uri: \"127.0.0.1:{1}\", profiles_path: {0}/etc/profiles.yaml}}\n"
                  "prometheus: {{enabled: false}}\n",
                  f, port));
}

}  // namespace

Result<std::unique_ptr<CrowdsecServer>> CrowdsecServer::start(const fs::path& folder) {
  TRY(const fs::path root, package());
  std::unique_ptr<CrowdsecServer> server(new CrowdsecServer());
  server->port_ = free_port();
  write_configuration(folder, server->port_);
  const std::string config = (folder / "config.yaml").string();
  const std::string cscli = (root / "usr/bin/cscli").string();
  const fs::path log = folder / "cscli.log";
  if (!run({cscli, "-c", config, "machines", "add", server->machine(), "--password", server->password(), "--force", "-f",
            (folder / "credentials.yaml").string()},
           folder, log, std::chrono::seconds(30))) {
    return Error(Code::unavailable, "cscli could not add a machine");
  }
  if (!run({cscli, "-c", config, "bouncers", "add", "reader", "-o", "raw"}, folder, log, std::chrono::seconds(30))) {
    return Error(Code::unavailable, "cscli could not add a bouncer");
  }
  server->bouncer_key_ = std::string(text::trim(read_file(log)));

  const std::string program = (root / "usr/bin/crowdsec").string();
  server->process_ = start_program({program, "-c", config, "-no-cs"}, folder, folder / "crowdsec.log");
  if (server->process_ == 0) return Error(Code::unavailable, "crowdsec could not be started");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!listens(server->port_)) {
    int status = 0;
    if (waitpid(server->process_, &status, WNOHANG) != 0) {
      server->process_ = 0;
      return Error(Code::unavailable, "crowdsec ended at once: " + read_file(folder / "crowdsec.log"));
    }
    if (std::chrono::steady_clock::now() > deadline) return Error(Code::unavailable, "crowdsec did not begin to listen");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return server;
}

CrowdsecServer::~CrowdsecServer() {
  if (process_ == 0) return;
  kill(process_, SIGTERM);
  wait_for_end(process_, std::chrono::seconds(5));
}

std::string CrowdsecServer::url() const { return fmt::format("http://127.0.0.1:{}", port_); }

}  // namespace vedette::test

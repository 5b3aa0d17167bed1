#include "tests/support/process.hpp"

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace vedette::test {

Process::Process(const std::vector<std::string>& arguments, const std::string& log,
                 const std::vector<std::string>& environment) {
  int output[2];
  if (pipe2(output, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (const auto& entry : environment) envp.push_back(const_cast<char*>(entry.c_str()));
  for (char** entry = environ; *entry != nullptr; ++entry) envp.push_back(*entry);
  envp.push_back(nullptr);
  const int failed = posix_spawn(&id_, arguments.front().c_str(), &actions, nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  close(output[1]);
  output_ = output[0];
  if (failed != 0) {
    close(output_);
    throw std::runtime_error("cannot start " + arguments.front());
  }
}

Process::~Process() {
  if (running()) {
    signal(SIGKILL);
    wait();
  }
  close(output_);
}

bool Process::fill(std::chrono::steady_clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
  if (left <= 0) return false;
  pollfd ready{output_, POLLIN, 0};
  if (poll(&ready, 1, static_cast<int>(left)) <= 0) return false;
  char buffer[4096];
  const ssize_t count = read(output_, buffer, sizeof buffer);
  if (count <= 0) return false;
  pending_.append(buffer, static_cast<size_t>(count));
  return true;
}

std::optional<std::string> Process::wait_for_line(const std::string& prefix, std::chrono::milliseconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (true) {
    const size_t end = pending_.find('\n');
    if (end == std::string::npos) {
      if (!fill(until)) return std::nullopt;
      continue;
    }
    const std::string line = pending_.substr(0, end);
    pending_.erase(0, end + 1);
    if (line.starts_with(prefix)) return line.substr(prefix.size());
  }
}

std::string Process::rest_of_output(std::chrono::milliseconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (fill(until)) {
  }
  return std::exchange(pending_, {});
}

void Process::signal(int number) const {
  if (!ended_) kill(id_, number);
}

int Process::wait() {
  if (!ended_) {
    int status = 0;
    waitpid(id_, &status, 0);
    ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  return *ended_;
}

int Process::terminate() {
  signal(SIGTERM);
  return wait();
}

bool Process::running() {
  if (ended_) return false;
  int status = 0;
  if (waitpid(id_, &status, WNOHANG) != id_) return true;
  ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return false;
}

long Process::resident_kib() const {
  std::ifstream status("/proc/" + std::to_string(id_) + "/status");
  std::string word;
  while (status >> word) {
    if (word != "VmRSS:") continue;
    long kib = 0;
    status >> kib;
    return kib;
  }
  return 0;
}

double Process::processor_seconds() const {
  std::ifstream stat("/proc/" + std::to_string(id_) + "/stat");
  std::string text;
  std::getline(stat, text);
  // proc(5): fields 14 and 15 are utime and stime in clock ticks; the second, a name in brackets, may hold spaces.
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace vedette::test

#include "bench/support.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace vedette::bench {

Child::Child(const std::vector<std::string>& arguments, const std::string& log,
             const std::vector<std::string>& environment) {
  int output[2];
  int input[2];
  if (pipe2(output, O_CLOEXEC) != 0 || pipe2(input, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (char** entry = environ; *entry != nullptr; ++entry) envp.push_back(*entry);
  for (const auto& entry : environment) envp.push_back(const_cast<char*>(entry.c_str()));
  envp.push_back(nullptr);
  const int failed = posix_spawn(&id_, arguments.front().c_str(), &actions, nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  close(output[1]);
  close(input[0]);
  output_ = output[0];
  input_ = input[1];
  if (failed != 0) throw std::runtime_error("cannot start " + arguments.front());
}

Child::~Child() {
  close(input_);
  close(output_);
  if (id_ > 0) {
    kill(id_, SIGTERM);
    waitpid(id_, nullptr, 0);
  }
}

std::string Child::wait_for_line(const std::string& prefix) {
  while (true) {
    const size_t end = pending_.find('\n');
    if (end != std::string::npos) {
      const std::string line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      if (line.starts_with(prefix)) return line.substr(prefix.size());
      continue;
    }
    char buffer[512];
    const ssize_t count = read(output_, buffer, sizeof buffer);
    if (count <= 0) throw std::runtime_error("the child ended without saying '" + prefix + "'");
    pending_.append(buffer, static_cast<size_t>(count));
  }
}

long Child::resident_kib() const {
  std::ifstream status("/proc/" + std::to_string(id_) + "/status");
  std::string word;
  while (status >> word) {
    if (word == "VmRSS:") {
      long kib = 0;
      status >> kib;
      return kib;
    }
  }
  return 0;
}

void Latencies::add(std::chrono::steady_clock::duration taken) {
  micros.push_back(std::chrono::duration<double, std::micro>(taken).count());
}

double Latencies::percentile(double p) {
  if (micros.empty()) return 0;
  const auto at = micros.begin() + static_cast<ptrdiff_t>(p * static_cast<double>(micros.size() - 1));
  std::nth_element(micros.begin(), at, micros.end());
  return *at;
}

Scratch::Scratch() {
  std::string pattern = std::filesystem::current_path().string() + "/bench-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder here");
  path_ = pattern;
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace vedette::bench

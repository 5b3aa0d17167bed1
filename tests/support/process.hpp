#pragma once
// A child process, ended by its id. Not thread-safe.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace vedette::test {

class Process {
 public:
  // Starts arguments[0] with the rest; `environment` entries ("NAME=value") are added to ours. Standard error is appended to
  // the file `log`. Throws when it cannot be started.
  Process(const std::vector<std::string>& arguments, const std::string& log,
          const std::vector<std::string>& environment = {});
  ~Process();  // kills what still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // The rest of the next line of its standard output that starts with `prefix`; nothing when it ends or stays silent.
  std::optional<std::string> wait_for_line(const std::string& prefix,
                                           std::chrono::milliseconds at_most = std::chrono::seconds(30));
  // Everything it still prints, until it ends or the time is over.
  std::string rest_of_output(std::chrono::milliseconds at_most = std::chrono::seconds(30));
  void signal(int number) const;
  // Waits for the end; the exit code, or minus the signal that ended it.
  int wait();
  // SIGTERM, then wait().
  int terminate();
  bool running();
  long resident_kib() const;         // VmRSS of /proc
  double processor_seconds() const;  // user and system, all threads so far
  pid_t id() const { return id_; }

 private:
  bool fill(std::chrono::steady_clock::time_point until);

  pid_t id_ = -1;
  int output_ = -1;
  std::string pending_;
  std::optional<int> ended_;
};

}  // namespace vedette::test

#pragma once
// What the benchmarks share: processes, percentiles, memory, a table.

#include <sys/types.h>
#include <chrono>
#include <string>
#include <vector>

namespace vedette::bench {

// A child process, ended by its id. Its standard output is read line by line; standard error goes to `log`.
class Child {
 public:
  Child(const std::vector<std::string>& arguments, const std::string& log, const std::vector<std::string>& environment = {});
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  // The rest of the first line that starts with `prefix`; throws when the child ends first.
  std::string wait_for_line(const std::string& prefix);
  long resident_kib() const;  // VmRSS
  pid_t id() const { return id_; }

 private:
  pid_t id_ = -1;
  int output_ = -1;
  int input_ = -1;
  std::string pending_;
};

struct Latencies {
  std::vector<double> micros;
  void add(std::chrono::steady_clock::duration taken);
  double percentile(double p);  // of micros; 0 when empty
};

// A folder for databases on the disk of the working directory (not in memory: fsync must count). Removed at the end.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace vedette::bench

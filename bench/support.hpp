#pragma once
// What the benchmarks share: percentiles, a folder, and how a Vedette is configured.

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/process.hpp"

namespace vedette::bench {

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

double median(std::vector<double> values);

inline constexpr const char* kToken = "bench-token-0123456789";

// A source "bench" with kToken; `more` is appended.
void write_config(const std::string& path, const std::string& database, const std::string& more);

// Throws when the program under test does not print such a line.
std::string line_of(test::Process& process, const char* prefix);

}  // namespace vedette::bench

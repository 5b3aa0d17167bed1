#pragma once
// What the benchmarks share: percentiles and a folder.

#include <chrono>
#include <string>
#include <vector>

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

}  // namespace vedette::bench

#include "bench/support.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace vedette::bench {

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

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void write_config(const std::string& path, const std::string& database, const std::string& more) {
  std::ofstream(path) << fmt::format(
      "server:\n  listen: 127.0.0.1:0\nstore: sqlite:{}\nlog:\n  level: warning\nsources:\n  - name: bench\n    format: "
      "wazuh\n    auth:\n      "
      "type: bearer\n      tokens: [{}]\n{}",
      database, kToken, more);
}

std::string line_of(test::Process& process, const char* prefix) {
  const auto line = process.wait_for_line(prefix);
  if (!line) throw std::runtime_error("the program under test did not start; see its log");
  return *line;
}

}  // namespace vedette::bench

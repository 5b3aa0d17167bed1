#include "bench/support.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
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

}  // namespace vedette::bench

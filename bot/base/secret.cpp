#include "bot/base/secret.hpp"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace vedette {
namespace {

struct Registry {
  std::mutex mutex;
  std::vector<std::string> values;  // longest first, so that a secret within a secret leaves nothing behind
};

Registry& registry() {
  static Registry instance;
  return instance;
}

}  // namespace

Secret::Secret(std::string value) : value_(std::move(value)) { register_secret(value_); }

void register_secret(std::string_view value) {
  constexpr size_t kShortest = 8;
  if (value.size() < kShortest) return;
  auto& [mutex, values] = registry();
  const std::lock_guard lock(mutex);
  if (std::find(values.begin(), values.end(), value) != values.end()) return;
  const auto longer = [](const std::string& a, std::string_view b) { return a.size() > b.size(); };
  values.emplace(std::lower_bound(values.begin(), values.end(), value, longer), value);
}

std::string redact(std::string text) {
  constexpr std::string_view kInstead = "[redacted]";
  auto& [mutex, values] = registry();
  const std::lock_guard lock(mutex);
  for (const auto& value : values) {
    // On behind what was put there: it may hold the value itself.
    for (size_t at = text.find(value); at != std::string::npos; at = text.find(value, at + kInstead.size())) {
      text.replace(at, value.size(), kInstead);
    }
  }
  return text;
}

}  // namespace vedette

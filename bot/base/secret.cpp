#include "bot/base/secret.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

namespace vedette {
namespace {

constexpr size_t kShortest = 8;
constexpr size_t kRetiredKept = 8;

struct Entry {
  std::string value;
  size_t uses = 0;
};

struct Registry {
  std::mutex mutex;
  std::vector<Entry> entries;       // longest first, so that a secret within a secret leaves nothing behind
  std::deque<std::string> retired;  // no longer in use, oldest first

  std::vector<Entry>::iterator find(std::string_view value) {
    return std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.value == value; });
  }
};

Registry& registry() {
  static Registry instance;
  return instance;
}

}  // namespace

Secret::Secret(std::string value) : value_(std::move(value)) { register_secret(value_); }

void Secret::renew(std::string value) {
  register_secret(value);
  retire_secret(value_);
  value_ = std::move(value);
}

void register_secret(std::string_view value) {
  if (value.size() < kShortest) return;
  auto& known = registry();
  const std::lock_guard lock(known.mutex);
  auto entry = known.find(value);
  if (entry == known.entries.end()) {
    const auto longer = [](const Entry& a, std::string_view b) { return a.value.size() > b.size(); };
    const auto place = std::lower_bound(known.entries.begin(), known.entries.end(), value, longer);
    entry = known.entries.insert(place, Entry{std::string(value), 0});
  }
  ++entry->uses;
}

void retire_secret(std::string_view value) {
  auto& known = registry();
  const std::lock_guard lock(known.mutex);
  const auto entry = known.find(value);
  if (entry == known.entries.end() || entry->uses == 0) return;
  --entry->uses;
  if (entry->uses > 0) return;
  known.retired.emplace_back(value);
  if (known.retired.size() <= kRetiredKept) return;
  const auto oldest = known.find(known.retired.front());
  if (oldest != known.entries.end() && oldest->uses == 0) known.entries.erase(oldest);
  known.retired.pop_front();
}

size_t registered_secrets() {
  auto& known = registry();
  const std::lock_guard lock(known.mutex);
  return known.entries.size();
}

std::string redact(std::string text) {
  constexpr std::string_view kInstead = "[redacted]";
  auto& known = registry();
  const std::lock_guard lock(known.mutex);
  for (const auto& [value, uses] : known.entries) {
    // On behind what was put there: it may hold the value itself.
    for (size_t at = text.find(value); at != std::string::npos; at = text.find(value, at + kInstead.size())) {
      text.replace(at, value.size(), kInstead);
    }
  }
  return text;
}

}  // namespace vedette

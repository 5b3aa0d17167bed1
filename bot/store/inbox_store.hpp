#pragma once
// What chat platforms send (buttons, commands, messages), committed before it is acknowledged and worked off afterwards.

#include <optional>
#include <string>
#include <vector>

#include "bot/base/async.hpp"

namespace vedette {

struct InboxItem {
  int64_t id = 0;
  std::string platform;
  std::string key;      // unique per platform: envelope id, event id, request id
  std::string kind;     // "interaction"
  std::string payload;  // JSON as the platform's parser needs it
  Time received;
  int attempts = 0;
};

class InboxStore {
 public:
  virtual ~InboxStore() = default;
  // True when new, false when this key was seen before (kept for at least a day).
  virtual Async<bool> accept(InboxItem item) = 0;
  virtual Async<std::vector<InboxItem>> pending(size_t limit) = 0;  // oldest first, of those whose time has come
  // Whatever became of it; nothing once it is forgotten.
  virtual Async<std::optional<InboxItem>> find(int64_t id) = 0;
  // Whether a key between these two (byte by byte, neither of them included) was seen, whatever became of it.
  virtual Async<bool> any_between(std::string platform, std::string after, std::string before) = 0;
  virtual Async<int> started(int64_t id) = 0;                  // counts an attempt; answers how many that makes
  virtual Async<void> later(int64_t id, Time not_before) = 0;  // not pending until then
  virtual Async<void> done(int64_t id) = 0;
  virtual Async<void> failed(int64_t id, std::string reason) = 0;  // will not be tried again
};

}  // namespace vedette

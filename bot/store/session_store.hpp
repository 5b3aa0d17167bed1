#pragma once
#include <optional>
#include <string>

#include "bot/base/async.hpp"

namespace vedette {

// Console sessions. Only the SHA-256 of a session's token is kept.
class SessionStore {
 public:
  virtual ~SessionStore() = default;
  virtual Async<void> create(std::string token_hash, std::string person, Time expires) = 0;
  virtual Async<std::optional<std::string>> person(std::string token_hash, Time now) = 0;  // empty: none or over
  virtual Async<void> remove(std::string token_hash) = 0;
};

}  // namespace vedette

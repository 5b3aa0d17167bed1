#pragma once
// A value that must never be seen: it does not print, and its bytes are replaced in every log line.

#include <string>
#include <string_view>

namespace vedette {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value);  // also registers the value with the log redactor
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  // Takes another value in place of this one, for tokens that are given anew from time to time; may be empty.
  void renew(std::string value);

 private:
  std::string value_;
};

// Registers a value (8 bytes or longer; shorter ones would blank ordinary words). Thread-safe.
void register_secret(std::string_view value);
// Undoes one registration of a value that is not valid any more. The last few of these are still redacted, because they may
// be on their way into a log line; so what is remembered does not grow with every renewal. Thread-safe.
void retire_secret(std::string_view value);
size_t registered_secrets();  // how many values are redacted; thread-safe
// Replaces every registered value by "[redacted]". Thread-safe.
std::string redact(std::string text);

}  // namespace vedette

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

 private:
  std::string value_;
};

// Registers a value (8 bytes or longer; shorter ones would blank ordinary words). Thread-safe.
void register_secret(std::string_view value);
// Replaces every registered value by "[redacted]". Thread-safe.
std::string redact(std::string text);

}  // namespace vedette

#pragma once
// What `vedette doctor` found about one thing. A plain value.

#include <string>

namespace vedette {

struct Finding {
  enum class Kind { ok, note, problem };
  Kind kind = Kind::ok;
  std::string what;    // one or two words: "bot token"
  std::string text;    // what was found; never holds a secret
  std::string advice;  // what to do about it; empty for ok
};

}  // namespace vedette

#pragma once
// The memory of a parsed JSON document: one tree of plain nodes in one arena. Private to bot/base.

#include <cstdint>
#include <memory_resource>
#include <string_view>

#include "bot/base/json.hpp"

namespace vedette {

struct JsonMember;

struct JsonNode {
  enum class Kind : uint8_t { null, boolean, integer, natural, real, string, array, object };
  Kind kind = Kind::null;
  uint32_t size = 0;  // bytes of a string, elements, members
  union {
    bool boolean;
    int64_t integer;
    uint64_t natural = 0;  // only what does not fit an int64_t
    double real;
    const char* string;
    const JsonNode* elements;
    const JsonMember* members;  // sorted by name
  };

  bool is(Kind wanted) const { return kind == wanted; }
  std::string_view text() const { return {string, size}; }
  const JsonMember* find(std::string_view name) const;  // of an object
};

struct JsonMember {
  std::string_view name;
  JsonNode value;
};

struct JsonDocument {
  explicit JsonDocument(size_t bytes) : arena(bytes) {}
  std::pmr::monotonic_buffer_resource arena;
  JsonNode root;
};

// Reads `bytes` into `document`. Errors as Json::parse.
Status read_json(std::string_view bytes, const JsonLimits& limits, JsonDocument& document);

}  // namespace vedette

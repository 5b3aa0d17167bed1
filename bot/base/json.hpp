#pragma once
// Reading and writing JSON without a JSON library's header. RFC 8259, strict: no duplicate keys, valid UTF-8 only,
// limits on size, depth and the number of values. Bytes from outside become types here.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bot/base/result.hpp"

namespace vedette {

struct JsonDocument;
struct JsonNode;

struct JsonLimits {
  size_t bytes = 1 << 20;
  size_t depth = 64;
  size_t values = 200'000;
};

// A view of one value of a parsed document, which it keeps alive. Cheap to copy; immutable, so safe to share between
// threads. A missing member is a value too: it answers `exists() == false` and yields nothing, so that look-ups chain.
class Json {
 public:
  Json() = default;
  // Errors: invalid_input with the position (never the text), too_large.
  static Result<Json> parse(std::string_view bytes, const JsonLimits& limits = {});

  bool exists() const { return node_ != nullptr; }
  bool is_null() const;
  bool is_object() const;
  bool is_array() const;
  bool is_string() const;
  bool is_number() const;
  bool is_boolean() const;

  Json operator[](std::string_view key) const;  // member by its exact name
  Json operator[](const char* key) const { return (*this)[std::string_view(key)]; }
  Json operator[](size_t index) const;
  Json at(std::string_view pointer) const;  // RFC 6901: "/alert/rule/id"; "" is this value

  std::optional<std::string> string() const;
  std::string_view text() const;           // of a string, as long as a view of the document lives; empty for the rest
  std::optional<int64_t> integer() const;  // whole numbers that fit, also written as 3.0
  std::optional<double> number() const;
  std::optional<bool> boolean() const;
  std::string string_or(std::string_view fallback) const;
  int64_t integer_or(int64_t fallback) const;
  bool boolean_or(bool fallback) const;
  // A scalar as text: strings as they are, numbers and booleans as written in JSON; empty for the rest.
  std::string scalar_text() const;

  size_t size() const;                 // members or elements; 0 for scalars
  std::vector<Json> elements() const;  // of an array; empty otherwise
  // Of an object, sorted by name; empty otherwise. The names live as long as a view of the document does.
  std::vector<std::pair<std::string_view, Json>> members() const;
  std::string dump() const;                                                    // compact, keys sorted: canonical for digests
  bool is_same_node(const Json& other) const { return node_ == other.node_; }  // of one document

 private:
  Json(std::shared_ptr<const JsonDocument> document, const JsonNode* node) : document_(std::move(document)), node_(node) {}
  std::shared_ptr<const JsonDocument> document_;
  const JsonNode* node_ = nullptr;
};

// Writes compact JSON front to back. Text that is not valid UTF-8 is mended with U+FFFD. The caller keeps
// keys and ends balanced.
//   JsonWriter w;  w.begin_object().field("id", id).key("tags").begin_array().value("a").end_array().end_object();
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(int64_t number);
  JsonWriter& value(int number) { return value(static_cast<int64_t>(number)); }
  JsonWriter& value(size_t number) { return value(static_cast<int64_t>(number)); }
  JsonWriter& value(double number);
  JsonWriter& value(bool boolean);
  JsonWriter& null();
  JsonWriter& json(std::string_view already_json);  // must be one valid JSON value
  template <class T>
  JsonWriter& field(std::string_view name, const T& content) {
    return key(name).value(content);
  }
  std::string take();  // the finished text; the writer is empty again
  const std::string& text() const { return out_; }

 private:
  void separate();
  std::string out_;
  bool first_ = true;
};

// `text` as a JSON string with its quotes.
std::string json_quote(std::string_view text);
void append_json_string(std::string& out, std::string_view text);

}  // namespace vedette

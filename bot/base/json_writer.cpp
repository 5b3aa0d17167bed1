#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"

namespace vedette {

namespace {

bool stands_for_itself(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

}  // namespace

void append_json_string(std::string& out, std::string_view content) {
  out += '"';
  bool mended = false;
  std::string whole;
  while (true) {
    const auto end = std::find_if_not(content.begin(), content.end(), stands_for_itself);
    const auto length = static_cast<size_t>(end - content.begin());
    out.append(content.substr(0, length));
    content.remove_prefix(length);
    if (content.empty()) break;
    const auto byte = static_cast<unsigned char>(content.front());
    if (byte >= 0x80 && !mended) {
      mended = true;
      if (!text::valid_utf8(content)) content = whole = text::to_valid_utf8(content);
    }
    switch (content.front()) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (byte >= 0x80)
          out += content.front();
        else
          out += fmt::format("\\u{:04x}", byte);
    }
    content.remove_prefix(1);
  }
  out += '"';
}

std::string json_quote(std::string_view content) {
  std::string out;
  out.reserve(content.size() + 2);
  append_json_string(out, content);
  return out;
}

void JsonWriter::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}
JsonWriter& JsonWriter::begin_object() {
  separate();
  out_ += '{';
  first_ = true;
  return *this;
}
JsonWriter& JsonWriter::end_object() {
  out_ += '}';
  first_ = false;
  return *this;
}
JsonWriter& JsonWriter::begin_array() {
  separate();
  out_ += '[';
  first_ = true;
  return *this;
}
JsonWriter& JsonWriter::end_array() {
  out_ += ']';
  first_ = false;
  return *this;
}
JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_ += ':';
  first_ = true;
  return *this;
}
JsonWriter& JsonWriter::json(std::string_view already_json) {
  separate();
  out_ += already_json;
  return *this;
}
JsonWriter& JsonWriter::value(std::string_view content) {
  separate();
  append_json_string(out_, content);
  return *this;
}
JsonWriter& JsonWriter::value(int64_t number) { return json(std::to_string(number)); }
JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number);
  return json(std::string_view(buffer, static_cast<size_t>(end - buffer)));
}
JsonWriter& JsonWriter::value(bool boolean) { return json(boolean ? "true" : "false"); }
JsonWriter& JsonWriter::null() { return json("null"); }
std::string JsonWriter::take() {
  first_ = true;
  return std::exchange(out_, {});
}

}  // namespace vedette

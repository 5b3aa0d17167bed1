#include "bot/base/text.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>

#include <simdjson.h>

namespace vedette::text {
namespace {

char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

struct Decoded {
  char32_t code_point;
  size_t length;  // bytes; 0 when malformed
};

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
Decoded decode(std::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  size_t length = 0;
  char32_t value = 0;
  char32_t smallest = 0;
  if ((first & 0xE0) == 0xC0) {
    length = 2, value = first & 0x1Fu, smallest = 0x80;
  } else if ((first & 0xF0) == 0xE0) {
    length = 3, value = first & 0x0Fu, smallest = 0x800;
  } else if ((first & 0xF8) == 0xF0) {
    length = 4, value = first & 0x07u, smallest = 0x10000;
  } else {
    return {0, 0};
  }
  if (bytes.size() < length) return {0, 0};
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {0, 0};
    value = (value << 6) | (byte(i) & 0x3Fu);
  }
  if (value < smallest || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {0, 0};
  return {value, length};
}

// Most text is: it is as it was after every step below.
bool plain_ascii(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

bool invisible(char32_t c) {
  return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF ||
         c == 0x061C || c == 0x180E || c == 0x00AD || (c >= 0xE0000 && c <= 0xE0FFF);
}

}  // namespace

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower_char);
  return result;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string result;
  for (const auto& part : parts) {
    if (&part != &parts.front()) result += separator;
    result += part;
  }
  return result;
}

bool iequals(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower_char(x) == lower_char(y); });
}

bool icontains(std::string_view haystack, std::string_view needle) {
  const auto same = [](char x, char y) { return lower_char(x) == lower_char(y); };
  return std::search(haystack.begin(), haystack.end(), needle.begin(), needle.end(), same) != haystack.end() ||
         needle.empty();
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  if (from.empty()) return text;
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::optional<int64_t> parse_integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

bool valid_utf8(std::string_view bytes) { return simdjson::validate_utf8(bytes.data(), bytes.size()); }

std::string to_valid_utf8(std::string_view bytes) {
  std::string result;
  result.reserve(bytes.size());
  while (!bytes.empty()) {
    const auto [code_point, length] = decode(bytes);
    if (length == 0) {
      result += "\xEF\xBF\xBD";
      bytes.remove_prefix(1);
    } else {
      result += bytes.substr(0, length);
      bytes.remove_prefix(length);
    }
  }
  return result;
}

size_t characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string ellipsize(std::string_view text, size_t limit) {
  if (text.size() <= limit || characters(text) <= limit) return std::string(text);
  if (limit == 0) return {};
  size_t kept = 0;
  size_t at = 0;
  while (at < text.size()) {
    if ((text[at] & 0xC0) != 0x80 && kept++ == limit - 1) break;
    ++at;
  }
  return std::string(text.substr(0, at)) + "…";
}

std::string displayable(std::string_view bytes, bool keep_lines) {
  if (plain_ascii(bytes)) return std::string(bytes);
  std::string result;
  result.reserve(bytes.size());
  while (!bytes.empty()) {
    const auto [code_point, length] = decode(bytes);
    if (length == 0) {
      result += "\xEF\xBF\xBD";
      bytes.remove_prefix(1);
      continue;
    }
    if (code_point == '\n' && keep_lines) {
      result += '\n';
    } else if (code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) || code_point == 0x2028 ||
               code_point == 0x2029) {
      result += ' ';
    } else if (!invisible(code_point)) {
      result += bytes.substr(0, length);
    }
    bytes.remove_prefix(length);
  }
  return result;
}

std::string defang(std::string_view text) {
  std::string result(text);
  for (const auto& [from, to] : {std::pair{"http://", "hxxp://"}, {"https://", "hxxps://"}, {"ftp://", "fxp://"}}) {
    if (icontains(result, from)) {
      const size_t length = std::string_view(from).size();
      for (size_t at = 0; at + length <= result.size(); ++at) {
        if (iequals(std::string_view(result).substr(at, length), from)) result.replace(at, length, to);
      }
    }
  }
  std::string out;
  for (size_t at = 0; at < result.size(); ++at) {
    const bool between =
        at > 0 && at + 1 < result.size() && !is_space(result[at - 1]) && !is_space(result[at + 1]) && result[at - 1] != '[';
    if (result[at] == '.' && between)
      out += "[.]";
    else
      out += result[at];
  }
  return replace_all(std::move(out), "@", "[@]");
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace vedette::text

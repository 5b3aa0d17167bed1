#include "bot/intake/reading.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "bot/base/text.hpp"

namespace vedette::intake {
namespace {

bool is_placeholder(std::string_view value) {
  return value.empty() || value == "-" || text::iequals(value, "n/a") || text::iequals(value, "null") ||
         text::iequals(value, "(null)") || text::iequals(value, "none");
}

std::string_view cut(std::string_view value) {
  if (value.size() <= kFieldBytes) return value;
  size_t length = kFieldBytes;
  while (length > 0 && (static_cast<unsigned char>(value[length]) & 0xC0) == 0x80) --length;
  return value.substr(0, length);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Brings what some tools write into the form parse_time reads: "+01.00" offsets, " UTC" and " +0000" behind a space.
std::string mended_time(std::string_view given) {
  std::string value(text::trim(given));
  if (value.ends_with(" UTC") || value.ends_with(" GMT")) value.replace(value.size() - 4, 4, "Z");
  const size_t size = value.size();
  if (size > 6 && value[size - 3] == '.' && (value[size - 6] == '+' || value[size - 6] == '-')) value[size - 3] = ':';
  return value;
}

struct Flattener {
  Fields& fields;
  size_t left;

  void add(std::string_view name, std::string_view value) {
    if (left == 0 || is_placeholder(value)) return;
    auto [place, fresh] = fields.try_emplace(std::string(name), cut(value));
    if (fresh) {
      --left;
    } else if (place->second.size() + value.size() + 2 <= kFieldBytes) {
      place->second.append(", ").append(value);
    }
  }

  void walk(const Json& value, const std::string& name, int depth) {
    if (depth > 8 || left == 0) return;
    if (value.is_object()) {
      for (const auto& [key, member] : value.members())
        walk(member, name.empty() ? std::string(key) : fmt::format("{}.{}", name, key), depth + 1);
    } else if (value.is_array()) {
      for (const auto& element : value.elements()) walk(element, name, depth + 1);
    } else {
      add(name, text::trim(value.scalar_text()));
    }
  }
};

// Members that transports and search engines put a whole record into, as an object or as text.
constexpr std::array<std::string_view, 20> kTextCarriers = {
    "data",    "message", "Message", "body",   "Body",     "event",    "Event",     "raw",     "_raw",  "log",
    "payload", "detail",  "record",  "result", "original", "rawEvent", "raw_event", "content", "entry", "alert"};

struct Collector {
  const std::function<bool(const Json&)>& wanted;
  std::vector<Json> found;

  void walk(const Json& value, int depth) {
    constexpr size_t kMost = 20'000;
    if (depth > 10 || found.size() >= kMost) return;
    if (value.is_object()) {
      if (wanted(value)) {
        found.push_back(value);
        return;
      }
      for (const auto& [name, member] : value.members()) {
        if (member.is_object() || member.is_array())
          walk(member, depth + 1);
        else if (member.is_string())
          walk_text(name, member, depth);
      }
    } else if (value.is_array()) {
      for (const auto& element : value.elements()) {
        if (element.is_object() || element.is_array()) walk(element, depth + 1);
      }
    }
  }

  void walk_text(std::string_view name, const Json& member, int depth) {
    if (std::find(kTextCarriers.begin(), kTextCarriers.end(), name) == kTextCarriers.end()) return;
    const auto start = text::trim(member.text());
    if (start.empty() || (start.front() != '{' && start.front() != '[')) return;
    const auto inner = Json::parse(start);
    if (inner) walk(*inner, depth + 1);
  }
};

}  // namespace

std::string text_of(const Json& value) {
  if (value.is_array()) {
    std::string joined;
    for (size_t i = 0; i < value.size(); ++i) {
      const std::string part = text_of(value[i]);
      if (part.empty()) continue;
      if (!joined.empty()) joined += ", ";
      joined += part;
    }
    return joined;
  }
  if (!value.is_string()) return value.scalar_text();
  const std::string_view trimmed = text::trim(value.text());
  return is_placeholder(trimmed) ? std::string() : std::string(trimmed);
}

std::string first_text(const Json& root, std::initializer_list<std::string_view> pointers) {
  for (const auto pointer : pointers) {
    std::string found = text_of(root.at(pointer));
    if (!found.empty()) return found;
  }
  return {};
}

std::optional<Time> time_of(std::string_view given) {
  const std::string_view value = text::trim(given);
  if (value.empty()) return std::nullopt;
  if (const auto time = parse_time(value)) return time;
  if (std::all_of(value.begin(), value.end(), [](char c) { return is_digit(c) || c == '.'; })) {
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    // Smaller numbers are a year, a count or a duration, not a moment.
    if (error == std::errc() && end == value.data() + value.size() && number > 1e8) return from_epoch(number);
    return std::nullopt;
  }
  return parse_time(mended_time(value));
}

std::optional<Time> time_of(const Json& value) {
  if (value.is_number()) {
    const double number = value.number().value_or(0);
    return number > 1e8 ? from_epoch(number) : std::nullopt;
  }
  if (value.is_array()) return time_of(value[size_t{0}]);
  return time_of(value.text());
}

std::optional<Time> first_time(const Json& root, std::initializer_list<std::string_view> pointers) {
  for (const auto pointer : pointers) {
    if (const auto time = time_of(root.at(pointer))) return time;
  }
  return std::nullopt;
}

void put(Fields& fields, std::string_view name, std::string_view value) {
  value = text::trim(value);
  if (is_placeholder(value)) return;
  fields.insert_or_assign(std::string(name), std::string(cut(value)));
}

void put(Fields& fields, std::string_view name, const Json& value) {
  if (value.is_string())
    put(fields, name, value.text());
  else if (value.exists())
    put(fields, name, std::string_view(text_of(value)));
}

void put_if_absent(Fields& fields, std::string_view name, std::string_view value) {
  value = text::trim(value);
  if (!is_placeholder(value)) fields.try_emplace(std::string(name), cut(value));
}

std::string_view get(const Fields& fields, std::string_view name) {
  const auto found = fields.find(std::string(name));
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

void flatten(const Json& value, std::string_view prefix, Fields& fields, size_t limit) {
  Flattener{fields, limit}.walk(value, std::string(prefix), 0);
}

void add_entity(Alert& alert, EntityType type, std::string_view value) {
  constexpr size_t kMost = 100;
  if (value.empty() || alert.entities.size() >= kMost) return;
  add_unique(alert.entities, make_entity(type, value));
}

void add_host(Alert& alert, std::string_view value) { add_entity(alert, EntityType::host, value); }

void add_techniques(Alert& alert, std::string_view content) {
  constexpr size_t kMost = 50;
  const auto digits = [&](size_t at, size_t count) {
    if (at + count > content.size()) return false;
    for (size_t i = at; i < at + count; ++i) {
      if (!is_digit(content[i])) return false;
    }
    return at + count == content.size() || !is_digit(content[at + count]);
  };
  for (size_t at = content.find('T'); at != std::string_view::npos; at = content.find('T', at + 1)) {
    const bool starts_word = at == 0 || !((content[at - 1] | 0x20) >= 'a' && (content[at - 1] | 0x20) <= 'z');
    if (!starts_word || !digits(at + 1, 4)) continue;
    const bool sub = at + 5 < content.size() && content[at + 5] == '.' && digits(at + 6, 3);
    std::string id(content.substr(at, sub ? 9 : 5));
    auto& known = alert.techniques;
    if (known.size() < kMost && std::find(known.begin(), known.end(), id) == known.end()) known.push_back(std::move(id));
  }
}

std::string base_name(std::string_view path) {
  const size_t slash = path.find_last_of("/\\");
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

void put_hashes(Fields& fields, std::string_view prefix, std::string_view hashes) {
  for (const auto& part : text::split(hashes, ',')) {
    const size_t equals = part.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = text::lower(text::trim(std::string_view(part).substr(0, equals)));
    const std::string value = text::lower(text::trim(std::string_view(part).substr(equals + 1)));
    // Sysmon writes zeros where it could not compute one.
    if (value.find_first_not_of('0') == std::string::npos) continue;
    if (name == "md5" || name == "sha1" || name == "sha256" || name == "imphash") {
      put(fields, std::string(prefix) + ".hash." + name, value);
    }
  }
}

std::string address_of(std::string_view given) {
  std::string_view value = text::trim(given);
  if (value.starts_with('[')) value = value.substr(1, value.find(']') == std::string_view::npos ? 0 : value.find(']') - 1);
  value = value.substr(0, value.find('%'));
  if (value.starts_with("::ffff:") && value.find('.') != std::string_view::npos) value.remove_prefix(7);
  if (std::count(value.begin(), value.end(), ':') == 1) value = value.substr(0, value.find(':'));
  const auto entity = make_entity(EntityType::ip, value);
  return entity ? entity->value : std::string();
}

std::vector<Json> records_in(const Json& root, const std::function<bool(const Json&)>& wanted) {
  Collector collector{wanted, {}};
  collector.walk(root, 0);
  return std::move(collector.found);
}

}  // namespace vedette::intake

#pragma once
// Small helpers that every parser of this folder uses to read foreign JSON: tolerant about types, never about limits.
// Pure functions; thread-safe.

#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/clock.hpp"
#include "bot/base/json.hpp"
#include "bot/domain/alert.hpp"

namespace vedette::intake {

using Fields = std::map<std::string, std::string>;

// The longest value kept for one field; the rest stays in the raw record only.
inline constexpr size_t kFieldBytes = 4096;

// A scalar as trimmed text; of a list, its scalars joined by ", ". Empty for the rest and for placeholders ("-", "N/A").
std::string text_of(const Json& value);
// The first of the pointers (RFC 6901) that yields text.
std::string first_text(const Json& root, std::initializer_list<std::string_view> pointers);

// A time as text (RFC 3339 and its common misspellings) or as seconds, milliseconds … since 1970, as number or text.
std::optional<Time> time_of(const Json& value);
std::optional<Time> time_of(std::string_view text);
std::optional<Time> first_time(const Json& root, std::initializer_list<std::string_view> pointers);

// Sets a field unless the value is empty or a placeholder; cuts it at kFieldBytes on a character boundary.
void put(Fields& fields, std::string_view name, std::string_view value);
void put(Fields& fields, std::string_view name, const Json& value);
// The same, but an earlier value stays.
void put_if_absent(Fields& fields, std::string_view name, std::string_view value);
std::string_view get(const Fields& fields, std::string_view name);

// Every scalar below `value` as `prefix.path.to.it`; lists of scalars joined by ", ", lists of objects merged by name.
// At most `limit` fields are added, below at most eight levels.
void flatten(const Json& value, std::string_view prefix, Fields& fields, size_t limit = 200);

void add_entity(Alert& alert, EntityType type, std::string_view value);
// An address becomes an ip entity, everything else a host.
void add_host(Alert& alert, std::string_view value);
// Adds "T1059" or "T1059.001" wherever they stand in `text`; each once.
void add_techniques(Alert& alert, std::string_view text);

// The part after the last '/' or '\'.
std::string base_name(std::string_view path);
// "MD5=…,SHA256=…" as Sysmon writes it, into <prefix>.hash.md5 and so on.
void put_hashes(Fields& fields, std::string_view prefix, std::string_view hashes);
// An address without its zone, port or IPv4-in-IPv6 dress ("::ffff:10.0.0.1"); empty when it is none.
std::string address_of(std::string_view text);

// All records inside `root` that `wanted` accepts, whatever wraps them: lists, objects that hold lists, search hits
// (`_source`), and JSON inside strings of the members that transports use for it (data, message, body, event, …).
// Does not look inside a record that was accepted. At most ten levels deep.
std::vector<Json> records_in(const Json& root, const std::function<bool(const Json&)>& wanted);

}  // namespace vedette::intake

#pragma once
// A log record, and the one language in which records are asked for. Plain values.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/clock.hpp"
#include "bot/domain/entity.hpp"

namespace vedette {

struct Event {
  std::string id;       // unique within the dataset: the source's own id, else a digest of the record
  std::string dataset;  // "cloudtrail", "windows", "suricata", "ecs", ...
  Time time;
  std::map<std::string, std::string> fields;  // ECS name → value; lists joined by ", "
  std::string raw;                            // the record as received (JSON)

  std::string_view get(std::string_view field) const;  // "" when absent
};

// The ECS fields the built-in log keeps indexes for. Others can be asked for too; they are filtered after the indexed ones.
const std::vector<std::string_view>& indexed_fields();
// The entities an event mentions, from its fields.
std::vector<Entity> entities_of(const std::map<std::string, std::string>& fields);
// The ECS fields in which an entity of this type stands, e.g. ip: source.ip, destination.ip, host.ip, client.ip.
const std::vector<std::string_view>& fields_of(EntityType type);

enum class Op { equals, not_equals, any_of, prefix, contains, exists, missing, cidr };
std::string_view to_string(Op op);

struct Condition {
  Condition() = default;
  Condition(std::string field_, Op op_, std::vector<std::string> values_)
      : field(std::move(field_)), op(op_), values(std::move(values_)) {}
  std::string field;
  Op op = Op::equals;               // text compares without regard to case
  std::vector<std::string> values;  // one for most, several for any_of, none for exists and missing
};

// All conditions must hold; of `any`, at least one where there are some.
struct EventQuery {
  std::string dataset;  // empty: all
  Time from;
  Time to;
  std::vector<Condition> all;
  std::vector<Condition> any;
  std::string text;      // every word of it occurs somewhere in the record; empty: no text condition
  std::string group_by;  // count per value of this field; empty: none
  size_t limit = 50;     // records or groups returned
  bool newest_first = true;
};

struct EventGroup {
  std::string value;
  int64_t count = 0;
  Time first;
  Time last;
};

struct EventResult {
  std::vector<Event> events;
  std::vector<EventGroup> groups;  // most frequent first; only with group_by
  int64_t total = 0;               // matching records, also beyond the limit
  std::optional<Time> first;       // of all that match
  std::optional<Time> last;
};

// The query as one readable line, stored with evidence: `dataset:windows user.name = "ann" and event.action = "4625"`.
std::string to_text(const EventQuery& query);

}  // namespace vedette

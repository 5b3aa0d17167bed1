#pragma once
// From an EventQuery to SQL. Conditions are defined over Event::get(): a field that is absent is the empty text.
//
// SQLite keeps no statistics here, so the index is chosen by rule: the condition on the field that narrows most stands bare,
// and all others are written so that no index fits them (`+column`).

#include <string>
#include <variant>
#include <vector>

#include "bot/store/sqlite/engine.hpp"

namespace vedette::sqlite {

// A condition in SQL, and the values of its placeholders $1, $2, …
struct EventFilter {
  std::string where;
  std::vector<std::variant<int64_t, std::string>> values;
  std::string placeholder(std::variant<int64_t, std::string> value);  // adds it: "$7"
};

// invalid_input for a condition without its value, a network that is none, a field name that is none, or too much of
// anything.
Result<EventFilter> filter_of(const EventQuery& query, int64_t tenant);
// The expression for a field: its column, or what stands under its name in the JSON of the others.
std::string field_expression(EventFilter& filter, const std::string& field);
Status check_field_name(const std::string& field);

Result<EventResult> run_query(Transaction& tx, const EventQuery& query);

}  // namespace vedette::sqlite

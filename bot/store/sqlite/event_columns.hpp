#pragma once
// The table `event` and the ECS fields that have a column of their own in it.

#include <string>
#include <string_view>
#include <vector>

namespace vedette::sqlite {

struct EventColumn {
  std::string_view field;   // ECS name
  std::string_view column;  // a constant of the program: safe to stand in SQL
  // How well an index on it narrows a search: 3 an entity, 2 a name of something, 1 a kind of event, 0 no index.
  int narrows = 0;
};

const std::vector<EventColumn>& event_columns();
const EventColumn* event_column(std::string_view field);

// What of a record can be found by its words: the values in the raw JSON (no member names), and those of `values` that are
// not among them.
std::string searchable_text(std::string_view raw, const std::vector<std::string_view>& values);
// The words of a search text as an FTS5 query that all must match; empty when it holds no word. A word with dots or dashes
// in it (an address, a file name) matches the same parts in the same order.
std::string words_query(std::string_view text);

// Whether an address, or one of several joined by ", ", is inside a network. False for what cannot be read.
bool in_network(std::string_view value, std::string_view network);
bool is_network(std::string_view text);

}  // namespace vedette::sqlite

#include "bot/store/sqlite/event_query.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/store/sqlite/event_columns.hpp"
#include "bot/store/sqlite/rows.hpp"

namespace vedette::sqlite {

namespace {

constexpr size_t kMostConditions = 64;
constexpr size_t kMostValues = 1000;
constexpr size_t kLongestValue = 16 << 10;
constexpr size_t kLongestText = 1000;

bool needs_value(Op op) { return op != Op::exists && op != Op::missing; }

Status check(const Condition& condition) {
  TRY_VOID(check_field_name(condition.field));
  if (needs_value(condition.op) && condition.op != Op::any_of && condition.values.empty()) {
    return Error(Code::invalid_input, fmt::format("The condition on {} has no value.", condition.field));
  }
  if (condition.values.size() > kMostValues) {
    return Error(Code::invalid_input,
                 fmt::format("The condition on {} has more than {} values.", condition.field, kMostValues));
  }
  for (const auto& value : condition.values) {
    if (value.size() > kLongestValue) {
      return Error(Code::invalid_input,
                   fmt::format("A value for {} is longer than {} bytes.", condition.field, kLongestValue));
    }
    if (condition.op == Op::cidr && !is_network(value)) {
      return Error(Code::invalid_input,
                   fmt::format("The condition on {} needs a network such as 10.0.0.0/8.", condition.field));
    }
  }
  return {};
}

Status check(const EventQuery& query) {
  if (query.all.size() + query.any.size() > kMostConditions) {
    return Error(Code::invalid_input, fmt::format("More than {} conditions in one search.", kMostConditions));
  }
  if (query.text.size() > kLongestText) {
    return Error(Code::invalid_input, fmt::format("A search text longer than {} bytes.", kLongestText));
  }
  for (const auto& condition : query.all) TRY_VOID(check(condition));
  for (const auto& condition : query.any) TRY_VOID(check(condition));
  if (!query.group_by.empty()) TRY_VOID(check_field_name(query.group_by));
  return {};
}

// How well an index serves this condition; 0: not at all.
int usefulness(const Condition& condition) {
  const EventColumn* column = event_column(condition.field);
  if (column == nullptr || column->narrows == 0) return 0;
  if (std::any_of(condition.values.begin(), condition.values.end(), [](const auto& value) { return value.empty(); }))
    return 0;
  switch (condition.op) {
    case Op::equals: return column->narrows * 10 + 3;
    case Op::any_of: return column->narrows * 10 + 2;
    case Op::prefix: return column->narrows * 10 + 1;
    default: return 0;
  }
}

std::string escape_like(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '%' || c == '_' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// The least text greater than all that begin with `prefix`, as NOCASE compares (letters as lower case).
std::string behind(std::string_view prefix) {
  std::string end = text::lower(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xFF) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

std::string prefix_sql(EventFilter& filter, const std::string& field, const std::string& value) {
  std::string sql = fmt::format("({0} >= {1} COLLATE NOCASE AND ", field, filter.placeholder(text::lower(value)));
  if (const std::string end = behind(value); !end.empty()) {
    sql += fmt::format("{} < {} COLLATE NOCASE AND ", field, filter.placeholder(end));
  }
  return sql + fmt::format("{} LIKE {} ESCAPE '\\')", field, filter.placeholder(escape_like(value) + "%"));
}

std::string contains_sql(EventFilter& filter, const std::string& field, const std::string& value) {
  return fmt::format("{} LIKE {} ESCAPE '\\'", field, filter.placeholder("%" + escape_like(value) + "%"));
}

std::string list_sql(EventFilter& filter, const std::string& field, const Condition& condition) {
  std::vector<std::string> places;
  bool empty_too = false;
  for (const auto& value : condition.values) {
    if (value.empty())
      empty_too = true;
    else
      places.push_back(filter.placeholder(value));
  }
  std::vector<std::string> parts;
  if (places.size() == 1) parts.push_back(fmt::format("{} = {} COLLATE NOCASE", field, places[0]));
  if (places.size() > 1) parts.push_back(fmt::format("{} COLLATE NOCASE IN ({})", field, text::join(places, ", ")));
  if (empty_too) parts.push_back(field + " IS NULL");
  return parts.size() == 1 ? parts[0] : "(" + text::join(parts, " OR ") + ")";
}

template <class OneValue>
std::string any_value_sql(EventFilter& filter, const std::string& field, const Condition& condition, OneValue one_value) {
  std::vector<std::string> parts;
  parts.reserve(condition.values.size());
  for (const auto& value : condition.values) parts.push_back(one_value(filter, field, value));
  return parts.size() == 1 ? parts[0] : "(" + text::join(parts, " OR ") + ")";
}

// A condition that holds for every record or for none, whatever the field; empty for the others.
std::string_view constant_sql(const Condition& condition) {
  const auto& values = condition.values;
  switch (condition.op) {
    case Op::equals:
    case Op::any_of: return values.empty() ? "1 = 0" : "";
    case Op::prefix:
    case Op::contains: return std::find(values.begin(), values.end(), "") != values.end() ? "1 = 1" : "";
    default: return {};
  }
}

// `plain`: an index may serve it.
std::string condition_sql(EventFilter& filter, const Condition& condition, bool plain) {
  if (const auto constant = constant_sql(condition); !constant.empty()) return std::string(constant);
  const std::string expression = field_expression(filter, condition.field);
  const std::string field = plain || event_column(condition.field) == nullptr ? expression : "+" + expression;
  switch (condition.op) {
    case Op::equals:
    case Op::any_of: return list_sql(filter, field, condition);
    case Op::not_equals: return "NOT COALESCE(" + list_sql(filter, field, condition) + ", 0)";
    case Op::prefix: return any_value_sql(filter, field, condition, prefix_sql);
    case Op::contains: return any_value_sql(filter, field, condition, contains_sql);
    case Op::exists: return field + " IS NOT NULL";
    case Op::missing: return field + " IS NULL";
    case Op::cidr:
      return any_value_sql(filter, field, condition, [](EventFilter& f, const std::string& e, const std::string& value) {
        return fmt::format("in_network({}, {})", e, f.placeholder(value));
      });
  }
  return "1 = 0";
}

// Which conditions may use an index: one of `all`, or all of `any`.
struct IndexChoice {
  size_t all = SIZE_MAX;
  bool any = false;
  int usefulness = 0;
};

IndexChoice choose(const EventQuery& query) {
  IndexChoice choice;
  for (size_t i = 0; i < query.all.size(); ++i) {
    const int useful = usefulness(query.all[i]);
    if (useful <= choice.usefulness) continue;
    choice.usefulness = useful;
    choice.all = i;
  }
  int any_useful = query.any.empty() ? 0 : INT32_MAX;
  for (const auto& condition : query.any) any_useful = std::min(any_useful, usefulness(condition));
  if (any_useful > choice.usefulness) return {SIZE_MAX, true, any_useful};
  return choice;
}

// " AND time >= $2 AND time <= $3", as far as the query has bounds.
std::string window_sql(EventFilter& filter, const EventQuery& query) {
  std::string sql;
  if (query.from != Time()) sql += " AND time >= " + filter.placeholder(to_micros(query.from));
  if (query.to != Time()) sql += " AND time <= " + filter.placeholder(to_micros(query.to));
  return sql;
}

void bind(Statement& statement, const EventFilter& filter) {
  int number = 0;
  for (const auto& value : filter.values) {
    ++number;
    if (const auto* text = std::get_if<std::string>(&value))
      statement.bind(number, *text);
    else
      statement.bind(number, std::get<int64_t>(value));
  }
}

const std::string& event_select() {
  static const std::string sql = [] {
    std::string columns = "SELECT dataset, id, time, fields, raw";
    for (const auto& column : event_columns()) columns += fmt::format(", {}", column.column);
    return columns + " FROM event WHERE ";
  }();
  return sql;
}

Event read_event(const Statement& row) {
  Event event;
  event.dataset = row.text(0);
  event.id = row.text(1);
  event.time = from_micros(row.integer(2));
  event.fields = fields_from(row.view(3));
  event.raw = row.text(4);
  int column = 5;
  for (const auto& known : event_columns()) {
    if (!row.is_null(column)) event.fields.emplace(known.field, row.text(column));
    ++column;
  }
  return event;
}

void read_totals(Transaction& tx, const EventFilter& filter, EventResult& result) {
  auto row = tx.db.prepare_once("SELECT COUNT(*), MIN(time), MAX(time) FROM event WHERE " + filter.where);
  bind(row, filter);
  row.step();
  result.total = row.integer(0);
  if (result.total == 0) return;
  result.first = from_micros(row.integer(1));
  result.last = from_micros(row.integer(2));
}

void read_groups(Transaction& tx, const EventQuery& query, EventFilter filter, EventResult& result) {
  // Written so that the order of an index on this field does not tempt SQLite to walk all of it.
  const std::string expression = field_expression(filter, query.group_by);
  const std::string field = event_column(query.group_by) == nullptr ? expression : "+" + expression;
  const std::string limit = filter.placeholder(static_cast<int64_t>(bounded(query.limit)));
  auto rows = tx.db.prepare_once(
      fmt::format("SELECT MIN({0}), COUNT(*), MIN(time), MAX(time) FROM event WHERE {1} AND {0} IS NOT NULL "
                  "GROUP BY {0} COLLATE NOCASE ORDER BY 2 DESC, 1 LIMIT {2}",
                  field, filter.where, limit));
  bind(rows, filter);
  while (rows.step()) {
    EventGroup group;
    group.value = rows.text(0);
    group.count = rows.integer(1);
    group.first = from_micros(rows.integer(2));
    group.last = from_micros(rows.integer(3));
    result.groups.push_back(std::move(group));
  }
}

void read_events(Transaction& tx, const EventQuery& query, EventFilter filter, EventResult& result) {
  const std::string limit = filter.placeholder(static_cast<int64_t>(bounded(query.limit)));
  const std::string_view order = query.newest_first ? "time DESC, seq DESC" : "time, seq";
  auto rows = tx.db.prepare_once(fmt::format("{}{} ORDER BY {} LIMIT {}", event_select(), filter.where, order, limit));
  bind(rows, filter);
  while (rows.step()) result.events.push_back(read_event(rows));
}

}  // namespace

std::string EventFilter::placeholder(std::variant<int64_t, std::string> value) {
  values.push_back(std::move(value));
  return fmt::format("${}", values.size());
}

Status check_field_name(const std::string& field) {
  const auto unsound = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; };
  if (!field.empty() && field.size() <= 200 && std::none_of(field.begin(), field.end(), unsound)) return {};
  return Error(Code::invalid_input, "A field name is empty, too long, or has a character that no field name has.");
}

std::string field_expression(EventFilter& filter, const std::string& field) {
  if (const EventColumn* column = event_column(field)) return std::string(column->column);
  return fmt::format("json_extract(fields, {})", filter.placeholder("$.\"" + field + "\""));
}

Result<EventFilter> filter_of(const EventQuery& query, int64_t tenant) {
  TRY_VOID(check(query));
  const std::string words = words_query(query.text);
  if (words.empty() && !text::trim(query.text).empty()) {
    return Error(Code::invalid_input, "The search text holds no word.");
  }
  constexpr int kNarrowEnough = 20;  // then the words are looked at for the rows of that index only
  const IndexChoice choice = choose(query);
  const bool words_lead = !words.empty() && choice.usefulness < kNarrowEnough;
  const bool any_leads = choice.any && !words_lead;
  const bool one_leads = choice.all != SIZE_MAX && !words_lead;
  EventFilter filter;
  const std::string tenant_place = filter.placeholder(tenant);
  const std::string window = window_sql(filter, query);
  // Led by a set of records, no index may serve the rest of the condition.
  filter.where = words_lead || any_leads
                     ? fmt::format("+tenant = {}{}", tenant_place, text::replace_all(window, "time", "+time"))
                     : fmt::format("tenant = {}{}", tenant_place, window);
  if (!query.dataset.empty()) {
    filter.where += fmt::format(" AND {}dataset = {}", words_lead || any_leads || one_leads ? "+" : "",
                                filter.placeholder(query.dataset));
  }
  if (!words.empty()) {
    filter.where += fmt::format(" AND {}seq IN (SELECT rowid FROM event_text WHERE event_text MATCH {})",
                                words_lead ? "" : "+", filter.placeholder(words));
  }
  for (size_t i = 0; i < query.all.size(); ++i) {
    filter.where += " AND " + condition_sql(filter, query.all[i], one_leads && i == choice.all);
  }
  std::vector<std::string> alternatives;
  for (const auto& condition : query.any) {
    const std::string sql = condition_sql(filter, condition, any_leads);
    alternatives.push_back(
        any_leads ? fmt::format("SELECT seq FROM event WHERE tenant = {}{} AND {}", tenant_place, window, sql) : sql);
  }
  if (any_leads)
    filter.where += " AND seq IN (" + text::join(alternatives, " UNION ") + ")";
  else if (!alternatives.empty())
    filter.where += " AND (" + text::join(alternatives, " OR ") + ")";
  return filter;
}

Result<EventResult> run_query(Transaction& tx, const EventQuery& query) {
  TRY(const EventFilter filter, filter_of(query, tx.tenant));
  EventResult result;
  read_totals(tx, filter, result);
  if (result.total == 0 || query.limit == 0) return result;
  if (query.group_by.empty())
    read_events(tx, query, filter, result);
  else
    read_groups(tx, query, filter, result);
  return result;
}

}  // namespace vedette::sqlite

#include <map>
#include <unordered_map>

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/store/sqlite/event_columns.hpp"
#include "bot/store/sqlite/event_query.hpp"
#include "bot/store/sqlite/shared.hpp"
#include "bot/store/sqlite/stores.hpp"

namespace vedette::sqlite {

namespace {

// One transaction takes no more than this, so that other writes get their turn.
constexpr size_t kEventsAtOnce = 500;
constexpr size_t kBytesAtOnce = 1 << 20;

constexpr int kFirstColumn = 7;  // placeholder of the first column of event_columns()

size_t column_number(std::string_view field) {
  static const std::unordered_map<std::string_view, size_t> numbers = [] {
    std::unordered_map<std::string_view, size_t> all;
    for (const auto& column : event_columns()) all.emplace(column.field, all.size());
    return all;
  }();
  const auto found = numbers.find(field);
  return found == numbers.end() ? SIZE_MAX : found->second;
}

void bind_fields(Statement& statement, const Event& event, std::string& others) {
  JsonWriter w;
  w.begin_object();
  for (const auto& [name, value] : event.fields) {
    if (value.empty()) continue;  // the same as absent
    const size_t column = column_number(name);
    if (column == SIZE_MAX)
      w.field(name, value);
    else
      statement.bind(kFirstColumn + static_cast<int>(column), value);
  }
  w.end_object();
  others = w.take();
  statement.bind(5, others);
}

// False when it was there before.
bool insert_event(Transaction& tx, const Event& event) {
  std::string others;
  auto statement = tx.db.query(
      "INSERT INTO event (tenant, dataset, id, time, fields, raw, host_name, user_name, user_target_name, source_ip, "
      "destination_ip, event_action, event_category, event_code, event_outcome, process_name, process_executable, "
      "process_parent_name, file_path, file_hash_sha256, dns_question_name, url_domain, email_from_address, "
      "email_to_address, "
      "cloud_account_id, access_key_id, user_agent_original) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
      "$13, "
      "$14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27) ON CONFLICT (tenant, dataset, id) DO NOTHING",
      tx.tenant, event.dataset, event.id, to_micros(event.time));
  statement.bind(6, event.raw);
  bind_fields(statement, event, others);
  statement.step();
  if (tx.db.changes() == 0) return false;
  std::vector<std::string_view> values;
  values.reserve(event.fields.size());
  for (const auto& [name, value] : event.fields) values.emplace_back(value);
  tx.db.run("INSERT INTO event_text (rowid, words) VALUES ($1, $2)", tx.db.last_row(), searchable_text(event.raw, values));
  return true;
}

struct NewEvents {
  int64_t count = 0;
  Time first;
  Time last;
};

void widen_span(Transaction& tx, const std::string& dataset, const NewEvents& added) {
  tx.db.run(
      "INSERT INTO event_span (tenant, dataset, events, first, last) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (tenant, dataset) DO UPDATE SET events = event_span.events + excluded.events, "
      "first = CASE WHEN excluded.first < event_span.first THEN excluded.first ELSE event_span.first END, "
      "last = CASE WHEN excluded.last > event_span.last THEN excluded.last ELSE event_span.last END",
      tx.tenant, dataset, added.count, to_micros(added.first), to_micros(added.last));
}

int64_t insert_events(Transaction& tx, const std::vector<Event>& events) {
  std::map<std::string, NewEvents> added;
  int64_t total = 0;
  for (const auto& event : events) {
    if (!insert_event(tx, event)) continue;
    ++total;
    auto& here = added[event.dataset];
    if (here.count == 0 || event.time < here.first) here.first = event.time;
    if (here.count == 0 || event.time > here.last) here.last = event.time;
    ++here.count;
  }
  for (const auto& [dataset, here] : added) widen_span(tx, dataset, here);
  return total;
}

// The next piece of `events`, starting at `at`, which moves on.
std::vector<Event> next_piece(std::vector<Event>& events, size_t& at) {
  std::vector<Event> piece;
  size_t bytes = 0;
  while (at < events.size() && piece.size() < kEventsAtOnce && bytes < kBytesAtOnce) {
    bytes += events[at].raw.size();
    piece.push_back(std::move(events[at++]));
  }
  return piece;
}

Async<int64_t> append_piece(Engine& engine, std::vector<Event> piece) {
  return engine.write_bulk(
      [piece = std::move(piece)](Transaction& tx) -> Result<int64_t> { return insert_events(tx, piece); });
}

}  // namespace

Async<int64_t> Events::append(std::vector<Event> events) {
  int64_t added = 0;
  for (size_t at = 0; at < events.size();) {
    std::vector<Event> piece = next_piece(events, at);
    CO_TRY(const int64_t count, append_piece(*context_.engine, std::move(piece)));
    added += count;
  }
  co_return added;
}

Async<EventResult> Events::query(EventQuery query, Deadline deadline) {
  return context_.engine->search(deadline, [query = std::move(query)](Transaction& tx) { return run_query(tx, query); });
}

Async<int64_t> Events::count() {
  return context_.engine->read([](Transaction& tx) -> Result<int64_t> {
    auto row = tx.db.query("SELECT COALESCE(SUM(events), 0) FROM event_span WHERE tenant = $1", tx.tenant);
    row.step();
    return row.integer(0);
  });
}

Async<std::vector<EventStore::Span>> Events::spans() {
  return context_.engine->read([](Transaction& tx) -> Result<std::vector<EventStore::Span>> {
    std::vector<EventStore::Span> spans;
    auto rows =
        tx.db.query("SELECT dataset, events, first, last FROM event_span WHERE tenant = $1 ORDER BY dataset", tx.tenant);
    while (rows.step()) {
      spans.push_back({rows.text(0), rows.integer(1), from_micros(rows.integer(2)), from_micros(rows.integer(3))});
    }
    return spans;
  });
}

}  // namespace vedette::sqlite

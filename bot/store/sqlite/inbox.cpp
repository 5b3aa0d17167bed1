#include <fmt/format.h>

#include "bot/store/sqlite/shared.hpp"
#include "bot/store/sqlite/stores.hpp"

namespace vedette::sqlite {

namespace {

constexpr std::chrono::hours kKeptFor(48);  // a platform repeats for minutes or hours

// Forgets keys that nobody repeats any more. The newest row always stays: its number must not be given again.
void forget_settled(Transaction& tx, Time now) {
  tx.db.run(
      "DELETE FROM inbox WHERE tenant = $1 AND state <> 'pending' AND received < $2 "
      "AND id < (SELECT MAX(id) FROM inbox WHERE tenant = $1)",
      tx.tenant, to_micros(now - kKeptFor));
}

bool insert_item(Transaction& tx, const InboxItem& item) {
  auto added = tx.db.query(
      "INSERT INTO inbox (tenant, id, platform, key, kind, payload, received) "
      "VALUES ($1, (SELECT COALESCE(MAX(id), 0) + 1 FROM inbox WHERE tenant = $1), $2, $3, $4, $5, $6) "
      "ON CONFLICT (tenant, platform, key) DO NOTHING RETURNING id",
      tx.tenant, item.platform, item.key, item.kind, item.payload, to_micros(item.received));
  const bool added_one = added.step();
  if (added_one) added.step();
  return added_one;
}

Error no_such_item(int64_t id) { return Error(Code::not_found, fmt::format("There is no inbox item {}.", id)); }

#define VEDETTE_INBOX_SELECT "SELECT id, platform, key, kind, payload, received, attempts FROM inbox "

InboxItem read_item(const Statement& row) {
  InboxItem item;
  item.id = row.integer(0);
  item.platform = row.text(1);
  item.key = row.text(2);
  item.kind = row.text(3);
  item.payload = row.text(4);
  item.received = from_micros(row.integer(5));
  item.attempts = row.small(6);
  return item;
}

std::vector<InboxItem> pending_items(Transaction& tx, Time now, size_t limit) {
  std::vector<InboxItem> items;
  auto rows =
      tx.db.query(VEDETTE_INBOX_SELECT "WHERE tenant = $1 AND state = 'pending' AND not_before <= $2 ORDER BY id LIMIT $3",
                  tx.tenant, to_micros(now), limit);
  while (rows.step()) items.push_back(read_item(rows));
  return items;
}

std::optional<InboxItem> item_with(Transaction& tx, int64_t id) {
  auto row = tx.db.query(VEDETTE_INBOX_SELECT "WHERE tenant = $1 AND id = $2", tx.tenant, id);
  if (!row.step()) return std::nullopt;
  return read_item(row);
}

Result<int> count_attempt(Transaction& tx, int64_t id) {
  auto counted = tx.db.query("UPDATE inbox SET attempts = attempts + 1 WHERE tenant = $1 AND id = $2 RETURNING attempts",
                             tx.tenant, id);
  if (!counted.step()) return no_such_item(id);
  const int attempts = counted.small(0);
  counted.step();
  return attempts;
}

Status settle_item(Transaction& tx, int64_t id, std::string_view state, const std::string& reason) {
  const int64_t found =
      tx.db.run("UPDATE inbox SET state = $3, reason = $4 WHERE tenant = $1 AND id = $2", tx.tenant, id, state, reason);
  if (found == 0) return no_such_item(id);
  return {};
}

}  // namespace

Async<bool> Inbox::accept(InboxItem item) {
  const Time now = context_.now();
  if (item.received == Time()) item.received = now;
  const Foreground::Waiting waiting(*context_.foreground);
  auto insert = [item = std::move(item)](Transaction& tx) -> Result<bool> {
    const bool added = insert_item(tx, item);
    if (added) tx.touch(Store::Topic::inbox);
    return added;
  };
  co_return co_await context_.engine->write(std::move(insert));
}

Async<std::vector<InboxItem>> Inbox::pending(size_t limit) {
  return context_.engine->read(
      [limit = bounded(limit), now = context_.now()](Transaction& tx) -> Result<std::vector<InboxItem>> {
        return pending_items(tx, now, limit);
      });
}

Async<std::optional<InboxItem>> Inbox::find(int64_t id) {
  return context_.engine->read([id](Transaction& tx) -> Result<std::optional<InboxItem>> { return item_with(tx, id); });
}

Async<bool> Inbox::any_between(std::string platform, std::string after, std::string before) {
  return context_.engine->read([platform = std::move(platform), after = std::move(after),
                                before = std::move(before)](Transaction& tx) -> Result<bool> {
    auto rows = tx.db.query("SELECT 1 FROM inbox WHERE tenant = $1 AND platform = $2 AND key > $3 AND key < $4 LIMIT 1",
                            tx.tenant, platform, after, before);
    return rows.step();
  });
}

Async<int> Inbox::started(int64_t id) {
  return context_.engine->write([id](Transaction& tx) { return count_attempt(tx, id); });
}

Async<void> Inbox::later(int64_t id, Time not_before) {
  return context_.engine->write([id, not_before](Transaction& tx) -> Status {
    const int64_t found =
        tx.db.run("UPDATE inbox SET not_before = $3 WHERE tenant = $1 AND id = $2", tx.tenant, id, to_micros(not_before));
    if (found == 0) return no_such_item(id);
    return {};
  });
}

Async<void> Inbox::done(int64_t id) {
  return context_.engine->write([id, now = context_.now()](Transaction& tx) -> Status {
    TRY_VOID(settle_item(tx, id, "done", ""));
    forget_settled(tx, now);
    return {};
  });
}

Async<void> Inbox::failed(int64_t id, std::string reason) {
  return context_.engine->write(
      [id, reason = std::move(reason)](Transaction& tx) { return settle_item(tx, id, "failed", reason); });
}

}  // namespace vedette::sqlite

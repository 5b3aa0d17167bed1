#include <algorithm>

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

std::vector<InboxItem> take_pending(Transaction& tx, size_t limit) {
  std::vector<InboxItem> items;
  auto rows = tx.db.query(
      "UPDATE inbox SET attempts = attempts + 1 WHERE tenant = $1 AND id IN "
      "(SELECT id FROM inbox WHERE tenant = $1 AND state = 'pending' ORDER BY id LIMIT $2) "
      "RETURNING id, platform, key, kind, payload, received, attempts",
      tx.tenant, limit);
  while (rows.step()) {
    InboxItem item;
    item.id = rows.integer(0);
    item.platform = rows.text(1);
    item.key = rows.text(2);
    item.kind = rows.text(3);
    item.payload = rows.text(4);
    item.received = from_micros(rows.integer(5));
    item.attempts = rows.small(6);
    items.push_back(std::move(item));
  }
  // RETURNING promises no order.
  std::sort(items.begin(), items.end(), [](const InboxItem& a, const InboxItem& b) { return a.id < b.id; });
  return items;
}

Status settle_item(Transaction& tx, int64_t id, std::string_view state, const std::string& reason) {
  const int64_t found =
      tx.db.run("UPDATE inbox SET state = $3, reason = $4 WHERE tenant = $1 AND id = $2", tx.tenant, id, state, reason);
  if (found == 0) return Error(Code::not_found, fmt::format("There is no inbox item {}.", id));
  return {};
}

}  // namespace

Async<bool> Inbox::accept(InboxItem item) {
  const Time now = context_.now();
  if (item.received == Time()) item.received = now;
  return context_.engine->write([item = std::move(item), now](Transaction& tx) -> Result<bool> {
    const bool added = insert_item(tx, item);
    if (added) {
      forget_settled(tx, now);
      tx.touch(Store::Topic::inbox);
    }
    return added;
  });
}

Async<std::vector<InboxItem>> Inbox::pending(size_t limit) {
  return context_.engine->write(
      [limit = bounded(limit)](Transaction& tx) -> Result<std::vector<InboxItem>> { return take_pending(tx, limit); });
}

Async<void> Inbox::done(int64_t id) {
  return context_.engine->write([id](Transaction& tx) { return settle_item(tx, id, "done", ""); });
}

Async<void> Inbox::failed(int64_t id, std::string reason) {
  return context_.engine->write(
      [id, reason = std::move(reason)](Transaction& tx) { return settle_item(tx, id, "failed", reason); });
}

}  // namespace vedette::sqlite

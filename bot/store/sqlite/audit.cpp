#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/store/sqlite/shared.hpp"
#include "bot/store/sqlite/stores.hpp"

namespace vedette::sqlite {

namespace {

constexpr size_t kVerifiedAtOnce = 500;  // rows a read, so that others get their turn in between

const std::string& beginning() {
  static const std::string zeros(64, '0');
  return zeros;
}

AuditRow read_row(const Statement& row) {
  AuditRow read;
  read.sequence = row.integer(0);
  read.at = from_micros(row.integer(1));
  read.entry.actor = row.text(2);
  read.entry.identity = row.text(3);
  read.entry.action = row.text(4);
  read.entry.subject = row.text(5);
  read.entry.detail = row.text(6);
  read.entry.cause = row.text(7);
  read.previous = row.text(8);
  read.hash = row.text(9);
  return read;
}

// Compares a row with what must follow `last`; empty when it fits.
std::string misfit(const AuditRow& row, int64_t last_sequence, const std::string& last_hash) {
  if (row.sequence != last_sequence + 1) {
    return fmt::format("row {} is missing: after {} comes {}", last_sequence + 1, last_sequence, row.sequence);
  }
  if (row.previous != last_hash) return fmt::format("row {} does not follow the row before it", row.sequence);
  if (row.hash != audit_hash(row)) return fmt::format("row {} was changed after it was written", row.sequence);
  return {};
}

}  // namespace

Status append_audit(Transaction& tx, const AuditEntry& entry, Time now) {
  AuditRow row;
  row.entry = entry;
  row.at = now;
  if (row.entry.detail.empty()) row.entry.detail = "{}";
  const auto detail = Json::parse(row.entry.detail);
  if (!detail || !detail->is_object()) {
    return Error(Code::invalid_input, "The detail of an audit entry must be a JSON object; nothing was changed.");
  }
  {
    auto last = tx.db.query("SELECT sequence, hash FROM audit WHERE tenant = $1 ORDER BY sequence DESC LIMIT 1", tx.tenant);
    const bool any = last.step();
    row.sequence = (any ? last.integer(0) : 0) + 1;
    row.previous = any ? last.text(1) : beginning();
  }
  row.hash = audit_hash(row);
  const int64_t added = tx.db.run(
      "INSERT INTO audit (tenant, sequence, at, actor, identity, action, subject, detail, cause, previous, hash) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
      "ON CONFLICT (tenant, cause, action, subject) WHERE cause <> '' DO NOTHING",
      tx.tenant, row.sequence, to_micros(row.at), row.entry.actor, row.entry.identity, row.entry.action, row.entry.subject,
      row.entry.detail, row.entry.cause, row.previous, row.hash);
  if (added == 0) return Error(Code::conflict, "This was recorded already.");
  return {};
}

Async<void> Audit::append(AuditEntry entry) {
  return context_.engine->write(
      [entry = std::move(entry), now = context_.now()](Transaction& tx) { return append_audit(tx, entry, now); });
}

Async<std::vector<AuditRow>> Audit::rows(int64_t after, size_t limit) {
  return context_.engine->read([after, limit = bounded(limit)](Transaction& tx) -> Result<std::vector<AuditRow>> {
    std::vector<AuditRow> read;
    auto rows = tx.db.query(
        "SELECT sequence, at, actor, identity, action, subject, detail, cause, previous, hash FROM audit "
        "WHERE tenant = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
        tx.tenant, after, limit);
    while (rows.step()) read.push_back(read_row(rows));
    return read;
  });
}

Async<AuditCheck> Audit::verify() {
  AuditCheck check;
  std::string last = beginning();
  while (true) {
    auto part = co_await rows(check.rows, kVerifiedAtOnce);
    if (!part) co_return std::move(part).error();
    for (const auto& row : *part) {
      check.reason = misfit(row, check.rows, last);
      if (!check.reason.empty()) {
        check.intact = false;
        check.first_bad = check.rows + 1;
        co_return check;
      }
      ++check.rows;
      last = row.hash;
    }
    if (part->size() < kVerifiedAtOnce) co_return check;
  }
}

}  // namespace vedette::sqlite

#include "bot/store/sqlite/shared.hpp"

#include <fmt/format.h>

namespace vedette::sqlite {

Error no_such_case(CaseId id) { return Error(Code::not_found, fmt::format("There is no case {}.", to_string(id))); }

std::vector<Entity> case_entities(Transaction& tx, CaseId id) {
  std::vector<Entity> entities;
  auto rows = tx.db.query("SELECT type, value FROM case_entity WHERE tenant = $1 AND case_id = $2 ORDER BY position",
                          tx.tenant, id.number);
  while (rows.step()) {
    if (const auto type = entity_type_from(rows.view(0))) entities.emplace_back(*type, rows.text(1));
  }
  return entities;
}

Result<Case> load_case(Transaction& tx, CaseId id) {
  auto row = tx.db.query("SELECT " VEDETTE_CASE_COLUMNS " FROM cases WHERE tenant = $1 AND id = $2", tx.tenant, id.number);
  if (!row.step()) return no_such_case(id);
  Case record = read_case(row);
  record.entities = case_entities(tx, id);
  return record;
}

void bump_case(Transaction& tx, CaseId id, Time now) {
  tx.db.run("UPDATE cases SET version = version + 1, updated = $3 WHERE tenant = $1 AND id = $2", tx.tenant, id.number,
            to_micros(now));
  tx.touch(Store::Topic::cases);
}

void add_note(Transaction& tx, CaseId id, const CaseNote& note, Time now) {
  tx.db.run(
      "INSERT INTO case_note (tenant, case_id, number, at, kind, author, text) VALUES ($1, $2, "
      "(SELECT COALESCE(MAX(number), 0) + 1 FROM case_note WHERE tenant = $1 AND case_id = $2), $3, $4, $5, $6)",
      tx.tenant, id.number, to_micros(note.at == Time() ? now : note.at), note.kind, note.author, note.text);
}

void queue_investigation(Transaction& tx, CaseId id, Time now) {
  tx.db.run(
      "UPDATE cases SET again = CASE investigation WHEN 'running' THEN 1 ELSE 0 END, "
      "round = CASE WHEN investigation IN ('done', 'failed') THEN round + 1 ELSE round END, "
      "attempt = CASE WHEN investigation IN ('done', 'failed') THEN 0 ELSE attempt END, "
      "queued_at = CASE WHEN investigation IN ('done', 'failed') THEN $3 ELSE queued_at END, "
      "failure = CASE WHEN investigation IN ('done', 'failed') THEN '' ELSE failure END, "
      "investigation = CASE investigation WHEN 'running' THEN 'running' ELSE 'queued' END "
      "WHERE tenant = $1 AND id = $2",
      tx.tenant, id.number, to_micros(now));
  tx.db.run("UPDATE alert SET state = 'queued' WHERE tenant = $1 AND case_id = $2 AND state = 'failed'", tx.tenant,
            id.number);
  tx.touch(Store::Topic::investigations);
}

std::vector<Evidence> evidence_of_case(Transaction& tx, CaseId id) {
  std::vector<Evidence> all;
  auto rows =
      tx.db.query("SELECT " VEDETTE_EVIDENCE_COLUMNS " FROM evidence WHERE tenant = $1 AND case_id = $2 ORDER BY number",
                  tx.tenant, id.number);
  while (rows.step()) all.push_back(read_evidence(rows));
  return all;
}

}  // namespace vedette::sqlite

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/store/sqlite/shared.hpp"
#include "bot/store/sqlite/stores.hpp"

namespace vedette::sqlite {

namespace {

void clear_snooze(Transaction& tx, CaseId id) {
  tx.db.run("UPDATE cases SET snooze_until = 0, snoozed_by = '', snooze_reason = '' WHERE tenant = $1 AND id = $2",
            tx.tenant, id.number);
}

// Ends it and tells whose snooze it was. `why` is a sentence: what has happened.
Status end_snooze(Transaction& tx, CaseId id, const Snooze& snooze, std::string_view why, Time now) {
  clear_snooze(tx, id);
  CaseNote note;
  note.kind = "awake";
  note.author = "vedette";
  note.text = fmt::format("{}, your snooze is over: {}", snooze.by, why);
  if (!snooze.reason.empty()) note.text += fmt::format(" You had put it aside for: {}", snooze.reason);
  add_note(tx, id, note, now);
  AuditEntry audit;
  audit.actor = "system";
  audit.action = "case.awake";
  audit.subject = to_string(id);
  JsonWriter w;
  w.begin_object().field("why", why).field("snoozed_by", snooze.by).field("until", to_rfc3339(snooze.until)).end_object();
  audit.detail = w.take();
  TRY_VOID(append_audit(tx, audit, now));
  bump_case(tx, id, now);
  return {};
}

Result<Case> set_snooze(Transaction& tx, CaseId id, const Snooze& snooze, const CaseNote& note, const AuditEntry& audit,
                        Time now) {
  TRY(const Case record, load_case(tx, id));
  if (record.status == CaseStatus::closed) {
    return Error(Code::conflict, fmt::format("{} is closed already.", to_string(id)));
  }
  tx.db.run("UPDATE cases SET snooze_until = $3, snoozed_by = $4, snooze_reason = $5 WHERE tenant = $1 AND id = $2",
            tx.tenant, id.number, to_micros(snooze.until), snooze.by, snooze.reason);
  add_note(tx, id, note, now);
  TRY_VOID(append_audit(tx, audit, now));
  bump_case(tx, id, now);
  return load_case(tx, id);
}

Result<Case> wake_by_hand(Transaction& tx, CaseId id, const CaseNote& note, const AuditEntry& audit, Time now) {
  TRY(const Case record, load_case(tx, id));
  if (!record.snooze) return Error(Code::conflict, fmt::format("{} is not snoozed.", to_string(id)));
  clear_snooze(tx, id);
  add_note(tx, id, note, now);
  TRY_VOID(append_audit(tx, audit, now));
  bump_case(tx, id, now);
  return load_case(tx, id);
}

// How bad a verdict is; without one, as if it were harmless.
int gravity(std::optional<Label> label) {
  if (label == Label::malicious) return 2;
  return label == Label::suspicious ? 1 : 0;
}

struct Sleeper {
  CaseId id;
  Snooze snooze;
};

Result<std::vector<CaseId>> wake_all_due(Transaction& tx, Time now, size_t limit) {
  std::vector<Sleeper> due;
  {
    auto rows = tx.db.query(
        "SELECT id, snooze_until, snoozed_by, snooze_reason FROM cases "
        "WHERE tenant = $1 AND snooze_until > 0 AND snooze_until <= $2 ORDER BY snooze_until LIMIT $3",
        tx.tenant, to_micros(now), limit);
    while (rows.step()) {
      due.push_back({CaseId(rows.integer(0)), {from_micros(rows.integer(1)), rows.text(2), rows.text(3)}});
    }
  }
  std::vector<CaseId> awake;
  for (const auto& [id, snooze] : due) {
    TRY_VOID(end_snooze(tx, id, snooze, "its time has come.", now));
    awake.push_back(id);
  }
  return awake;
}

}  // namespace

Status wake(Transaction& tx, CaseId id, std::string_view why, Time now) {
  TRY(const Case record, load_case(tx, id));
  return record.snooze ? end_snooze(tx, id, *record.snooze, why, now) : Status();
}

Status wake_if_worse(Transaction& tx, CaseId id, Severity severity, std::optional<Label> label, std::string_view cause,
                     Time now) {
  Snooze snooze;
  Severity before = Severity::medium;
  int was = 0;
  {
    auto row = tx.db.query(
        "SELECT snooze_until, snoozed_by, snooze_reason, severity, label FROM cases "
        "WHERE tenant = $1 AND id = $2 AND snooze_until > 0",
        tx.tenant, id.number);
    if (!row.step()) return {};
    snooze = {from_micros(row.integer(0)), row.text(1), row.text(2)};
    before = severity_from_number(row.integer(3));
    was = gravity(label_from(row.view(4)));
  }
  if (label && gravity(label) > was) {
    return end_snooze(tx, id, snooze, fmt::format("the verdict is {} now.", to_string(*label)), now);
  }
  if (severity <= before) return {};
  return end_snooze(tx, id, snooze,
                    fmt::format("{} It was {} and is {} now.", cause, to_string(before), to_string(severity)), now);
}

Async<Case> Cases::snooze(CaseId id, Snooze snooze, CaseNote note, AuditEntry audit) {
  return context_.engine->write(
      [id, snooze = std::move(snooze), note = std::move(note), audit = std::move(audit),
       now = context_.now()](Transaction& tx) { return set_snooze(tx, id, snooze, note, audit, now); });
}

Async<Case> Cases::wake(CaseId id, CaseNote note, AuditEntry audit) {
  return context_.engine->write([id, note = std::move(note), audit = std::move(audit),
                                 now = context_.now()](Transaction& tx) { return wake_by_hand(tx, id, note, audit, now); });
}

Async<std::optional<Time>> Cases::next_wake() {
  return context_.engine->read([](Transaction& tx) -> Result<std::optional<Time>> {
    auto row = tx.db.query(
        "SELECT snooze_until FROM cases WHERE tenant = $1 AND snooze_until > 0 ORDER BY snooze_until LIMIT 1", tx.tenant);
    if (!row.step()) return std::optional<Time>();
    return std::optional<Time>(from_micros(row.integer(0)));
  });
}

Async<std::vector<CaseId>> Cases::wake_due(Time now, size_t limit) {
  return context_.engine->write([now, limit = bounded(limit)](Transaction& tx) { return wake_all_due(tx, now, limit); });
}

}  // namespace vedette::sqlite

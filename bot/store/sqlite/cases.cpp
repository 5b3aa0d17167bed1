#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "bot/store/sqlite/shared.hpp"
#include "bot/store/sqlite/stores.hpp"

namespace vedette::sqlite {

namespace {

constexpr size_t kAlertsShown = 50;
constexpr size_t kNotesShown = 500;

std::vector<CaseNote> notes_of_case(Transaction& tx, CaseId id) {
  std::vector<CaseNote> notes;
  auto rows = tx.db.query(
      "SELECT at, kind, author, text FROM case_note WHERE tenant = $1 AND case_id = $2 ORDER BY number DESC LIMIT $3",
      tx.tenant, id.number, kNotesShown);
  while (rows.step()) {
    CaseNote note;
    note.at = from_micros(rows.integer(0));
    note.kind = rows.text(1);
    note.author = rows.text(2);
    note.text = rows.text(3);
    notes.push_back(std::move(note));
  }
  std::reverse(notes.begin(), notes.end());
  return notes;
}

std::vector<Alert> alerts_of_case(Transaction& tx, CaseId id) {
  std::vector<Alert> alerts;
  auto rows =
      tx.db.query("SELECT " VEDETTE_ALERT_COLUMNS " FROM alert WHERE tenant = $1 AND case_id = $2 ORDER BY id LIMIT $3",
                  tx.tenant, id.number, kAlertsShown);
  while (rows.step()) alerts.push_back(read_alert(rows));
  return alerts;
}

Result<CaseView> load_view(Transaction& tx, CaseId id) {
  CaseView view;
  TRY(view.record, load_case(tx, id));
  view.alerts = alerts_of_case(tx, id);
  view.evidence = evidence_of_case(tx, id);
  view.actions = actions_of_case(tx, id);
  view.notes = notes_of_case(tx, id);
  return view;
}

void bind_filter(Statement& statement, Transaction& tx, const CaseFilter& filter, Time now) {
  statement.bind(1, tx.tenant);
  statement.bind(2, filter.status ? to_string(*filter.status) : std::string_view());
  statement.bind(3, filter.owner.has_value());
  statement.bind(4, filter.owner ? std::string_view(*filter.owner) : std::string_view());
  statement.bind(5, filter.at_least ? static_cast<int64_t>(*filter.at_least) : int64_t{0});
  statement.bind(6, filter.since ? to_micros(*filter.since) : INT64_MIN);
  statement.bind(7, filter.before > 0 ? filter.before : INT64_MAX);
  statement.bind(8, bounded(filter.limit));
  statement.bind(9, filter.snoozed ? (*filter.snoozed ? int64_t{1} : int64_t{2}) : int64_t{0});
  statement.bind(10, to_micros(now));
}

#define VEDETTE_CASE_FILTER                                                                               \
  "($2 = '' OR status = $2) AND ($3 = 0 OR owner = $4) AND severity >= $5 AND created >= $6 AND id < $7 " \
  "AND ($9 = 0 OR ($9 = 1 AND snooze_until > $10) OR ($9 = 2 AND snooze_until <= $10)) "                  \
  "ORDER BY id DESC LIMIT $8"

std::vector<Case> list_cases(Transaction& tx, const CaseFilter& filter, Time now) {
  const bool open = filter.only_open || filter.status == CaseStatus::open || filter.status == CaseStatus::acknowledged;
  std::vector<Case> cases;
  {
    // The first form has an index of open cases alone: they are few among the closed ones of years.
    auto rows = open
                    ? tx.db.prepare("SELECT " VEDETTE_CASE_COLUMNS
                                    " FROM cases WHERE tenant = $1 AND status <> 'closed' AND " VEDETTE_CASE_FILTER)
                    : tx.db.prepare("SELECT " VEDETTE_CASE_COLUMNS " FROM cases WHERE tenant = $1 AND " VEDETTE_CASE_FILTER);
    bind_filter(rows, tx, filter, now);
    while (rows.step()) cases.push_back(read_case(rows));
  }
  for (auto& record : cases) record.entities = case_entities(tx, record.id);
  return cases;
}

#define VEDETTE_PAST_COLUMNS "c.id, c.title, c.created, c.label, c.disposition, c.closing_reason, c.good, c.bad"

void collect_past(Statement rows, std::map<int64_t, PastCase, std::greater<>>& found) {
  while (rows.step()) {
    PastCase past;
    past.id = CaseId(rows.integer(0));
    past.title = rows.text(1);
    past.created = from_micros(rows.integer(2));
    past.label = label_from(rows.view(3));
    past.disposition = disposition_from(rows.view(4));
    past.closing_reason = rows.text(5);
    past.good = rows.small(6);
    past.bad = rows.small(7);
    found.emplace(past.id.number, std::move(past));
  }
}

std::vector<PastCase> past_cases(Transaction& tx, const PastCaseQuery& query) {
  const size_t limit = bounded(query.limit);
  std::map<int64_t, PastCase, std::greater<>> found;  // newest first
  for (const auto& entity : query.entities) {
    collect_past(tx.db.query("SELECT " VEDETTE_PAST_COLUMNS
                             " FROM case_entity e JOIN cases c ON c.tenant = e.tenant AND c.id = e.case_id "
                             "WHERE e.tenant = $1 AND e.type = $2 AND e.value = $3 AND e.case_id <> $4 "
                             "AND (c.status = 'closed' OR c.label <> '') ORDER BY e.case_id DESC LIMIT $5",
                             tx.tenant, to_string(entity.type), entity.value, query.except.number, limit),
                 found);
  }
  if (!query.rule.empty()) {
    collect_past(tx.db.query("SELECT " VEDETTE_PAST_COLUMNS
                             " FROM case_rule r JOIN cases c ON c.tenant = r.tenant AND c.id = r.case_id "
                             "WHERE r.tenant = $1 AND r.rule = $2 AND r.case_id <> $3 "
                             "AND (c.status = 'closed' OR c.label <> '') ORDER BY r.case_id DESC LIMIT $4",
                             tx.tenant, query.rule, query.except.number, limit),
                 found);
  }
  std::vector<PastCase> past;
  for (auto& [number, record] : found) {
    if (past.size() == limit) break;
    past.push_back(std::move(record));
  }
  return past;
}

// A status that is not new means somebody was faster. An owner given along with a new status may stay the same.
Status refuse_unchanged(const Case& record, const CaseChange& change) {
  if (change.status) {
    if (*change.status != record.status) return {};
    return Error(Code::conflict, fmt::format("{} is {} already.", to_string(record.id), to_string(record.status)));
  }
  if (!change.owner || *change.owner != record.owner) return {};
  if (record.owner.empty()) return Error(Code::conflict, fmt::format("{} has no owner already.", to_string(record.id)));
  return Error(Code::conflict, fmt::format("{} belongs to {} already.", to_string(record.id), record.owner));
}

Result<Case> apply_change(Transaction& tx, CaseId id, const CaseChange& change, const AuditEntry& audit, Time now) {
  TRY(Case record, load_case(tx, id));
  TRY_VOID(refuse_unchanged(record, change));
  if (change.status) {
    record.status = *change.status;
    const bool closed = record.status == CaseStatus::closed;
    record.disposition = closed ? change.disposition : std::nullopt;
    record.closing_reason = closed ? change.closing_reason : std::string();
  }
  if (change.owner) record.owner = *change.owner;
  if (change.severity) {
    TRY_VOID(wake_if_worse(tx, id, *change.severity, std::nullopt, "somebody raised the severity.", now));
    record.severity = *change.severity;
  }
  if (record.status == CaseStatus::closed) {
    tx.db.run("UPDATE cases SET snooze_until = 0, snoozed_by = '', snooze_reason = '' WHERE tenant = $1 AND id = $2",
              tx.tenant, id.number);
  }
  tx.db.run(
      "UPDATE cases SET status = $3, owner = $4, severity = $5, disposition = $6, closing_reason = $7 "
      "WHERE tenant = $1 AND id = $2",
      tx.tenant, id.number, to_string(record.status), record.owner, static_cast<int64_t>(record.severity),
      record.disposition ? to_string(*record.disposition) : std::string_view(), record.closing_reason);
  if (!change.note.kind.empty() || !change.note.text.empty()) add_note(tx, id, change.note, now);
  TRY_VOID(append_audit(tx, audit, now));
  bump_case(tx, id, now);
  return load_case(tx, id);
}

struct Thumb {
  std::string person;
  std::optional<bool> good;
  std::string reason;
};

Result<Case> apply_feedback(Transaction& tx, CaseId id, const Thumb& thumb, const AuditEntry& audit, Time now) {
  TRY_VOID(load_case(tx, id));
  CaseNote note;
  note.kind = "feedback";
  note.author = thumb.person;
  if (thumb.good) {
    tx.db.run(
        "INSERT INTO thumb (tenant, case_id, person, good, reason, at) VALUES ($1, $2, $3, $4, $5, $6) "
        "ON CONFLICT (tenant, case_id, person) DO UPDATE SET good = excluded.good, reason = excluded.reason, at = "
        "excluded.at",
        tx.tenant, id.number, thumb.person, *thumb.good, thumb.reason, to_micros(now));
    note.text = *thumb.good ? "thumbs up" : "thumbs down";
  } else {
    tx.db.run("DELETE FROM thumb WHERE tenant = $1 AND case_id = $2 AND person = $3", tx.tenant, id.number, thumb.person);
    note.text = "took the thumb back";
  }
  if (!thumb.reason.empty()) note.text += ": " + thumb.reason;
  tx.db.run(
      "UPDATE cases SET good = (SELECT COUNT(*) FROM thumb WHERE tenant = $1 AND case_id = $2 AND good = 1), "
      "bad = (SELECT COUNT(*) FROM thumb WHERE tenant = $1 AND case_id = $2 AND good = 0) WHERE tenant = $1 AND id = $2",
      tx.tenant, id.number);
  add_note(tx, id, note, now);
  TRY_VOID(append_audit(tx, audit, now));
  bump_case(tx, id, now);
  return load_case(tx, id);
}

}  // namespace

Async<Case> Cases::get(CaseId id) {
  return context_.engine->read([id](Transaction& tx) { return load_case(tx, id); });
}

Async<CaseView> Cases::view(CaseId id) {
  return context_.engine->read([id](Transaction& tx) { return load_view(tx, id); });
}

Async<std::vector<Case>> Cases::list(CaseFilter filter) {
  return context_.engine->read([filter = std::move(filter), now = context_.now()](
                                   Transaction& tx) -> Result<std::vector<Case>> { return list_cases(tx, filter, now); });
}

Async<std::vector<PastCase>> Cases::past(PastCaseQuery query) {
  return context_.engine->read(
      [query = std::move(query)](Transaction& tx) -> Result<std::vector<PastCase>> { return past_cases(tx, query); });
}

Async<Case> Cases::change(CaseId id, CaseChange change, AuditEntry audit) {
  return context_.engine->write([id, change = std::move(change), audit = std::move(audit), now = context_.now()](
                                    Transaction& tx) { return apply_change(tx, id, change, audit, now); });
}

Async<Case> Cases::feedback(CaseId id, std::string person, std::optional<bool> good, std::string reason, AuditEntry audit) {
  Thumb thumb{std::move(person), good, std::move(reason)};
  return context_.engine->write([id, thumb = std::move(thumb), audit = std::move(audit), now = context_.now()](
                                    Transaction& tx) { return apply_feedback(tx, id, thumb, audit, now); });
}

Async<Case> Cases::take_back(CaseId id, std::string person, bool good, AuditEntry audit) {
  Thumb thumb{std::move(person), std::nullopt, ""};
  return context_.engine->write(
      [id, thumb = std::move(thumb), good, audit = std::move(audit), now = context_.now()](Transaction& tx) -> Result<Case> {
        bool there = false;
        {
          auto rows = tx.db.query("SELECT good FROM thumb WHERE tenant = $1 AND case_id = $2 AND person = $3 AND good = $4",
                                  tx.tenant, id.number, thumb.person, good);
          there = rows.step();
        }
        if (!there) return Error(Code::conflict, "that thumb is not there any more");
        return apply_feedback(tx, id, thumb, audit, now);
      });
}

Async<std::vector<CaseId>> Cases::unpresented(size_t limit) {
  return context_.engine->read([limit = bounded(limit)](Transaction& tx) -> Result<std::vector<CaseId>> {
    std::vector<CaseId> ids;
    auto rows =
        tx.db.query("SELECT id FROM cases WHERE tenant = $1 AND version > presented ORDER BY id LIMIT $2", tx.tenant, limit);
    while (rows.step()) ids.emplace_back(rows.integer(0));
    return ids;
  });
}

Async<void> Cases::presented(CaseId id, int64_t version, std::vector<OutboxMessage> messages) {
  return context_.engine->write(
      [id, version, messages = std::move(messages), now = context_.now()](Transaction& tx) -> Status {
        const int64_t found = tx.db.run(
            "UPDATE cases SET presented = CASE WHEN presented < $3 THEN $3 ELSE presented END WHERE tenant = $1 AND id = $2",
            tx.tenant, id.number, version);
        if (found == 0) return no_such_case(id);
        put_messages(tx, messages, now);
        return {};
      });
}

}  // namespace vedette::sqlite

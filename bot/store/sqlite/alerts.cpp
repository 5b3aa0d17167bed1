#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "bot/store/sqlite/shared.hpp"
#include "bot/store/sqlite/stores.hpp"

namespace vedette::sqlite {

namespace {

constexpr size_t kJoinable = 50;

Error no_such_alert(AlertId id) { return Error(Code::not_found, fmt::format("There is no alert {}.", to_string(id))); }

Result<Alert> load_alert(Transaction& tx, AlertId id) {
  auto row = tx.db.query("SELECT " VEDETTE_ALERT_COLUMNS " FROM alert WHERE tenant = $1 AND id = $2", tx.tenant, id.number);
  if (!row.step()) return no_such_alert(id);
  return read_alert(row);
}

// One alert in; the hot path. A single statement unless the alert was there before.
AcceptedAlert insert_alert(Transaction& tx, const Alert& alert) {
  const std::string entities = to_json(alert.entities);
  const std::string techniques = to_json(alert.techniques);
  const std::string fields = to_json(alert.fields);
  {
    auto added = tx.db.query(
        "INSERT INTO alert (tenant, id, source, dedup_key, state, severity, time, received, format, title, description, "
        "rule, "
        "rule_name, category, link, entities, techniques, fields, raw) "
        "VALUES ($1, (SELECT COALESCE(MAX(id), 0) + 1 FROM alert WHERE tenant = $1), $2, $3, 'queued', $4, $5, $6, $7, $8, "
        "$9, "
        "$10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT (tenant, source, dedup_key) DO NOTHING RETURNING id",
        tx.tenant, alert.source, alert.dedup_key, static_cast<int64_t>(alert.severity), to_micros(alert.time),
        to_micros(alert.received), alert.format, alert.title, alert.description, alert.rule, alert.rule_name, alert.category,
        alert.link, entities, techniques, fields, alert.raw);
    if (added.step()) {
      const AlertId id(added.integer(0));
      added.step();
      tx.touch(Store::Topic::alerts);
      return {id, false};
    }
  }
  auto first = tx.db.query("SELECT id FROM alert WHERE tenant = $1 AND source = $2 AND dedup_key = $3", tx.tenant,
                           alert.source, alert.dedup_key);
  first.step();
  return {AlertId(first.integer(0)), true};
}

// Gives a queued alert without a case its place; conflict when it has one.
Result<Alert> take_unplaced(Transaction& tx, AlertId id) {
  TRY(Alert alert, load_alert(tx, id));
  if (alert.case_id) {
    return Error(Code::conflict, fmt::format("{} belongs to {} already.", to_string(id), to_string(alert.case_id)));
  }
  if (alert.state != AlertState::queued) {
    return Error(Code::conflict, fmt::format("{} is {}.", to_string(id), to_string(alert.state)));
  }
  return alert;
}

// The alert's entities and rule become the case's, and its history tells of it.
void add_to_case(Transaction& tx, const Alert& alert, CaseId id, AlertState state, Time now) {
  tx.db.run("UPDATE alert SET case_id = $3, state = $4 WHERE tenant = $1 AND id = $2", tx.tenant, alert.id.number, id.number,
            to_string(state));
  for (const auto& entity : alert.entities) {
    tx.db.run(
        "INSERT INTO case_entity (tenant, type, value, case_id, position, last_alert) VALUES ($1, $2, $3, $4, "
        "(SELECT COALESCE(MAX(position), 0) + 1 FROM case_entity WHERE tenant = $1 AND case_id = $4), $5) "
        "ON CONFLICT (tenant, type, value, case_id) DO UPDATE SET last_alert = excluded.last_alert "
        "WHERE excluded.last_alert > case_entity.last_alert",
        tx.tenant, to_string(entity.type), entity.value, id.number, to_micros(alert.time));
  }
  if (!alert.rule.empty()) {
    tx.db.run(
        "INSERT INTO case_rule (tenant, rule, case_id) VALUES ($1, $2, $3) ON CONFLICT (tenant, rule, case_id) DO NOTHING",
        tx.tenant, alert.rule, id.number);
  }
  CaseNote note;
  note.kind = "alert";
  note.author = "vedette";
  note.text = fmt::format("{} from {}: {}", to_string(alert.id), alert.source, alert.title);
  add_note(tx, id, note, now);
  tx.touch(Store::Topic::cases);
  tx.touch(Store::Topic::investigations);
}

Result<CaseId> open_for(Transaction& tx, AlertId alert_id, Time now) {
  TRY(const Alert alert, take_unplaced(tx, alert_id));
  int64_t number = 0;
  {
    auto added = tx.db.query(
        "INSERT INTO cases (tenant, id, title, status, severity, created, updated, last_alert, alerts, queued_at) "
        "VALUES ($1, (SELECT COALESCE(MAX(id), 0) + 1 FROM cases WHERE tenant = $1), $2, 'open', $3, $4, $4, $5, 1, $4) "
        "RETURNING id",
        tx.tenant, alert.title, static_cast<int64_t>(alert.severity), to_micros(now), to_micros(alert.time));
    added.step();
    number = added.integer(0);
    added.step();
  }
  add_to_case(tx, alert, CaseId(number), AlertState::queued, now);
  return CaseId(number);
}

// A grave alert of a kind that the case has not had wakes it, however grave the case was before.
Status wake_if_another_kind(Transaction& tx, CaseId into, const Alert& alert, Time now) {
  if (alert.severity < Severity::high) return {};
  {
    auto new_to_it = tx.db.query(
        "SELECT 1 FROM cases c WHERE c.tenant = $1 AND c.id = $2 AND c.snooze_until > 0 AND NOT EXISTS "
        "(SELECT 1 FROM alert a WHERE a.tenant = c.tenant AND a.case_id = c.id AND a.rule = $3)",
        tx.tenant, into.number, alert.rule);
    if (!new_to_it.step()) return {};
  }
  return wake(tx, into, fmt::format("a {} alert of another rule joined.", to_string(alert.severity)), now);
}

Status join(Transaction& tx, AlertId alert_id, CaseId into, Time now) {
  TRY(const Alert alert, take_unplaced(tx, alert_id));
  TRY_VOID(wake_if_worse(tx, into, alert.severity, std::nullopt, "a more severe alert joined.", now));
  TRY_VOID(wake_if_another_kind(tx, into, alert, now));
  const int64_t changed = tx.db.run(
      "UPDATE cases SET alerts = alerts + 1, version = version + 1, updated = $3, "
      "severity = CASE WHEN severity < $4 THEN $4 ELSE severity END, "
      "last_alert = CASE WHEN last_alert < $5 THEN $5 ELSE last_alert END "
      "WHERE tenant = $1 AND id = $2 AND status <> 'closed'",
      tx.tenant, into.number, to_micros(now), static_cast<int64_t>(alert.severity), to_micros(alert.time));
  if (changed == 0) {
    TRY_VOID(load_case(tx, into));
    return Error(Code::conflict, fmt::format("{} was closed meanwhile.", to_string(into)));
  }
  add_to_case(tx, alert, into, AlertState::merged, now);
  queue_investigation(tx, into, now);
  return {};
}

Status end_unplaced(Transaction& tx, AlertId id, AlertState state, const std::string& reason) {
  TRY_VOID(take_unplaced(tx, id));
  tx.db.run("UPDATE alert SET state = $3, reason = $4 WHERE tenant = $1 AND id = $2", tx.tenant, id.number, to_string(state),
            reason);
  tx.touch(Store::Topic::alerts);
  return {};
}

std::vector<Case> joinable_cases(Transaction& tx, const std::vector<Entity>& entities, Time since) {
  std::set<int64_t, std::greater<>> numbers;  // newest first
  for (const auto& entity : entities) {
    auto rows = tx.db.query(
        "SELECT e.case_id FROM case_entity e JOIN cases c ON c.tenant = e.tenant AND c.id = e.case_id "
        "WHERE e.tenant = $1 AND e.type = $2 AND e.value = $3 AND e.last_alert >= $4 AND c.status <> 'closed' "
        "ORDER BY e.case_id DESC LIMIT $5",
        tx.tenant, to_string(entity.type), entity.value, to_micros(since), kJoinable);
    while (rows.step()) numbers.insert(rows.integer(0));
  }
  std::vector<Case> cases;
  for (const int64_t number : numbers) {
    if (cases.size() == kJoinable) break;
    if (auto found = load_case(tx, CaseId(number))) cases.push_back(*std::move(found));
  }
  return cases;
}

Coverage count_states(Statement& rows) {
  Coverage coverage;
  while (rows.step()) {
    const int64_t count = rows.integer(1);
    coverage.received += count;
    switch (alert_state_from(rows.view(0))) {
      case AlertState::queued: coverage.queued += count; break;
      case AlertState::investigated: coverage.investigated += count; break;
      case AlertState::merged: coverage.merged += count; break;
      case AlertState::suppressed: coverage.suppressed += count; break;
      case AlertState::failed: coverage.failed += count; break;
    }
  }
  return coverage;
}

// The first alert received at that time or later; numbers grow with the time, so it is found by halving and without an
// index that every new alert would have to pay for. One past the newest where there is none.
int64_t first_received_since(Transaction& tx, Time received) {
  int64_t low = 1;
  int64_t high = 1;
  {
    auto newest = tx.db.query("SELECT MAX(id) FROM alert WHERE tenant = $1", tx.tenant);
    if (newest.step()) high = newest.integer(0) + 1;
  }
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    auto row =
        tx.db.query("SELECT id, received FROM alert WHERE tenant = $1 AND id >= $2 ORDER BY id LIMIT 1", tx.tenant, middle);
    if (!row.step() || row.integer(1) >= to_micros(received)) {
      high = middle;
    } else {
      low = row.integer(0) + 1;
    }
  }
  return low;
}

}  // namespace

Async<std::vector<AcceptedAlert>> Alerts::accept(std::vector<Alert> alerts) {
  const Foreground::Waiting waiting(*context_.foreground);
  auto insert = [alerts = std::move(alerts)](Transaction& tx) -> Result<std::vector<AcceptedAlert>> {
    std::vector<AcceptedAlert> accepted;
    accepted.reserve(alerts.size());
    for (const auto& alert : alerts) accepted.push_back(insert_alert(tx, alert));
    return accepted;
  };
  co_return co_await context_.engine->write(std::move(insert));
}

Async<std::vector<Alert>> Alerts::unplaced(size_t limit) {
  return context_.engine->read([limit = bounded(limit)](Transaction& tx) -> Result<std::vector<Alert>> {
    std::vector<Alert> alerts;
    auto rows = tx.db.query("SELECT " VEDETTE_ALERT_COLUMNS
                            " FROM alert WHERE tenant = $1 AND case_id IS NULL AND state = 'queued' ORDER BY id LIMIT $2",
                            tx.tenant, limit);
    while (rows.step()) alerts.push_back(read_alert(rows));
    return alerts;
  });
}

Async<Alert> Alerts::get(AlertId id) {
  return context_.engine->read([id](Transaction& tx) { return load_alert(tx, id); });
}

Async<std::vector<Case>> Alerts::joinable(std::vector<Entity> entities, Time since) {
  return context_.engine->read([entities = std::move(entities), since](Transaction& tx) -> Result<std::vector<Case>> {
    return joinable_cases(tx, entities, since);
  });
}

Async<CaseId> Alerts::open_case(AlertId id) {
  return context_.engine->write([id, now = context_.now()](Transaction& tx) { return open_for(tx, id, now); });
}

Async<void> Alerts::join_case(AlertId id, CaseId into) {
  return context_.engine->write([id, into, now = context_.now()](Transaction& tx) { return join(tx, id, into, now); });
}

Async<void> Alerts::suppress(AlertId id, std::string reason) {
  return context_.engine->write(
      [id, reason = std::move(reason)](Transaction& tx) { return end_unplaced(tx, id, AlertState::suppressed, reason); });
}

Async<void> Alerts::fail(AlertId id, std::string reason) {
  return context_.engine->write(
      [id, reason = std::move(reason)](Transaction& tx) { return end_unplaced(tx, id, AlertState::failed, reason); });
}

Async<Coverage> Alerts::coverage() {
  return context_.engine->read([](Transaction& tx) -> Result<Coverage> {
    auto rows = tx.db.query("SELECT state, COUNT(*) FROM alert WHERE tenant = $1 GROUP BY state", tx.tenant);
    return count_states(rows);
  });
}

Async<Coverage> Alerts::coverage_since(Time received) {
  return context_.engine->read([received](Transaction& tx) -> Result<Coverage> {
    const int64_t first = first_received_since(tx, received);
    auto rows =
        tx.db.query("SELECT state, COUNT(*) FROM alert WHERE tenant = $1 AND id >= $2 GROUP BY state", tx.tenant, first);
    return count_states(rows);
  });
}

}  // namespace vedette::sqlite

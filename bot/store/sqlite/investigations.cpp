#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/domain/case_json.hpp"
#include "bot/store/sqlite/shared.hpp"
#include "bot/store/sqlite/stores.hpp"

namespace vedette::sqlite {

namespace {

std::optional<InvestigationLease> claim_most_urgent(Transaction& tx, const std::string& owner, std::chrono::seconds length,
                                                    Time now) {
  int64_t number = 0;
  {
    auto candidate = tx.db.query(
        "SELECT id FROM cases WHERE tenant = $1 AND investigation IN ('queued', 'running') "
        "AND (investigation = 'queued' OR lease_until <= $2) ORDER BY severity DESC, queued_at, id LIMIT 1",
        tx.tenant, to_micros(now));
    if (!candidate.step()) return std::nullopt;
    number = candidate.integer(0);
  }
  // Whatever came in while an earlier start ran is seen by this one: it counts as the round that was asked for.
  auto claimed = tx.db.query(
      "UPDATE cases SET investigation = 'running', fence = fence + 1, round = round + again, "
      "attempt = CASE again WHEN 1 THEN 1 ELSE attempt + 1 END, again = 0, lease_owner = $3, lease_until = $4, "
      "lease_length = $5, version = version + 1, updated = $6 WHERE tenant = $1 AND id = $2 RETURNING fence, attempt, round",
      tx.tenant, number, owner, to_micros(now + length), static_cast<int64_t>(length.count()), to_micros(now));
  claimed.step();
  InvestigationLease lease;
  lease.case_id = CaseId(number);
  lease.fence = claimed.integer(0);
  lease.attempt = claimed.small(1);
  lease.round = claimed.small(2);
  claimed.step();
  tx.touch(Store::Topic::cases);
  return lease;
}

// Every write of an investigation passes here first: only the newest claim may write, and it holds for longer.
Status renew(Transaction& tx, const InvestigationLease& lease, Time now) {
  const int64_t held = tx.db.run(
      "UPDATE cases SET lease_until = $4 + lease_length * 1000000 "
      "WHERE tenant = $1 AND id = $2 AND fence = $3 AND investigation = 'running'",
      tx.tenant, lease.case_id.number, lease.fence, to_micros(now));
  if (held == 1) return {};
  TRY_VOID(load_case(tx, lease.case_id));
  return Error(Code::conflict, fmt::format("The investigation of {} was taken over.", to_string(lease.case_id)));
}

Result<int> store_evidence(Transaction& tx, const InvestigationLease& lease, const Evidence& evidence, Time now) {
  TRY_VOID(renew(tx, lease, now));
  const std::string records = to_json(evidence.records);
  int number = 0;
  {
    auto stored = tx.db.query(
        "INSERT INTO evidence (tenant, case_id, number, question, title, source, query, starts, ends, answer, total, "
        "records, "
        "link, taken) VALUES ($1, $2, (SELECT COALESCE(MAX(number), 0) + 1 FROM evidence WHERE tenant = $1 AND case_id = "
        "$2), "
        "$3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (tenant, case_id, question) DO UPDATE SET "
        "title = excluded.title, source = excluded.source, query = excluded.query, starts = excluded.starts, "
        "ends = excluded.ends, answer = excluded.answer, total = excluded.total, records = excluded.records, "
        "link = excluded.link, taken = excluded.taken RETURNING number",
        tx.tenant, lease.case_id.number, evidence.question, evidence.title, evidence.source, evidence.query,
        to_micros(evidence.from), to_micros(evidence.to), evidence.answer, evidence.total, records, evidence.link,
        to_micros(evidence.taken));
    stored.step();
    number = stored.small(0);
    stored.step();
  }
  bump_case(tx, lease.case_id, now);
  return number;
}

// Ends a start: with `state`, or queued again when something new came meanwhile. True when it goes on.
bool end_round(Transaction& tx, CaseId id, InvestigationState state, Time now) {
  auto ended = tx.db.query(
      "UPDATE cases SET investigation = CASE again WHEN 1 THEN 'queued' ELSE $3 END, round = round + again, "
      "attempt = CASE again WHEN 1 THEN 0 ELSE attempt END, queued_at = CASE again WHEN 1 THEN $4 ELSE queued_at END, "
      "lease_owner = '', lease_until = 0, again = 0 WHERE tenant = $1 AND id = $2 RETURNING investigation",
      tx.tenant, id.number, to_string(state), to_micros(now));
  ended.step();
  const bool goes_on = investigation_state_from(ended.view(0)) == InvestigationState::queued;
  ended.step();
  if (goes_on) tx.touch(Store::Topic::investigations);
  return goes_on;
}

bool same_aim(const ActionPlan& a, const ActionPlan& b) {
  return a.verb == b.verb && a.provider == b.provider && a.target == b.target;
}

// What the analyst proposed earlier and does not propose any more. Also when people are about to approve it: what it was
// asked for on is no longer so. A plan that people changed differs from the analyst's in its parameters on purpose.
void withdraw_stale(Transaction& tx, CaseId id, const std::vector<ProposedAction>& proposals, Time now) {
  for (const auto& action : actions_of_case(tx, id)) {
    const bool awaiting = action.state == ActionState::awaiting;
    if ((action.state != ActionState::proposed && !awaiting) || action.proposer != "vedette") continue;
    const std::string digest = action.plan.digest(id);
    bool still = false;
    for (const auto& proposal : proposals) {
      still = still || (action.replaces ? same_aim(proposal.plan, action.plan) : proposal.plan.digest(id) == digest);
    }
    if (still) continue;
    std::string text = fmt::format("{} is no longer proposed ({}).", action.plan.title(), to_string(action.id));
    if (awaiting) text += " The evidence has changed, so the approval that was asked for is withdrawn.";
    move_action(tx, action, ActionState::withdrawn, "vedette", text, now);
  }
}

// What has this plan, or stands in its place, and was not withdrawn with the evidence.
bool known_to_people(const std::vector<Action>& actions, CaseId id, const std::string& digest) {
  for (const auto& action : actions) {
    if (action.plan.digest(id) != digest) continue;
    const Action* last = &action;
    for (const auto& other : actions) {  // by number: what stands in another's place comes later
      if (other.id == last->replaced_by) last = &other;
    }
    if (last->state != ActionState::withdrawn) return true;
  }
  return false;
}

// What people denied or changed, or what ran out or failed, is not put before them again after every round: they can ask for
// it.
void propose_new(Transaction& tx, CaseId id, const std::vector<ProposedAction>& proposals, Time now) {
  for (const auto& proposal : proposals) {
    if (known_to_people(actions_of_case(tx, id), id, proposal.plan.digest(id))) continue;
    insert_action(tx, id, proposal.plan, proposal.reason, "vedette", proposal.approvals_needed, now);
  }
}

std::string verdict_detail(const Verdict& verdict, const InvestigationLease& lease) {
  JsonWriter w;
  w.begin_object();
  w.field("label", to_string(verdict.label));
  w.field("confidence", verdict.confidence);
  w.field("probability", verdict.probability);
  w.field("severity", to_string(verdict.severity));
  w.field("round", lease.round);
  w.end_object();
  return w.take();
}

Status store_verdict(Transaction& tx, const InvestigationLease& lease, const Verdict& verdict,
                     const std::vector<ProposedAction>& proposals, Time now) {
  TRY_VOID(renew(tx, lease, now));
  const CaseId id = lease.case_id;
  TRY_VOID(wake_if_worse(tx, id, verdict.severity, verdict.label, "the verdict raised the severity.", now));
  const std::string json = to_json(verdict);
  tx.db.run("UPDATE cases SET verdict = $3, label = $4, severity = $5, failure = '' WHERE tenant = $1 AND id = $2",
            tx.tenant, id.number, json, to_string(verdict.label), static_cast<int64_t>(verdict.severity));
  tx.db.run("UPDATE alert SET state = 'investigated' WHERE tenant = $1 AND case_id = $2 AND state = 'queued'", tx.tenant,
            id.number);
  tx.touch(Store::Topic::alerts);
  withdraw_stale(tx, id, proposals, now);
  propose_new(tx, id, proposals, now);
  CaseNote note;
  note.kind = "verdict";
  note.author = "vedette";
  note.text = fmt::format("{}, {} %: {}", to_string(verdict.label), verdict.confidence, verdict.headline);
  add_note(tx, id, note, now);
  AuditEntry audit;
  audit.actor = "vedette";
  audit.action = "verdict";
  audit.subject = to_string(id);
  audit.detail = verdict_detail(verdict, lease);
  TRY_VOID(append_audit(tx, audit, now));
  end_round(tx, id, InvestigationState::done, now);
  bump_case(tx, id, now);
  return {};
}

Status give_up(Transaction& tx, const InvestigationLease& lease, const std::string& reason, Time now) {
  TRY_VOID(renew(tx, lease, now));
  const CaseId id = lease.case_id;
  // When another round follows, its alerts have not failed yet.
  if (!end_round(tx, id, InvestigationState::failed, now)) {
    tx.db.run("UPDATE alert SET state = 'failed' WHERE tenant = $1 AND case_id = $2 AND state = 'queued'", tx.tenant,
              id.number);
    tx.touch(Store::Topic::alerts);
    TRY_VOID(wake(tx, id, "it could not be investigated.", now));
  }
  tx.db.run("UPDATE cases SET failure = $3 WHERE tenant = $1 AND id = $2", tx.tenant, id.number, reason);
  CaseNote note;
  note.kind = "note";
  note.author = "vedette";
  note.text = "The investigation ended without a verdict: " + reason;
  add_note(tx, id, note, now);
  AuditEntry audit;
  audit.actor = "vedette";
  audit.action = "investigation.failed";
  audit.subject = to_string(id);
  JsonWriter w;
  w.begin_object().field("reason", reason).field("attempt", lease.attempt).end_object();
  audit.detail = w.take();
  TRY_VOID(append_audit(tx, audit, now));
  bump_case(tx, id, now);
  return {};
}

}  // namespace

Async<std::optional<InvestigationLease>> Investigations::claim(std::string owner, std::chrono::seconds lease) {
  return context_.engine->write(
      [owner = std::move(owner), lease, now = context_.now()](Transaction& tx) -> Result<std::optional<InvestigationLease>> {
        return claim_most_urgent(tx, owner, lease, now);
      });
}

Async<void> Investigations::progress(InvestigationLease lease, std::vector<InvestigationStep> steps) {
  return context_.engine->write([lease, steps = std::move(steps), now = context_.now()](Transaction& tx) -> Status {
    TRY_VOID(renew(tx, lease, now));
    const std::string json = to_json(steps);
    tx.db.run("UPDATE cases SET progress = $3 WHERE tenant = $1 AND id = $2", tx.tenant, lease.case_id.number, json);
    bump_case(tx, lease.case_id, now);
    return {};
  });
}

Async<int> Investigations::add_evidence(InvestigationLease lease, Evidence evidence) {
  return context_.engine->write([lease, evidence = std::move(evidence), now = context_.now()](Transaction& tx) {
    return store_evidence(tx, lease, evidence, now);
  });
}

Async<std::vector<Evidence>> Investigations::evidence(CaseId id) {
  return context_.engine->read([id](Transaction& tx) -> Result<std::vector<Evidence>> {
    TRY_VOID(load_case(tx, id));
    return evidence_of_case(tx, id);
  });
}

Async<void> Investigations::finish(InvestigationLease lease, Verdict verdict, std::vector<ProposedAction> proposals) {
  return context_.engine->write(
      [lease, verdict = std::move(verdict), proposals = std::move(proposals), now = context_.now()](Transaction& tx) {
        return store_verdict(tx, lease, verdict, proposals, now);
      });
}

Async<void> Investigations::fail(InvestigationLease lease, std::string reason) {
  return context_.engine->write([lease, reason = std::move(reason), now = context_.now()](Transaction& tx) {
    return give_up(tx, lease, reason, now);
  });
}

Async<void> Investigations::requeue(CaseId id) {
  return context_.engine->write([id, now = context_.now()](Transaction& tx) -> Status {
    TRY_VOID(load_case(tx, id));
    queue_investigation(tx, id, now);
    bump_case(tx, id, now);
    return {};
  });
}

}  // namespace vedette::sqlite

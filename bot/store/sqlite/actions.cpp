#include <algorithm>

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "bot/store/sqlite/shared.hpp"
#include "bot/store/sqlite/stores.hpp"

namespace vedette::sqlite {

namespace {

Error no_such_action(ActionId id) { return Error(Code::not_found, fmt::format("There is no action {}.", to_string(id))); }

void load_votes(Transaction& tx, Action& action) {
  auto rows = tx.db.query("SELECT person, approve, at FROM vote WHERE tenant = $1 AND action_id = $2 ORDER BY at, person",
                          tx.tenant, action.id.number);
  while (rows.step()) {
    Vote vote;
    vote.person = rows.text(0);
    vote.approve = rows.integer(1) != 0;
    vote.at = from_micros(rows.integer(2));
    action.votes.push_back(std::move(vote));
  }
}

std::vector<Action> collect(Transaction& tx, Statement rows) {
  std::vector<Action> actions;
  while (rows.step()) actions.push_back(read_action(rows));
  for (auto& action : actions) load_votes(tx, action);
  return actions;
}

std::vector<Action> actions_in_state(Transaction& tx, ActionState state, size_t limit) {
  return collect(
      tx, tx.db.query("SELECT " VEDETTE_ACTION_COLUMNS " FROM action WHERE tenant = $1 AND state = $2 ORDER BY id LIMIT $3",
                      tx.tenant, to_string(state), limit));
}

Error moved_on(const Action& action) {
  return Error(Code::conflict, fmt::format("{} is {} already.", to_string(action.id), to_string(action.state)));
}

// The action in the state a change starts from, its plan as the caller saw it.
Result<Action> expect(Transaction& tx, ActionId id, ActionState state, const std::string& digest) {
  TRY(Action action, load_action(tx, id));
  if (action.state == ActionState::expired) {
    return Error(Code::expired, fmt::format("The approval of {} is over.", to_string(id)));
  }
  if (action.state != state) return moved_on(action);
  if (action.plan.digest(action.case_id) != digest) {
    return Error(Code::conflict, fmt::format("What {} would do is not what was shown. Look at it again.", to_string(id)));
  }
  return action;
}

void bar(std::vector<std::string>& barred, const std::string& person) {
  const bool known = std::find(barred.begin(), barred.end(), person) != barred.end();
  if (!known && !person.empty() && person != "vedette") barred.push_back(person);
}

// Who changed a plan stays barred from approving it, also when it is asked for again under another number.
std::vector<std::string> barred_from(const std::vector<Action>& actions, CaseId id, const std::string& digest) {
  std::vector<std::string> barred;
  for (const auto& action : actions) {
    if (action.plan.digest(id) != digest) continue;
    for (const auto& person : action.barred) bar(barred, person);
  }
  return barred;
}

Result<Action> propose_one(Transaction& tx, CaseId id, const ActionPlan& plan, const std::string& reason,
                           const std::string& proposer, int approvals_needed, AuditEntry audit, Time now) {
  TRY_VOID(load_case(tx, id));
  const std::string digest = plan.digest(id);
  auto before = actions_of_case(tx, id);
  for (auto& action : before) {
    if (!is_final(action.state) && action.plan.digest(id) == digest) return std::move(action);
  }
  const ActionId added = insert_action(tx, id, plan, reason, proposer, approvals_needed, now);
  const std::string barred = to_json(barred_from(before, id, digest));
  tx.db.run("UPDATE action SET barred = $3 WHERE tenant = $1 AND id = $2", tx.tenant, added.number, barred);
  if (audit.subject.empty()) audit.subject = to_string(added);
  TRY_VOID(append_audit(tx, audit, now));
  bump_case(tx, id, now);
  return load_action(tx, added);
}

struct Asking {
  std::string digest;
  std::string requester;
  int approvals_needed = 1;
  Time expires;
};

Result<Action> open_approval(Transaction& tx, ActionId id, const Asking& asking, const AuditEntry& audit, Time now) {
  TRY(const Action action, expect(tx, id, ActionState::proposed, asking.digest));
  tx.db.run("UPDATE action SET requester = $3, approvals_needed = $4, expires = $5 WHERE tenant = $1 AND id = $2", tx.tenant,
            id.number, asking.requester, asking.approvals_needed, to_micros(asking.expires));
  // Where the organisation asks for nobody else, asking is enough.
  const bool enough = asking.approvals_needed <= 0;
  move_action(tx, action, enough ? ActionState::approved : ActionState::awaiting, asking.requester,
              fmt::format("{} asked for: {}.", to_string(id), action.plan.title()), now);
  TRY_VOID(append_audit(tx, audit, now));
  return load_action(tx, id);
}

struct Replacement {
  std::string digest;  // of the plan that is replaced
  ActionPlan plan;
  std::string editor;
  int approvals_needed = 1;
  Time expires;
};

std::string parameters_in_words(const ActionPlan& plan) {
  std::vector<std::string> words;
  words.reserve(plan.parameters.size());
  for (const auto& [name, value] : plan.parameters) words.push_back(fmt::format("{} {}", name, value));
  return words.empty() ? "as usual" : text::join(words, ", ");
}

// The new action stays its first proposer's, so that it is withdrawn like theirs. Neither they nor who had asked for it nor
// who changed it may approve it.
void keep_origin(Transaction& tx, const Action& old, ActionId added, const Replacement& wanted) {
  std::vector<std::string> barred = old.barred;
  bar(barred, old.proposer);
  bar(barred, old.requester);
  bar(barred, wanted.editor);
  const std::string list = to_json(barred);
  tx.db.run("UPDATE action SET replaced_by = $3 WHERE tenant = $1 AND id = $2", tx.tenant, old.id.number, added.number);
  tx.db.run("UPDATE action SET replaces = $3, proposer = $4, editor = $5, barred = $6 WHERE tenant = $1 AND id = $2",
            tx.tenant, added.number, old.id.number, old.proposer, wanted.editor, list);
}

// The new action enters the chain under its own number. The row of the change itself has the old one's.
AuditEntry introduction(const AuditEntry& change, const Action& old, ActionId added, const Replacement& wanted,
                        bool awaiting) {
  AuditEntry entry = change;
  entry.action = "action.replace";
  entry.subject = to_string(added);
  JsonWriter w;
  w.begin_object()
      .field("replaces", to_string(old.id))
      .field("proposer", old.proposer)
      .field("requester", awaiting ? wanted.editor : std::string())
      .field("editor", wanted.editor)
      .field("approvals_needed", wanted.approvals_needed)
      .field("digest", wanted.plan.digest(old.case_id));
  w.key("before").begin_object();
  for (const auto& [name, value] : old.plan.parameters) w.field(name, value);
  w.end_object();
  w.key("after").begin_object();
  for (const auto& [name, value] : wanted.plan.parameters) w.field(name, value);
  w.end_object();
  w.end_object();
  entry.detail = w.take();
  return entry;
}

Result<Action> replace_plan(Transaction& tx, ActionId id, const Replacement& wanted, const AuditEntry& audit, Time now) {
  TRY(const Action stored, load_action(tx, id));
  const bool awaiting = stored.state == ActionState::awaiting;
  TRY(const Action old, expect(tx, id, awaiting ? ActionState::awaiting : ActionState::proposed, wanted.digest));
  const CaseId case_id = old.case_id;
  const std::string digest = wanted.plan.digest(case_id);
  for (const auto& other : actions_of_case(tx, case_id)) {
    if (is_final(other.state) || other.plan.digest(case_id) != digest) continue;
    return Error(Code::conflict, fmt::format("{} has this plan already.", to_string(other.id)));
  }
  const ActionId added = insert_action(tx, case_id, wanted.plan, old.reason, wanted.editor, wanted.approvals_needed, now);
  keep_origin(tx, old, added, wanted);
  move_action(tx, old, ActionState::withdrawn, wanted.editor,
              fmt::format("changed {} ({} → {}): {} stands in its place{}.", to_string(id), parameters_in_words(old.plan),
                          parameters_in_words(wanted.plan), to_string(added),
                          old.votes.empty() ? "" : ", and what had been approved counts no more"),
              now);
  TRY_VOID(append_audit(tx, audit, now));
  TRY_VOID(append_audit(tx, introduction(audit, old, added, wanted, awaiting), now));
  if (!awaiting) return load_action(tx, added);
  tx.db.run("UPDATE action SET requester = $3, expires = $4 WHERE tenant = $1 AND id = $2", tx.tenant, added.number,
            wanted.editor, to_micros(wanted.expires));
  TRY(const Action fresh, load_action(tx, added));
  move_action(tx, fresh, wanted.approvals_needed <= 0 ? ActionState::approved : ActionState::awaiting, wanted.editor,
              fmt::format("{} asked for: {}.", to_string(added), wanted.plan.title()), now);
  return load_action(tx, added);
}

Result<Action> cast_vote(Transaction& tx, ActionId id, const std::string& digest, const Vote& vote, Time now,
                         const AuditEntry& audit) {
  TRY(Action action, expect(tx, id, ActionState::awaiting, digest));
  if (action.expires && *action.expires <= now) {
    return Error(Code::expired, fmt::format("The approval of {} is over.", to_string(id)));
  }
  if (vote.person == action.requester) {
    return Error(Code::conflict, fmt::format("{} asked for {}; somebody else has to decide.", vote.person, to_string(id)));
  }
  if (std::find(action.barred.begin(), action.barred.end(), vote.person) != action.barred.end()) {
    return Error(Code::conflict,
                 fmt::format("{} had a hand in {}; somebody else has to decide.", vote.person, to_string(id)));
  }
  const int64_t added = tx.db.run(
      "INSERT INTO vote (tenant, action_id, person, approve, at) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (tenant, action_id, person) DO NOTHING",
      tx.tenant, id.number, vote.person, vote.approve, to_micros(vote.at == Time() ? now : vote.at));
  if (added == 0) return Error(Code::conflict, fmt::format("{} has voted on {} already.", vote.person, to_string(id)));
  const auto approvals =
      1 + std::count_if(action.votes.begin(), action.votes.end(), [](const Vote& v) { return v.approve; });
  ActionState to = ActionState::awaiting;
  if (!vote.approve) {
    to = ActionState::denied;
  } else if (approvals >= action.approvals_needed) {
    to = ActionState::approved;
  }
  move_action(tx, action, to, vote.person,
              fmt::format("{} {}: {}.", to_string(id), vote.approve ? "approved" : "denied", action.plan.title()), now);
  TRY_VOID(append_audit(tx, audit, now));
  return load_action(tx, id);
}

Result<Action> start(Transaction& tx, ActionId id, bool runs, const AuditEntry& audit, Time now) {
  TRY(const Action action, load_action(tx, id));
  if (action.state != ActionState::approved) return moved_on(action);
  if (runs) {
    tx.db.run("UPDATE action SET started = $3 WHERE tenant = $1 AND id = $2", tx.tenant, id.number, to_micros(now));
  }
  move_action(tx, action, ActionState::executing, "vedette",
              fmt::format("{} started: {}.", to_string(id), action.plan.title()), now);
  TRY_VOID(append_audit(tx, audit, now));
  return load_action(tx, id);
}

Result<Action> settle(Transaction& tx, ActionId id, ActionState state, const std::string& result, const AuditEntry& audit,
                      Time now) {
  if (state != ActionState::succeeded && state != ActionState::failed && state != ActionState::unknown) {
    return Error(Code::invalid_input, "An action ends as succeeded, failed or unknown.");
  }
  TRY(const Action action, load_action(tx, id));
  if (action.state != ActionState::executing && action.state != ActionState::unknown) return moved_on(action);
  tx.db.run("UPDATE action SET result = $3 WHERE tenant = $1 AND id = $2", tx.tenant, id.number, result);
  move_action(tx, action, state, "vedette",
              fmt::format("{} {}: {}", to_string(id), to_string(state), result.empty() ? action.plan.title() : result), now);
  TRY_VOID(append_audit(tx, audit, now));
  return load_action(tx, id);
}

Result<Action> append_answer(Transaction& tx, ActionId id, const std::string& answer, const AuditEntry& audit, Time now) {
  TRY(const Action action, load_action(tx, id));
  if (!is_final(action.state)) return moved_on(action);
  const std::string result = action.result.empty() ? answer : answer + " " + action.result;
  tx.db.run("UPDATE action SET result = $3 WHERE tenant = $1 AND id = $2", tx.tenant, id.number, result);
  CaseNote note;
  note.kind = "action";
  note.author = "vedette";
  note.text = fmt::format("{}: {}", to_string(id), answer);
  add_note(tx, action.case_id, note, now);
  bump_case(tx, action.case_id, now);
  tx.touch(Store::Topic::actions);
  TRY_VOID(append_audit(tx, audit, now));
  return load_action(tx, id);
}

int64_t count_started(Transaction& tx, const std::string& verb, Time since) {
  auto row = tx.db.query("SELECT COUNT(*) FROM action WHERE tenant = $1 AND verb = $2 AND started > 0 AND started >= $3",
                         tx.tenant, verb, to_micros(since));
  row.step();
  return row.integer(0);
}

Result<std::vector<Action>> expire_all(Transaction& tx, Time now) {
  std::vector<Action> over =
      collect(tx, tx.db.query("SELECT " VEDETTE_ACTION_COLUMNS
                              " FROM action WHERE tenant = $1 AND state = 'awaiting' AND expires <= $2 ORDER BY id",
                              tx.tenant, to_micros(now)));
  std::vector<Action> expired;
  for (const auto& action : over) {
    move_action(tx, action, ActionState::expired, "vedette",
                fmt::format("The approval of {} ran out: {}.", to_string(action.id), action.plan.title()), now);
    AuditEntry audit;
    audit.actor = "system";
    audit.action = "action.expire";
    audit.subject = to_string(action.id);
    audit.detail = "{}";
    TRY_VOID(append_audit(tx, audit, now));
    TRY(Action changed, load_action(tx, action.id));
    expired.push_back(std::move(changed));
  }
  return expired;
}

}  // namespace

Result<Action> load_action(Transaction& tx, ActionId id) {
  auto row =
      tx.db.query("SELECT " VEDETTE_ACTION_COLUMNS " FROM action WHERE tenant = $1 AND id = $2", tx.tenant, id.number);
  if (!row.step()) return no_such_action(id);
  Action action = read_action(row);
  load_votes(tx, action);
  return action;
}

std::vector<Action> actions_of_case(Transaction& tx, CaseId id) {
  return collect(tx,
                 tx.db.query("SELECT " VEDETTE_ACTION_COLUMNS " FROM action WHERE tenant = $1 AND case_id = $2 ORDER BY id",
                             tx.tenant, id.number));
}

ActionId insert_action(Transaction& tx, CaseId id, const ActionPlan& plan, const std::string& reason,
                       const std::string& proposer, int approvals_needed, Time now) {
  const std::string parameters = to_json(plan.parameters);
  const std::string digest = plan.digest(id);
  auto added = tx.db.query(
      "INSERT INTO action (tenant, id, case_id, verb, provider, target_type, target, parameters, digest, state, reason, "
      "proposer, "
      "approvals_needed, created, changed) VALUES ($1, (SELECT COALESCE(MAX(id), 0) + 1 FROM action WHERE tenant = $1), $2, "
      "$3, "
      "$4, $5, $6, $7, $8, 'proposed', $9, $10, $11, $12, $12) RETURNING id",
      tx.tenant, id.number, plan.verb, plan.provider, to_string(plan.target.type), plan.target.value, parameters, digest,
      reason, proposer, approvals_needed, to_micros(now));
  added.step();
  const ActionId action(added.integer(0));
  added.step();
  CaseNote note;
  note.kind = "action";
  note.author = proposer;
  note.text = fmt::format("{} proposed: {}.", to_string(action), plan.title());
  add_note(tx, id, note, now);
  tx.touch(Store::Topic::actions);
  return action;
}

void move_action(Transaction& tx, const Action& action, ActionState to, const std::string& author, const std::string& text,
                 Time now) {
  tx.db.run("UPDATE action SET state = $3, changed = $4 WHERE tenant = $1 AND id = $2", tx.tenant, action.id.number,
            to_string(to), to_micros(now));
  CaseNote note;
  note.kind = "action";
  note.author = author;
  note.text = text;
  add_note(tx, action.case_id, note, now);
  bump_case(tx, action.case_id, now);
  tx.touch(Store::Topic::actions);
}

Async<Action> Actions::get(ActionId id) {
  return context_.engine->read([id](Transaction& tx) { return load_action(tx, id); });
}

Async<std::vector<Action>> Actions::of_case(CaseId id) {
  return context_.engine->read([id](Transaction& tx) -> Result<std::vector<Action>> {
    TRY_VOID(load_case(tx, id));
    return actions_of_case(tx, id);
  });
}

Async<std::vector<Action>> Actions::in_state(ActionState state, size_t limit) {
  return context_.engine->read([state, limit = bounded(limit)](Transaction& tx) -> Result<std::vector<Action>> {
    return actions_in_state(tx, state, limit);
  });
}

Async<std::vector<Action>> Actions::pending(size_t limit) { return in_state(ActionState::awaiting, limit); }

Async<Action> Actions::propose(CaseId id, ActionPlan plan, std::string reason, std::string proposer, int approvals_needed,
                               AuditEntry audit) {
  return context_.engine->write([id, plan = std::move(plan), reason = std::move(reason), proposer = std::move(proposer),
                                 approvals_needed, audit = std::move(audit), now = context_.now()](Transaction& tx) {
    return propose_one(tx, id, plan, reason, proposer, approvals_needed, audit, now);
  });
}

Async<Action> Actions::request(ActionId id, std::string digest, std::string requester, int approvals_needed, Time expires,
                               AuditEntry audit) {
  Asking asking{std::move(digest), std::move(requester), approvals_needed, expires};
  return context_.engine->write([id, asking = std::move(asking), audit = std::move(audit), now = context_.now()](
                                    Transaction& tx) { return open_approval(tx, id, asking, audit, now); });
}

Async<Action> Actions::replace(ActionId id, std::string digest, ActionPlan plan, std::string editor, int approvals_needed,
                               Time expires, AuditEntry audit) {
  Replacement wanted{std::move(digest), std::move(plan), std::move(editor), approvals_needed, expires};
  return context_.engine->write([id, wanted = std::move(wanted), audit = std::move(audit), now = context_.now()](
                                    Transaction& tx) { return replace_plan(tx, id, wanted, audit, now); });
}

Async<Action> Actions::vote(ActionId id, std::string digest, Vote vote, Time now, AuditEntry audit) {
  return context_.engine->write([id, digest = std::move(digest), vote = std::move(vote), now, audit = std::move(audit)](
                                    Transaction& tx) { return cast_vote(tx, id, digest, vote, now, audit); });
}

Async<Action> Actions::begin(ActionId id, AuditEntry audit, bool runs) {
  return context_.engine->write([id, runs, audit = std::move(audit), now = context_.now()](Transaction& tx) {
    return start(tx, id, runs, audit, now);
  });
}

Async<int64_t> Actions::started_since(std::string verb, Time since) {
  return context_.engine->read(
      [verb = std::move(verb), since](Transaction& tx) -> Result<int64_t> { return count_started(tx, verb, since); });
}

Async<Action> Actions::add_answer(ActionId id, std::string answer, AuditEntry audit) {
  return context_.engine->write([id, answer = std::move(answer), audit = std::move(audit), now = context_.now()](
                                    Transaction& tx) { return append_answer(tx, id, answer, audit, now); });
}

Async<Action> Actions::finish(ActionId id, ActionState state, std::string result, AuditEntry audit) {
  return context_.engine->write([id, state, result = std::move(result), audit = std::move(audit), now = context_.now()](
                                    Transaction& tx) { return settle(tx, id, state, result, audit, now); });
}

Async<std::vector<Action>> Actions::expire(Time now) {
  return context_.engine->write([now](Transaction& tx) { return expire_all(tx, now); });
}

}  // namespace vedette::sqlite

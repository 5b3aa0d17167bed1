#pragma once
// The store's interfaces on SQLite. One class per aggregate, one .cpp each; all of them are a tenant and an engine.
//
// Every method reads the clock on the io thread and hands the time over: the store's threads never look at it.

#include "bot/store/sqlite/engine.hpp"

namespace vedette::sqlite {

// What the classes below share. Lives as long as the store.
struct Context {
  Engine* engine = nullptr;
  Foreground* foreground = nullptr;
  const Clock* clock = nullptr;
  Time now() const { return clock->now(); }
};

class Alerts final : public AlertStore {
 public:
  explicit Alerts(Context context) : context_(context) {}
  Async<std::vector<AcceptedAlert>> accept(std::vector<Alert> alerts) override;
  Async<std::vector<Alert>> unplaced(size_t limit) override;
  Async<Alert> get(AlertId id) override;
  Async<std::vector<Case>> joinable(std::vector<Entity> entities, Time since) override;
  Async<CaseId> open_case(AlertId id) override;
  Async<void> join_case(AlertId id, CaseId into) override;
  Async<void> suppress(AlertId id, std::string reason) override;
  Async<void> fail(AlertId id, std::string reason) override;
  Async<Coverage> coverage() override;
  Async<Coverage> coverage_since(Time received) override;

 private:
  Context context_;
};

class Cases final : public CaseStore {
 public:
  explicit Cases(Context context) : context_(context) {}
  Async<Case> get(CaseId id) override;
  Async<CaseView> view(CaseId id) override;
  Async<std::vector<Case>> list(CaseFilter filter) override;
  Async<std::vector<PastCase>> past(PastCaseQuery query) override;
  Async<Case> change(CaseId id, CaseChange change, AuditEntry audit) override;
  Async<Case> feedback(CaseId id, std::string person, std::optional<bool> good, std::string reason,
                       AuditEntry audit) override;
  Async<Case> take_back(CaseId id, std::string person, bool good, AuditEntry audit) override;
  Async<Case> snooze(CaseId id, Snooze snooze, CaseNote note, AuditEntry audit) override;
  Async<Case> wake(CaseId id, CaseNote note, AuditEntry audit) override;
  Async<std::optional<Time>> next_wake() override;
  Async<std::vector<CaseId>> wake_due(Time now, size_t limit) override;
  Async<std::vector<CaseId>> unpresented(size_t limit) override;
  Async<void> presented(CaseId id, int64_t version, std::vector<OutboxMessage> messages) override;

 private:
  Context context_;
};

class Investigations final : public InvestigationStore {
 public:
  explicit Investigations(Context context) : context_(context) {}
  Async<std::optional<InvestigationLease>> claim(std::string owner, std::chrono::seconds lease) override;
  Async<void> progress(InvestigationLease lease, std::vector<InvestigationStep> steps) override;
  Async<int> add_evidence(InvestigationLease lease, Evidence evidence) override;
  Async<std::vector<Evidence>> evidence(CaseId id) override;
  Async<void> finish(InvestigationLease lease, Verdict verdict, std::vector<ProposedAction> proposals) override;
  Async<void> fail(InvestigationLease lease, std::string reason) override;
  Async<void> requeue(CaseId id) override;

 private:
  Context context_;
};

class Actions final : public ActionStore {
 public:
  explicit Actions(Context context) : context_(context) {}
  Async<Action> get(ActionId id) override;
  Async<std::vector<Action>> of_case(CaseId id) override;
  Async<std::vector<Action>> in_state(ActionState state, size_t limit) override;
  Async<std::vector<Action>> pending(size_t limit) override;
  Async<Action> propose(CaseId id, ActionPlan plan, std::string reason, std::string proposer, int approvals_needed,
                        AuditEntry audit) override;
  Async<Action> request(ActionId id, std::string digest, std::string requester, int approvals_needed, Time expires,
                        AuditEntry audit) override;
  Async<Action> replace(ActionId id, std::string digest, ActionPlan plan, std::string editor, int approvals_needed,
                        Time expires, AuditEntry audit) override;
  Async<Action> vote(ActionId id, std::string digest, Vote vote, Time now, AuditEntry audit) override;
  Async<Action> begin(ActionId id, AuditEntry audit, bool runs) override;
  Async<int64_t> started_since(std::string verb, Time since) override;
  Async<Action> add_answer(ActionId id, std::string answer, AuditEntry audit) override;
  Async<Action> finish(ActionId id, ActionState state, std::string result, AuditEntry audit) override;
  Async<std::vector<Action>> expire(Time now) override;

 private:
  Context context_;
};

class Inbox final : public InboxStore {
 public:
  explicit Inbox(Context context) : context_(context) {}
  Async<bool> accept(InboxItem item) override;
  Async<std::vector<InboxItem>> pending(size_t limit) override;
  Async<std::optional<InboxItem>> find(int64_t id) override;
  Async<bool> any_between(std::string platform, std::string after, std::string before) override;
  Async<int> started(int64_t id) override;
  Async<void> later(int64_t id, Time not_before) override;
  Async<void> done(int64_t id) override;
  Async<void> failed(int64_t id, std::string reason) override;

 private:
  Context context_;
};

class Outbox final : public OutboxStore {
 public:
  explicit Outbox(Context context) : context_(context) {}
  Async<void> put(std::vector<OutboxMessage> messages) override;
  Async<std::vector<OutboxRow>> due(std::string platform, Time now, size_t limit) override;
  Async<void> sending(int64_t id, Time now) override;
  Async<void> sent(int64_t id, int64_t version, std::string message_ref) override;
  Async<void> retry(int64_t id, Time not_before, std::string error) override;
  Async<void> unknown(int64_t id, Time not_before, std::string error) override;
  Async<void> failed(int64_t id, std::string error) override;
  Async<void> gone(int64_t id, Time not_before, std::string error) override;
  Async<std::optional<Time>> oldest_undelivered(std::string platform, Time failed_since) override;
  Async<GivenUp> given_up(std::string platform, Time since) override;
  Async<int64_t> recover() override;
  Async<std::vector<OutboxRow>> channel(std::string platform, std::string channel, std::string user, int64_t before,
                                        size_t limit) override;
  Async<std::vector<OutboxRow>> thread(std::string platform, std::string channel, std::string root_slot,
                                       std::string user) override;
  Async<std::optional<OutboxRow>> find(std::string platform, std::string channel, std::string slot) override;
  Async<std::optional<OutboxRow>> find_ref(std::string platform, std::string channel, std::string message_ref) override;

 private:
  Context context_;
};

class Audit final : public AuditStore {
 public:
  explicit Audit(Context context) : context_(context) {}
  Async<void> append(AuditEntry entry) override;
  Async<std::vector<AuditRow>> rows(int64_t after, size_t limit) override;
  Async<AuditCheck> verify() override;

 private:
  Context context_;
};

class Events final : public EventStore {
 public:
  explicit Events(Context context) : context_(context) {}
  Async<int64_t> append(std::vector<Event> events) override;
  Async<EventResult> query(EventQuery query, Deadline deadline) override;
  Async<int64_t> count() override;
  Async<std::vector<Span>> spans() override;

 private:
  Context context_;
};

class Links final : public LinkStore {
 public:
  explicit Links(Context context) : context_(context) {}
  Async<std::vector<LinkedIdentity>> all() override;
  Async<std::optional<LinkOffer>> find(int64_t id) override;
  Async<std::optional<LinkOffer>> open_of(Identity identity) override;
  Async<LinkOffer> offer(std::string person, Identity by, LinkPlace at, std::string code_hash, Time expires,
                         AuditEntry audit) override;
  Async<LinkTry> try_code(std::string code_hash, Identity by, LinkTries tries, AuditEntry failure) override;
  Async<LinkOffer> use(int64_t id, LinkUse use, std::vector<OutboxMessage> messages, AuditEntry audit) override;
  Async<LinkedIdentity> confirm(int64_t id, Identity by, std::vector<OutboxMessage> messages, AuditEntry audit) override;
  Async<LinkOffer> refuse(int64_t id, Identity by, std::vector<OutboxMessage> messages, AuditEntry audit) override;
  Async<LinkedIdentity> remove(Identity identity, AuditEntry audit) override;

 private:
  Context context_;
};

class Sessions final : public SessionStore {
 public:
  explicit Sessions(Context context) : context_(context) {}
  Async<void> create(std::string token_hash, std::string person, Time expires) override;
  Async<std::optional<std::string>> person(std::string token_hash, Time now) override;
  Async<void> remove(std::string token_hash) override;

 private:
  Context context_;
};

// Those of a platform, by what changed last at the end.
std::vector<Conversation> read_conversations(Connection& connection, int64_t tenant, const std::string& platform);

class Conversations final : public ConversationStore {
 public:
  Conversations(Context context, size_t most) : context_(context), most_(static_cast<int64_t>(most)) {}
  Async<std::vector<Conversation>> all(std::string platform) override;
  Async<void> keep(Conversation conversation) override;

 private:
  Context context_;
  int64_t most_;
};

}  // namespace vedette::sqlite

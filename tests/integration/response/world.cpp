#include "tests/integration/response/world.hpp"

namespace vedette::test {

using respond::Outcome;
using respond::Receipt;

namespace {

Receipt make_receipt(Outcome outcome, std::string message) {
  Receipt receipt;
  receipt.outcome = outcome;
  receipt.message = std::move(message);
  return receipt;
}

boost::asio::awaitable<void> stand_still() {
  bool stop = false;
  while (!stop) {
    co_await sleep_for(std::chrono::seconds(60));
    stop = co_await cancelled();
  }
}

class CrashingActions final : public ActionStore {
 public:
  CrashingActions(ActionStore& inner, CrashPoint& point) : inner_(inner), point_(point) {}
  Async<Action> get(ActionId id) override { return inner_.get(id); }
  Async<std::vector<Action>> of_case(CaseId id) override { return inner_.of_case(id); }
  Async<std::vector<Action>> in_state(ActionState state, size_t limit) override { return inner_.in_state(state, limit); }
  Async<std::vector<Action>> pending(size_t limit) override { return inner_.pending(limit); }
  Async<Action> propose(CaseId id, ActionPlan plan, std::string reason, std::string proposer, int needed,
                        AuditEntry audit) override {
    return inner_.propose(id, std::move(plan), std::move(reason), std::move(proposer), needed, std::move(audit));
  }
  Async<Action> request(ActionId id, std::string digest, std::string requester, int needed, Time expires,
                        AuditEntry audit) override {
    return inner_.request(id, std::move(digest), std::move(requester), needed, expires, std::move(audit));
  }
  Async<Action> replace(ActionId id, std::string digest, ActionPlan plan, std::string editor, int needed, Time expires,
                        AuditEntry audit) override {
    return inner_.replace(id, std::move(digest), std::move(plan), std::move(editor), needed, expires, std::move(audit));
  }
  Async<Action> vote(ActionId id, std::string digest, Vote vote, Time now, AuditEntry audit) override {
    return inner_.vote(id, std::move(digest), std::move(vote), now, std::move(audit));
  }
  Async<int64_t> started_since(std::string verb, Time since) override {
    return inner_.started_since(std::move(verb), since);
  }
  Async<Action> add_answer(ActionId id, std::string answer, AuditEntry audit) override {
    return inner_.add_answer(id, std::move(answer), std::move(audit));
  }
  Async<Action> begin(ActionId id, AuditEntry audit, bool runs) override {
    const bool crash = ++point_.seen == point_.at;
    if (crash) point_.reached = true;
    if (crash && !point_.after) {
      co_await stand_still();
      co_return Error(Code::cancelled, "crashed");
    }
    auto result = co_await inner_.begin(id, std::move(audit), runs);
    if (!crash) co_return result;
    co_await stand_still();
    co_return Error(Code::cancelled, "crashed");
  }
  Async<Action> finish(ActionId id, ActionState state, std::string text, AuditEntry audit) override {
    const bool crash = ++point_.seen == point_.at;
    if (crash) point_.reached = true;
    if (crash && !point_.after) {
      co_await stand_still();
      co_return Error(Code::cancelled, "crashed");
    }
    auto result = co_await inner_.finish(id, state, std::move(text), std::move(audit));
    if (!crash) co_return result;
    co_await stand_still();
    co_return Error(Code::cancelled, "crashed");
  }
  Async<std::vector<Action>> expire(Time now) override { return inner_.expire(now); }

 private:
  ActionStore& inner_;
  CrashPoint& point_;
};

class CrashingStore final : public Store {
 public:
  CrashingStore(Store& inner, CrashPoint& point) : inner_(inner), actions_(inner.actions(), point) {}
  AlertStore& alerts() override { return inner_.alerts(); }
  CaseStore& cases() override { return inner_.cases(); }
  InvestigationStore& investigations() override { return inner_.investigations(); }
  ActionStore& actions() override { return actions_; }
  InboxStore& inbox() override { return inner_.inbox(); }
  OutboxStore& outbox() override { return inner_.outbox(); }
  AuditStore& audit() override { return inner_.audit(); }
  EventStore& events() override { return inner_.events(); }
  SessionStore& sessions() override { return inner_.sessions(); }
  ConversationStore& conversations() override { return inner_.conversations(); }
  LinkStore& links() override { return inner_.links(); }
  StoreHealth health() const override { return inner_.health(); }
  void on_commit(Topic topic, std::function<void()> listener) override { inner_.on_commit(topic, std::move(listener)); }
  void close() override { inner_.close(); }

 private:
  Store& inner_;
  CrashingActions actions_;
};

}  // namespace

std::unique_ptr<Store> crashing_store(Store& store, CrashPoint& point) {
  return std::make_unique<CrashingStore>(store, point);
}

Status RememberingProvider::check(const ActionPlan& plan) const {
  if (plan.target.value.empty()) return Error(Code::invalid_input, "It needs a target.");
  return {};
}

Async<Receipt> RememberingProvider::execute(ActionPlan, std::string key, Deadline deadline) {
  ++side_.attempts[key];
  Treatment treatment = Treatment::does_it;
  if (!side_.next.empty()) {
    treatment = side_.next.front();
    side_.next.pop_front();
  }
  if (side_.on_execute) side_.on_execute();
  if (treatment == Treatment::unreachable) co_return Error(Code::unavailable, "It cannot be reached.", true);
  ++side_.executes[key];
  if (treatment != Treatment::drops && treatment != Treatment::refuses) side_.applied[key] = true;
  switch (treatment) {
    case Treatment::refuses: co_return make_receipt(Outcome::not_done, "It was refused.");
    case Treatment::applies_then_drops:
    case Treatment::drops: co_return Error(Code::unknown_outcome, "No answer came.");
    case Treatment::says_unknown: co_return make_receipt(Outcome::unknown, "It cannot tell.");
    case Treatment::hangs: {
      while (!deadline.passed()) {
        const bool stop = co_await cancelled();
        if (stop) break;
        const auto left = deadline.left();
        co_await sleep_for(left);
      }
      co_return Error(Code::timeout, "No answer came in time.");
    }
    case Treatment::answers_late: {
      const auto left = deadline.left();
      co_await side_.go_on->wait(left);
      break;
    }
    case Treatment::throws: throw std::runtime_error("a bug");
    case Treatment::unreachable:
    case Treatment::does_it: break;
  }
  co_return make_receipt(Outcome::done, "It is blocked.");
}

Async<Receipt> RememberingProvider::look_up(ActionPlan, std::string key, Deadline) {
  ++side_.look_ups;
  if (side_.look_ups_that_throw > 0) {
    --side_.look_ups_that_throw;
    throw std::runtime_error("a bug");
  }
  if (side_.look_ups_without_answer > 0) {
    --side_.look_ups_without_answer;
    co_return Error(Code::unavailable, "It cannot be asked.");
  }
  const bool applied = side_.applied.contains(key);
  co_return make_receipt(applied ? Outcome::done : Outcome::not_done, applied ? "It is blocked." : "It is not blocked.");
}

Person person_with(std::string id, std::string role) {
  Person person;
  person.id = std::move(id);
  person.roles = {std::move(role)};
  return person;
}

respond::ExecutorOptions Life::quick() {
  respond::ExecutorOptions options;
  options.attempt = std::chrono::milliseconds(100);
  options.first_wait = std::chrono::milliseconds(2);
  options.longest_wait = std::chrono::milliseconds(10);
  options.settle = std::chrono::milliseconds(0);
  options.timer = std::chrono::milliseconds(10);
  return options;
}

Life::Life(Executor io, const std::string& database, OtherSide& side, CrashPoint* crash, respond::ExecutorOptions options,
           policy::PolicyOptions rules, const Clock& the_clock)
    : clock(the_clock), policy(std::move(rules)), group(io, "respond") {
  SqliteOptions sqlite;
  sqlite.path = database;
  sqlite.clock = &clock;
  auto opened = open_sqlite_store(io, std::move(sqlite));
  if (!opened) throw std::runtime_error(opened.error().message);
  real = std::move(*opened);
  if (crash != nullptr) wrapped = crashing_store(*real, *crash);
  store = wrapped ? wrapped.get() : real.get();
  if (auto added = providers.add(std::make_unique<RememberingProvider>(side)); !added) throw std::runtime_error("provider");
  service = std::make_unique<respond::ActionService>(store->actions(), policy, providers, clock);
  executor = std::make_unique<respond::ActionExecutor>(*store, policy, providers, clock, options);
}

Life::~Life() { real->close(); }

Async<Action> Life::proposed(std::string address, std::string verb) {
  Alert alert;
  alert.source = "test";
  alert.dedup_key = address + verb + std::to_string(++asked_) + to_rfc3339(clock.now());
  alert.title = "Something from " + address;
  alert.time = clock.now();
  alert.received = alert.time;
  alert.raw = "{}";
  std::vector<Alert> alerts;
  alerts.push_back(std::move(alert));
  CO_TRY(const auto accepted, store->alerts().accept(std::move(alerts)));
  CO_TRY(const auto id, store->alerts().open_case(accepted.front().id));
  ActionPlan plan;
  plan.verb = std::move(verb);
  plan.provider = "other";
  plan.target = Entity(plan.verb == "isolate_host" ? EntityType::host : EntityType::ip, address);
  AuditEntry audit;
  audit.actor = "vedette";
  audit.action = "action.propose";
  audit.detail = "{}";
  co_return co_await store->actions().propose(id, std::move(plan), "It attacks.", "vedette", 1, std::move(audit));
}

Async<Action> Life::request(const Action& action) {
  const ActionId id = action.id;
  std::string digest = action.plan.digest(action.case_id);
  const Person ann = person_with("ann", "analyst");
  respond::Actor actor("ann", "console:ann", "ask-" + std::to_string(++asked_));
  co_return co_await service->request(id, std::move(digest), ann, std::move(actor));
}

Async<Action> Life::approve(const Action& action, std::string who) {
  const ActionId id = action.id;
  std::string digest = action.plan.digest(action.case_id);
  const Person person = person_with(who, "approver");
  respond::Actor actor(who, "console:" + who, "vote-" + std::to_string(++asked_));
  co_return co_await service->approve(id, std::move(digest), person, std::move(actor));
}

Async<Action> Life::approved(std::string address) {
  CO_TRY(const auto action, proposed(std::move(address)));
  CO_TRY_VOID(request(action));
  co_return co_await approve(action);
}

void Life::start() { executor->start(group); }

boost::asio::awaitable<void> Life::stop() {
  const auto deadline = Deadline::after(std::chrono::seconds(5));
  const bool stopped = co_await group.stop(deadline);
  EXPECT_TRUE(stopped);
}

Async<Action> Life::settled(ActionId id, std::optional<ActionState> wanted) {
  const auto deadline = Deadline::after(std::chrono::seconds(10));
  while (!deadline.passed()) {
    CO_TRY(auto action, store->actions().get(id));
    if (wanted ? action.state == *wanted : is_final(action.state)) co_return action;
    co_await sleep_for(std::chrono::milliseconds(2));
  }
  CO_TRY(const auto action, store->actions().get(id));
  co_return Error(Code::timeout, to_string(id) + " stayed " + std::string(to_string(action.state)));
}

}  // namespace vedette::test

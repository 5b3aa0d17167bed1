// The worker over the SQLite store: every claimed investigation ends, a restart in the middle goes on where it was.

#include "bot/investigate/worker.hpp"

#include <set>

#include "tests/integration/investigate/lab.hpp"

namespace vedette::test {
namespace {

using investigate::EvidenceSource;
using investigate::Worker;
using investigate::WorkerOptions;

Alert odd_program(int number, Time time) {
  Alert alert;
  alert.source = "edr";
  alert.format = "ecs";
  alert.dedup_key = std::to_string(number);
  alert.title = "Odd program";
  alert.rule = "odd";
  alert.severity = Severity::high;
  alert.time = alert.received = time;
  alert.fields = {{"host.name", "ws-14"},       {"user.name", "ann"},
                  {"process.name", "tool.exe"}, {"process.command_line", "tool.exe -x"},
                  {"source.ip", "10.0.0.14"},   {"destination.ip", "203.0.113.7"}};
  alert.entities = entities_of(alert.fields);
  alert.raw = R"({"tool":"tool.exe"})";
  return alert;
}

std::vector<Event> some_events(Time now) {
  std::vector<Event> events;
  for (int i = 0; i < 20; ++i) {
    Event event;
    event.id = std::to_string(i);
    event.dataset = "windows";
    event.time = now - std::chrono::minutes(i);
    event.fields = {{"host.name", "ws-14"},        {"user.name", "ann"},
                    {"event.category", "process"}, {"event.action", "process-created"},
                    {"process.name", "tool.exe"},  {"process.command_line", "tool.exe -x"},
                    {"source.ip", "10.0.0.14"},    {"destination.ip", "203.0.113.7"}};
    event.raw = "{}";
    events.push_back(std::move(event));
  }
  return events;
}

// Answers through the log and counts; misbehaves on request.
class Probe final : public EvidenceSource {
 public:
  explicit Probe(EvidenceSource& behind) : behind_(behind) {}
  std::string name() const override { return "event log"; }
  Async<EventResult> query(EventQuery query, Deadline deadline) override {
    ++queries;
    if (throws) throw std::logic_error("a bug");
    if (fails) co_return Error(Code::unavailable, "the connection was refused.");
    if (slow) co_await sleep_for(std::chrono::milliseconds(15));
    co_return co_await behind_.query(std::move(query), deadline);
  }
  int queries = 0;
  bool throws = false, fails = false, slow = false;

 private:
  EvidenceSource& behind_;
};

std::set<std::string> questions_of(const std::vector<Evidence>& evidence) {
  std::set<std::string> all;
  for (const auto& one : evidence) all.insert(one.question);
  return all;
}

ASYNC_TEST(Worker, ends_a_case_with_evidence_progress_and_a_verdict) {
  Lab lab(io);
  CO_ASSERT_OK(co_await lab.keep(some_events(lab.clock().now())));
  auto view = co_await lab.investigated(odd_program(1, lab.clock().now()));
  CO_ASSERT_OK(view);
  EXPECT_EQ(view->record.investigation, InvestigationState::done);
  EXPECT_TRUE(view->record.verdict.has_value());
  EXPECT_GE(view->evidence.size(), 20u);
  EXPECT_EQ(view->evidence.front().question, "alert");
  EXPECT_EQ(view->evidence.front().number, 1);
  EXPECT_NE(view->evidence.front().records.front().find("\"tool\":\"tool.exe\""), std::string::npos);
  EXPECT_EQ(view->alerts.front().state, AlertState::investigated);
  EXPECT_FALSE(view->record.progress.empty());
  lab.store().close();
}

// Stopped in the middle: the next claim of the same round asks only what is missing.
ASYNC_TEST(Worker, a_restart_goes_on_and_doubles_nothing) {
  Lab lab(io);
  CO_ASSERT_OK(co_await lab.keep(some_events(lab.clock().now())));
  const auto id = co_await lab.open_case(odd_program(1, lab.clock().now()));
  CO_ASSERT_OK(id);
  Probe first(lab.log());
  WorkerOptions slow;
  slow.pace = std::chrono::milliseconds(15);
  slow.lease = std::chrono::seconds(30);
  {
    Worker worker(lab.store(), {&first}, slow, lab.clock());
    TaskGroup group(io, "test");
    group.spawn("worker", worker.run());
    while (first.queries < 14) co_await sleep_for(std::chrono::milliseconds(5));
    const bool ended = co_await group.stop(Deadline::after(std::chrono::seconds(10)));
    EXPECT_TRUE(ended);
  }
  const auto before = co_await lab.store().investigations().evidence(*id);
  CO_ASSERT_OK(before);
  EXPECT_GE(before->size(), 4u);
  EXPECT_LT(before->size(), 25u);
  lab.clock().advance(std::chrono::seconds(31));  // the lease is over
  Probe second(lab.log());
  Worker worker(lab.store(), {&second}, {}, lab.clock());
  const auto done = co_await worker.drain();
  CO_ASSERT_OK(done);
  EXPECT_EQ(*done, 1);
  const auto view = co_await lab.store().cases().view(*id);
  CO_ASSERT_OK(view);
  EXPECT_EQ(view->record.investigation, InvestigationState::done);
  EXPECT_EQ(questions_of(view->evidence).size(), view->evidence.size());
  for (const auto& one : *before) {
    const auto& after = view->evidence.at(static_cast<size_t>(one.number) - 1);
    EXPECT_EQ(after.question, one.question);
    EXPECT_EQ(after.taken, one.taken) << one.question << " was asked again";
  }

  // The same case investigated in one go comes to the same verdict and asks the rest as well.
  Lab other(io);
  CO_ASSERT_OK(co_await other.keep(some_events(other.clock().now())));
  Probe whole(other.log());
  const auto whole_id = co_await other.open_case(odd_program(1, other.clock().now()));
  CO_ASSERT_OK(whole_id);
  Worker undisturbed(other.store(), {&whole}, {}, other.clock());
  CO_ASSERT_OK(co_await undisturbed.drain());
  const auto expected = co_await other.store().cases().view(*whole_id);
  CO_ASSERT_OK(expected);
  EXPECT_EQ(questions_of(expected->evidence), questions_of(view->evidence));
  EXPECT_EQ(expected->record.verdict->label, view->record.verdict->label);
  EXPECT_DOUBLE_EQ(expected->record.verdict->probability, view->record.verdict->probability);
  EXPECT_LT(second.queries, whole.queries);
  lab.store().close();
  other.store().close();
}

ASYNC_TEST(Worker, a_new_round_asks_again) {
  Lab lab(io);
  CO_ASSERT_OK(co_await lab.keep(some_events(lab.clock().now())));
  const auto first = co_await lab.investigated(odd_program(1, lab.clock().now()));
  CO_ASSERT_OK(first);
  lab.clock().advance(std::chrono::minutes(5));
  CO_ASSERT_OK(co_await lab.store().investigations().requeue(first->record.id));
  CO_ASSERT_OK(co_await lab.work());
  const auto second = co_await lab.store().cases().view(first->record.id);
  CO_ASSERT_OK(second);
  EXPECT_EQ(questions_of(second->evidence), questions_of(first->evidence));
  EXPECT_EQ(second->evidence.size(), first->evidence.size());
  for (size_t i = 0; i < second->evidence.size(); ++i) {
    EXPECT_EQ(second->evidence[i].number, first->evidence[i].number);
    EXPECT_GT(second->evidence[i].taken, first->evidence[i].taken);
  }
  lab.store().close();
}

// A log that refuses, and one so slow that the case's time is over after the first questions.
Job still_a_verdict(Executor io, bool slow) {
  Lab lab(io);
  const auto id = co_await lab.open_case(odd_program(1, lab.clock().now()));
  CO_ASSERT_OK(id);
  Probe probe(lab.log());
  probe.fails = !slow;
  probe.slow = slow;
  WorkerOptions options;
  if (slow) options.case_deadline = std::chrono::milliseconds(40);
  Worker worker(lab.store(), {&probe}, options, lab.clock());
  CO_ASSERT_OK(co_await worker.drain());
  const auto view = co_await lab.store().cases().view(*id);
  CO_ASSERT_OK(view);
  EXPECT_EQ(view->record.investigation, InvestigationState::done);
  CO_ASSERT_TRUE(view->record.verdict.has_value());
  EXPECT_NE(view->record.verdict->label, Label::benign);
  EXPECT_FALSE(view->record.verdict->not_checked.empty());
  if (slow) {
    EXPECT_LT(probe.queries, 20);
  }
  lab.store().close();
}
ASYNC_TEST(Worker, a_log_that_fails_still_leads_to_a_verdict) { co_await still_a_verdict(io, false); }
ASYNC_TEST(Worker, a_log_that_is_slow_still_leads_to_a_verdict) { co_await still_a_verdict(io, true); }

// Three earlier cases of the rule that people dismissed speak for the fourth being harmless; a true one speaks against it.
Job earlier_dispositions(Executor io, Disposition disposition, int sign) {
  Lab lab(io);
  for (int i = 1; i <= 3; ++i) {
    const auto view = co_await lab.investigated(odd_program(i, lab.clock().now()));
    CO_ASSERT_OK(view);
    CaseChange change;
    change.status = CaseStatus::closed;
    change.disposition = disposition;
    change.note.author = "ann";
    AuditEntry audit;
    audit.actor = "ann";
    audit.action = "case.close";
    audit.subject = to_string(view->record.id);
    CO_ASSERT_OK(co_await lab.store().cases().change(view->record.id, change, audit));
  }
  const auto view = co_await lab.investigated(odd_program(4, lab.clock().now()));
  CO_ASSERT_OK(view);
  const Evidence* history = nullptr;
  for (const auto& evidence : view->evidence)
    if (evidence.question == "history.same_rule") history = &evidence;
  CO_ASSERT_TRUE(history != nullptr);
  EXPECT_EQ(history->total, 3);
  bool cited = false;
  for (const auto& claim : view->record.verdict->claims)
    if (claim.evidence.front() == history->number) cited = claim.weight * sign > 0;
  EXPECT_TRUE(cited) << history->answer;
  lab.store().close();
}
ASYNC_TEST(Worker, dismissed_cases_of_the_rule_speak_for_harmless) {
  co_await earlier_dispositions(io, Disposition::fp, -1);
}
ASYNC_TEST(Worker, true_cases_of_the_rule_speak_against) { co_await earlier_dispositions(io, Disposition::tp, 1); }

// A bug in a source: three attempts, then the case says so. Nothing is left running.
ASYNC_TEST(Worker, a_bug_gives_up_after_three_attempts) {
  Lab lab(io);
  const auto id = co_await lab.open_case(odd_program(1, lab.clock().now()));
  CO_ASSERT_OK(id);
  Probe probe(lab.log());
  probe.throws = true;
  Worker worker(lab.store(), {&probe}, {}, lab.clock());
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const auto open = co_await lab.store().cases().get(*id);
    CO_ASSERT_OK(open);
    EXPECT_NE(open->investigation, InvestigationState::failed);
    CO_ASSERT_OK(co_await worker.drain());
    lab.clock().advance(std::chrono::minutes(2));
  }
  const auto view = co_await lab.store().cases().view(*id);
  CO_ASSERT_OK(view);
  EXPECT_EQ(view->record.investigation, InvestigationState::failed);
  EXPECT_FALSE(view->record.failure.empty());
  EXPECT_EQ(view->alerts.front().state, AlertState::failed);
  lab.store().close();
}

// Thirty cases, four at a time, through run(): all end, the coverage ledger balances, and it stops cleanly.
ASYNC_TEST(Worker, gives_way_while_somebody_waits_for_the_disk) {
  Lab lab(io);
  CO_ASSERT_OK(co_await lab.open_case(odd_program(1, lab.clock().now())));
  Probe probe(lab.log());
  Worker worker(lab.store(), {&probe}, {}, lab.clock());
  TaskGroup group(io, "test");
  const Foreground::Waiting flood(lab.store().foreground());
  const auto begun = std::chrono::steady_clock::now();
  group.spawn("worker", worker.run());
  const Deadline deadline = Deadline::after(std::chrono::seconds(10));
  while (probe.queries == 0 && !deadline.passed()) co_await sleep_for(std::chrono::milliseconds(2));
  EXPECT_GT(probe.queries, 0) << "a flood does not starve it";
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(200))
      << "before it claims, and before it asks";
  EXPECT_TRUE(co_await group.stop(deadline));
}

ASYNC_TEST(Worker, works_off_the_queue_and_stops) {
  Lab lab(io);
  CO_ASSERT_OK(co_await lab.keep(some_events(lab.clock().now())));
  Worker worker(lab.store(), {&lab.log()}, {}, lab.clock());
  TaskGroup group(io, "test");
  group.spawn("worker", worker.run());
  for (int i = 0; i < 30; ++i) {
    const auto id = co_await lab.open_case(odd_program(i, lab.clock().now() - std::chrono::minutes(i)));
    CO_ASSERT_OK(id);
  }
  for (int waited = 0; waited < 2000; ++waited) {
    const auto coverage = co_await lab.store().alerts().coverage();
    CO_ASSERT_OK(coverage);
    if (coverage->investigated == 30) break;
    co_await sleep_for(std::chrono::milliseconds(10));
  }
  const auto coverage = co_await lab.store().alerts().coverage();
  CO_ASSERT_OK(coverage);
  EXPECT_EQ(coverage->investigated, 30);
  EXPECT_EQ(coverage->queued, 0);
  const bool ended = co_await group.stop(Deadline::after(std::chrono::seconds(5)));
  EXPECT_TRUE(ended);
  lab.store().close();
}

}  // namespace
}  // namespace vedette::test

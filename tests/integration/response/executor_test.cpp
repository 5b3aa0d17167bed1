// Approved actions run at most once, whatever answers get lost and wherever Vedette stops.

#include "tests/integration/response/world.hpp"

#include "tests/support/fake_clock.hpp"

namespace vedette::test {
namespace {

int total(const std::map<std::string, int>& counts) {
  int sum = 0;
  for (const auto& [key, count] : counts) sum += count;
  return sum;
}

ASYNC_TEST(Executor, carries_out_what_was_approved_once) {
  TempDir folder;
  OtherSide side;
  Life life(io, folder.file("v.db"), side);
  life.start();
  auto action = co_await life.proposed("203.0.113.7");
  CO_ASSERT_OK(action);
  auto requested = co_await life.request(*action);
  CO_ASSERT_OK(requested);
  co_await sleep_for(std::chrono::milliseconds(30));
  EXPECT_EQ(total(side.attempts), 0) << "only asked for so far";
  auto approved = co_await life.approve(*action);
  CO_ASSERT_OK(approved);
  auto done = co_await life.settled(action->id);
  CO_ASSERT_OK(done);
  EXPECT_EQ(done->state, ActionState::succeeded);
  EXPECT_EQ(done->result, "It is blocked.");
  co_await sleep_for(std::chrono::milliseconds(30));
  co_await life.stop();
  EXPECT_EQ(side.executes.size(), 1u);
  EXPECT_EQ(total(side.executes), 1);
  const std::string key = side.executes.begin()->first;
  EXPECT_EQ(key, "R-1/" + action->plan.digest(action->case_id).substr(0, 8));

  auto rows = co_await life.store->audit().rows(0, 100);
  CO_ASSERT_OK(rows);
  std::string order;
  for (const auto& row : *rows) {
    if (row.entry.subject == "R-1") order += row.entry.action + " ";
  }
  EXPECT_EQ(order, "action.propose action.request action.approve action.begin action.succeeded ");
  auto check = co_await life.store->audit().verify();
  CO_ASSERT_OK(check);
  EXPECT_TRUE(check->intact);
}

struct Case {
  Treatment treatment;
  ActionState end;
  int executes;
  bool looked_up;
};

ASYNC_TEST(Executor, an_unknown_outcome_is_looked_up_and_never_repeated) {
  const Case cases[] = {
      {Treatment::does_it, ActionState::succeeded, 1, false},           {Treatment::refuses, ActionState::failed, 1, false},
      {Treatment::applies_then_drops, ActionState::succeeded, 1, true}, {Treatment::drops, ActionState::failed, 1, true},
      {Treatment::says_unknown, ActionState::succeeded, 1, true},       {Treatment::hangs, ActionState::succeeded, 1, true},
  };
  for (const auto& row : cases) {
    TempDir folder;
    OtherSide side;
    side.next = {row.treatment};
    side.look_ups_without_answer = 2;
    Life life(io, folder.file("v.db"), side);
    life.start();
    auto action = co_await life.approved("203.0.113.7");
    CO_ASSERT_OK(action);
    auto end = co_await life.settled(action->id);
    CO_ASSERT_OK(end);
    co_await life.stop();
    EXPECT_EQ(end->state, row.end) << static_cast<int>(row.treatment);
    EXPECT_EQ(total(side.executes), row.executes) << static_cast<int>(row.treatment);
    EXPECT_EQ(side.look_ups > 0, row.looked_up) << static_cast<int>(row.treatment);
    if (row.treatment == Treatment::drops) {
      EXPECT_EQ(end->result, "It is not blocked. It was not repeated: ask for it again if it is still wanted.");
    }
  }
}

ASYNC_TEST(Executor, shows_unknown_while_it_cannot_tell) {
  TempDir folder;
  OtherSide side;
  side.next = {Treatment::applies_then_drops};
  side.look_ups_without_answer = 1'000'000;
  Life life(io, folder.file("v.db"), side);
  life.start();
  auto action = co_await life.approved("203.0.113.7");
  CO_ASSERT_OK(action);
  auto unknown = co_await life.settled(action->id, ActionState::unknown);
  CO_ASSERT_OK(unknown);
  co_await sleep_for(std::chrono::milliseconds(50));
  EXPECT_GT(side.look_ups, 2);
  EXPECT_EQ(total(side.executes), 1);
  side.look_ups_without_answer = 0;
  auto end = co_await life.settled(action->id);
  CO_ASSERT_OK(end);
  EXPECT_EQ(end->state, ActionState::succeeded);
  co_await life.stop();
}

ASYNC_TEST(Executor, an_exception_makes_it_unknown_and_it_is_looked_up) {
  TempDir folder;
  OtherSide side;
  side.next = {Treatment::throws};
  side.look_ups_that_throw = 2;
  Life life(io, folder.file("v.db"), side);
  life.start();
  auto action = co_await life.approved("203.0.113.7");
  CO_ASSERT_OK(action);
  auto end = co_await life.settled(action->id);
  CO_ASSERT_OK(end);
  EXPECT_EQ(end->state, ActionState::succeeded);
  EXPECT_EQ(total(side.executes), 1);
  EXPECT_EQ(side.look_ups, 3);
  auto rows = co_await life.store->audit().rows(0, 100);
  CO_ASSERT_OK(rows);
  std::string order;
  for (const auto& row : *rows) {
    if (row.entry.subject == "R-1") order += row.entry.action + " ";
  }
  EXPECT_NE(order.find("action.begin action.unknown action.succeeded"), std::string::npos) << order;
  co_await life.stop();
}

ASYNC_TEST(Executor, what_people_settled_is_not_looked_up_any_more) {
  TempDir folder;
  OtherSide side;
  side.next = {Treatment::drops};
  side.look_ups_without_answer = 1'000'000;
  Life life(io, folder.file("v.db"), side);
  life.start();
  auto action = co_await life.approved("203.0.113.7");
  CO_ASSERT_OK(action);
  auto unknown = co_await life.settled(action->id, ActionState::unknown);
  CO_ASSERT_OK(unknown);
  const Person cat = person_with("cat", "approver");
  auto settled = co_await life.service->settle(action->id, true, "seen on the firewall", cat,
                                               respond::Actor("cat", "console:cat", "s"));
  CO_ASSERT_OK(settled);
  EXPECT_EQ(settled->state, ActionState::succeeded);
  co_await sleep_for(std::chrono::milliseconds(50));
  const int look_ups = side.look_ups;
  co_await sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(side.look_ups, look_ups);
  co_await life.stop();
}

ASYNC_TEST(Executor, believes_not_done_only_after_the_dust_has_settled) {
  TempDir folder;
  OtherSide side;
  side.next = {Treatment::drops};
  auto options = Life::quick();
  options.settle = std::chrono::milliseconds(150);
  Life life(io, folder.file("v.db"), side, nullptr, options);
  life.start();
  auto action = co_await life.approved("203.0.113.7");
  CO_ASSERT_OK(action);
  auto unknown = co_await life.settled(action->id, ActionState::unknown);
  CO_ASSERT_OK(unknown);
  while (side.look_ups < 2) co_await sleep_for(std::chrono::milliseconds(2));
  // The request was only slow: it arrives now.
  side.applied[side.executes.begin()->first] = true;
  auto end = co_await life.settled(action->id);
  CO_ASSERT_OK(end);
  EXPECT_EQ(end->state, ActionState::succeeded);
  co_await life.stop();
}

ASYNC_TEST(Executor, tries_again_only_what_surely_was_not_done) {
  TempDir folder;
  OtherSide side;
  side.next = {Treatment::unreachable, Treatment::unreachable};
  Life life(io, folder.file("v.db"), side);
  life.start();
  auto action = co_await life.approved("203.0.113.7");
  CO_ASSERT_OK(action);
  auto end = co_await life.settled(action->id);
  CO_ASSERT_OK(end);
  EXPECT_EQ(end->state, ActionState::succeeded);
  EXPECT_EQ(total(side.attempts), 3);
  EXPECT_EQ(total(side.executes), 1);

  side.next.assign(20, Treatment::unreachable);
  auto second = co_await life.approved("203.0.113.8");
  CO_ASSERT_OK(second);
  auto given_up = co_await life.settled(second->id);
  CO_ASSERT_OK(given_up);
  EXPECT_EQ(given_up->state, ActionState::failed);
  EXPECT_NE(given_up->result.find("Tried 4 times"), std::string::npos) << given_up->result;
  EXPECT_EQ(total(side.executes), 1);
  co_await life.stop();
}

// Stops Vedette at every change of the action, before and after it is on disk, and lets another life take over.
ASYNC_TEST(Executor, a_crash_anywhere_never_runs_it_twice) {
  const Treatment treatments[] = {Treatment::does_it, Treatment::refuses, Treatment::applies_then_drops, Treatment::drops};
  int crashes = 0;
  for (const auto treatment : treatments) {
    for (const bool after : {false, true}) {
      for (int at = 1;; ++at) {
        TempDir folder;
        OtherSide side;
        side.next = {treatment};
        CrashPoint point;
        point.at = at;
        point.after = after;
        ActionId id;
        bool reached = false;
        {
          Life life(io, folder.file("v.db"), side, &point);
          auto action = co_await life.approved("203.0.113.7");
          CO_ASSERT_OK(action);
          id = action->id;
          life.start();
          const auto deadline = Deadline::after(std::chrono::seconds(5));
          while (!point.reached && !deadline.passed()) {
            auto now = co_await life.get(id);
            CO_ASSERT_OK(now);
            if (is_final(now->state)) break;
            co_await sleep_for(std::chrono::milliseconds(1));
          }
          if (point.reached) co_await sleep_for(std::chrono::milliseconds(5));  // lets an "after" reach the disk
          reached = point.reached;
          co_await life.stop();
        }
        if (!reached) break;
        ++crashes;
        side.next.clear();
        Life next(io, folder.file("v.db"), side);
        next.start();
        auto end = co_await next.settled(id);
        CO_ASSERT_OK(end);
        co_await next.stop();
        EXPECT_LE(total(side.executes), 1)
            << "treatment " << static_cast<int>(treatment) << " at " << at << " after " << after;
        const bool applied = !side.applied.empty();
        EXPECT_EQ(end->state, applied ? ActionState::succeeded : ActionState::failed)
            << "treatment " << static_cast<int>(treatment) << " at " << at << " after " << after;
        if (!applied && total(side.executes) == 0) {
          EXPECT_NE(end->result.find("ask for it again"), std::string::npos) << end->result;
        }
      }
    }
  }
  EXPECT_GE(crashes, 18);
}

ASYNC_TEST(Executor, a_stop_in_the_middle_of_a_request_is_looked_up_later) {
  TempDir folder;
  OtherSide side;
  side.next = {Treatment::hangs};
  ActionId id;
  {
    auto options = Life::quick();
    options.attempt = std::chrono::seconds(60);
    Life life(io, folder.file("v.db"), side, nullptr, options);
    life.start();
    auto action = co_await life.approved("203.0.113.7");
    CO_ASSERT_OK(action);
    id = action->id;
    while (side.executes.empty()) co_await sleep_for(std::chrono::milliseconds(1));
    co_await life.stop();
    auto left = co_await life.get(id);
    CO_ASSERT_OK(left);
    EXPECT_EQ(left->state, ActionState::executing);
  }
  Life next(io, folder.file("v.db"), side);
  next.start();
  auto end = co_await next.settled(id);
  CO_ASSERT_OK(end);
  co_await next.stop();
  EXPECT_EQ(end->state, ActionState::succeeded);
  EXPECT_EQ(total(side.executes), 1);
  EXPECT_GE(side.look_ups, 1);
}

ASYNC_TEST(Executor, two_executors_over_one_store_start_it_once) {
  TempDir folder;
  OtherSide side;
  Life life(io, folder.file("v.db"), side);
  respond::ActionExecutor second(*life.store, life.policy, life.providers, life.clock, Life::quick());
  auto action = co_await life.approved("203.0.113.7");
  CO_ASSERT_OK(action);
  life.start();
  second.start(life.group);
  auto end = co_await life.settled(action->id);
  CO_ASSERT_OK(end);
  co_await sleep_for(std::chrono::milliseconds(30));
  co_await life.stop();
  EXPECT_EQ(total(side.executes), 1);
}

ASYNC_TEST(Executor, what_ran_out_or_is_protected_now_is_not_carried_out) {
  TempDir folder;
  OtherSide side;
  FakeClock clock;
  ActionId late;
  ActionId guarded;
  ActionId in_time;
  {
    Life life(io, folder.file("v.db"), side, nullptr, Life::quick(), {}, clock);
    auto first = co_await life.approved("203.0.113.7");
    CO_ASSERT_OK(first);
    late = first->id;
    clock.advance(std::chrono::minutes(20));
    auto second = co_await life.approved("198.51.100.9");
    CO_ASSERT_OK(second);
    guarded = second->id;
    auto third = co_await life.approved("203.0.113.9");
    CO_ASSERT_OK(third);
    in_time = third->id;
    clock.advance(std::chrono::minutes(11));
  }
  policy::PolicyOptions rules;
  rules.protected_targets = {"ip:198.51.100.0/24"};
  Life next(io, folder.file("v.db"), side, nullptr, Life::quick(), rules, clock);
  next.start();
  auto ran_out = co_await next.settled(late);
  CO_ASSERT_OK(ran_out);
  auto refused = co_await next.settled(guarded);
  CO_ASSERT_OK(refused);
  auto done = co_await next.settled(in_time);
  CO_ASSERT_OK(done);
  co_await next.stop();
  EXPECT_EQ(ran_out->state, ActionState::failed);
  EXPECT_NE(ran_out->result.find("ran out"), std::string::npos) << ran_out->result;
  EXPECT_EQ(refused->state, ActionState::failed);
  EXPECT_NE(refused->result.find("is protected"), std::string::npos) << refused->result;
  EXPECT_EQ(done->state, ActionState::succeeded);
  EXPECT_EQ(total(side.attempts), 1);
}

ASYNC_TEST(Executor, an_approval_that_nobody_gives_runs_out_also_over_a_restart) {
  TempDir folder;
  OtherSide side;
  FakeClock clock;
  ActionId id;
  {
    Life life(io, folder.file("v.db"), side, nullptr, Life::quick(), {}, clock);
    life.start();
    auto action = co_await life.proposed("203.0.113.7");
    CO_ASSERT_OK(action);
    id = action->id;
    auto requested = co_await life.request(*action);
    CO_ASSERT_OK(requested);
    clock.advance(std::chrono::minutes(29));
    co_await sleep_for(std::chrono::milliseconds(30));
    auto still = co_await life.get(id);
    CO_ASSERT_OK(still);
    EXPECT_EQ(still->state, ActionState::awaiting);
    co_await life.stop();
  }
  clock.advance(std::chrono::minutes(2));
  Life next(io, folder.file("v.db"), side, nullptr, Life::quick(), {}, clock);
  next.start();
  auto end = co_await next.settled(id, ActionState::expired);
  CO_ASSERT_OK(end);
  auto late = co_await next.approve(*end);
  EXPECT_FALSE(late.has_value());
  co_await sleep_for(std::chrono::milliseconds(30));
  co_await next.stop();
  EXPECT_EQ(total(side.attempts), 0);
}

ASYNC_TEST(Executor, holds_back_a_burst_of_one_verb) {
  TempDir folder;
  OtherSide side;
  FakeClock clock;
  auto options = Life::quick();
  options.blocks_per_window = 3;
  Life life(io, folder.file("v.db"), side, nullptr, options, {}, clock);
  for (int i = 1; i <= 5; ++i) {
    auto action = co_await life.approved("203.0.113." + std::to_string(i));
    CO_ASSERT_OK(action);
  }
  life.start();
  auto third = co_await life.settled(ActionId(3));
  CO_ASSERT_OK(third);
  co_await sleep_for(std::chrono::milliseconds(60));
  EXPECT_EQ(total(side.executes), 3);
  clock.advance(std::chrono::minutes(10));
  auto fifth = co_await life.settled(ActionId(5));
  CO_ASSERT_OK(fifth);
  co_await life.stop();
  EXPECT_EQ(total(side.executes), 5);
}

ASYNC_TEST(Executor, a_restart_does_not_reset_the_limit_on_starts) {
  TempDir folder;
  OtherSide side;
  FakeClock clock;
  auto options = Life::quick();
  options.blocks_per_window = 2;
  {
    Life life(io, folder.file("v.db"), side, nullptr, options, {}, clock);
    life.start();
    for (int i = 1; i <= 2; ++i) {
      auto action = co_await life.approved("203.0.113." + std::to_string(i));
      CO_ASSERT_OK(action);
      auto done = co_await life.settled(action->id);
      CO_ASSERT_OK(done);
    }
    co_await life.stop();
  }
  Life life(io, folder.file("v.db"), side, nullptr, options, {}, clock);
  auto third = co_await life.approved("203.0.113.3");
  CO_ASSERT_OK(third);
  life.start();
  co_await sleep_for(std::chrono::milliseconds(60));
  EXPECT_EQ(total(side.executes), 2) << "it forgot what it had done before";
  clock.advance(std::chrono::minutes(10));
  auto done = co_await life.settled(third->id);
  CO_ASSERT_OK(done);
  EXPECT_EQ(total(side.executes), 3);
  // What ran out while it waited is not let go, and takes nobody's place.
  auto fourth = co_await life.approved("203.0.113.4");
  auto fifth = co_await life.approved("203.0.113.5");
  CO_ASSERT_OK(fourth);
  CO_ASSERT_OK(fifth);
  auto fourth_done = co_await life.settled(fourth->id);
  CO_ASSERT_OK(fourth_done);
  clock.advance(std::chrono::minutes(31));
  auto late = co_await life.settled(fifth->id);
  CO_ASSERT_OK(late);
  EXPECT_EQ(late->state, ActionState::failed);
  auto counted = co_await life.store->actions().started_since("block_ip", clock.now() - std::chrono::minutes(1));
  CO_ASSERT_OK(counted);
  EXPECT_EQ(*counted, 0);
  co_await life.stop();
}

ASYNC_TEST(Executor, an_answer_after_people_settled_it_is_recorded_beside_their_word) {
  TempDir folder;
  OtherSide side;
  side.next = {Treatment::answers_late};
  side.go_on = std::make_unique<Signal>(io);
  Life life(io, folder.file("v.db"), side);
  life.start();
  auto action = co_await life.approved("203.0.113.7");
  CO_ASSERT_OK(action);
  auto running = co_await life.settled(action->id, ActionState::executing);
  CO_ASSERT_OK(running);
  while (side.executes.empty()) co_await sleep_for(std::chrono::milliseconds(2));
  const Person cat = person_with("cat", "approver");
  respond::Actor actor("cat", "console:cat", "settle-1");
  const ActionId id = action->id;
  auto settled = co_await life.service->settle(id, false, "the firewall's log says so", cat, std::move(actor));
  CO_ASSERT_OK(settled);
  EXPECT_EQ(settled->state, ActionState::failed);
  side.go_on->notify();
  std::string result;
  for (int i = 0; i < 500 && result.find("Afterwards") == std::string::npos; ++i) {
    co_await sleep_for(std::chrono::milliseconds(2));
    auto now = co_await life.get(id);
    CO_ASSERT_OK(now);
    result = now->result;
    EXPECT_EQ(now->state, ActionState::failed) << "people's word stays";
  }
  EXPECT_EQ(result,
            "Afterwards other answered that it was done: It is blocked. @cat settled it as not done: the firewall's log "
            "says so");
  auto rows = co_await life.store->audit().rows(0, 100);
  CO_ASSERT_OK(rows);
  EXPECT_EQ(rows->back().entry.action, "action.late_answer");
  EXPECT_EQ(rows->back().entry.subject, "R-1");
  EXPECT_NE(rows->back().entry.detail.find("It is blocked."), std::string::npos);
  auto view = co_await life.store->cases().view(action->case_id);
  CO_ASSERT_OK(view);
  EXPECT_NE(view->notes.back().text.find("Afterwards other answered"), std::string::npos) << "told in the thread";
  co_await life.stop();
}

}  // namespace
}  // namespace vedette::test

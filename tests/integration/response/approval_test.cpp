// Who may bring an action to run: the approval matrix over the SQLite store.

#include "tests/integration/response/world.hpp"

#include "tests/support/fake_clock.hpp"

namespace vedette::test {
namespace {

using respond::Actor;

Actor actor(std::string who, std::string cause) { return Actor(who, "console:" + who, std::move(cause)); }

#define EXPECT_REFUSED(result, wanted, part)                                                         \
  do {                                                                                               \
    EXPECT_FALSE((result).has_value());                                                              \
    if (!(result).has_value()) {                                                                     \
      EXPECT_EQ((result).error().code, wanted) << (result).error().message;                          \
      EXPECT_NE((result).error().message.find(part), std::string::npos) << (result).error().message; \
    }                                                                                                \
  } while (false)

ASYNC_TEST(Approval, takes_another_entitled_person) {
  TempDir folder;
  OtherSide side;
  Life life(io, folder.file("v.db"), side);
  auto action = co_await life.proposed("203.0.113.7");
  CO_ASSERT_OK(action);
  auto& service = *life.service;
  const ActionId id = action->id;

  const Person vic = person_with("vic", "viewer");
  auto viewer = co_await service.request(id, "", vic, actor("vic", "1"));
  EXPECT_REFUSED(viewer, Code::forbidden, "analyst");
  const Person ben = person_with("ben", "approver");
  auto too_early = co_await service.approve(id, "", ben, actor("ben", "2"));
  EXPECT_REFUSED(too_early, Code::conflict, "only proposed");

  // The approver asks: then somebody else approves, be it never so entitled.
  auto requested = co_await service.request(id, "", ben, actor("ben", "3"));
  CO_ASSERT_OK(requested);
  EXPECT_EQ(requested->state, ActionState::awaiting);
  EXPECT_EQ(requested->requester, "ben");
  CO_ASSERT_TRUE(requested->expires.has_value());
  auto own = co_await service.approve(id, "", ben, actor("ben", "4"));
  EXPECT_REFUSED(own, Code::forbidden, "somebody else");
  auto own_denial = co_await service.deny(id, "", "", ben, actor("ben", "5"));
  EXPECT_REFUSED(own_denial, Code::forbidden, "somebody else");
  const Person ann = person_with("ann", "analyst");
  auto analyst = co_await service.approve(id, "", ann, actor("ann", "6"));
  EXPECT_REFUSED(analyst, Code::forbidden, "approver or admin");
  auto again = co_await service.request(id, "", ann, actor("ann", "7"));
  EXPECT_REFUSED(again, Code::conflict, "R-1 waits for approval: @ben asked for it, 0 of 1");

  const Person cat = person_with("cat", "admin");
  auto approved = co_await service.approve(id, "", cat, actor("cat", "8"));
  CO_ASSERT_OK(approved);
  EXPECT_EQ(approved->state, ActionState::approved);
  auto twice = co_await service.approve(id, "", cat, actor("cat", "9"));
  EXPECT_REFUSED(twice, Code::conflict, "was approved by @cat");
  const Person dan = person_with("dan", "approver");
  auto late_denial = co_await service.deny(id, "", "", dan, actor("dan", "10"));
  EXPECT_REFUSED(late_denial, Code::conflict, "was approved by @cat");
  auto missing = co_await service.approve(ActionId(99), "", cat, actor("cat", "11"));
  EXPECT_REFUSED(missing, Code::not_found, "list pending");
}

ASYNC_TEST(Approval, one_denial_is_enough_and_final) {
  TempDir folder;
  OtherSide side;
  policy::PolicyOptions rules;
  rules.rules = {{"*", 2}};
  Life life(io, folder.file("v.db"), side, nullptr, Life::quick(), rules);
  life.start();
  auto action = co_await life.proposed("203.0.113.7");
  CO_ASSERT_OK(action);
  auto requested = co_await life.request(*action);
  CO_ASSERT_OK(requested);
  EXPECT_EQ(requested->approvals_needed, 2);
  auto first = co_await life.approve(*action, "ben");
  CO_ASSERT_OK(first);
  EXPECT_EQ(first->state, ActionState::awaiting);
  auto same = co_await life.approve(*action, "ben");
  EXPECT_REFUSED(same, Code::conflict, "decided on R-1 already");
  const Person cat = person_with("cat", "approver");
  auto denied = co_await life.service->deny(action->id, "", "not ours", cat, actor("cat", "d"));
  CO_ASSERT_OK(denied);
  EXPECT_EQ(denied->state, ActionState::denied);
  auto more = co_await life.approve(*action, "dan");
  EXPECT_REFUSED(more, Code::conflict, "was denied by @cat");
  co_await sleep_for(std::chrono::milliseconds(30));
  co_await life.stop();
  EXPECT_TRUE(side.attempts.empty());
  auto rows = co_await life.store->audit().rows(0, 100);
  CO_ASSERT_OK(rows);
  EXPECT_NE(rows->back().entry.detail.find("not ours"), std::string::npos);
}

ASYNC_TEST(Approval, binds_to_what_was_seen) {
  TempDir folder;
  OtherSide side;
  Life life(io, folder.file("v.db"), side);
  auto action = co_await life.proposed("203.0.113.7");
  CO_ASSERT_OK(action);
  const std::string digest = action->plan.digest(action->case_id);
  ActionPlan other = action->plan;
  other.target.value = "203.0.113.8";
  const std::string elsewhere = other.digest(action->case_id);
  const Person ann = person_with("ann", "analyst");
  auto wrong = co_await life.service->request(action->id, elsewhere, ann, actor("ann", "1"));
  EXPECT_REFUSED(wrong, Code::conflict, "It is now: Block IP 203[.]0[.]113[.]7 with other");
  auto requested = co_await life.service->request(action->id, digest, ann, actor("ann", "2"));
  CO_ASSERT_OK(requested);
  const Person ben = person_with("ben", "approver");
  const std::string shortened = digest.substr(0, 63);
  for (const auto& stale : {elsewhere, shortened, std::string("x")}) {
    auto refused = co_await life.service->approve(action->id, stale, ben, actor("ben", "3"));
    EXPECT_REFUSED(refused, Code::conflict, "no longer what you saw");
  }
  auto approved = co_await life.service->approve(action->id, digest, ben, actor("ben", "4"));
  CO_ASSERT_OK(approved);
}

ASYNC_TEST(Approval, runs_out) {
  TempDir folder;
  OtherSide side;
  FakeClock clock;
  Life life(io, folder.file("v.db"), side, nullptr, Life::quick(), {}, clock);
  auto action = co_await life.proposed("203.0.113.7");
  CO_ASSERT_OK(action);
  auto requested = co_await life.request(*action);
  CO_ASSERT_OK(requested);
  clock.advance(std::chrono::minutes(30));
  // Nobody expired it yet: the vote itself looks at the clock.
  auto late = co_await life.approve(*action);
  EXPECT_REFUSED(late, Code::expired, "ran out");
}

ASYNC_TEST(Approval, what_ended_undone_can_be_asked_for_again) {
  TempDir folder;
  OtherSide side;
  FakeClock clock;
  Life life(io, folder.file("v.db"), side, nullptr, Life::quick(), {}, clock);
  auto action = co_await life.proposed("203.0.113.7");
  CO_ASSERT_OK(action);
  const std::string digest = action->plan.digest(action->case_id);
  const Person ann = person_with("ann", "analyst");
  const Person ben = person_with("ben", "approver");
  auto& service = *life.service;
  auto first = co_await service.request(action->id, digest, ann, actor("ann", "1"));
  CO_ASSERT_OK(first);
  clock.advance(std::chrono::minutes(31));
  const Time now = clock.now();
  auto over = co_await life.store->actions().expire(now);
  CO_ASSERT_OK(over);

  auto second = co_await service.request(action->id, digest, ann, actor("ann", "2"));
  CO_ASSERT_OK(second);
  EXPECT_EQ(second->id, ActionId(2));
  EXPECT_EQ(second->state, ActionState::awaiting);
  EXPECT_EQ(second->plan.digest(second->case_id), digest);
  EXPECT_TRUE(second->votes.empty());
  auto old = co_await life.get(ActionId(1));
  CO_ASSERT_OK(old);
  EXPECT_EQ(old->state, ActionState::expired);
  // While one is open there is no other.
  auto twice = co_await service.request(action->id, digest, ann, actor("ann", "3"));
  EXPECT_REFUSED(twice, Code::conflict, "R-2 waits for approval");

  auto denied = co_await service.deny(ActionId(2), digest, "no", ben, actor("ben", "4"));
  CO_ASSERT_OK(denied);
  // What was delivered twice is not asked for twice, whatever happened in between.
  auto redelivered = co_await service.request(action->id, digest, ann, actor("ann", "2"));
  EXPECT_REFUSED(redelivered, Code::conflict, "R-2 was denied");
  const Person vic = person_with("vic", "viewer");
  auto viewer = co_await service.request(ActionId(2), digest, vic, actor("vic", "5"));
  EXPECT_REFUSED(viewer, Code::forbidden, "analyst");
  auto third = co_await service.request(ActionId(2), digest, ann, actor("ann", "6"));
  CO_ASSERT_OK(third);
  EXPECT_EQ(third->id, ActionId(3));
  auto approved = co_await service.approve(ActionId(3), digest, ben, actor("ben", "7"));
  CO_ASSERT_OK(approved);
  EXPECT_EQ(approved->state, ActionState::approved);
}

ASYNC_TEST(Approval, what_was_denied_takes_more_than_a_button) {
  TempDir folder;
  OtherSide side;
  Life life(io, folder.file("v.db"), side);
  auto action = co_await life.proposed("203.0.113.7");
  CO_ASSERT_OK(action);
  const std::string digest = action->plan.digest(action->case_id);
  const Person ann = person_with("ann", "analyst");
  const Person ben = person_with("ben", "approver");
  auto asked = co_await life.service->request(action->id, digest, ann, actor("ann", "1"));
  CO_ASSERT_OK(asked);
  auto denied = co_await life.service->deny(action->id, digest, "no", ben, actor("ben", "2"));
  CO_ASSERT_OK(denied);
  auto pressed = co_await life.service->request(action->id, digest, ann, actor("ann", "3"), respond::Asked::pressed);
  EXPECT_REFUSED(pressed, Code::conflict, "a button is not enough");
  auto none = co_await life.get(ActionId(2));
  EXPECT_FALSE(none.has_value());
  auto typed = co_await life.service->request(action->id, digest, ann, actor("ann", "4"), respond::Asked::typed);
  CO_ASSERT_OK(typed);
  EXPECT_EQ(typed->id, ActionId(2));
  // The old card's button does not reach the new one's approval, whatever becomes of that.
  auto old = co_await life.service->request(action->id, digest, ann, actor("ann", "5"), respond::Asked::pressed);
  EXPECT_REFUSED(old, Code::conflict, "R-2 waits for approval");
}

ASYNC_TEST(Approval, what_was_done_is_undone_by_the_same_approval) {
  TempDir folder;
  OtherSide side;
  Life life(io, folder.file("v.db"), side);
  life.start();
  auto block = co_await life.approved("203.0.113.7");
  CO_ASSERT_OK(block);
  auto& service = *life.service;
  const Person ann = person_with("ann", "analyst");
  const Person vic = person_with("vic", "viewer");
  const std::string digest = block->plan.digest(block->case_id);
  auto done = co_await life.settled(block->id);
  CO_ASSERT_OK(done);
  CO_ASSERT_TRUE(done->state == ActionState::succeeded);
  auto viewer = co_await service.undo(block->id, digest, vic, actor("vic", "1"));
  EXPECT_REFUSED(viewer, Code::forbidden, "analyst");
  auto stale = co_await service.undo(block->id, std::string(64, '0'), ann, actor("ann", "2"));
  EXPECT_REFUSED(stale, Code::conflict, "no longer what you saw");
  auto undo = co_await service.undo(block->id, digest, ann, actor("ann", "3"));
  CO_ASSERT_OK(undo);
  EXPECT_EQ(undo->id, ActionId(2));
  EXPECT_EQ(undo->plan.verb, "unblock_ip");
  EXPECT_EQ(undo->plan.target.value, "203.0.113.7");
  EXPECT_EQ(undo->plan.provider, "other");
  EXPECT_EQ(undo->state, ActionState::awaiting) << "nothing runs without its approval";
  EXPECT_EQ(undo->requester, "ann");
  EXPECT_EQ(undo->reason, "Takes back R-1.");
  auto again = co_await service.undo(block->id, digest, ann, actor("ann", "3"));
  EXPECT_REFUSED(again, Code::conflict, "R-2 waits for approval");
  auto approved = co_await life.approve(*undo);
  CO_ASSERT_OK(approved);
  auto undone = co_await life.settled(undo->id);
  CO_ASSERT_OK(undone);
  EXPECT_EQ(undone->state, ActionState::succeeded);
  EXPECT_EQ(side.executes.size(), 2u);
  auto twice = co_await service.undo(block->id, digest, ann, actor("ann", "4"));
  EXPECT_REFUSED(twice, Code::conflict, "R-2 is done");
  auto backwards = co_await service.undo(undo->id, {}, ann, actor("ann", "5"));
  EXPECT_REFUSED(backwards, Code::invalid_input, "cannot be taken back");
  // The provider offers no way to release a host; what is only proposed was not done.
  auto host = co_await life.proposed("ws-7", "isolate_host");
  CO_ASSERT_OK(host);
  auto too_early = co_await service.undo(host->id, {}, ann, actor("ann", "6"));
  EXPECT_REFUSED(too_early, Code::conflict, "Only what was done");
  auto asked = co_await life.request(*host);
  CO_ASSERT_OK(asked);
  auto let = co_await life.approve(*host);
  CO_ASSERT_OK(let);
  auto isolated = co_await life.settled(host->id);
  CO_ASSERT_OK(isolated);
  auto no_way = co_await service.undo(host->id, {}, ann, actor("ann", "7"));
  EXPECT_REFUSED(no_way, Code::invalid_input, "does not offer release_host");
  auto rows = co_await life.store->audit().rows(0, 100);
  CO_ASSERT_OK(rows);
  const bool told = std::any_of(rows->begin(), rows->end(), [](const AuditRow& row) {
    return row.entry.action == "action.undo" && row.entry.subject == "R-1" && row.entry.actor == "ann";
  });
  EXPECT_TRUE(told);
  co_await life.stop();
}

ASYNC_TEST(Approval, refuses_what_cannot_or_must_not_run) {
  TempDir folder;
  OtherSide side;
  policy::PolicyOptions rules;
  rules.protected_targets = {"host:dc*"};
  Life life(io, folder.file("v.db"), side, nullptr, Life::quick(), rules);
  auto controller = co_await life.proposed("dc01.corp.example", "isolate_host");
  CO_ASSERT_OK(controller);
  auto refused = co_await life.request(*controller);
  EXPECT_REFUSED(refused, Code::forbidden, "host:dc01.corp.example is protected");
  auto unknown_verb = co_await life.proposed("203.0.113.7", "launch_missiles");
  CO_ASSERT_OK(unknown_verb);
  auto cannot = co_await life.request(*unknown_verb);
  EXPECT_REFUSED(cannot, Code::invalid_input, "does not offer launch_missiles");
}

ASYNC_TEST(Approval, many_racing_clicks_make_one_decision) {
  TempDir folder;
  OtherSide side;
  Life life(io, folder.file("v.db"), side);
  life.start();
  auto action = co_await life.proposed("203.0.113.7");
  CO_ASSERT_OK(action);
  auto requested = co_await life.request(*action);
  CO_ASSERT_OK(requested);
  int won = 0;
  int ended = 0;
  TaskGroup clicks(io, "clicks");
  struct Click {
    static Job run(Life& life, const Action& action, int number, int& won, int& ended) {
      std::string who = number % 2 == 0 ? "ben" : "cat";
      auto result = co_await life.approve(action, std::move(who));
      if (result) ++won;
      ++ended;
    }
  };
  constexpr int kClicks = 200;
  for (int i = 0; i < kClicks; ++i) clicks.spawn("click", Click::run(life, *action, i, won, ended));
  co_await clicks.drain();
  EXPECT_EQ(ended, kClicks);
  EXPECT_EQ(won, 1);
  auto end = co_await life.settled(action->id);
  CO_ASSERT_OK(end);
  co_await life.stop();
  EXPECT_EQ(side.executes.size(), 1u);
  EXPECT_EQ(side.executes.begin()->second, 1);
}

ASYNC_TEST(Approval, in_a_one_person_set_up_asking_is_enough) {
  TempDir folder;
  OtherSide side;
  policy::PolicyOptions rules;
  rules.requester_may_approve = true;
  Life life(io, folder.file("v.db"), side, nullptr, Life::quick(), rules);
  life.start();
  auto action = co_await life.proposed("203.0.113.7");
  CO_ASSERT_OK(action);
  const Person cat = person_with("cat", "admin");
  auto requested = co_await life.service->request(action->id, "", cat, actor("cat", "1"));
  CO_ASSERT_OK(requested);
  EXPECT_EQ(requested->state, ActionState::approved);
  auto end = co_await life.settled(action->id);
  CO_ASSERT_OK(end);
  co_await life.stop();
  EXPECT_EQ(end->state, ActionState::succeeded);
}

}  // namespace
}  // namespace vedette::test

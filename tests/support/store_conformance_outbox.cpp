#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

std::vector<OutboxMessage> just(OutboxMessage message) {
  std::vector<OutboxMessage> messages;
  messages.push_back(std::move(message));
  return messages;
}

Async<OutboxRow> row_of(Store& store, std::string slot) {
  CO_TRY(auto row, store.outbox().find("slack", "C1", std::move(slot)));
  if (!row) co_return Error(Code::not_found, "no such slot");
  co_return *std::move(row);
}

// What stands below somebody else's message, and what comes after another of ours.
Job keeps_the_place_and_the_order_of_answers(StoreEnv& env) {
  auto& outbox = env.s().outbox();
  OutboxMessage first = sample_message("reply/1", "{}");
  first.below = "1700.5";
  first.asked_by = Identity("slack", "T1", "U7");
  OutboxMessage second = first;
  second.slot = "reply/1/2";
  second.follows = "reply/1";
  OutboxMessage third = second;
  third.slot = "reply/1/3";
  third.follows = "reply/1/2";
  MUST_VOID(outbox.put({third, second, first}));
  MUST(auto due, outbox.due("slack", env.clock.now(), 10));
  CO_ASSERT_TRUE(due.size() == 1);
  EXPECT_EQ(due[0].message.slot, "reply/1");
  EXPECT_EQ(due[0].thread_ref, "1700.5");
  EXPECT_EQ(due[0].message.asked_by, first.asked_by);
  MUST_VOID(outbox.sending(due[0].id, env.clock.now()));
  MUST_VOID(outbox.unknown(due[0].id, env.clock.now() + std::chrono::hours(1), "in doubt"));
  MUST(due, outbox.due("slack", env.clock.now(), 10));
  EXPECT_TRUE(due.empty());
  MUST(const OutboxRow doubtful, row_of(env.s(), "reply/1"));
  MUST_VOID(outbox.sent(doubtful.id, 1, "1700.6"));
  MUST(due, outbox.due("slack", env.clock.now(), 10));
  CO_ASSERT_TRUE(due.size() == 1);
  EXPECT_EQ(due[0].message.slot, "reply/1/2");
  EXPECT_EQ(due[0].message.follows, "reply/1");
  MUST_VOID(outbox.failed(due[0].id, "given up"));
  MUST(due, outbox.due("slack", env.clock.now(), 10));
  CO_ASSERT_TRUE(due.size() == 1);
  EXPECT_EQ(due[0].message.slot, "reply/1/3");
}

Job posts_once_and_edits_afterwards(StoreEnv& env) {
  auto& outbox = env.s().outbox();
  OutboxMessage root = sample_message("case/1/root", "{\"v\":1}");
  root.author = "vedette";
  MUST_VOID(outbox.put(just(root)));
  MUST(const auto due, outbox.due("slack", env.clock.now(), 10));
  CO_ASSERT_TRUE(due.size() == 1);
  const OutboxRow& row = due[0];
  EXPECT_EQ(row.message.slot, "case/1/root");
  EXPECT_EQ(row.message.channel, "C1");
  EXPECT_EQ(row.message.card, "{\"v\":1}");
  EXPECT_EQ(row.message.author, "vedette");
  EXPECT_EQ(row.version, 1);
  EXPECT_EQ(row.delivered, 0);
  EXPECT_EQ(row.message_ref, "");
  EXPECT_EQ(row.created, env.clock.now());
  MUST(const auto elsewhere, outbox.due("teams", env.clock.now(), 10));
  EXPECT_TRUE(elsewhere.empty());
  MUST_VOID(outbox.sending(row.id, env.clock.now()));
  MUST(const OutboxRow under_way, row_of(env.s(), "case/1/root"));
  EXPECT_EQ(under_way.state, DeliveryState::sending);
  EXPECT_EQ(under_way.attempts, 1);
  EXPECT_EQ(under_way.first_attempt, env.clock.now());
  MUST(const auto none, outbox.due("slack", env.clock.now(), 10));
  EXPECT_TRUE(none.empty());
  MUST_FAIL(Code::conflict, outbox.sending(row.id, env.clock.now()));
  MUST_VOID(outbox.sent(row.id, 1, "1700.1"));
  MUST(const OutboxRow sent, row_of(env.s(), "case/1/root"));
  EXPECT_EQ(sent.state, DeliveryState::sent);
  EXPECT_EQ(sent.delivered, 1);
  EXPECT_EQ(sent.message_ref, "1700.1");
  MUST_VOID(outbox.put(just(root)));  // unchanged
  MUST(const auto quiet, outbox.due("slack", env.clock.now(), 10));
  EXPECT_TRUE(quiet.empty());
  root.card = "{\"v\":2}";
  MUST_VOID(outbox.put(just(root)));
  MUST(const auto edit, outbox.due("slack", env.clock.now(), 10));
  CO_ASSERT_TRUE(edit.size() == 1);
  EXPECT_EQ(edit[0].id, row.id);
  EXPECT_EQ(edit[0].version, 2);
  EXPECT_EQ(edit[0].delivered, 1);
  EXPECT_EQ(edit[0].message_ref, "1700.1");
  EXPECT_EQ(edit[0].attempts, 0);
  EXPECT_EQ(edit[0].message.card, "{\"v\":2}");
}

Job later_edit_overtakes(StoreEnv& env) {
  auto& outbox = env.s().outbox();
  MUST_VOID(outbox.put(just(sample_message("a", "1"))));
  MUST_VOID(outbox.put(just(sample_message("a", "2"))));
  MUST_VOID(outbox.put(just(sample_message("a", "3"))));
  MUST(const auto due, outbox.due("slack", env.clock.now(), 10));
  CO_ASSERT_TRUE(due.size() == 1);
  EXPECT_EQ(due[0].version, 3);
  EXPECT_EQ(due[0].message.card, "3");
  MUST_VOID(outbox.sending(due[0].id, env.clock.now()));
  MUST_VOID(outbox.put(just(sample_message("a", "4"))));  // while it is on its way
  MUST(const auto none, outbox.due("slack", env.clock.now(), 10));
  EXPECT_TRUE(none.empty());
  MUST_VOID(outbox.sent(due[0].id, 3, "ref"));
  MUST(const auto rest, outbox.due("slack", env.clock.now(), 10));
  CO_ASSERT_TRUE(rest.size() == 1);
  EXPECT_EQ(rest[0].version, 4);
  EXPECT_EQ(rest[0].delivered, 3);
  EXPECT_EQ(rest[0].first_attempt, Time());
}

Job goes_by_lane_then_age(StoreEnv& env) {
  auto& outbox = env.s().outbox();
  const Lane lanes[] = {Lane::update, Lane::verdict, Lane::page, Lane::approval, Lane::verdict};
  for (int i = 0; i < 5; ++i) {
    OutboxMessage message = sample_message("m" + std::to_string(i));
    message.lane = lanes[i];
    MUST_VOID(outbox.put(just(message)));
    env.clock.advance(std::chrono::seconds(1));
  }
  MUST(const auto due, outbox.due("slack", env.clock.now(), 10));
  CO_ASSERT_TRUE(due.size() == 5);
  std::string order;
  for (const auto& row : due) order += row.message.slot;
  EXPECT_EQ(order, "m2m3m1m4m0");
  MUST(const auto two, outbox.due("slack", env.clock.now(), 2));
  EXPECT_EQ(two.size(), 2u);
  // An edit of an old message waits behind what has waited longer.
  for (const auto& row : due) {
    if (row.message.slot != "m1") continue;
    MUST_VOID(outbox.sending(row.id, env.clock.now()));
    MUST_VOID(outbox.sent(row.id, 1, "ref1"));
  }
  OutboxMessage edited = sample_message("m1", "new");
  edited.lane = Lane::verdict;
  MUST_VOID(outbox.put(just(edited)));
  MUST(const auto after, outbox.due("slack", env.clock.now(), 10));
  CO_ASSERT_TRUE(after.size() == 5);
  EXPECT_EQ(after[2].message.slot, "m4");
  EXPECT_EQ(after[3].message.slot, "m1");
}

Job reply_waits_for_its_parent(StoreEnv& env) {
  auto& outbox = env.s().outbox();
  OutboxMessage reply = sample_message("case/1/evidence");
  reply.thread_of = "case/1/root";
  reply.lane = Lane::page;
  MUST_VOID(outbox.put(just(reply)));  // before the parent is even there
  MUST(const auto none, outbox.due("slack", env.clock.now(), 10));
  EXPECT_TRUE(none.empty());
  MUST_VOID(outbox.put(just(sample_message("case/1/root"))));
  MUST(const auto root, outbox.due("slack", env.clock.now(), 10));
  CO_ASSERT_TRUE(root.size() == 1);
  MUST_VOID(outbox.sending(root[0].id, env.clock.now()));
  MUST(const auto still, outbox.due("slack", env.clock.now(), 10));
  EXPECT_TRUE(still.empty());
  MUST_VOID(outbox.sent(root[0].id, 1, "17.5"));
  MUST(const auto now, outbox.due("slack", env.clock.now(), 10));
  CO_ASSERT_TRUE(now.size() == 1);
  EXPECT_EQ(now[0].message.slot, "case/1/evidence");
  EXPECT_EQ(now[0].thread_ref, "17.5");
  // Another channel's root is not its parent.
  OutboxMessage elsewhere = reply;
  elsewhere.channel = "C2";
  MUST_VOID(outbox.put(just(elsewhere)));
  MUST(const auto one, outbox.due("slack", env.clock.now(), 10));
  EXPECT_EQ(one.size(), 1u);
}

Job reply_to_what_was_given_up_goes_to_the_top(StoreEnv& env) {
  auto& outbox = env.s().outbox();
  const Time start = env.clock.now();
  OutboxMessage reply = sample_message("case/1/evidence");
  reply.thread_of = "case/1/root";
  MUST_VOID(outbox.put(just(sample_message("case/1/root"))));
  MUST_VOID(outbox.put(just(reply)));
  MUST(const auto root, outbox.due("slack", start, 10));
  CO_ASSERT_TRUE(root.size() == 1);
  MUST_VOID(outbox.sending(root[0].id, start));
  env.clock.advance(std::chrono::minutes(1));
  MUST_VOID(outbox.failed(root[0].id, "the channel is archived"));
  MUST(const auto due, outbox.due("slack", env.clock.now(), 10));
  CO_ASSERT_TRUE(due.size() == 1);
  EXPECT_EQ(due[0].message.slot, "case/1/evidence");
  EXPECT_EQ(due[0].thread_ref, "");

  MUST_VOID(outbox.sending(due[0].id, env.clock.now()));
  MUST_VOID(outbox.sent(due[0].id, 1, "17.5"));
  MUST(const auto with_failed, outbox.oldest_undelivered("slack", start));
  EXPECT_EQ(with_failed, start);
  MUST(const auto forgotten, outbox.oldest_undelivered("slack", env.clock.now() + std::chrono::hours(1)));
  EXPECT_FALSE(forgotten);
  MUST(const auto elsewhere, outbox.oldest_undelivered("teams", start));
  EXPECT_FALSE(elsewhere);
  OutboxMessage blocked = sample_message("case/2/evidence");
  blocked.thread_of = "case/2/root";
  MUST_VOID(outbox.put(just(blocked)));
  MUST(const auto waiting, outbox.oldest_undelivered("slack", env.clock.now() + std::chrono::hours(1)));
  EXPECT_EQ(waiting, env.clock.now());
}

Job retries_later(StoreEnv& env) {
  auto& outbox = env.s().outbox();
  MUST_VOID(outbox.put(just(sample_message("a"))));
  MUST(const auto due, outbox.due("slack", env.clock.now(), 10));
  const int64_t id = due.at(0).id;
  const Time start = env.clock.now();
  MUST_VOID(outbox.sending(id, start));
  const Time later = start + std::chrono::seconds(30);
  MUST_VOID(outbox.retry(id, later, "rate limited"));
  MUST(const auto none, outbox.due("slack", later - Duration(1), 10));
  EXPECT_TRUE(none.empty());
  MUST(const auto again, outbox.due("slack", later, 10));
  CO_ASSERT_TRUE(again.size() == 1);
  EXPECT_EQ(again[0].state, DeliveryState::queued);
  EXPECT_EQ(again[0].attempts, 1);
  EXPECT_EQ(again[0].error, "rate limited");
  MUST_VOID(outbox.sending(id, later));
  MUST_VOID(outbox.unknown(id, later + std::chrono::seconds(5), "connection lost"));
  MUST(const auto doubtful, outbox.due("slack", later + std::chrono::seconds(5), 10));
  CO_ASSERT_TRUE(doubtful.size() == 1);
  EXPECT_EQ(doubtful[0].state, DeliveryState::unknown);
  EXPECT_EQ(doubtful[0].attempts, 2);
  EXPECT_EQ(doubtful[0].first_attempt, start);
  // New content does not make the doubt go away.
  MUST_VOID(outbox.put(just(sample_message("a", "new"))));
  MUST(const auto still, outbox.due("slack", later + std::chrono::seconds(5), 10));
  CO_ASSERT_TRUE(still.size() == 1);
  EXPECT_EQ(still[0].state, DeliveryState::unknown);
  EXPECT_EQ(still[0].first_attempt, start);
  MUST_VOID(outbox.failed(id, "channel is gone"));
  MUST(const auto over, outbox.due("slack", later + std::chrono::hours(5), 10));
  EXPECT_TRUE(over.empty());
  MUST(const OutboxRow row, row_of(env.s(), "a"));
  EXPECT_EQ(row.state, DeliveryState::failed);
  EXPECT_EQ(row.error, "channel is gone");
  // Other content is another try.
  MUST_VOID(outbox.put(just(sample_message("a", "newest"))));
  MUST(const auto revived, outbox.due("slack", later, 10));
  CO_ASSERT_TRUE(revived.size() == 1);
  EXPECT_EQ(revived[0].attempts, 0);
  MUST_FAIL(Code::not_found, outbox.sent(424242, 1, "x"));
  MUST_FAIL(Code::not_found, outbox.retry(424242, later, "x"));
  MUST_FAIL(Code::not_found, outbox.unknown(424242, later, "x"));
  MUST_FAIL(Code::not_found, outbox.failed(424242, "x"));
  MUST_FAIL(Code::not_found, outbox.sending(424242, later));
}

Job nothing_sent_is_queued_again(StoreEnv& env) {
  auto& outbox = env.s().outbox();
  MUST_VOID(outbox.put(just(sample_message("a"))));
  MUST(const auto due, outbox.due("slack", env.clock.now(), 10));
  const int64_t id = due.at(0).id;
  MUST_VOID(outbox.sending(id, env.clock.now()));
  MUST_VOID(outbox.sent(id, 1, "ref"));
  MUST_FAIL(Code::conflict, outbox.retry(id, env.clock.now(), "late news"));
  MUST_FAIL(Code::conflict, outbox.unknown(id, env.clock.now(), "late news"));
  MUST(const auto none, outbox.due("slack", env.clock.now(), 10));
  EXPECT_TRUE(none.empty());
}

Job restart_puts_sending_in_doubt(StoreEnv& env) {
  MUST_VOID(env.s().outbox().put(just(sample_message("a"))));
  MUST_VOID(env.s().outbox().put(just(sample_message("b"))));
  MUST(const auto due, env.s().outbox().due("slack", env.clock.now(), 10));
  MUST_VOID(env.s().outbox().sending(due.at(0).id, env.clock.now()));
  env.reopen();
  MUST(const int64_t recovered, env.s().outbox().recover());
  EXPECT_EQ(recovered, 1);
  MUST(const int64_t again, env.s().outbox().recover());
  EXPECT_EQ(again, 0);
  MUST(const OutboxRow row, row_of(env.s(), "a"));
  EXPECT_EQ(row.state, DeliveryState::unknown);
  MUST(const auto both, env.s().outbox().due("slack", env.clock.now(), 10));
  EXPECT_EQ(both.size(), 2u);
}

Job shows_channels_and_threads(StoreEnv& env) {
  auto& outbox = env.s().outbox();
  for (int i = 0; i < 5; ++i) MUST_VOID(outbox.put(just(sample_message("m" + std::to_string(i)))));
  OutboxMessage secret = sample_message("secret");
  secret.only_for = "ann";
  MUST_VOID(outbox.put(just(secret)));
  OutboxMessage reply = sample_message("r1");
  reply.thread_of = "m1";
  MUST_VOID(outbox.put(just(reply)));
  OutboxMessage whisper = sample_message("r2");
  whisper.thread_of = "m1";
  whisper.only_for = "bob";
  MUST_VOID(outbox.put(just(whisper)));
  MUST(const auto bobs, outbox.channel("slack", "C1", "bob", 0, 10));
  CO_ASSERT_TRUE(bobs.size() == 5);
  EXPECT_EQ(bobs[0].message.slot, "m0");
  EXPECT_EQ(bobs[4].message.slot, "m4");
  MUST(const auto anns, outbox.channel("slack", "C1", "ann", 0, 10));
  EXPECT_EQ(anns.size(), 6u);
  MUST(const auto newest, outbox.channel("slack", "C1", "bob", 0, 2));
  CO_ASSERT_TRUE(newest.size() == 2);
  EXPECT_EQ(newest[0].message.slot, "m3");
  MUST(const auto older, outbox.channel("slack", "C1", "bob", newest[0].id, 2));
  CO_ASSERT_TRUE(older.size() == 2);
  EXPECT_EQ(older[0].message.slot, "m1");
  EXPECT_EQ(older[1].message.slot, "m2");
  MUST(const auto thread, outbox.thread("slack", "C1", "m1", "ann"));
  EXPECT_EQ(thread.size(), 1u);
  MUST(const auto bobs_thread, outbox.thread("slack", "C1", "m1", "bob"));
  CO_ASSERT_TRUE(bobs_thread.size() == 2);
  EXPECT_EQ(bobs_thread[0].message.slot, "r1");
  MUST(const auto nothing, outbox.thread("slack", "C1", "", "bob"));
  EXPECT_TRUE(nothing.empty());
  MUST(const auto other_channel, outbox.channel("slack", "C9", "bob", 0, 10));
  EXPECT_TRUE(other_channel.empty());
}

Job finds_by_slot_and_by_ref(StoreEnv& env) {
  auto& outbox = env.s().outbox();
  for (const auto& hostile : hostile_texts()) {
    OutboxMessage message = sample_message(hostile.text, hostile.text);
    message.author = message.only_for = hostile.text;
    MUST_VOID(outbox.put(just(message)));
    MUST(const auto found, outbox.find("slack", "C1", hostile.text));
    CO_ASSERT_TRUE(found.has_value());
    if (hostile.exact) {
      EXPECT_TRUE(found->message.card == hostile.text) << hostile.what;
    }
    MUST_VOID(outbox.sending(found->id, env.clock.now()));
    MUST_VOID(outbox.sent(found->id, 1, hostile.text));
    MUST(const auto by_ref, outbox.find_ref("slack", "C1", hostile.text));
    CO_ASSERT_TRUE(by_ref.has_value());
    EXPECT_EQ(by_ref->id, found->id) << hostile.what;
  }
  MUST_VOID(outbox.put(just(sample_message("unposted"))));
  MUST(const auto no_ref, outbox.find_ref("slack", "C1", ""));
  EXPECT_FALSE(no_ref);
  MUST(const auto no_slot, outbox.find("slack", "C2", "unposted"));
  EXPECT_FALSE(no_slot);
}

}  // namespace

std::vector<StoreCase> outbox_store_cases() {
  return {
      {"Outbox", "posts_once_and_edits_afterwards", posts_once_and_edits_afterwards},
      {"Outbox", "keeps_the_place_and_the_order_of_answers", keeps_the_place_and_the_order_of_answers},
      {"Outbox", "later_edit_overtakes", later_edit_overtakes},
      {"Outbox", "goes_by_lane_then_age", goes_by_lane_then_age},
      {"Outbox", "reply_waits_for_its_parent", reply_waits_for_its_parent},
      {"Outbox", "reply_to_what_was_given_up_goes_to_the_top", reply_to_what_was_given_up_goes_to_the_top},
      {"Outbox", "retries_later", retries_later},
      {"Outbox", "nothing_sent_is_queued_again", nothing_sent_is_queued_again},
      {"Outbox", "restart_puts_sending_in_doubt", restart_puts_sending_in_doubt},
      {"Outbox", "shows_channels_and_threads", shows_channels_and_threads},
      {"Outbox", "finds_by_slot_and_by_ref", finds_by_slot_and_by_ref},
  };
}

}  // namespace vedette::test

// Interactions: on disk before they are acknowledged, carried out once, answered where they were said.

#include <deque>

#include <gtest/gtest.h>

#include "bot/chat/case_cards.hpp"
#include "bot/chat/router.hpp"
#include "bot/store/sqlite_store.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"

namespace vedette::chat {
namespace {

using namespace std::chrono_literals;

class FakeRunner final : public CommandRunner {
 public:
  struct Ran {
    Interaction interaction;
    std::string person;
    CaseId context;
  };
  std::vector<Ran> ran;
  std::deque<Error> errors;  // for the next runs
  bool throws = false;
  bool silent = false;
  bool only_for_sender = true;

  Async<Reply> run(Interaction interaction, const Person* person, CaseId context) override {
    ran.push_back({interaction, person == nullptr ? "nobody" : person->id, context});
    if (throws) throw std::runtime_error("a bug");
    if (!errors.empty()) {
      Error error = errors.front();
      errors.pop_front();
      co_return error;
    }
    Reply reply;
    reply.only_for_sender = only_for_sender;
    if (!silent) {
      Card card;
      card.summary = "did " + interaction.text + " for " + ran.back().person;
      reply.card = std::move(card);
    }
    co_return reply;
  }
};

struct World {
  explicit World(Executor io) {
    SqliteOptions options;
    options.path = ":memory:";
    options.clock = &clock;
    auto opened = open_sqlite_store(io, options);
    if (!opened) throw std::runtime_error(opened.error().message);
    store = std::move(*opened);
    Person ann;
    ann.id = "ann";
    ann.identities = {Identity("slack", "T1", "U1")};
    directory = Directory({ann});
    router = std::make_unique<Router>(io, *store, directory, runner, clock);
  }
  test::FakeClock clock;
  std::unique_ptr<Store> store;
  Directory directory;
  FakeRunner runner;
  std::unique_ptr<Router> router;
};

Interaction said(std::string key, std::string text, std::string thread_ref = "") {
  Interaction in;
  in.key = std::move(key);
  in.who = Identity("slack", "T1", "U1");
  in.channel = "C1";
  in.thread_ref = std::move(thread_ref);
  in.text = std::move(text);
  return in;
}

boost::asio::awaitable<std::optional<OutboxRow>> row_of(World& world, std::string slot) {
  auto row = co_await world.store->outbox().find("slack", "C1", slot);
  EXPECT_TRUE(row);
  co_return row ? std::move(*row) : std::nullopt;
}

// Puts the root of C-<number> into the channel as posted with `ref`.
boost::asio::awaitable<void> post(World& world, std::string slot, std::string thread_of, std::string ref) {
  OutboxMessage m;
  m.slot = std::move(slot);
  m.thread_of = std::move(thread_of);
  m.platform = "slack";
  m.channel = "C1";
  m.card = to_json(Card());
  std::vector<OutboxMessage> all = {m};
  EXPECT_TRUE(co_await world.store->outbox().put(std::move(all)));
  const auto row = co_await row_of(world, m.slot);
  EXPECT_TRUE(co_await world.store->outbox().sent(row->id, row->version, ref));
}

boost::asio::awaitable<void> post_root(World& world, int64_t number, std::string ref) {
  co_await post(world, root_slot(CaseId(number)), "", std::move(ref));
}

ASYNC_TEST(Router, carries_out_and_replies_to_the_sender) {
  World world(io);
  EXPECT_TRUE(*(co_await world.router->accept(said("k1", "status"))));
  const auto ended = co_await world.router->work_off();
  CO_ASSERT_OK(ended);
  EXPECT_EQ(*ended, 1u);
  CO_ASSERT_TRUE(world.runner.ran.size() == 1u);
  EXPECT_EQ(world.runner.ran[0].person, "ann");
  EXPECT_FALSE(world.runner.ran[0].context);
  const auto reply = co_await row_of(world, "reply/1");
  CO_ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->message.only_for, "U1");
  EXPECT_EQ(reply->message.thread_of, "");
  EXPECT_EQ(card_from_json(reply->message.card)->summary, "did status for ann");
  EXPECT_EQ(*(co_await world.router->work_off()), 0u);
  EXPECT_EQ(world.runner.ran.size(), 1u);
}

ASYNC_TEST(Router, gives_way_while_somebody_waits_for_the_disk) {
  World world(io);
  EXPECT_TRUE(*(co_await world.router->accept(said("k1", "status"))));
  const Foreground::Waiting flood(world.store->foreground());
  const auto begun = std::chrono::steady_clock::now();
  CO_ASSERT_OK(co_await world.router->work_off());
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 200ms) << "before it looks, and before what it found";
  EXPECT_EQ(world.runner.ran.size(), 1u) << "a flood does not starve it";
}

ASYNC_TEST(Router, a_redelivery_changes_nothing) {
  World world(io);
  EXPECT_TRUE(*(co_await world.router->accept(said("k1", "ack C-1"))));
  EXPECT_FALSE(*(co_await world.router->accept(said("k1", "ack C-1"))));
  CO_ASSERT_OK(co_await world.router->work_off());
  EXPECT_FALSE(*(co_await world.router->accept(said("k1", "ack C-1"))));
  CO_ASSERT_OK(co_await world.router->work_off());
  EXPECT_EQ(world.runner.ran.size(), 1u);
}

ASYNC_TEST(Router, strangers_are_nobody) {
  World world(io);
  auto stranger = said("k1", "approve R-1");
  stranger.who = Identity("slack", "T2", "U1");  // the same user id in another workspace
  CO_ASSERT_OK(co_await world.router->accept(stranger));
  CO_ASSERT_OK(co_await world.router->work_off());
  CO_ASSERT_TRUE(world.runner.ran.size() == 1u);
  EXPECT_EQ(world.runner.ran[0].person, "nobody");
}

ASYNC_TEST(Router, a_thread_gives_the_case_and_takes_the_reply) {
  World world(io);
  co_await post_root(world, 12, "ts12");
  CO_ASSERT_OK(co_await world.router->accept(said("k1", "ack", "ts12")));
  CO_ASSERT_OK(co_await world.router->accept(said("k2", "ack", "ts-of-somebody-else")));
  CO_ASSERT_OK(co_await world.router->work_off());
  CO_ASSERT_TRUE(world.runner.ran.size() == 2u);
  EXPECT_EQ(world.runner.ran[0].context, CaseId(12));
  EXPECT_FALSE(world.runner.ran[1].context);
  const auto first = co_await row_of(world, "reply/1");
  EXPECT_EQ(first->message.thread_of, "case/12/root");
  const auto second = co_await row_of(world, "reply/2");
  EXPECT_EQ(second->message.thread_of, "");
}

ASYNC_TEST(Router, what_all_may_see_goes_to_the_thread_of_the_case_named) {
  World world(io);
  world.runner.only_for_sender = false;
  co_await post_root(world, 12, "ts12");
  CO_ASSERT_OK(co_await world.router->accept(said("k1", "note C-12 hello")));
  CO_ASSERT_OK(co_await world.router->accept(said("k2", "note C-99 not shown here")));
  CO_ASSERT_OK(co_await world.router->work_off());
  const auto first = co_await row_of(world, "reply/1");
  EXPECT_EQ(first->message.thread_of, "case/12/root");
  EXPECT_EQ(first->message.only_for, "");
  const auto second = co_await row_of(world, "reply/2");
  EXPECT_EQ(second->message.thread_of, "");
}

ASYNC_TEST(Router, silence_is_an_answer) {
  World world(io);
  world.runner.silent = true;
  CO_ASSERT_OK(co_await world.router->accept(said("k1", "ack C-1")));
  EXPECT_EQ(*(co_await world.router->work_off()), 1u);
  EXPECT_FALSE((co_await row_of(world, "reply/1")).has_value());
}

ASYNC_TEST(Router, a_reaction_counts_on_a_root_message_and_nowhere_else) {
  World world(io);
  co_await post(world, "case/12/root", "", "1.000");
  co_await post(world, "case/12/evidence", "case/12/root", "2.000");
  co_await post(world, "reply/77", "", "3.000");
  int key = 0;
  for (const char* message : {"1.000", "2.000", "3.000", "9.999"}) {
    Interaction thumb = said("k" + std::to_string(++key), "good", message);
    thumb.reaction = true;
    CO_ASSERT_OK(co_await world.router->accept(std::move(thumb)));
  }
  EXPECT_EQ(*(co_await world.router->work_off()), 4u);
  CO_ASSERT_TRUE(world.runner.ran.size() == 1u);
  EXPECT_EQ(world.runner.ran[0].context, CaseId(12));
  EXPECT_EQ(world.runner.ran[0].interaction.thread_ref, "1.000");
  EXPECT_FALSE((co_await row_of(world, "reply/2")).has_value()) << "small talk is not answered";
}

// A platform with two connections delivers what was done last first.
ASYNC_TEST(Router, what_was_overtaken_is_not_done) {
  World world(io);
  Interaction removed = said("unreaction/m/2", "retract good");
  removed.moot_by = {{"reaction/m/2/~", "reaction/m/~"}};
  Interaction added = said("reaction/m/1/+1", "good");
  added.moot_by = {{"reaction/m/1/~", "reaction/m/~"}, {"unreaction/m/1", "unreaction/m/~"}};
  CO_ASSERT_OK(co_await world.router->accept(removed));
  CO_ASSERT_OK(co_await world.router->accept(added));
  EXPECT_EQ(*(co_await world.router->work_off()), 2u);
  CO_ASSERT_TRUE(world.runner.ran.size() == 1u);
  EXPECT_EQ(world.runner.ran[0].interaction.text, "retract good");
  const auto left = co_await world.store->inbox().pending(10);
  EXPECT_TRUE(left->empty());
  EXPECT_FALSE((co_await row_of(world, "reply/2")).has_value()) << "and nothing is said about it";
}

ASYNC_TEST(Router, an_answer_in_a_direct_conversation_is_an_ordinary_message) {
  World world(io);
  Interaction click = said("k1", "show C-1");
  click.channel = "D1";
  click.direct = true;
  CO_ASSERT_OK(co_await world.router->accept(std::move(click)));
  CO_ASSERT_OK(co_await world.router->work_off());
  const auto reply = co_await world.store->outbox().find("slack", "D1", "reply/1");
  CO_ASSERT_OK(reply);
  CO_ASSERT_TRUE(reply->has_value());
  EXPECT_EQ((*reply)->message.only_for, "");
  EXPECT_EQ((*reply)->message.thread_of, "");
}

ASYNC_TEST(Router, tries_again_later_then_says_that_it_could_not) {
  World world(io);
  for (int i = 0; i < 10; ++i) world.runner.errors.emplace_back(Code::unavailable, "The disk is full", true);
  CO_ASSERT_OK(co_await world.router->accept(said("k1", "ack C-1")));
  for (int i = 0; i < 40; ++i) {
    CO_ASSERT_OK(co_await world.router->work_off());
    world.clock.advance(1s);
  }
  EXPECT_EQ(world.runner.ran.size(), 5u);
  const auto reply = co_await row_of(world, "reply/1");
  CO_ASSERT_TRUE(reply.has_value());
  EXPECT_NE(reply->message.card.find("“ack C-1” could not be carried out: The disk is full"), std::string::npos)
      << reply->message.card;
  const auto left = co_await world.store->inbox().pending(10);
  EXPECT_TRUE(left->empty());
}

ASYNC_TEST(Router, one_that_waits_does_not_hold_up_the_next) {
  World world(io);
  world.runner.errors.emplace_back(Code::unavailable, "not now", true);
  CO_ASSERT_OK(co_await world.router->accept(said("k1", "ack C-1")));
  CO_ASSERT_OK(co_await world.router->work_off());
  CO_ASSERT_OK(co_await world.router->accept(said("k2", "ack C-2")));
  CO_ASSERT_OK(co_await world.router->work_off());
  CO_ASSERT_TRUE(world.runner.ran.size() == 2u);
  EXPECT_EQ(world.runner.ran[1].interaction.text, "ack C-2");
  world.clock.advance(5s);
  CO_ASSERT_OK(co_await world.router->work_off());
  EXPECT_EQ(world.runner.ran.size(), 3u);
}

ASYNC_TEST(Router, a_bug_in_a_command_is_told_and_does_not_stop_the_others) {
  World world(io);
  world.runner.throws = true;
  CO_ASSERT_OK(co_await world.router->accept(said("k1", "boom")));
  for (int i = 0; i < 40; ++i) {
    CO_ASSERT_OK(co_await world.router->work_off());
    world.clock.advance(1s);
  }
  world.runner.throws = false;
  CO_ASSERT_OK(co_await world.router->accept(said("k2", "fine")));
  CO_ASSERT_OK(co_await world.router->work_off());
  EXPECT_TRUE((co_await row_of(world, "reply/1")).has_value());
  EXPECT_EQ(world.runner.ran.back().interaction.text, "fine");
}

ASYNC_TEST(Router, crash_between_reply_and_done_does_not_run_it_again) {
  World world(io);
  CO_ASSERT_OK(co_await world.router->accept(said("k1", "note C-1 hello")));
  // What a process left that died there: the item taken once, its reply stored, not done.
  const auto items = co_await world.store->inbox().pending(10);
  CO_ASSERT_OK(items);
  CO_ASSERT_OK(co_await world.store->inbox().started(items->front().id));
  Reply reply;
  reply.card = Card();
  const auto interaction = interaction_from_json(items->front().payload);
  std::vector<OutboxMessage> messages = {reply_message(items->front(), *interaction, Place(), "", reply)};
  CO_ASSERT_OK(co_await world.store->outbox().put(messages));
  EXPECT_EQ(*(co_await world.router->work_off()), 1u);
  EXPECT_TRUE(world.runner.ran.empty());
}

ASYNC_TEST(Router, crash_between_run_and_reply_runs_it_again_with_the_same_key) {
  World world(io);
  CO_ASSERT_OK(co_await world.router->accept(said("k1", "ack C-1")));
  CO_ASSERT_OK(co_await world.store->inbox().started(1));  // taken by a process that died
  EXPECT_EQ(*(co_await world.router->work_off()), 1u);
  CO_ASSERT_TRUE(world.runner.ran.size() == 1u);
  EXPECT_EQ(world.runner.ran[0].interaction.key, "k1") << "the audit cause that makes the repetition harmless";
}

ASYNC_TEST(Router, what_was_started_too_often_is_given_up) {
  World world(io);
  CO_ASSERT_OK(co_await world.router->accept(said("k1", "crash me")));
  for (int i = 0; i < 60; ++i) CO_ASSERT_OK(co_await world.store->inbox().started(1));
  EXPECT_EQ(*(co_await world.router->work_off()), 1u);
  EXPECT_TRUE(world.runner.ran.empty());
  EXPECT_TRUE((co_await row_of(world, "reply/1")).has_value());
}

ASYNC_TEST(Router, what_was_only_waiting_is_not_taken_for_what_makes_us_crash) {
  World world(io);
  CO_ASSERT_OK(co_await world.router->accept(said("k1", "ack C-1")));
  for (int i = 0; i < 60; ++i) CO_ASSERT_OK(co_await world.store->inbox().pending(10));  // seen, never begun
  EXPECT_EQ(*(co_await world.router->work_off()), 1u);
  EXPECT_EQ(world.runner.ran.size(), 1u);
}

ASYNC_TEST(Router, many_that_wait_do_not_hide_the_next) {
  World world(io);
  for (int i = 0; i < 40; ++i) {
    world.runner.errors.emplace_back(Code::unavailable, "not now", true);
    CO_ASSERT_OK(co_await world.router->accept(said("k" + std::to_string(i), "ack C-1")));
  }
  CO_ASSERT_OK(co_await world.router->work_off());
  EXPECT_EQ(world.runner.ran.size(), 40u);
  CO_ASSERT_OK(co_await world.router->accept(said("newest", "approve R-1")));
  CO_ASSERT_OK(co_await world.router->work_off());
  CO_ASSERT_TRUE(world.runner.ran.size() == 41u);
  EXPECT_EQ(world.runner.ran.back().interaction.text, "approve R-1");
}

ASYNC_TEST(Router, bounds_what_it_takes) {
  World world(io);
  CO_ASSERT_OK(co_await world.router->accept(said("k1", std::string(1 << 20, 'x'))));
  CO_ASSERT_OK(co_await world.router->work_off());
  EXPECT_TRUE(world.runner.ran.empty());
  const auto reply = co_await row_of(world, "reply/1");
  CO_ASSERT_TRUE(reply.has_value());
  EXPECT_NE(reply->message.card.find("too long"), std::string::npos);
  auto nameless = said("", "x");
  EXPECT_FALSE(co_await world.router->accept(std::move(nameless)));
}

ASYNC_TEST(Router, works_as_it_comes_and_ends_when_told) {
  World world(io);
  TaskGroup group(io, "test");
  group.spawn("router", world.router->run());
  for (int i = 0; i < 40; ++i) CO_ASSERT_OK(co_await world.router->accept(said("k" + std::to_string(i), "status")));
  for (int i = 0; i < 2000 && world.runner.ran.size() < 40; ++i) co_await sleep_for(1ms);
  EXPECT_EQ(world.runner.ran.size(), 40u);
  EXPECT_TRUE(co_await group.stop(Deadline::after(2s)));
  for (size_t i = 0; i < world.runner.ran.size(); ++i)
    EXPECT_EQ(world.runner.ran[i].interaction.key, "k" + std::to_string(i));
}

TEST(Named, finds_the_first_case_or_action) {
  EXPECT_EQ(first_named("ack C-12").case_id, CaseId(12));
  EXPECT_EQ(first_named("approve R-9 --digest=ab").action, ActionId(9));
  EXPECT_FALSE(first_named("status").case_id);
  EXPECT_FALSE(first_named("").action);
}

}  // namespace
}  // namespace vedette::chat

#include "integrations/slack/timestamp.hpp"
#include "tests/integration/slack/slack_bench.hpp"

namespace vedette::test {
namespace {

bool took(const SlackBench& bench, const std::string& text) {
  return std::any_of(bench.sink.taken.begin(), bench.sink.taken.end(),
                     [&](const auto& interaction) { return interaction.text == text; });
}

std::string to_us(const std::string& text) { return "<@U0BOT> " + text; }

// Connected and everything of the start read.
boost::asio::awaitable<bool> settled(SlackBench& bench, uint64_t gaps) {
  const Deadline deadline = Deadline::after(milliseconds(3000));
  while (bench.vedette->catch_up().gaps() < gaps && !deadline.passed()) co_await sleep_for(milliseconds(2));
  co_return bench.vedette->catch_up().gaps() >= gaps;
}

void out_of_reach(SlackBench& bench) {
  bench.fake.refuse_upgrades(4, 503);
  for (const uint64_t socket : bench.fake.socket_ids()) bench.fake.kill(socket);
}

ASYNC_TEST(SlackCatchUp, takes_what_was_said_while_no_socket_was_up) {
  SlackBench bench(io);
  bench.options.channels = {"C1"};
  const std::string root = bench.fake.say("U0BOT", "C1", "C-3 is open");
  bench.start();
  CO_ASSERT_TRUE(co_await settled(bench, 1));
  out_of_reach(bench);
  CO_EVENTUALLY(bench.vedette->socket().connected() == 0);
  const std::string top = bench.fake.say("U7", "C1", to_us("list open"));
  bench.fake.say("U8", "C1", to_us("why"), root);
  bench.fake.say("U8", "C1", "lunch?", root);
  bench.fake.say("U7", "C2", to_us("help"));
  CO_ASSERT_TRUE(co_await settled(bench, 2));
  CO_ASSERT_TRUE(bench.sink.taken.size() == 2u);
  CO_ASSERT_TRUE(took(bench, "list open") && took(bench, "why"));
  for (const auto& interaction : bench.sink.taken) {
    const bool reply = interaction.text == "why";
    EXPECT_EQ(interaction.channel, "C1");
    EXPECT_EQ(interaction.who.user, reply ? "U8" : "U7");
    EXPECT_EQ(interaction.thread_ref, reply ? root : "");
    if (!reply) EXPECT_EQ(interaction.key, "message/C1/" + top) << "as if the event had come";
  }
  co_await bench.stop();
}

ASYNC_TEST(SlackCatchUp, reads_the_direct_conversations_with_people_it_knows) {
  SlackBench bench(io);
  bench.options.channels = {"C1"};
  bench.options.people = {"U7", "U8", "U0GONE", "U9"};
  bench.fake.forget_user("U0GONE");
  const std::string direct = bench.fake.direct_with("U7");
  const std::string strangers = bench.fake.direct_with("U6");
  const std::string said = bench.fake.say("U7", direct, "list open");
  bench.fake.say("U6", strangers, "list open");
  const std::string last = bench.fake.direct_with("U9");
  bench.fake.say("U9", last, "whoami");
  bench.start();
  CO_ASSERT_TRUE(co_await settled(bench, 1));
  CO_ASSERT_TRUE(bench.sink.taken.size() == 2u);
  EXPECT_EQ(bench.sink.taken[0].text, "list open");
  EXPECT_EQ(bench.sink.taken[0].channel, direct);
  EXPECT_EQ(bench.sink.taken[0].key, "message/" + direct + "/" + said) << "as if the event had come";
  EXPECT_EQ(bench.sink.taken[1].text, "whoami");
  EXPECT_EQ(bench.fake.calls("conversations.open"), 4);
  EXPECT_EQ(bench.fake.calls("conversations.history"), 3) << "no conversation is begun only to look";
  co_await bench.stop();
}

ASYNC_TEST(SlackCatchUp, without_the_right_to_find_direct_conversations_the_channels_are_read) {
  SlackBench bench(io);
  bench.options.channels = {"C1"};
  bench.options.people = {"U7"};
  bench.fake.set_scopes("chat:write,channels:history");
  bench.fake.say("U7", "C1", to_us("list open"));
  bench.fake.say("U7", bench.fake.direct_with("U7"), "whoami");
  bench.start();
  CO_ASSERT_TRUE(co_await settled(bench, 1));
  EXPECT_TRUE(took(bench, "list open"));
  EXPECT_EQ(bench.sink.taken.size(), 1u);
  co_await bench.stop();
}

ASYNC_TEST(SlackCatchUp, a_start_reads_half_an_hour_and_the_inbox_knows_the_rest) {
  SlackBench bench(io);
  bench.options.channels = {"C1"};
  const std::string said = bench.fake.say("U7", "C1", to_us("list open"));
  bench.fake.say("U7", "C1", to_us("why C-3"));
  bench.sink.keys.insert("message/C1/" + said);
  bench.start();
  CO_ASSERT_TRUE(co_await settled(bench, 1));
  EXPECT_EQ(bench.sink.calls, 2);
  CO_ASSERT_TRUE(bench.sink.taken.size() == 1u);
  EXPECT_EQ(bench.sink.taken[0].text, "why C-3");
  co_await bench.stop();
}

ASYNC_TEST(SlackCatchUp, a_successor_that_came_in_time_leaves_no_gap) {
  SlackBench bench(io);
  bench.options.channels = {"C1"};
  bench.start();
  CO_ASSERT_TRUE(co_await settled(bench, 1));
  const int calls = bench.fake.calls("conversations.history");
  for (const uint64_t socket : bench.fake.socket_ids()) bench.fake.disconnect(socket, "refresh_requested", milliseconds(50));
  CO_EVENTUALLY(bench.fake.opened() >= 4 && bench.vedette->socket().connected() == 2);
  co_await sleep_for(milliseconds(30));
  EXPECT_EQ(bench.fake.calls("conversations.history"), calls);
  co_await bench.stop();
}

ASYNC_TEST(SlackCatchUp, reads_again_after_a_failure_and_waits_out_a_limit) {
  SlackBench bench(io);
  bench.options.channels = {"C0GONE", "C1"};
  bench.options.catch_up_again = milliseconds(50);
  bench.fake.forget_channel("C0GONE");
  bench.fake.say("U7", "C1", to_us("list open"));
  FakeFault broken;
  broken.method = "conversations.history";
  broken.kind = "500";
  bench.fake.add_fault(broken);
  bench.sink.failures = 1;
  bench.start();
  CO_EVENTUALLY(took(bench, "list open"));
  CO_ASSERT_TRUE(co_await settled(bench, 1));
  EXPECT_EQ(bench.sink.calls, 2) << "once refused by the disk, once taken";
  co_await bench.stop();
}

ASYNC_TEST(SlackCatchUp, a_gap_while_one_is_read_is_read_too) {
  SlackBench bench(io);
  bench.options.channels = {"C1"};
  FakeFault limit;
  limit.method = "conversations.history";
  limit.kind = "429";
  bench.fake.add_fault(limit);
  bench.start();
  CO_EVENTUALLY(bench.fake.calls("conversations.history") == 1 && bench.vedette->socket().connected() == 2);
  out_of_reach(bench);
  CO_EVENTUALLY(bench.vedette->socket().connected() == 0);
  CO_EVENTUALLY(bench.vedette->socket().connected() == 2);
  EXPECT_EQ(bench.vedette->catch_up().gaps(), 0u);
  CO_ASSERT_TRUE(co_await settled(bench, 2));
  EXPECT_EQ(bench.fake.calls("conversations.history"), 3) << "once refused, once for each gap";
  co_await bench.stop();
}

ASYNC_TEST(SlackCatchUp, a_missing_right_is_not_asked_about_for_ever) {
  SlackBench bench(io);
  bench.options.channels = {"C1"};
  bench.options.catch_up_again = milliseconds(10);
  FakeFault refused;
  refused.method = "conversations.history";
  refused.kind = "error:missing_scope";
  refused.times = 100;
  bench.fake.add_fault(refused);
  bench.start();
  CO_ASSERT_TRUE(co_await settled(bench, 1));
  co_await sleep_for(milliseconds(100));
  EXPECT_EQ(bench.fake.calls("conversations.history"), 1);
  co_await bench.stop();
}

// Where many are known, Slack's limits let no reading come to its end at once.
ASYNC_TEST(SlackCatchUp, goes_on_where_a_limit_broke_it_off) {
  SlackBench bench(io);
  bench.options.channels = {"C1", "C2", "C3"};
  bench.options.people = {"U7"};
  bench.options.catch_up_again = milliseconds(50);
  bench.options.catch_up_for = milliseconds(500);
  bench.fake.limit_method("conversations.history", 2, milliseconds(1200));
  for (const char* channel : {"C1", "C2", "C3"}) bench.fake.say("U7", channel, to_us(std::string("why ") + channel));
  bench.fake.say("U7", bench.fake.direct_with("U7"), "whoami");
  bench.start();
  const Deadline deadline = Deadline::after(milliseconds(10'000));
  while (bench.vedette->catch_up().gaps() == 0 && !deadline.passed()) co_await sleep_for(milliseconds(5));
  EXPECT_EQ(bench.vedette->catch_up().gaps(), 1u);
  std::vector<std::string> taken;
  for (const auto& interaction : bench.sink.taken) taken.push_back(interaction.text);
  EXPECT_EQ(taken, (std::vector<std::string>{"why C1", "why C2", "why C3", "whoami"}));
  EXPECT_EQ(bench.sink.calls, 4) << "nothing is read twice";
  co_await bench.stop();
}

ASYNC_TEST(SlackCatchUp, a_place_that_cannot_be_read_keeps_no_other_from_it) {
  SlackBench bench(io);
  bench.options.channels = {"C1", "C2"};
  bench.options.catch_up_again = milliseconds(50);
  FakeFault broken;
  broken.method = "conversations.history";
  broken.kind = "500";
  bench.fake.add_fault(broken);
  for (const char* channel : {"C1", "C2"}) bench.fake.say("U7", channel, to_us(std::string("why ") + channel));
  bench.start();
  CO_ASSERT_TRUE(co_await settled(bench, 1));
  CO_ASSERT_TRUE(bench.sink.taken.size() == 2u);
  EXPECT_EQ(bench.sink.taken[0].text, "why C2");
  EXPECT_EQ(bench.fake.calls("conversations.history"), 3);
  co_await bench.stop();
}

ASYNC_TEST(SlackCatchUp, waits_out_a_limit) {
  SlackBench bench(io);
  bench.options.channels = {"C1"};
  bench.options.catch_up_again = std::chrono::hours(1);
  bench.fake.say("U7", "C1", to_us("list open"));
  FakeFault limit;
  limit.method = "conversations.history";
  limit.kind = "429";
  bench.fake.add_fault(limit);
  bench.start();
  CO_EVENTUALLY(took(bench, "list open"));
  co_await bench.stop();
}

TEST(SlackTimestamp, reads_what_it_writes_and_nothing_else) {
  for (const int64_t micros : {int64_t{0}, int64_t{1}, int64_t{1'710'000'000'000'100}})
    EXPECT_EQ(from_micros(micros), slack::from_ts(slack::to_ts(from_micros(micros))));
  EXPECT_EQ(slack::to_ts(from_micros(1'710'000'000'000'100)), "1710000000.000100");
  for (const char* bad : {"", ".", "1", "x.000000", "1.5", "-1.000000", "1.-00001", "99999999999999.000000", "1.0000000"})
    EXPECT_EQ(slack::from_ts(bad).has_value(), std::string_view(bad) == "1") << bad;
}

}  // namespace
}  // namespace vedette::test

// What Slack does on a bad day, against the fake Slack: sockets refused, ended and answered by nobody, events lost and
// repeated, answers that get lost, calls that are too many.

#include "tests/integration/slack/office.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;

bool took(const SlackBench& bench, const std::string& text) {
  return std::any_of(bench.sink.taken.begin(), bench.sink.taken.end(),
                     [&](const auto& interaction) { return interaction.text == text; });
}

// ---- sockets

ASYNC_TEST(SlackFaults, every_refused_handshake_is_tried_again) {
  for (const int status : {404, 408, 409, 429, 500, 503}) {
    SlackBench bench(io);
    bench.options.sockets = 1;
    bench.fake.refuse_upgrades(2, status);
    bench.start();
    EXPECT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(3000))) << status;
    EXPECT_EQ(bench.vedette->socket().counts().failed, 2u) << status;
    EXPECT_EQ(bench.fake.calls("apps.connections.open"), 3) << status << ": each address is for one try";
    EXPECT_TRUE(bench.refused.empty()) << status << ": the network's fault, not a person's";
    co_await bench.stop();
  }
}

// Each envelope goes to any one socket, and counts as acknowledged only there.
ASYNC_TEST(SlackFaults, envelopes_come_by_any_of_one_to_four_sockets) {
  for (size_t count = 1; count <= 4; ++count) {
    SlackBench bench(io);
    bench.options.sockets = count;
    bench.start();
    CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(count, milliseconds(3000)));
    std::vector<size_t> handles;
    std::set<uint64_t> used;
    for (int n = 0; n < 60; ++n) {
      handles.push_back(bench.fake.slash("U7", "C1", "show C-" + std::to_string(n)));
      used.insert(bench.fake.envelope(handles.back()).socket);
    }
    for (const size_t handle : handles) EXPECT_TRUE(co_await bench.fake.wait_acked(handle, milliseconds(3000)));
    EXPECT_EQ(used.size(), count) << "all of them were used";
    EXPECT_EQ(bench.fake.opened(), count);
    EXPECT_EQ(bench.sink.taken.size(), handles.size());
    co_await bench.stop();
  }
}

ASYNC_TEST(SlackFaults, too_many_websockets_on_a_living_link_waits_and_the_other_goes_on) {
  SlackBench bench(io);
  bench.options.channels = {"C1"};
  bench.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
  CO_EVENTUALLY(bench.vedette->socket().connected() == 2 && bench.vedette->catch_up().gaps() == 1);
  const auto began = std::chrono::steady_clock::now();
  const int calls = bench.fake.calls("apps.connections.open");
  bench.fake.disconnect(bench.fake.socket_ids().front(), "too_many_websockets", milliseconds(0));
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(1, milliseconds(1000)));
  const size_t handle = bench.fake.slash("U7", "C1", "list");
  EXPECT_TRUE(co_await bench.fake.wait_acked(handle, milliseconds(1000)));
  CO_EVENTUALLY(bench.fake.calls("apps.connections.open") > calls);
  EXPECT_GE(std::chrono::steady_clock::now() - began, bench.options.too_many_wait);
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(1000)));
  EXPECT_EQ(bench.fake.time_without_socket().count(), 0);
  // All of them: nothing is there for a while, and what was said then is read afterwards.
  for (const uint64_t socket : bench.fake.socket_ids())
    bench.fake.disconnect(socket, "too_many_websockets", milliseconds(0));
  CO_EVENTUALLY(bench.vedette->socket().connected() == 0);
  bench.fake.say("U7", "C1", "<@U0BOT> why C-3");
  CO_EVENTUALLY(took(bench, "why C-3"));
  co_await bench.stop();
}

// Acknowledges everything with an answer that Slack would end the link for.
class LongWinded final : public slack::EnvelopeTaker {
 public:
  Async<std::string> take(slack::Envelope) override { co_return "{\"text\":\"" + std::string(30'000, 'x') + "\"}"; }
};

ASYNC_TEST(SlackFaults, no_acknowledgement_is_longer_than_slack_takes) {
  SlackBench bench(io);
  slack::WebApi api(*bench.http, system_clock(), bench.options);
  LongWinded taker;
  slack::SocketMode socket(io, api, taker, bench.options);
  socket.start();
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
  for (int n = 0; n < 5; ++n) {
    const size_t handle = bench.fake.slash("U7", "C1", "list");
    EXPECT_TRUE(co_await bench.fake.wait_acked(handle, milliseconds(1000)));
    EXPECT_LT(bench.fake.envelope(handle).ack.size(), 20'480u);
  }
  EXPECT_EQ(bench.fake.opened(), 2u) << "a link was ended for it";
  co_await socket.stop(within(2000));
  co_await bench.stop();
}

// ---- events that get lost

ASYNC_TEST(SlackFaults, what_ghosts_swallow_is_told_and_caught_up) {
  FakeSlackOptions fake;
  fake.retry_after = milliseconds(20);
  SlackBench bench(io, fake);
  bench.options.channels = {"C1"};
  bench.start();
  CO_EVENTUALLY(bench.vedette->socket().connected() == 2 && bench.vedette->catch_up().gaps() == 1);
  const auto posted = co_await bench.vedette->platform().deliver(bench.outgoing("k", "Card"), within(2000));
  CO_ASSERT_OK(posted);
  bench.fake.set_ghosts(100'000, true);  // every envelope goes to one of them
  const size_t mention = bench.fake.mention("U7", "C1", "why C-3");
  const auto click = bench.fake.click("U7", "C1", *posted, "ack C-1");
  CO_ASSERT_TRUE(click.has_value());
  CO_EVENTUALLY(bench.fake.envelope(mention).swallowed == 4);
  EXPECT_FALSE(bench.fake.envelope(mention).acked || bench.fake.envelope(*click).acked);
  EXPECT_TRUE(bench.sink.taken.empty());
  // A new hello tells of them.
  bench.fake.disconnect(bench.fake.socket_ids().front(), "refresh_requested", milliseconds(0));
  CO_EVENTUALLY(bench.ghosts == 1);
  CO_EVENTUALLY(took(bench, "why C-3"));
  EXPECT_FALSE(took(bench, "ack C-1")) << "a press cannot be found again: that is why they are told to type";
  // As long as they are there, what is typed is found.
  bench.fake.mention("U7", "C1", "ack C-1");
  CO_EVENTUALLY(took(bench, "ack C-1"));
  EXPECT_EQ(bench.fake.time_without_socket().count(), 0) << "no gap that would have been read anyway";
  // And once more when they are gone, but then no more.
  bench.fake.mention("U7", "C1", "list open");
  bench.fake.set_ghosts(0);
  CO_EVENTUALLY(bench.ghosts_gone == 1 && took(bench, "list open"));
  const uint64_t looks = bench.vedette->catch_up().looks();
  co_await sleep_for(bench.options.ghost_recheck * 3);
  EXPECT_LE(bench.vedette->catch_up().looks(), looks + 1);
  EXPECT_EQ(bench.sink.taken.size(), 3u);
  co_await bench.stop();
}

// app_rate_limited has no inner event; what happened in that minute is never sent.
ASYNC_TEST(SlackFaults, what_slack_holds_back_is_read_when_the_minute_is_over) {
  SlackBench bench(io);
  bench.options.channels = {"C1"};
  bench.options.held_back = milliseconds(150);
  bench.start();
  CO_EVENTUALLY(bench.vedette->socket().connected() == 2 && bench.vedette->catch_up().gaps() == 1);
  const int calls = bench.fake.calls("conversations.history");
  const auto began = std::chrono::steady_clock::now();
  const json limited = {{"type", "app_rate_limited"},
                        {"team_id", kFakeTeam},
                        {"minute_rate_limited", 1'518'467'820},
                        {"api_app_id", kFakeApp}};
  const size_t handle = bench.fake.send("events_api", limited);
  EXPECT_TRUE(co_await bench.fake.wait_acked(handle, milliseconds(1000)));
  bench.fake.say("U7", "C1", "<@U0BOT> list open");
  CO_EVENTUALLY(took(bench, "list open"));
  EXPECT_GE(std::chrono::steady_clock::now() - began, bench.options.held_back);
  EXPECT_EQ(bench.fake.calls("conversations.history"), calls + 1);
  // One such minute after the other: each is read.
  const size_t second = bench.fake.send("events_api", limited);
  EXPECT_TRUE(co_await bench.fake.wait_acked(second, milliseconds(1000)));
  co_await sleep_for(milliseconds(100));
  const size_t third = bench.fake.send("events_api", limited);
  EXPECT_TRUE(co_await bench.fake.wait_acked(third, milliseconds(1000)));
  CO_EVENTUALLY(bench.vedette->catch_up().looks() == 2);
  bench.fake.say("U7", "C1", "<@U0BOT> help");
  CO_EVENTUALLY(took(bench, "help"));
  co_await bench.stop();
}

// ---- events that come more than once, or in another order

ASYNC_TEST(SlackFaults, a_mention_that_comes_thirteen_times_is_carried_out_once) {
  Office office(io);
  auto& fake = office.bench.fake;
  CO_ASSERT_OK(co_await office.opened_case());
  CO_ASSERT_TRUE(co_await office.start());
  fake.repeat_events(11);
  const size_t before = fake.envelopes();
  fake.mention("U7", "C1", "note C-1 looked at it");
  CO_ASSERT_TRUE(fake.envelopes() == before + 13);
  for (size_t handle = before; handle < fake.envelopes(); ++handle) {
    EXPECT_TRUE(co_await fake.wait_acked(handle, milliseconds(2000)));
    CO_ASSERT_OK(co_await office.router->work_off());
  }
  const auto view = co_await office.store->cases().view(CaseId(1));
  CO_ASSERT_OK(view);
  const auto notes = std::count_if(view->notes.begin(), view->notes.end(),
                                   [](const CaseNote& note) { return note.text == "looked at it"; });
  EXPECT_EQ(notes, 1);
  EXPECT_EQ(office.vedette->inbound().counts().repeated, 12u);
  co_await office.stop();
}

// Added a moment before it was removed, and so on, whatever comes first.
ASYNC_TEST(SlackFaults, reactions_count_in_the_order_in_which_they_were_made) {
  Office office(io);
  auto& fake = office.bench.fake;
  CO_ASSERT_OK(co_await office.judged_case());
  CO_ASSERT_TRUE(co_await office.start());
  CO_ASSERT_OK(co_await office.say("case/1/root", "the case"));
  CO_EVENTUALLY(fake.messages().size() == 1);
  const std::string root = fake.messages()[0].ts;
  struct Step {
    const char* at;  // when it was made; they come in this order
    const char* emoji;
    bool added;
    int good, bad;
  };
  const Step steps[] = {{"1710000002.000000", "+1", false, 0, 0}, {"1710000001.000000", "+1", true, 0, 0},
                        {"1710000004.000000", "+1", true, 1, 0},  {"1710000003.000000", "+1", false, 1, 0},
                        {"1710000003.500000", "-1", true, 1, 0},  {"1710000003.600000", "-1", false, 1, 0},
                        {"1710000005.000000", "-1", true, 0, 1},  {"1710000004.500000", "+1", false, 0, 1},
                        {"1710000006.000000", "-1", false, 0, 0}};
  for (const auto& step : steps) {
    json event = {{"type", step.added ? "reaction_added" : "reaction_removed"},
                  {"user", "U7"},
                  {"reaction", step.emoji},
                  {"item_user", kFakeBotUser},
                  {"item", {{"type", "message"}, {"channel", "C1"}, {"ts", root}}},
                  {"event_ts", step.at}};
    const size_t handle =
        fake.send("events_api", {{"type", "event_callback"}, {"team_id", kFakeTeam}, {"event", std::move(event)}});
    EXPECT_TRUE(co_await fake.wait_acked(handle, milliseconds(2000)));
    CO_ASSERT_OK(co_await office.router->work_off());
    const auto record = co_await office.store->cases().get(CaseId(1));
    CO_ASSERT_OK(record);
    EXPECT_EQ(record->good, step.good) << step.at;
    EXPECT_EQ(record->bad, step.bad) << step.at;
  }
  co_await office.stop();
}

// ---- answers that get lost, calls that are too many

ASYNC_TEST(SlackFaults, an_edit_whose_answer_was_lost_ends_as_the_last_one_wanted) {
  for (const char* kind : {"store_then_500", "500"}) {
    Office office(io);
    auto& fake = office.bench.fake;
    CO_ASSERT_TRUE(co_await office.start());
    CO_ASSERT_OK(co_await office.say("case/1/root", "first"));
    CO_EVENTUALLY(fake.messages().size() == 1);
    fake.add_fault({"chat.update", kind, 1, 0, {}});
    CO_ASSERT_OK(co_await office.say("case/1/root", "second"));
    CO_EVENTUALLY(fake.calls("chat.update") == 2);
    CO_EVENTUALLY(fake.messages()[0].text == "second");
    CO_ASSERT_OK(co_await office.say("case/1/root", "third"));
    CO_EVENTUALLY(fake.messages()[0].text == "third");
    EXPECT_EQ(fake.messages().size(), 1u) << kind << ": an edit became a post";
    EXPECT_EQ(office.delivery->health().failed, 0) << kind;
    co_await office.stop();
  }
}

// The form is open in Slack, and we do not know it. The trigger cannot be used again: the press is answered in words, and
// the form, which the person does see, works all the same.
ASYNC_TEST(SlackFaults, a_form_whose_opening_was_not_answered_still_works) {
  SlackBench bench(io);
  commands::CommandForms forms(&system_clock());
  bench.start();
  bench.vedette->offer(forms);
  CO_ASSERT_TRUE(co_await bench.fake.wait_sockets(2, milliseconds(3000)));
  chat::Outgoing card = bench.outgoing("k", "C-3");
  card.card.blocks = {chat::Buttons{{{"Close…", "close C-3", {}, ""}}}};
  const auto posted = co_await bench.vedette->platform().deliver(std::move(card), within(2000));
  CO_ASSERT_OK(posted);
  bench.fake.add_fault({"views.open", "store_then_500", 1, 0, {}});
  const auto click = bench.fake.click("U7", "C1", *posted, "close C-3");
  CO_ASSERT_TRUE(click.has_value());
  EXPECT_TRUE(co_await bench.fake.wait_acked(*click, milliseconds(3000)));
  EXPECT_EQ(bench.fake.calls("views.open"), 1) << "exchanged_trigger_id would be all that comes of another";
  CO_ASSERT_TRUE(bench.sink.taken.size() == 1u);
  EXPECT_EQ(bench.sink.taken[0].text, "close C-3") << "which answers how to close and closes nothing";
  CO_ASSERT_TRUE(bench.fake.views().size() == 1u);
  const std::map<std::string, std::string> values = {{"how", "fp"}, {"reason", "our own scan"}};
  const auto sent = bench.fake.submit_view("U7", bench.fake.views().begin()->first, values);
  CO_ASSERT_TRUE(sent.has_value());
  EXPECT_TRUE(co_await bench.fake.wait_acked(*sent, milliseconds(3000)));
  EXPECT_TRUE(took(bench, "close C-3 fp our own scan"));
  EXPECT_TRUE(bench.fake.views().empty());
  co_await bench.stop();
}

// Far more to say than Slack takes at once: all of it is said, once, a thread's replies behind their root and in their
// order, nobody calls before the time Slack named, and what is urgent does not wait for what is not.
ASYNC_TEST(SlackFaults, a_storm_of_429_loses_and_repeats_nothing) {
  Office office(io);
  auto& fake = office.bench.fake;
  chat::DeliveryOptions options;
  options.retry_first = milliseconds(10);
  options.poll = milliseconds(50);
  office.delivery = std::make_unique<chat::Delivery>(io, *office.store, office.vedette->platform(), system_clock(), options);
  fake.limit_method("chat.postMessage", 6, milliseconds(1000));
  const int threads = 3, replies = 5;
  const auto message_of = [](const std::string& slot, const std::string& channel, const std::string& thread, Lane lane) {
    OutboxMessage message;
    message.slot = slot;
    message.platform = "slack";
    message.channel = channel;
    message.thread_of = thread;
    message.lane = lane;
    chat::Card card;
    card.summary = slot;
    card.blocks = {chat::Heading{slot, {}}};
    message.card = to_json(card);
    return message;
  };
  std::vector<OutboxMessage> all;
  for (int thread = 0; thread < threads; ++thread) {
    const std::string channel = "C" + std::to_string(thread);
    const std::string root = "case/" + std::to_string(thread) + "/root";
    all.push_back(message_of(root, channel, "", Lane::update));
    for (int reply = 0; reply < replies; ++reply)
      all.push_back(message_of("case/" + std::to_string(thread) + "/" + std::to_string(reply), channel, root, Lane::update));
  }
  CO_ASSERT_OK(co_await office.store->outbox().put(all));
  CO_ASSERT_TRUE(co_await office.start());
  CO_EVENTUALLY(fake.calls("chat.postMessage") > 6);  // the storm is there
  co_await sleep_for(milliseconds(150));
  // Into a channel where nobody was refused: the wait is the method's all the same.
  std::vector<OutboxMessage> late = {message_of("case/9/root", "C0", "", Lane::page),
                                     message_of("case/8/root", "C8", "", Lane::update)};
  const size_t wanted_messages = all.size() + late.size();
  CO_ASSERT_OK(co_await office.store->outbox().put(std::move(late)));
  const Deadline deadline = within(20'000);
  while (fake.messages().size() < wanted_messages && !deadline.passed()) co_await sleep_for(milliseconds(10));
  CO_ASSERT_TRUE(fake.messages().size() == wanted_messages);
  std::map<std::string, std::vector<std::string>> said;  // by channel, in the order posted
  for (const auto& message : fake.messages()) said[message.channel].push_back(message.text);
  for (int thread = 0; thread < threads; ++thread) {
    auto posted = said["C" + std::to_string(thread)];
    if (thread == 0) {
      const auto page = std::find(posted.begin(), posted.end(), "case/9/root");
      CO_ASSERT_TRUE(page != posted.end());
      EXPECT_NE(posted.back(), "case/9/root") << "it waited behind all the rest";
      posted.erase(page);
    }
    std::vector<std::string> wanted = {"case/" + std::to_string(thread) + "/root"};
    for (int reply = 0; reply < replies; ++reply)
      wanted.push_back("case/" + std::to_string(thread) + "/" + std::to_string(reply));
    EXPECT_EQ(posted, wanted);
  }
  EXPECT_GT(fake.calls("chat.postMessage"), static_cast<int>(wanted_messages)) << "there was no storm";
  EXPECT_EQ(fake.impatient(), 0) << "called before the end of a Retry-After";
  EXPECT_EQ(office.delivery->health().failed, 0);
  co_await office.stop();
}

}  // namespace
}  // namespace vedette::test

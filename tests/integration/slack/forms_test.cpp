// Buttons that ask: modals from the press to the command that comes of them.

#include "bot/intake/pipeline.hpp"
#include "tests/integration/slack/office.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;

// A case's card as the presenter posts it, and what people do with it.
struct Desk {
  explicit Desk(Executor io) : bench(io) {}

  boost::asio::awaitable<bool> start() {
    bench.start();
    bench.vedette->offer(forms);
    const bool there = co_await bench.fake.wait_sockets(2, milliseconds(3000));
    chat::Outgoing card;
    card.channel = "C1";
    card.key = "case/3/root";
    card.card.summary = "C-3";
    card.card.blocks = {chat::Buttons{{{"Close…", "close C-3", {}, ""}, {"Ack", "ack C-3", {}, ""}}},
                        chat::Thumbs{"good C-3", "bad C-3"}};
    const auto posted = co_await bench.vedette->platform().deliver(std::move(card), within(2000));
    if (posted) root = *posted;
    co_return there&& posted;
  }

  // Presses and waits for the acknowledgement.
  boost::asio::awaitable<bool> press(std::string command) {
    const auto handle = bench.fake.click("U7", "C1", root, command);
    if (!handle) co_return false;
    last = *handle;
    co_return co_await bench.fake.wait_acked(last, milliseconds(3000));
  }
  std::string view() const { return bench.fake.views().empty() ? "" : bench.fake.views().rbegin()->first; }
  bool submit(const std::map<std::string, std::string>& values) {
    const auto handle = bench.fake.submit_view("U7", view(), values);
    if (handle) last = *handle;
    return handle.has_value();
  }
  boost::asio::awaitable<bool> acked() { co_return co_await bench.fake.wait_acked(last, milliseconds(3000)); }
  json ack() const { return json::parse(bench.fake.envelope(last).ack); }
  int private_words(const std::string& words) const {
    int count = 0;
    for (const auto& message : bench.fake.messages()) {
      count += message.only_for == "U7" && message.text.find(words) != std::string::npos ? 1 : 0;
    }
    return count;
  }

  SlackBench bench;
  commands::CommandForms forms;
  std::string root;
  size_t last = 0;
};

ASYNC_TEST(SlackModals, close_asks_and_its_answer_is_the_typed_command) {
  Desk desk(io);
  CO_ASSERT_TRUE(co_await desk.start());
  CO_ASSERT_TRUE(co_await desk.press("close C-3"));
  CO_ASSERT_TRUE(desk.bench.fake.views().size() == 1u);
  EXPECT_TRUE(desk.bench.sink.taken.empty());  // nothing is done before it is sent
  CO_ASSERT_TRUE(desk.submit({{"how", "fp"}, {"reason", "scan by\nour own team"}}));
  CO_ASSERT_TRUE(co_await desk.acked());
  CO_ASSERT_TRUE(desk.bench.sink.taken.size() == 1u);
  const auto& taken = desk.bench.sink.taken[0];
  EXPECT_EQ(taken.text, "close C-3 fp scan by\nour own team");
  EXPECT_EQ(taken.channel, "C1");
  EXPECT_EQ(taken.thread_ref, desk.root);
  EXPECT_EQ(taken.who.text(), Identity("slack", kFakeTeam, "U7").text());
  EXPECT_FALSE(taken.button);
  EXPECT_FALSE(desk.ack().contains("payload"));
  EXPECT_TRUE(desk.bench.fake.views().empty());
  // The commit came first.
  EXPECT_LE(desk.bench.sink.last_commit, *desk.bench.fake.envelope(desk.last).acked);
  // Delivered once more, it is the same.
  desk.bench.fake.send_again(desk.last);
  CO_EVENTUALLY(desk.bench.vedette->inbound().counts().repeated == 1);
  EXPECT_EQ(desk.bench.sink.taken.size(), 1u);
  // Buttons that ask nothing are as before.
  CO_ASSERT_TRUE(co_await desk.press("ack C-3"));
  CO_ASSERT_TRUE(desk.bench.sink.taken.size() == 2u);
  EXPECT_EQ(desk.bench.fake.calls("views.open"), 1);
  co_await desk.bench.stop();
}

ASYNC_TEST(SlackModals, a_press_that_comes_twice_opens_one_form) {
  Desk desk(io);
  CO_ASSERT_TRUE(co_await desk.start());
  CO_ASSERT_TRUE(co_await desk.press("close C-3"));
  desk.bench.fake.send_again(desk.last);
  CO_EVENTUALLY(desk.bench.vedette->inbound().counts().forms == 2);
  EXPECT_EQ(desk.bench.fake.calls("views.open"), 1);
  EXPECT_TRUE(desk.bench.sink.taken.empty());
  co_await desk.bench.stop();
}

ASYNC_TEST(SlackModals, what_is_wrong_is_said_in_the_form) {
  Desk desk(io);
  CO_ASSERT_TRUE(co_await desk.start());
  CO_ASSERT_TRUE(co_await desk.press("close C-3"));
  CO_ASSERT_TRUE(desk.submit({{"reason", "no ending chosen"}}));
  CO_ASSERT_TRUE(co_await desk.acked());
  EXPECT_EQ(desk.ack()["payload"]["response_action"], "errors");
  EXPECT_TRUE(desk.ack()["payload"]["errors"].contains("how"));
  EXPECT_TRUE(desk.bench.sink.taken.empty());
  CO_ASSERT_TRUE(desk.bench.fake.views().size() == 1u);  // it stays open, and is sent again
  // Whom Slack does not vouch for learns it there too.
  desk.bench.fake.set_user("U7", {{"deleted", true}});
  CO_ASSERT_TRUE(desk.submit({{"how", "fp"}}));
  CO_ASSERT_TRUE(co_await desk.acked());
  EXPECT_NE(desk.ack().dump().find("deactivated"), std::string::npos) << desk.ack().dump();
  EXPECT_TRUE(desk.bench.sink.taken.empty());
  co_await desk.bench.stop();
}

ASYNC_TEST(SlackModals, a_form_that_cannot_be_stored_is_not_acknowledged) {
  Desk desk(io);
  CO_ASSERT_TRUE(co_await desk.start());
  CO_ASSERT_TRUE(co_await desk.press("close C-3"));
  desk.bench.sink.failures = 1;
  const auto handle = desk.bench.fake.submit_view("U7", desk.view(), {{"how", "fp"}});
  CO_ASSERT_TRUE(handle.has_value());
  CO_EVENTUALLY(desk.bench.vedette->socket().counts().withheld == 1);
  EXPECT_FALSE(desk.bench.fake.envelope(*handle).acked);
  EXPECT_EQ(desk.bench.fake.views().size(), 1u);  // the person sends it again
  CO_ASSERT_TRUE(desk.submit({{"how", "fp"}}));
  CO_ASSERT_TRUE(co_await desk.acked());
  EXPECT_EQ(desk.bench.sink.taken.size(), 1u);
  co_await desk.bench.stop();
}

ASYNC_TEST(SlackModals, a_closed_form_does_nothing) {
  Desk desk(io);
  CO_ASSERT_TRUE(co_await desk.start());
  CO_ASSERT_TRUE(co_await desk.press("close C-3"));
  const auto handle = desk.bench.fake.close_view("U7", desk.view());
  CO_ASSERT_TRUE(handle.has_value());
  EXPECT_TRUE(co_await desk.bench.fake.wait_acked(*handle, milliseconds(2000)));
  EXPECT_TRUE(desk.bench.sink.taken.empty());
  co_await desk.bench.stop();
}

ASYNC_TEST(SlackModals, without_a_form_the_press_is_carried_out_as_it_stands) {
  const char* faults[] = {"error:missing_scope", "error:expired_trigger_id", "500", "429", "hang"};
  for (const char* fault : faults) {
    Desk desk(io);
    desk.bench.options.ack_wait = milliseconds(300);
    CO_ASSERT_TRUE(co_await desk.start());
    desk.bench.fake.add_fault({"views.open", fault, 1, 1, milliseconds(1500)});
    CO_ASSERT_TRUE(co_await desk.press("close C-3"));
    CO_ASSERT_TRUE(desk.bench.sink.taken.size() == 1u);
    EXPECT_EQ(desk.bench.sink.taken[0].text, "close C-3") << fault;
    EXPECT_TRUE(desk.bench.sink.taken[0].button);
    co_await desk.bench.stop();
  }
}

ASYNC_TEST(SlackModals, a_thumb_down_is_recorded_at_once_and_asks_why) {
  Desk desk(io);
  CO_ASSERT_TRUE(co_await desk.start());
  CO_ASSERT_TRUE(co_await desk.press("bad C-3"));
  CO_ASSERT_TRUE(desk.bench.sink.taken.size() == 1u);
  EXPECT_EQ(desk.bench.sink.taken[0].text, "bad C-3");
  CO_EVENTUALLY(desk.bench.fake.views().size() == 1);
  CO_ASSERT_TRUE(desk.submit({{"kind", "evidence"}, {"words", "the VPN log"}}));
  CO_ASSERT_TRUE(co_await desk.acked());
  CO_ASSERT_TRUE(desk.bench.sink.taken.size() == 2u);
  EXPECT_EQ(desk.bench.sink.taken[1].text, "bad C-3 missed evidence: the VPN log");
  EXPECT_EQ(desk.bench.sink.taken[1].thread_ref, desk.root);
  // Where no form comes, the thumb counts all the same, and how to type the rest is said to this person alone.
  desk.bench.fake.add_fault({"views.open", "error:expired_trigger_id", 1, 0, {}});
  CO_ASSERT_TRUE(co_await desk.press("bad C-3"));
  EXPECT_EQ(desk.bench.sink.taken.size(), 3u);
  CO_EVENTUALLY(desk.private_words("type it instead: bad C-3") == 1);
  co_await desk.bench.stop();
}

ASYNC_TEST(SlackModals, a_late_trigger_opens_nothing) {
  Desk desk(io);
  CO_ASSERT_TRUE(co_await desk.start());
  desk.bench.fake.prefer_socket(desk.bench.fake.socket_ids()[0]);
  const auto handle = desk.bench.fake.click("U7", "C1", desk.root, "close C-3");
  CO_ASSERT_TRUE(handle.has_value());
  desk.bench.fake.age_triggers();
  EXPECT_TRUE(co_await desk.bench.fake.wait_acked(*handle, milliseconds(2000)));
  EXPECT_TRUE(desk.bench.fake.views().empty());
  EXPECT_EQ(desk.bench.sink.taken.size(), 1u);
  co_await desk.bench.stop();
}

ASYNC_TEST(SlackModals, closing_by_form_closes_the_case_and_says_so_in_its_thread) {
  Office office(io);
  CO_ASSERT_OK(co_await office.awaited_action());
  CO_ASSERT_TRUE(co_await office.start());
  CO_ASSERT_OK(co_await office.say_card("case/1/root", "close C-1"));
  CO_EVENTUALLY(office.bench.fake.messages().size() == 1);
  const std::string root = office.bench.fake.messages()[0].ts;
  const auto pressed = office.bench.fake.click("U7", "C1", root, "close C-1");
  CO_ASSERT_TRUE(pressed.has_value());
  CO_EVENTUALLY(office.bench.fake.views().size() == 1);
  const std::string view = office.bench.fake.views().begin()->first;
  // Somebody the directory does not know may send it; it is refused like a typed command.
  const auto stranger = office.bench.fake.submit_view("U99", view, {{"how", "fp"}});
  CO_ASSERT_TRUE(stranger.has_value());
  EXPECT_TRUE(co_await office.bench.fake.wait_acked(*stranger, milliseconds(2000)));
  CO_ASSERT_OK(co_await office.router->work_off());
  CO_EVENTUALLY(office.seen("I don't know you yet") == 1);
  auto record = co_await office.store->cases().get(CaseId(1));
  CO_ASSERT_OK(record);
  EXPECT_NE(record->status, CaseStatus::closed);

  const auto again = office.bench.fake.click("U7", "C1", root, "close C-1");
  CO_ASSERT_TRUE(again.has_value());
  CO_EVENTUALLY(office.bench.fake.views().size() == 1);
  const std::string second = office.bench.fake.views().begin()->first;
  const auto sent = office.bench.fake.submit_view("U7", second, {{"how", "btp"}, {"reason", "the yearly scan"}});
  CO_ASSERT_TRUE(sent.has_value());
  EXPECT_TRUE(co_await office.bench.fake.wait_acked(*sent, milliseconds(2000)));
  CO_ASSERT_OK(co_await office.router->work_off());
  record = co_await office.store->cases().get(CaseId(1));
  CO_ASSERT_OK(record);
  EXPECT_EQ(record->status, CaseStatus::closed);
  EXPECT_EQ(record->closing_reason, "the yearly scan");
  CO_EVENTUALLY(office.seen("C-1 is closed as") == 1);
  const auto& said = office.bench.fake.messages().back();
  EXPECT_EQ(said.thread_ts, root);
  EXPECT_EQ(said.only_for, "");
  co_await office.stop();
}

ASYNC_TEST(SlackShortcuts, a_message_is_investigated_and_answered_privately) {
  Office office(io);
  intake::Pipeline pipeline(io, *office.store);
  office.jobs.spawn("pipeline", pipeline.run());
  CO_ASSERT_TRUE(co_await office.start());
  const std::string ts = office.bench.fake.say("U5", "C1", "Odd sign-in from <http://203.0.113.7/x|our portal> &amp; more");
  const size_t pressed = office.bench.fake.shortcut("U7", "investigate_message", "C1", ts);
  EXPECT_TRUE(co_await office.bench.fake.wait_acked(pressed, milliseconds(2000)));
  CO_ASSERT_OK(co_await office.router->work_off());
  CO_EVENTUALLY(office.seen("I am looking into it: C-1.") == 1);
  EXPECT_EQ(office.bench.fake.messages().back().only_for, "U7");
  const auto alert = co_await office.store->alerts().get(AlertId(1));
  CO_ASSERT_OK(alert);
  EXPECT_EQ(alert->title, "Odd sign-in from our portal (http://203.0.113.7/x) & more");
  EXPECT_EQ(alert->dedup_key, "slack/message/C1/" + ts);
  // Another person about the same message: the same case.
  const size_t again = office.bench.fake.shortcut("U8", "investigate_message", "C1", ts);
  EXPECT_TRUE(co_await office.bench.fake.wait_acked(again, milliseconds(2000)));
  CO_ASSERT_OK(co_await office.router->work_off());
  CO_EVENTUALLY(office.seen("it is C-1.") == 1);
  // One of another kind is not ours, and a message without words is said to be one.
  const size_t foreign = office.bench.fake.shortcut("U7", "declare_incident", "C1", ts);
  EXPECT_TRUE(co_await office.bench.fake.wait_acked(foreign, milliseconds(2000)));
  const size_t empty = office.bench.fake.shortcut("U7", "investigate_message", "C1", "1.2");
  EXPECT_TRUE(co_await office.bench.fake.wait_acked(empty, milliseconds(2000)));
  CO_EVENTUALLY(office.seen("nothing in this message that I can read") == 1);
  const auto coverage = co_await office.store->alerts().coverage();
  CO_ASSERT_OK(coverage);
  EXPECT_EQ(coverage->received, 1);
  co_await office.stop();
}

ASYNC_TEST(SlackShortcuts, typed_text_is_investigated_and_answered_in_the_direct_conversation) {
  Office office(io);
  intake::Pipeline pipeline(io, *office.store);
  office.jobs.spawn("pipeline", pipeline.run());
  CO_ASSERT_TRUE(co_await office.start());
  const size_t pressed = office.bench.fake.shortcut("U7", "investigate_text");
  EXPECT_TRUE(co_await office.bench.fake.wait_acked(pressed, milliseconds(2000)));
  CO_ASSERT_TRUE(office.bench.fake.views().size() == 1u);
  const std::string view = office.bench.fake.views().begin()->first;
  const auto sent = office.bench.fake.submit_view("U7", view, {{"text", "--host: web-01"}});
  CO_ASSERT_TRUE(sent.has_value());
  EXPECT_TRUE(co_await office.bench.fake.wait_acked(*sent, milliseconds(2000)));
  CO_ASSERT_OK(co_await office.router->work_off());
  CO_EVENTUALLY(office.seen("I am looking into it: C-1.") == 1);
  EXPECT_EQ(office.bench.fake.messages().back().channel, "DU7");
  EXPECT_EQ(office.bench.fake.calls("chat.postEphemeral"), 0);
  // Where the form cannot be shown, they are told how to type it.
  office.bench.fake.add_fault({"views.open", "error:missing_scope", 1, 0, {}});
  const size_t late = office.bench.fake.shortcut("U7", "investigate_text");
  EXPECT_TRUE(co_await office.bench.fake.wait_acked(late, milliseconds(2000)));
  CO_EVENTUALLY(office.seen("type it instead: investigate") == 1);
  co_await office.stop();
}

}  // namespace
}  // namespace vedette::test

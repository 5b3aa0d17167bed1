// Answers to questions asked in the open: streamed, whole, once; and what becomes of them when Slack or we break off.

#include "tests/integration/slack/office.hpp"

namespace vedette::test {
namespace {

const FakeMessage* answer_in(const FakeSlack& fake, const std::string& thread) {
  for (const auto& message : fake.messages()) {
    if (message.thread_ts == thread && message.bot_id == kFakeBotId && !message.streaming && !message.metadata.is_null())
      return &message;
  }
  return nullptr;
}

std::vector<FakeMessage> ours(const FakeSlack& fake) {
  std::vector<FakeMessage> all;
  for (const auto& message : fake.messages()) {
    if (message.bot_id == kFakeBotId) all.push_back(message);
  }
  return all;
}

// A question in a direct conversation, carried out; answers the thread it opens.
boost::asio::awaitable<std::string> asked(Office& office, std::string text) {
  const size_t handle = office.bench.fake.direct("U7", "D0U7", text);
  (void)co_await office.bench.fake.wait_acked(handle, milliseconds(3000));
  (void)co_await office.router->work_off();
  co_return office.bench.fake.envelope(handle).payload["event"]["ts"].get<std::string>();
}

ASYNC_TEST(SlackStreams, a_question_in_a_direct_message_is_answered_by_a_stream_below_it) {
  Office office(io);
  CO_ASSERT_OK(co_await office.judged_case());
  CO_ASSERT_TRUE(co_await office.start());
  const std::string thread = co_await asked(office, "why C-1");
  CO_EVENTUALLY(answer_in(office.bench.fake, thread) != nullptr);
  const FakeMessage* answer = answer_in(office.bench.fake, thread);
  EXPECT_TRUE(answer->only_for.empty());
  EXPECT_NE(answer->blocks.dump().find("Something was wrong"), std::string::npos);
  EXPECT_EQ(office.bench.fake.calls("chat.startStream"), 1);
  EXPECT_EQ(office.bench.fake.calls("chat.stopStream"), 1);
  EXPECT_EQ(office.bench.fake.calls("chat.postMessage"), 0);
  const auto statuses = office.bench.fake.session("D0U7", thread);
  CO_ASSERT_TRUE(!statuses.empty());
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), "active"), 1);
  co_await office.stop();
}

ASYNC_TEST(SlackStreams, a_question_in_the_thread_of_a_case_is_answered_there_for_everybody) {
  Office office(io);
  CO_ASSERT_OK(co_await office.judged_case());
  CO_ASSERT_OK(co_await office.say_card("case/1/root", "ack C-1"));
  CO_ASSERT_TRUE(co_await office.start());
  CO_EVENTUALLY(ours(office.bench.fake).size() == 1);
  const std::string root = ours(office.bench.fake)[0].ts;
  const size_t handle = office.bench.fake.mention("U7", "C1", "why", root);
  CO_ASSERT_TRUE(co_await office.bench.fake.wait_acked(handle, milliseconds(3000)));
  CO_ASSERT_OK(co_await office.router->work_off());
  CO_EVENTUALLY(ours(office.bench.fake).size() == 2 && !ours(office.bench.fake)[1].streaming);
  const auto answer = ours(office.bench.fake)[1];
  EXPECT_EQ(answer.thread_ts, root);
  EXPECT_TRUE(answer.only_for.empty());
  // A refusal stays between the two.
  const size_t stranger = office.bench.fake.mention("U99", "C1", "why", root);
  CO_ASSERT_TRUE(co_await office.bench.fake.wait_acked(stranger, milliseconds(3000)));
  CO_ASSERT_OK(co_await office.router->work_off());
  CO_EVENTUALLY(ours(office.bench.fake).size() == 3);
  EXPECT_EQ(ours(office.bench.fake)[2].only_for, "U99");
  co_await office.stop();
}

// In a channel there is no telling who reads: outside the thread of the case itself, answers are for one alone.
ASYNC_TEST(SlackStreams, what_is_not_about_the_case_of_the_thread_is_for_one_alone) {
  Office office(io);
  CO_ASSERT_OK(co_await office.judged_case());
  CO_ASSERT_OK(co_await office.say_card("case/1/root", "ack C-1"));
  CO_ASSERT_OK(co_await office.say_card("case/2/root", "ack C-2"));
  CO_ASSERT_TRUE(co_await office.start());
  CO_EVENTUALLY(ours(office.bench.fake).size() == 2);
  const std::string other = ours(office.bench.fake)[1].ts;
  size_t said = 2;
  for (const auto& [text, thread] : std::vector<std::pair<std::string, std::string>>{
           {"list", ""}, {"why C-1", ""}, {"why C-1", other}, {"list", other}, {"whoami", other}}) {
    const size_t handle = office.bench.fake.mention("U7", "C1", text, thread);
    CO_ASSERT_TRUE(co_await office.bench.fake.wait_acked(handle, milliseconds(3000)));
    CO_ASSERT_OK(co_await office.router->work_off());
    CO_EVENTUALLY(ours(office.bench.fake).size() == said + 1);
    EXPECT_EQ(ours(office.bench.fake)[said].only_for, "U7") << text << " in " << thread;
    ++said;
  }
  co_await office.stop();
}

ASYNC_TEST(SlackStreams, open_answers_have_no_buttons_that_would_go_stale) {
  Office office(io);
  CO_ASSERT_OK(co_await office.judged_case());
  CO_ASSERT_OK(co_await office.say_card("case/1/root", "ack C-1"));
  CO_ASSERT_TRUE(co_await office.start());
  CO_EVENTUALLY(ours(office.bench.fake).size() == 1);
  const size_t handle = office.bench.fake.mention("U7", "C1", "show", ours(office.bench.fake)[0].ts);
  CO_ASSERT_TRUE(co_await office.bench.fake.wait_acked(handle, milliseconds(3000)));
  CO_ASSERT_OK(co_await office.router->work_off());
  CO_EVENTUALLY(ours(office.bench.fake).size() == 2 && !ours(office.bench.fake)[1].streaming);
  const std::string shown = ours(office.bench.fake)[1].blocks.dump();
  EXPECT_NE(shown.find("C-1"), std::string::npos);
  for (const char* kind : {"\"button\"", "feedback_buttons", "overflow"})
    EXPECT_EQ(shown.find(kind), std::string::npos) << kind;
  co_await office.stop();
}

// Whatever of the three calls goes wrong, there is one message with the whole answer.
ASYNC_TEST(SlackStreams, an_answer_that_breaks_off_is_completed_in_place) {
  for (const char* method : {"chat.startStream", "chat.stopStream"}) {
    for (const char* kind : {"store_then_hang", "store_then_500", "500", "hang"}) {
      Office office(io);
      office.bench.options.call_wait = milliseconds(300);
      CO_ASSERT_OK(co_await office.judged_case());
      CO_ASSERT_TRUE(co_await office.start());
      office.bench.fake.add_fault({method, kind, 1, 0, milliseconds(100)});
      const std::string thread = co_await asked(office, "why C-1");
      const std::string what = std::string(method) + " " + kind;
      const auto whole = [&] {
        const auto all = ours(office.bench.fake);
        return all.size() == 1 && !all[0].streaming && all[0].blocks.dump().find("Something was wrong") != std::string::npos;
      };
      const Deadline patience = within(8000);
      const auto settled = [&] { return whole() && office.delivery->oldest_unposted() == std::nullopt; };
      while (!settled() && !patience.passed()) co_await sleep_for(milliseconds(5));
      EXPECT_TRUE(whole()) << what << ": " << ours(office.bench.fake).size();
      EXPECT_TRUE(settled()) << what;
      co_await office.stop();
    }
  }
}

ASYNC_TEST(SlackStreams, slack_ending_a_stream_by_itself_loses_nothing) {
  Office office(io);
  CO_ASSERT_OK(co_await office.judged_case());
  CO_ASSERT_TRUE(co_await office.start());
  office.bench.fake.add_fault({"chat.stopStream", "error:message_not_in_streaming_state", 1, 0, milliseconds(0)});
  const std::string thread = co_await asked(office, "why C-1");
  CO_EVENTUALLY(ours(office.bench.fake).size() == 1 && ours(office.bench.fake)[0].edits == 1);
  EXPECT_FALSE(ours(office.bench.fake)[0].streaming);
  co_await office.stop();
}

ASYNC_TEST(SlackStreams, where_slack_does_not_stream_answers_are_posted_and_it_is_not_asked_each_time) {
  Office office(io);
  CO_ASSERT_OK(co_await office.judged_case());
  CO_ASSERT_TRUE(co_await office.start());
  office.bench.fake.add_fault({"chat.startStream", "error:channel_type_not_supported", 5, 0, milliseconds(0)});
  for (size_t question = 1; question <= 3; ++question) {
    (void)co_await asked(office, "why C-1");
    CO_EVENTUALLY(ours(office.bench.fake).size() == question);
  }
  EXPECT_EQ(office.bench.fake.calls("chat.startStream"), 1);
  EXPECT_EQ(office.bench.fake.calls("chat.postMessage"), 3);
  co_await office.stop();
}

ASYNC_TEST(SlackStreams, the_stop_button_leaves_what_stands_there) {
  Office office(io);
  CO_ASSERT_OK(co_await office.judged_case());
  CO_ASSERT_TRUE(co_await office.start());
  office.bench.fake.add_fault({"chat.stopStream", "hang", 1, 0, milliseconds(400)});
  const std::string thread = co_await asked(office, "why C-1");
  CO_EVENTUALLY(ours(office.bench.fake).size() == 1);
  const size_t stop = office.bench.fake.press_stop("U7", "D0U7", thread);
  CO_ASSERT_TRUE(co_await office.bench.fake.wait_acked(stop, milliseconds(3000)));
  CO_EVENTUALLY(office.delivery->oldest_unposted() == std::nullopt);
  EXPECT_EQ(ours(office.bench.fake)[0].edits, 0);
  const auto statuses = office.bench.fake.session("D0U7", thread);
  CO_ASSERT_TRUE(!statuses.empty());
  EXPECT_EQ(statuses.back(), "active");
  co_await office.stop();
}

ASYNC_TEST(SlackStreams, who_opens_the_conversation_is_offered_questions_once_a_day) {
  Office office(io);
  CO_ASSERT_TRUE(co_await office.start());
  for (int times = 0; times < 3; ++times) {
    const size_t handle = office.bench.fake.open_home("U7", "messages");
    CO_ASSERT_TRUE(co_await office.bench.fake.wait_acked(handle, milliseconds(3000)));
  }
  CO_EVENTUALLY(office.bench.fake.calls("assistant.threads.setSuggestedPrompts") == 1);
  EXPECT_EQ(office.bench.fake.calls("views.publish"), 0);
  co_await office.stop();
}

}  // namespace
}  // namespace vedette::test

// Answers to questions asked in the open: streamed, whole, once; and what becomes of them when Slack or we break off.

#include <fmt/format.h>

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
      (void)co_await asked(office, "why C-1");
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
  office.bench.fake.add_fault({"chat.stopStream", "slow", 1, 0, milliseconds(100)});
  (void)co_await asked(office, "why C-1");
  CO_EVENTUALLY(ours(office.bench.fake).size() == 1 && office.bench.fake.unanswered("chat.stopStream") == 1);
  office.bench.fake.end_streams();
  CO_EVENTUALLY(ours(office.bench.fake)[0].edits == 1 && office.delivery->oldest_unposted() == std::nullopt);
  EXPECT_EQ(office.bench.fake.calls("chat.stopStream"), 2) << "once more by the look-up, which is told that it is over";
  EXPECT_EQ(ours(office.bench.fake).size(), 1u);
  EXPECT_NE(ours(office.bench.fake)[0].blocks.dump().find("Something was wrong"), std::string::npos);
  co_await office.stop();
}

std::string line(int number) {
  return fmt::format("line {:04} {}.", number, std::string(80, static_cast<char>('a' + number % 26)));
}

// An answer of so many lines, nine in each paragraph.
chat::Card long_answer(int lines) {
  chat::Card card;
  card.summary = "A long answer";
  for (int number = 0; number < lines; ++number) {
    if (number % 9 == 0) card.blocks.push_back(chat::Paragraph());
    std::get<chat::Paragraph>(card.blocks.back()).lines.push_back({line(number), {}, false});
  }
  return card;
}

// Puts it in the place of what the commands would answer to a question in a direct conversation.
Async<void> answer_at_length(Office& office, int lines) {
  const size_t handle = office.bench.fake.direct("U7", "D0U7", "why C-1");
  (void)co_await office.bench.fake.wait_acked(handle, milliseconds(3000));
  OutboxMessage message;
  message.slot = "reply/1";
  message.platform = "slack";
  message.channel = "D0U7";
  message.below = office.bench.fake.envelope(handle).payload["event"]["ts"].get<std::string>();
  message.asked_by = Identity("slack", kFakeTeam, "U7");
  message.card = to_json(long_answer(lines));
  std::vector<OutboxMessage> messages;
  messages.push_back(std::move(message));
  co_return co_await office.store->outbox().put(std::move(messages));
}

std::string all_blocks(const FakeSlack& fake) {
  std::string text;
  for (const auto& message : ours(fake)) text += message.blocks.dump();
  return text;
}

// The number of lines that stand there once and in order, from the first on.
int lines_in_order(const std::string& text) {
  size_t at = 0;
  for (int number = 0;; ++number) {
    const size_t found = text.find(line(number), at);
    if (found == std::string::npos || text.find(line(number), found + 1) != std::string::npos) return number;
    if (found != text.find(line(number))) return number;
    at = found + 1;
  }
}

ASYNC_TEST(SlackStreams, a_long_answer_that_breaks_off_between_its_pieces_is_completed_in_place) {
  constexpr int kLines = 90;  // about 9 kB
  for (const char* kind : {"", "store_then_hang", "store_then_500", "500", "hang"}) {
    Office office(io);
    office.bench.options.call_wait = milliseconds(300);
    CO_ASSERT_TRUE(co_await office.start());
    if (*kind != '\0') office.bench.fake.add_fault({"chat.appendStream", kind, 1, 0, milliseconds(100)});
    CO_ASSERT_OK(co_await answer_at_length(office, kLines));
    const Deadline patience = within(8000);
    const auto settled = [&] {
      return lines_in_order(all_blocks(office.bench.fake)) == kLines && office.delivery->oldest_unposted() == std::nullopt;
    };
    while (!settled() && !patience.passed()) co_await sleep_for(milliseconds(5));
    EXPECT_EQ(lines_in_order(all_blocks(office.bench.fake)), kLines) << kind;
    CO_ASSERT_TRUE(ours(office.bench.fake).size() == 1u);
    EXPECT_FALSE(ours(office.bench.fake)[0].streaming) << kind;
    EXPECT_EQ(ours(office.bench.fake)[0].edits, *kind == '\0' ? 0 : 1) << kind;
    EXPECT_GT(office.bench.fake.calls("chat.appendStream"), *kind == '\0' ? 1 : 0) << kind;
    EXPECT_EQ(office.bench.fake.calls("chat.postMessage"), 0) << kind;
    co_await office.stop();
  }
}

ASYNC_TEST(SlackStreams, an_answer_too_long_for_one_stream_goes_on_in_others) {
  constexpr int kLines = 300;  // about 30 kB
  Office office(io);
  CO_ASSERT_TRUE(co_await office.start());
  CO_ASSERT_OK(co_await answer_at_length(office, kLines));
  const Deadline patience = within(8000);
  while (lines_in_order(all_blocks(office.bench.fake)) < kLines && !patience.passed()) co_await sleep_for(milliseconds(5));
  EXPECT_EQ(lines_in_order(all_blocks(office.bench.fake)), kLines);
  const auto all = ours(office.bench.fake);
  CO_ASSERT_TRUE(all.size() >= 3u);
  for (const auto& message : all) EXPECT_EQ(message.thread_ts, all[0].thread_ts);
  EXPECT_EQ(office.bench.fake.calls("chat.startStream"), static_cast<int>(all.size()));
  EXPECT_EQ(office.bench.fake.calls("chat.postMessage"), 0);
  co_await office.stop();
}

// What one person writes, or the thread they delete, says nothing about the next answer.
ASYNC_TEST(SlackStreams, one_answer_that_slack_does_not_stream_turns_it_off_for_nobody) {
  for (const char* error : {"error:invalid_chunks", "error:thread_not_found", "error:msg_too_long"}) {
    Office office(io);
    CO_ASSERT_OK(co_await office.judged_case());
    CO_ASSERT_TRUE(co_await office.start());
    office.bench.fake.add_fault({"chat.startStream", error, 1, 0, milliseconds(0)});
    (void)co_await asked(office, "why C-1");
    CO_EVENTUALLY(ours(office.bench.fake).size() == 1);
    const int before = office.bench.fake.calls("chat.startStream");
    const std::string thread = co_await asked(office, "why C-1");
    CO_EVENTUALLY(answer_in(office.bench.fake, thread) != nullptr);
    EXPECT_EQ(office.bench.fake.calls("chat.startStream"), before + 1) << error;
    co_await office.stop();
  }
}

// The two calls would arrive in either order.
ASYNC_TEST(SlackStreams, a_slow_sign_of_work_does_not_outlast_the_answer) {
  for (const bool streamed : {true, false}) {
    Office office(io);
    CO_ASSERT_OK(co_await office.judged_case());
    CO_ASSERT_TRUE(co_await office.start());
    office.bench.fake.add_fault({"agents.sessions.setStatus", "slow", 1, 0, milliseconds(300)});
    if (!streamed)
      office.bench.fake.add_fault({"chat.startStream", "error:channel_type_not_supported", 1, 0, milliseconds(0)});
    const std::string thread = co_await asked(office, "why C-1");
    CO_EVENTUALLY(answer_in(office.bench.fake, thread) != nullptr);
    EXPECT_EQ(office.bench.fake.unanswered("agents.sessions.setStatus"), 1) << "the answer does not wait";
    CO_EVENTUALLY(office.bench.fake.calls("agents.sessions.setStatus") == 2);
    CO_EVENTUALLY(office.bench.fake.unanswered("agents.sessions.setStatus") == 0);
    const auto statuses = office.bench.fake.session("D0U7", thread);
    CO_ASSERT_TRUE(!statuses.empty());
    EXPECT_EQ(statuses.back(), "active") << streamed;
    co_await office.stop();
  }
}

ASYNC_TEST(SlackStreams, an_answer_ended_by_the_look_up_ends_the_sign_of_work) {
  Office office(io);
  CO_ASSERT_OK(co_await office.judged_case());
  CO_ASSERT_TRUE(co_await office.start());
  office.bench.fake.add_fault({"chat.stopStream", "500", 1, 0, milliseconds(0)});
  const std::string thread = co_await asked(office, "why C-1");
  CO_EVENTUALLY(ours(office.bench.fake).size() == 1 && ours(office.bench.fake)[0].edits == 1);
  const auto statuses = office.bench.fake.session("D0U7", thread);
  CO_ASSERT_TRUE(statuses.size() == 2u);
  EXPECT_EQ(statuses.back(), "active");
  co_await office.stop();
}

ASYNC_TEST(SlackStreams, what_was_asked_before_stop_was_pressed_is_not_answered) {
  for (const bool streams : {true, false}) {
    Office office(io);
    CO_ASSERT_OK(co_await office.judged_case());
    CO_ASSERT_TRUE(co_await office.start());
    if (!streams) {  // and Vedette knows
      office.bench.fake.add_fault({"chat.startStream", "error:channel_type_not_supported", 1, 0, milliseconds(0)});
      (void)co_await asked(office, "list");
      CO_EVENTUALLY(ours(office.bench.fake).size() == 1);
    }
    const size_t before = ours(office.bench.fake).size();
    const size_t handle = office.bench.fake.direct("U7", "D0U7", "why C-1");
    CO_ASSERT_TRUE(co_await office.bench.fake.wait_acked(handle, milliseconds(3000)));
    const std::string thread = office.bench.fake.envelope(handle).payload["event"]["ts"].get<std::string>();
    const size_t stop = office.bench.fake.press_stop("U7", "D0U7", thread);
    CO_ASSERT_TRUE(co_await office.bench.fake.wait_acked(stop, milliseconds(3000)));
    CO_ASSERT_OK(co_await office.router->work_off());
    CO_EVENTUALLY(ours(office.bench.fake).size() == before + 1);
    EXPECT_EQ(ours(office.bench.fake).back().text, "Stopped.");
    EXPECT_EQ(ours(office.bench.fake).back().thread_ts, thread);
    // The next question is one again.
    const std::string next = co_await asked(office, "why C-1");
    CO_EVENTUALLY(answer_in(office.bench.fake, next) != nullptr);
    EXPECT_NE(answer_in(office.bench.fake, next)->blocks.dump().find("Something was wrong"), std::string::npos);
    co_await office.stop();
  }
}

ASYNC_TEST(SlackStreams, the_rest_of_a_long_answer_is_stopped_with_its_beginning) {
  Office office(io);
  CO_ASSERT_TRUE(co_await office.start());
  office.bench.fake.add_fault({"chat.stopStream", "slow", 1, 0, milliseconds(200)});
  CO_ASSERT_OK(co_await answer_at_length(office, 300));
  CO_EVENTUALLY(office.bench.fake.unanswered("chat.stopStream") == 1);
  const std::string thread = ours(office.bench.fake)[0].thread_ts;
  const size_t stop = office.bench.fake.press_stop("U7", "D0U7", thread);
  CO_ASSERT_TRUE(co_await office.bench.fake.wait_acked(stop, milliseconds(3000)));
  CO_EVENTUALLY(office.delivery->oldest_unposted() == std::nullopt);
  EXPECT_EQ(ours(office.bench.fake).size(), 1u);
  EXPECT_EQ(ours(office.bench.fake)[0].edits, 0);
  co_await office.stop();
}

ASYNC_TEST(SlackStreams, what_was_done_is_told_although_stop_was_pressed) {
  Office office(io);
  CO_ASSERT_OK(co_await office.judged_case());
  CO_ASSERT_TRUE(co_await office.start());
  const size_t handle = office.bench.fake.direct("U7", "D0U7", "ack C-1");
  CO_ASSERT_TRUE(co_await office.bench.fake.wait_acked(handle, milliseconds(3000)));
  const std::string thread = office.bench.fake.envelope(handle).payload["event"]["ts"].get<std::string>();
  const size_t stop = office.bench.fake.press_stop("U7", "D0U7", thread);
  CO_ASSERT_TRUE(co_await office.bench.fake.wait_acked(stop, milliseconds(3000)));
  CO_ASSERT_OK(co_await office.router->work_off());
  CO_EVENTUALLY(ours(office.bench.fake).size() == 1 && !ours(office.bench.fake)[0].streaming);
  EXPECT_EQ(ours(office.bench.fake)[0].blocks.dump().find("Stopped."), std::string::npos);
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

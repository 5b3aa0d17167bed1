#include "integrations/slack/web_api.hpp"

#include <gtest/gtest.h>

#include "bot/net/url.hpp"
#include "integrations/slack/people.hpp"
#include "integrations/slack/platform.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/unit/slack/scripted_http.hpp"

namespace vedette::slack {
namespace {

NewMessage message() {
  NewMessage content;
  content.channel = "C1";
  content.thread_ts = "17.5";
  content.text = "a & b";
  content.blocks = R"([{"type":"divider"}])";
  content.key = "case/1/root#1";
  return content;
}

TEST(SlackApi, post_is_form_encoded) {
  test::run_async([](Executor) -> Job {
    Scripted http;
    test::FakeClock clock;
    WebApi api(http, clock, options());
    http.json(R"({"ok":true,"ts":"18.1"})");
    auto posted = co_await api.post_message(message(), soon());
    CO_ASSERT_OK(posted);
    EXPECT_EQ(*posted, "18.1");
    const auto& request = http.requests.at(0);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "https://slack.example/api/chat.postMessage");
    EXPECT_EQ(request.headers.get("Authorization"), "Bearer xoxb-secret-of-the-test");
    EXPECT_TRUE(request.headers.get("Content-Type").starts_with("application/x-www-form-urlencoded"));
    for (const char* field : {"channel=C1", "thread_ts=17.5", "unfurl_links=false", "unfurl_media=false", "parse=none",
                              "link_names=false", "mrkdwn=false"}) {
      EXPECT_NE(("&" + request.body + "&").find("&" + std::string(field) + "&"), std::string::npos) << field;
    }
    const std::string metadata = R"({"event_type":"vedette_delivery","event_payload":{"key":"case/1/root#1"}})";
    EXPECT_NE(request.body.find("metadata=" + net::form_encode(metadata)), std::string::npos);
    EXPECT_NE(request.body.find("blocks=" + net::form_encode(R"([{"type":"divider"}])")), std::string::npos);
  });
}

struct Row {
  const char* answer;
  int status;
  Code posting;  // what it is for chat.postMessage
  Code editing;  // and for chat.update
  bool final;
};

// The table of what each refusal means for the one who delivers.
const Row kRows[] = {
    {R"({"ok":false,"error":"invalid_auth"})", 200, Code::unauthenticated, Code::unauthenticated, true},
    {R"({"ok":false,"error":"token_revoked"})", 200, Code::unauthenticated, Code::unauthenticated, true},
    {R"({"ok":false,"error":"account_inactive"})", 200, Code::unauthenticated, Code::unauthenticated, true},
    {R"({"ok":false,"error":"missing_scope"})", 200, Code::unauthenticated, Code::unauthenticated, true},
    {R"({"ok":false,"error":"not_allowed_token_type"})", 200, Code::unauthenticated, Code::unauthenticated, true},
    {R"({"ok":false,"error":"channel_not_found"})", 200, Code::forbidden, Code::forbidden, false},
    {R"({"ok":false,"error":"message_not_found"})", 200, Code::not_found, Code::not_found, false},
    {R"({"ok":false,"error":"edit_window_closed"})", 200, Code::expired, Code::expired, false},
    {R"({"ok":false,"error":"cant_update_message"})", 200, Code::expired, Code::expired, false},
    {R"({"ok":false,"error":"not_in_channel"})", 200, Code::forbidden, Code::forbidden, false},
    {R"({"ok":false,"error":"is_archived"})", 200, Code::forbidden, Code::forbidden, false},
    {R"({"ok":false,"error":"invalid_blocks"})", 200, Code::too_large, Code::too_large, false},
    {R"({"ok":false,"error":"msg_blocks_too_long"})", 200, Code::too_large, Code::too_large, false},
    {R"({"ok":false,"error":"ratelimited"})", 200, Code::rate_limited, Code::rate_limited, false},
    {R"({"ok":false,"error":"rate_limited"})", 200, Code::rate_limited, Code::rate_limited, false},
    {R"({"ok":false,"error":"service_unavailable"})", 200, Code::unavailable, Code::unavailable, false},
    {R"({"ok":false,"error":"internal_error"})", 200, Code::unknown_outcome, Code::unavailable, false},
    {R"({"ok":false,"error":"fatal_error"})", 500, Code::unknown_outcome, Code::unavailable, false},
    {R"({"ok":false,"error":"something_new"})", 200, Code::upstream, Code::upstream, false},
    {R"({"ok":false,"error":"ratelimited"})", 429, Code::rate_limited, Code::rate_limited, false},
    {"<html>", 200, Code::unknown_outcome, Code::unavailable, false},
    {"", 500, Code::unknown_outcome, Code::unavailable, false},
    {"", 503, Code::unknown_outcome, Code::unavailable, false},
    {"", 408, Code::unknown_outcome, Code::unavailable, false},
    {"", 404, Code::unavailable, Code::unavailable, false},
    {"", 401, Code::unavailable, Code::unavailable, false},  // a proxy's word, not Slack's
};

TEST(SlackApi, every_refusal_has_its_class) {
  test::run_async([](Executor) -> Job {
    for (const Row& row : kRows) {
      for (const bool edit : {false, true}) {
        Scripted http;
        test::FakeClock clock;
        WebApi api(http, clock, options());
        http.json(row.answer, row.status);
        Error error;
        if (edit) {
          auto done = co_await api.update_message(message(), "18.1", soon());
          CO_ASSERT_TRUE(!done.has_value());
          error = done.error();
        } else {
          auto done = co_await api.post_message(message(), soon());
          CO_ASSERT_TRUE(!done.has_value());
          error = done.error();
        }
        EXPECT_EQ(to_string(error.code), to_string(edit ? row.editing : row.posting)) << row.answer << " " << row.status;
        EXPECT_EQ(is_final(error), row.final) << row.answer;
        EXPECT_EQ(error.message.find("secret"), std::string::npos);
        EXPECT_EQ(error.message.find('<'), std::string::npos);
      }
    }
  });
}

TEST(SlackApi, transport_errors) {
  test::run_async([](Executor) -> Job {
    const std::pair<Code, Code> posting[] = {{Code::unavailable, Code::unavailable},
                                             {Code::timeout, Code::unavailable},
                                             {Code::unknown_outcome, Code::unknown_outcome},
                                             {Code::too_large, Code::unknown_outcome},
                                             {Code::cancelled, Code::cancelled}};
    for (const auto& [from, to] : posting) {
      Scripted http;
      test::FakeClock clock;
      WebApi api(http, clock, options());
      http.error(from);
      auto done = co_await api.post_message(message(), soon());
      CO_ASSERT_TRUE(!done.has_value());
      EXPECT_EQ(to_string(done.error().code), to_string(to));
      EXPECT_FALSE(is_final(done.error()));
    }
    Scripted http;
    test::FakeClock clock;
    WebApi api(http, clock, options());
    http.error(Code::unknown_outcome);
    auto edited = co_await api.update_message(message(), "18.1", soon());
    CO_ASSERT_TRUE(!edited.has_value());
    EXPECT_EQ(to_string(edited.error().code), "unavailable");
  });
}

TEST(SlackApi, an_error_name_cannot_smuggle_text) {
  test::run_async([](Executor) -> Job {
    Scripted http;
    test::FakeClock clock;
    WebApi api(http, clock, options());
    http.json(R"({"ok":false,"error":"<b>evil</b> \n line"})");
    auto done = co_await api.post_message(message(), soon());
    CO_ASSERT_TRUE(!done.has_value());
    EXPECT_EQ(done.error().message, "Slack refused chat.postMessage (bevilbline)");
  });
}

TEST(SlackApi, retry_after_holds_the_method_back) {
  test::run_async([](Executor) -> Job {
    Scripted http;
    test::FakeClock clock;
    WebApi api(http, clock, options());
    http.json(R"({"ok":false,"error":"ratelimited"})", 429);
    http.answers.back().value().headers.set("Retry-After", "7");
    auto first = co_await api.post_message(message(), soon());
    CO_ASSERT_TRUE(!first.has_value());
    EXPECT_EQ(first.error().retry_after->count(), 7000);
    clock.advance(std::chrono::seconds(2));
    auto second = co_await api.post_message(message(), soon());
    CO_ASSERT_TRUE(!second.has_value());
    EXPECT_EQ(to_string(second.error().code), "rate_limited");
    EXPECT_EQ(second.error().retry_after->count(), 5000);
    EXPECT_EQ(http.requests.size(), 1u) << "Slack was not asked again";
    http.json(R"({"ok":true})");
    auto other = co_await api.update_message(message(), "18.1", soon());
    EXPECT_TRUE(other.has_value()) << "another method goes on";
    clock.advance(std::chrono::seconds(6));
    http.json(R"({"ok":true,"ts":"18.2"})");
    auto third = co_await api.post_message(message(), soon());
    EXPECT_TRUE(third.has_value());
  });
}

TEST(SlackApi, edits_carry_blocks_and_no_metadata) {
  test::run_async([](Executor) -> Job {
    Scripted http;
    test::FakeClock clock;
    WebApi api(http, clock, options());
    http.json(R"({"ok":true})");
    auto done = co_await api.update_message(message(), "18.1", soon());
    CO_ASSERT_OK(done);
    const std::string& body = http.requests.at(0).body;
    EXPECT_NE(body.find("blocks="), std::string::npos);
    EXPECT_NE(body.find("ts=18.1"), std::string::npos);
    EXPECT_EQ(body.find("metadata="), std::string::npos);
    EXPECT_EQ(body.find("thread_ts="), std::string::npos);
  });
}

TEST(SlackApi, only_our_own_message_answers_the_probe) {
  test::run_async([](Executor) -> Job {
    Scripted http;
    test::FakeClock clock;
    WebApi api(http, clock, options());
    const std::string metadata = R"("metadata":{"event_type":"vedette_delivery","event_payload":{"key":"k1"}})";
    http.self();
    http.json(R"({"ok":true,"messages":[{"ts":"3.0","user":"U666","bot_id":"B666",)" + metadata +
              R"(}],"response_metadata":{"next_cursor":"more"}})");
    http.json(R"({"ok":true,"messages":[{"ts":"2.0","user":"U0BOT",)" + metadata + R"(}]})");
    auto found = co_await api.find_message("C1", "", "k1", clock.now(), soon());
    CO_ASSERT_OK(found);
    EXPECT_EQ(found->value_or("nothing"), "2.0");
    EXPECT_NE(http.requests.at(1).body.find("include_all_metadata=true"), std::string::npos);
    EXPECT_NE(http.requests.at(2).body.find("cursor=more"), std::string::npos);
    http.json(R"({"ok":true,"messages":[{"ts":"3.0","user":"U666",)" + metadata + R"(}]})");
    auto nothing = co_await api.find_message("C1", "1.0", "k1", clock.now(), soon());
    CO_ASSERT_OK(nothing);
    EXPECT_FALSE(nothing->has_value());
    EXPECT_TRUE(http.requests.back().target.ends_with("conversations.replies"));
  });
}

TEST(SlackPeople, weight) {
  EXPECT_EQ(weight_of("help"), Weight::look);
  EXPECT_EQ(weight_of(""), Weight::look);
  EXPECT_EQ(weight_of("  Show C-1"), Weight::look);
  EXPECT_EQ(weight_of("ack C-1"), Weight::act);
  EXPECT_EQ(weight_of("close C-1 fp \"x\""), Weight::act);
  EXPECT_EQ(weight_of("approve R-9 --digest=ab"), Weight::decide);
  EXPECT_EQ(weight_of("/soc APPROVE R-9"), Weight::decide);
  EXPECT_EQ(weight_of("@soc,deny R-9"), Weight::decide);
  EXPECT_EQ(weight_of("request R-9"), Weight::decide);
  EXPECT_EQ(weight_of("approves"), Weight::act);
}

TEST(SlackPeople, who_may) {
  const Self self{"U0BOT", "B0BOT", "T1", "E1"};
  User member;
  member.id = "U7";
  member.team = "T1";
  EXPECT_FALSE(refusal_for(member, self));
  User grid = member;
  grid.team = "T2";
  EXPECT_TRUE(refusal_for(grid, self));
  grid.enterprise = "E1";
  EXPECT_FALSE(refusal_for(grid, self)) << "another workspace of the same organisation";
  for (bool User::* flag : {&User::deleted, &User::bot, &User::guest, &User::stranger}) {
    User other = member;
    other.*flag = true;
    EXPECT_TRUE(refusal_for(other, self));
  }
  User nowhere = member;
  nowhere.team.clear();
  EXPECT_TRUE(refusal_for(nowhere, self));
  EXPECT_TRUE(refusal_for(nowhere, Self{"U0BOT", "B0BOT", "", ""})) << "two empty teams are not the same team";
}

constexpr const char* kMember = R"({"ok":true,"user":{"id":"U7","team_id":"T1"}})";
constexpr const char* kGuest = R"({"ok":true,"user":{"id":"U7","team_id":"T1","is_restricted":true}})";

ASYNC_TEST(SlackPeople, decisions_are_looked_up_anew_and_fail_closed) {
  Scripted http;
  test::FakeClock clock;
  WebApi api(http, clock, options());
  People people(io, api, clock, options());
  http.self();
  http.json(kMember);
  auto refusal = co_await people.refusal("U7", Weight::decide, soon());
  EXPECT_FALSE(refusal);
  http.json(kGuest);
  refusal = co_await people.refusal("U7", Weight::decide, soon());
  EXPECT_TRUE(refusal) << "made a guest a moment ago";
  http.error(Code::unavailable);
  refusal = co_await people.refusal("U7", Weight::decide, soon());
  CO_ASSERT_TRUE(refusal.has_value());
  EXPECT_NE(refusal->find("nothing was done"), std::string::npos);
  http.json(R"({"ok":false,"error":"user_not_found"})");
  refusal = co_await people.refusal("U7", Weight::decide, soon());
  EXPECT_TRUE(refusal);
  http.json(R"({"ok":true,"user":{"id":"U8","team_id":"T1"}})");
  refusal = co_await people.refusal("U7", Weight::decide, soon());
  EXPECT_TRUE(refusal) << "an answer about somebody else vouches for nobody";
}

ASYNC_TEST(SlackPeople, acts_use_a_look_up_of_the_last_minute) {
  Scripted http;
  test::FakeClock clock;
  WebApi api(http, clock, options());
  People people(io, api, clock, options());
  http.self();
  http.json(kGuest);
  auto refusal = co_await people.refusal("U7", Weight::act, soon());
  EXPECT_TRUE(refusal);
  clock.advance(std::chrono::seconds(59));
  refusal = co_await people.refusal("U7", Weight::act, soon());
  EXPECT_TRUE(refusal);
  EXPECT_EQ(http.requests.size(), 2u);
  clock.advance(std::chrono::seconds(2));
  http.json(kMember);
  refusal = co_await people.refusal("U7", Weight::act, soon());
  EXPECT_FALSE(refusal);
  EXPECT_EQ(http.requests.size(), 3u);
  clock.advance(std::chrono::seconds(61));
  http.error(Code::unavailable);
  refusal = co_await people.refusal("U7", Weight::act, soon());
  EXPECT_FALSE(refusal) << "the directory still decides";
  refusal = co_await people.refusal("U7", Weight::look, soon());
  EXPECT_FALSE(refusal);
  EXPECT_EQ(http.requests.size(), 4u);
}

ASYNC_TEST(SlackPlatform, falls_back_to_plain_blocks) {
  Scripted http;
  test::FakeClock clock;
  WebApi api(http, clock, options());
  SlackPlatform platform(api, options());
  chat::Outgoing out;
  out.channel = "C1";
  out.key = "k";
  out.card.summary = "s";
  out.card.blocks = {chat::Bullets{"Why", {{"because", {}, false}}}};
  http.json(R"({"ok":false,"error":"invalid_blocks"})");
  http.json(R"({"ok":true,"ts":"1.0"})");
  auto done = co_await platform.deliver(out, soon());
  CO_ASSERT_OK(done);
  EXPECT_EQ(*done, "1.0");
  EXPECT_NE(http.requests.at(0).body.find("rich_text"), std::string::npos);
  EXPECT_EQ(http.requests.at(1).body.find("rich_text"), std::string::npos);
  EXPECT_NE(http.requests.at(1).body.find("because"), std::string::npos);
}

ASYNC_TEST(SlackPlatform, private_messages_are_ephemeral_and_never_found) {
  Scripted http;
  test::FakeClock clock;
  WebApi api(http, clock, options());
  SlackPlatform platform(api, options());
  chat::Outgoing out;
  out.channel = "C1";
  out.thread_ref = "1.0";
  out.only_for = "U7";
  out.card.summary = "only you";
  http.json(R"({"ok":true,"message_ts":"2.0"})");
  auto done = co_await platform.deliver(out, soon());
  CO_ASSERT_OK(done);
  EXPECT_EQ(*done, "2.0");
  EXPECT_TRUE(http.requests.at(0).target.ends_with("chat.postEphemeral"));
  EXPECT_NE(http.requests.at(0).body.find("user=U7"), std::string::npos);
  http.error(Code::unknown_outcome);
  auto lost = co_await platform.deliver(out, soon());
  CO_ASSERT_TRUE(!lost.has_value());
  EXPECT_EQ(to_string(lost.error().code), "unknown_outcome");
  auto found = co_await platform.find(out, clock.now(), soon());
  CO_ASSERT_OK(found);
  EXPECT_FALSE(found->has_value());
}

}  // namespace
}  // namespace vedette::slack

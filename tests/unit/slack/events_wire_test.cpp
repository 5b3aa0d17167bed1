#include "integrations/slack/events_wire.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace vedette::slack {
namespace {

using json = nlohmann::json;

Self us() { return {"U0BOT", "B0BOT", "T1", ""}; }

json message_event(const std::string& type, const std::string& text) {
  return {{"type", "event_callback"},
          {"team_id", "T1"},
          {"event_id", "Ev1"},
          {"event", {{"type", type}, {"user", "U7"}, {"text", text}, {"ts", "1710000000.000100"}, {"channel", "C1"}}}};
}

chat::Interaction must(const std::string& type, const json& payload, const Self& self = us()) {
  const Meaning meaning = interpret(type, *Json::parse(payload.dump()), self);
  if (const auto* nothing = std::get_if<Ignored>(&meaning)) {
    ADD_FAILURE() << "ignored: " << nothing->reason;
    return {};
  }
  return std::get<chat::Interaction>(meaning);
}

std::string ignored(const std::string& type, const json& payload, const Self& self = us()) {
  const Meaning meaning = interpret(type, *Json::parse(payload.dump()), self);
  const auto* nothing = std::get_if<Ignored>(&meaning);
  return nothing != nullptr ? nothing->reason : "not ignored";
}

TEST(SlackEvents, mention) {
  const auto said = must("events_api", message_event("app_mention", "<@U0BOT> ack C-12"));
  EXPECT_EQ(said.text, "ack C-12");
  EXPECT_EQ(said.key, "message/C1/1710000000.000100");
  EXPECT_EQ(said.who, Identity("slack", "T1", "U7"));
  EXPECT_EQ(said.channel, "C1");
  EXPECT_EQ(said.thread_ref, "");
  EXPECT_FALSE(said.button);
}

TEST(SlackEvents, mention_in_a_thread_and_in_the_middle) {
  json payload = message_event("app_mention", "hey <@U0BOT|vedette>: why C-3");
  payload["event"]["thread_ts"] = "1700000000.000001";
  const auto said = must("events_api", payload);
  EXPECT_EQ(said.text, "why C-3");
  EXPECT_EQ(said.thread_ref, "1700000000.000001");
  EXPECT_EQ(must("events_api", message_event("app_mention", "ack C-12 <@U0BOT>")).text, "ack C-12");
  EXPECT_EQ(must("events_api", message_event("app_mention", "<@U0BOT>")).text, "");
  EXPECT_EQ(must("events_api", message_event("app_mention", "<@U9> <@U0BOT> assign <@U9>")).text, "assign <@U9>");
}

// A mention arrives as app_mention and as message; and a repeated event has another event id: all one key.
TEST(SlackEvents, copies_of_a_message_share_their_key) {
  json copy = message_event("message", "<@U0BOT> ack C-12");
  copy["event"]["channel_type"] = "channel";
  copy["event_id"] = "Ev2";
  const auto first = must("events_api", message_event("app_mention", "<@U0BOT> ack C-12"));
  const auto second = must("events_api", copy);
  EXPECT_EQ(first.key, second.key);
  EXPECT_EQ(first.text, second.text);
}

TEST(SlackEvents, other_peoples_talk_is_ignored) {
  EXPECT_EQ(ignored("events_api", message_event("message", "ack C-12")), "not said to us");
  EXPECT_EQ(ignored("events_api", message_event("message", "<@U999> ack C-12")), "not said to us");
}

TEST(SlackEvents, direct_message_is_a_command) {
  json payload = message_event("message", "list open");
  payload["event"]["channel_type"] = "im";
  EXPECT_EQ(must("events_api", payload).text, "list open");
  payload["event"]["text"] = "<@U0BOT> list open";
  EXPECT_EQ(must("events_api", payload).text, "list open");
}

TEST(SlackEvents, bots_and_ourselves_are_ignored) {
  json payload = message_event("app_mention", "<@U0BOT> approve R-1");
  payload["event"]["bot_id"] = "B9";
  EXPECT_EQ(ignored("events_api", payload), "said by a bot");
  payload["event"].erase("bot_id");
  payload["event"]["user"] = "U0BOT";
  EXPECT_EQ(ignored("events_api", payload), "said by us");
}

TEST(SlackEvents, subtypes) {
  json payload = message_event("message", "<@U0BOT> ack C-12");
  for (const char* subtype : {"message_changed", "message_deleted", "channel_join", "bot_message"}) {
    payload["event"]["subtype"] = subtype;
    EXPECT_NE(ignored("events_api", payload), "not ignored") << subtype;
  }
  for (const char* subtype : {"file_share", "thread_broadcast"}) {
    payload["event"]["subtype"] = subtype;
    EXPECT_EQ(must("events_api", payload).text, "ack C-12") << subtype;
  }
}

TEST(SlackEvents, before_we_know_ourselves_the_event_tells) {
  json payload = message_event("message", "<@U5> ack C-12");
  EXPECT_EQ(ignored("events_api", payload, Self()), "not said to us");
  payload["authorizations"] = json::array({{{"user_id", "U5"}, {"is_bot", true}}});
  EXPECT_EQ(must("events_api", payload, Self()).text, "ack C-12");
}

TEST(SlackEvents, workspace_is_the_enterprise_where_there_is_one) {
  json payload = message_event("app_mention", "<@U0BOT> help");
  payload["enterprise_id"] = "E1";
  EXPECT_EQ(must("events_api", payload).who.workspace, "E1");
}

json click(const std::string& value) {
  json payload = {
      {"type", "block_actions"},
      {"user", {{"id", "U7"}, {"team_id", "T1"}}},
      {"team", {{"id", "T1"}}},
      {"channel", {{"id", "C1"}}},
      {"container", {{"type", "message"}, {"message_ts", "17.1"}, {"channel_id", "C1"}, {"is_ephemeral", false}}},
      {"message", {{"ts", "17.1"}}},
      {"trigger_id", "t1"},
      {"response_url", "https://hooks.slack.com/x"}};
  payload["actions"] =
      json::array({{{"type", "button"}, {"action_id", "command:0"}, {"value", value}, {"action_ts", "18.5"}}});
  return payload;
}

TEST(SlackEvents, button) {
  const auto pressed = must("interactive", click("approve R-9 --digest=ab"));
  EXPECT_TRUE(pressed.button);
  EXPECT_EQ(pressed.text, "approve R-9 --digest=ab");
  EXPECT_EQ(pressed.thread_ref, "17.1");
  EXPECT_EQ(pressed.key, "action/C1/17.1/U7/18.5/command:0");
  EXPECT_EQ(pressed.reply_url, "https://hooks.slack.com/x");
  EXPECT_EQ(pressed.who, Identity("slack", "T1", "U7"));
}

// A value is our own text, not markup: entities and quotes in it stay as they are.
TEST(SlackEvents, button_value_is_taken_as_it_is) {
  EXPECT_EQ(must("interactive", click("note C-1 “a” &lt;b> <@U1|x>")).text, "note C-1 “a” &lt;b> <@U1|x>");
}

TEST(SlackEvents, button_in_a_thread_and_on_an_ephemeral_message) {
  json payload = click("ack C-1");
  payload["message"]["thread_ts"] = "16.0";
  EXPECT_EQ(must("interactive", payload).thread_ref, "16.0");
  payload = click("ack C-1");
  payload.erase("message");
  payload["container"]["is_ephemeral"] = true;
  EXPECT_EQ(must("interactive", payload).thread_ref, "");
  payload["container"]["thread_ts"] = "15.0";
  EXPECT_EQ(must("interactive", payload).thread_ref, "15.0");
}

TEST(SlackEvents, a_second_press_is_another_interaction) {
  json second = click("ack C-1");
  second["actions"][0]["action_ts"] = "19.5";
  EXPECT_NE(must("interactive", click("ack C-1")).key, must("interactive", second).key);
}

TEST(SlackEvents, slash) {
  const json payload = {{"team_id", "T1"},
                        {"channel_id", "C1"},
                        {"user_id", "U7"},
                        {"command", "/soc"},
                        {"text", "close C-3 fp “pen test”"},
                        {"trigger_id", "13.37"},
                        {"response_url", "https://hooks.slack.com/c"}};
  const auto typed = must("slash_commands", payload);
  EXPECT_EQ(typed.key, "slash/13.37");
  EXPECT_EQ(typed.text, "close C-3 fp \"pen test\"");
  EXPECT_EQ(typed.thread_ref, "");
}

TEST(SlackEvents, plain_command) {
  EXPECT_EQ(plain_command(" block ip <http://203.0.113.7|203.0.113.7> "), "block ip 203.0.113.7");
  EXPECT_EQ(plain_command("block url <https://evil.example/a?b=1&amp;c=2>"), "block url https://evil.example/a?b=1&c=2");
  EXPECT_EQ(plain_command("suspend user <mailto:ann@corp.example|ann@corp.example>"), "suspend user ann@corp.example");
  EXPECT_EQ(plain_command("assign <@U1|ann> in <#C1|soc>"), "assign <@U1> in #soc");
  EXPECT_EQ(plain_command("a &lt;b&gt; &amp;lt; c"), "a <b> &lt; c");
  EXPECT_EQ(plain_command("approve R-9 —digest=ab"), "approve R-9 --digest=ab");
  EXPECT_EQ(plain_command("note C-1 well — done"), "note C-1 well — done");
  EXPECT_EQ(plain_command("it’s <"), "it's <");
}

TEST(SlackEvents, too_long_texts_are_no_commands) {
  EXPECT_EQ(ignored("events_api", message_event("app_mention", "<@U0BOT> " + std::string(9000, 'x'))),
            "too long for a command");
}

template <class T>
T frame(std::string_view text) {
  auto parsed = parse_frame(text);
  if (!parsed || !std::holds_alternative<T>(*parsed)) {
    ADD_FAILURE() << "another frame";
    return {};
  }
  return std::get<T>(*parsed);
}

TEST(SlackFrames, hello) {
  const auto hello =
      frame<Hello>(R"({"type":"hello","num_connections":2,"debug_info":{"approximate_connection_time":18060}})");
  EXPECT_EQ(hello.connections, 2);
  EXPECT_EQ(hello.lifetime.count(), 18060);
  EXPECT_EQ(frame<Hello>(R"({"type":"hello"})").lifetime.count(), 0);
  EXPECT_EQ(frame<Hello>(R"({"type":"hello","debug_info":{"approximate_connection_time":-5}})").lifetime.count(), 0);
}

TEST(SlackFrames, envelope_and_ack) {
  const auto envelope = frame<Envelope>(R"({"envelope_id":"a\"b","type":"events_api","payload":{"x":1},"retry_attempt":2})");
  EXPECT_EQ(envelope.id, "a\"b");
  EXPECT_EQ(envelope.retry, 2);
  EXPECT_EQ(envelope.payload["x"].integer_or(0), 1);
  EXPECT_EQ(ack_frame(envelope.id), R"({"envelope_id":"a\"b"})");
}

TEST(SlackFrames, refused) {
  EXPECT_FALSE(parse_frame("not json"));
  EXPECT_FALSE(parse_frame("[]"));
  EXPECT_FALSE(parse_frame(R"({"envelope_id":")" + std::string(300, 'x') + R"(","type":"events_api"})"));
  EXPECT_FALSE(parse_frame(std::string(5 << 20, ' ') + "{}"));
  EXPECT_TRUE(parse_frame(R"({"type":"something_new"})"));
}

json reaction_event(const std::string& emoji, bool added = true) {
  return {{"type", "event_callback"},
          {"team_id", "T1"},
          {"event",
           {{"type", added ? "reaction_added" : "reaction_removed"},
            {"user", "U7"},
            {"reaction", emoji},
            {"item", {{"type", "message"}, {"channel", "C1"}, {"ts", "1710000000.000100"}}},
            {"item_user", "U0BOT"},
            {"event_ts", "1710000009.000200"}}}};
}

TEST(SlackEvents, thumbs_are_feedback_in_every_skin_and_their_removal_takes_it_back) {
  const std::pair<const char*, const char*> thumbs[] = {
      {"+1", "good"}, {"thumbsup", "good"},  {"+1::skin-tone-2", "good"}, {"thumbsup::skin-tone-6", "good"},
      {"-1", "bad"},  {"thumbsdown", "bad"}, {"-1::skin-tone-4", "bad"}};
  for (const auto& [emoji, command] : thumbs) {
    const auto given = must("events_api", reaction_event(emoji));
    EXPECT_EQ(given.text, command) << emoji;
    EXPECT_EQ(given.thread_ref, "1710000000.000100");
    EXPECT_EQ(given.channel, "C1");
    EXPECT_EQ(given.who, Identity("slack", "T1", "U7"));
    EXPECT_TRUE(given.reaction);
    EXPECT_TRUE(given.button) << "the changed card is the answer";
    const auto taken = must("events_api", reaction_event(emoji, false));
    EXPECT_EQ(taken.text, std::string("retract ") + command) << emoji;
    EXPECT_NE(taken.key, given.key);
    // Delivered again with another event id: the same; put on again later: another.
    json copy = reaction_event(emoji);
    copy["event_id"] = "Ev2";
    EXPECT_EQ(must("events_api", copy).key, given.key);
    copy["event"]["event_ts"] = "1710000011.000200";
    EXPECT_NE(must("events_api", copy).key, given.key);
  }
}

// Two sockets, two orders: what was done later has the greater timestamp, and its key lies in a range the earlier one names.
TEST(SlackEvents, a_reaction_names_what_overtakes_it) {
  const auto reaction = [](const std::string& emoji, bool added, const std::string& at, const std::string& user = "U7") {
    json payload = reaction_event(emoji, added);
    payload["event"]["event_ts"] = at;
    payload["event"]["user"] = user;
    return must("events_api", payload);
  };
  const auto overtakes = [](const chat::Interaction& later, const chat::Interaction& earlier) {
    return std::any_of(earlier.moot_by.begin(), earlier.moot_by.end(),
                       [&](const auto& keys) { return keys.after < later.key && later.key < keys.before; });
  };
  const std::string first = "1710000009.000200", second = "1710000009.000300";
  EXPECT_TRUE(overtakes(reaction("+1", false, second), reaction("+1", true, first))) << "taken off again";
  EXPECT_TRUE(overtakes(reaction("+1", true, second), reaction("+1", false, first))) << "and put on again";
  EXPECT_TRUE(overtakes(reaction("-1", true, second), reaction("+1", true, first))) << "another thumb in its place";
  EXPECT_FALSE(overtakes(reaction("-1", false, second), reaction("+1", true, first))) << "another one taken off";
  for (const bool added : {true, false}) {
    EXPECT_FALSE(overtakes(reaction("+1", !added, first), reaction("+1", added, second))) << "earlier";
    EXPECT_FALSE(overtakes(reaction("+1", added, first), reaction("+1", added, first))) << "itself";
    EXPECT_FALSE(overtakes(reaction("+1", !added, second, "U8"), reaction("+1", added, first))) << "somebody else's";
  }
}

TEST(SlackEvents, other_reactions_are_small_talk) {
  EXPECT_EQ(ignored("events_api", reaction_event("heart_eyes")), "a reaction that is no thumb");
  EXPECT_EQ(ignored("events_api", reaction_event("+1000")), "a reaction that is no thumb");
  EXPECT_EQ(ignored("events_api", reaction_event("skin-tone-2")), "a reaction that is no thumb");
  json payload = reaction_event("+1");
  payload["event"]["item_user"] = "U9";
  EXPECT_EQ(ignored("events_api", payload), "a reaction to somebody else's message");
  payload = reaction_event("+1");
  payload["event"]["user"] = "U0BOT";
  EXPECT_EQ(ignored("events_api", payload), "a reaction of ours");
  payload = reaction_event("+1");
  payload["event"]["item"] = {{"type", "file"}, {"file", "F1"}};
  EXPECT_EQ(ignored("events_api", payload), "a reaction to something that is no message");
  payload = reaction_event("+1");
  payload["event"].erase("item_user");  // the router will know whose it is
  EXPECT_EQ(must("events_api", payload).text, "good");
}

TEST(SlackEvents, home_opened) {
  json payload = {{"type", "event_callback"},
                  {"team_id", "T1"},
                  {"event", {{"type", "app_home_opened"}, {"user", "U7"}, {"channel", "D7"}, {"tab", "home"}}}};
  const Meaning meaning = interpret("events_api", *Json::parse(payload.dump()), us());
  ASSERT_TRUE(std::holds_alternative<HomeOpened>(meaning));
  EXPECT_EQ(std::get<HomeOpened>(meaning).who, Identity("slack", "T1", "U7"));
  EXPECT_EQ(std::get<HomeOpened>(meaning).channel, "D7");
  EXPECT_FALSE(std::get<HomeOpened>(meaning).messages);
  payload["event"]["tab"] = "messages";
  const Meaning conversation = interpret("events_api", *Json::parse(payload.dump()), us());
  ASSERT_TRUE(std::holds_alternative<HomeOpened>(conversation));
  EXPECT_TRUE(std::get<HomeOpened>(conversation).messages);
  payload["event"]["tab"] = "about";
  EXPECT_EQ(ignored("events_api", payload), "another tab than home");
}

TEST(SlackEvents, a_pressed_stop_button) {
  json payload = {{"type", "event_callback"},
                  {"team_id", "T1"},
                  {"event",
                   {{"type", "agent_session_stopped"},
                    {"user", "U7"},
                    {"channel", "D7"},
                    {"thread_ts", "1782234671.392669"},
                    {"streaming_message_ts", json::array({"1782234987.693923"})},
                    {"event_ts", "1783536983.783769"}}}};
  const Meaning meaning = interpret("events_api", *Json::parse(payload.dump()), us());
  ASSERT_TRUE(std::holds_alternative<SessionStopped>(meaning));
  EXPECT_EQ(std::get<SessionStopped>(meaning).channel, "D7");
  EXPECT_EQ(std::get<SessionStopped>(meaning).thread, "1782234671.392669");
  EXPECT_EQ(std::get<SessionStopped>(meaning).streams, std::set<std::string>{"1782234987.693923"});
  payload["event"].erase("thread_ts");
  EXPECT_EQ(ignored("events_api", payload), "a stop of nothing");
}

json home_click() {
  json payload = {{"type", "block_actions"},
                  {"user", {{"id", "U7"}, {"team_id", "T1"}}},
                  {"container", {{"type", "view"}, {"view_id", "V1"}}},
                  {"trigger_id", "1.2.x"},
                  {"team", {{"id", "T1"}}},
                  {"view", {{"id", "V1"}, {"type", "home"}, {"private_metadata", R"({"channel":"D7"})"}}}};
  payload["actions"] = json::array(
      {{{"type", "button"}, {"action_id", "command:0"}, {"value", "approve R-9"}, {"action_ts", "1710000001.000100"}}});
  return payload;
}

TEST(SlackEvents, a_click_in_the_home_tab_is_answered_in_the_direct_conversation) {
  const auto click = must("interactive", home_click());
  EXPECT_EQ(click.text, "approve R-9");
  EXPECT_EQ(click.channel, "D7");
  EXPECT_EQ(click.thread_ref, "");
  EXPECT_EQ(click.key, "home/V1/U7/1710000001.000100/command:0");
  EXPECT_TRUE(click.button);
  EXPECT_TRUE(click.direct);
  json bare = home_click();
  bare["view"].erase("private_metadata");
  EXPECT_EQ(must("interactive", bare).channel, "U7") << "Slack takes a user's id for the conversation with them";
  bare["view"]["type"] = "modal";
  EXPECT_EQ(ignored("interactive", bare), "an element of a view");
}

TEST(SlackEvents, feedback_buttons_are_the_command_they_carry) {
  json payload = home_click();
  payload.erase("view");
  payload["container"] = {{"type", "message"}, {"message_ts", "1710000000.000100"}, {"channel_id", "C1"}};
  payload["channel"] = {{"id", "C1"}};
  payload["actions"][0] = {
      {"type", "feedback_buttons"}, {"action_id", "thumbs"}, {"value", "bad C-12"}, {"action_ts", "1710000001.000100"}};
  const auto click = must("interactive", payload);
  EXPECT_EQ(click.text, "bad C-12");
  EXPECT_EQ(click.thread_ref, "1710000000.000100");
  EXPECT_TRUE(click.button);
}

}  // namespace
}  // namespace vedette::slack

// Activities as Teams sends them: real payloads where the data is here, and the same shapes written out.

#include "integrations/teams/activity_wire.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/files.hpp"

namespace vedette::teams {
namespace {

using nlohmann::json;
using Kind = chat::Conversation::Kind;

std::string nobody(const std::string&) { return {}; }

json message(const std::string& text = "status") {
  return {{"type", "message"},
          {"id", "1759944781430"},
          {"channelId", "msteams"},
          {"serviceUrl", "https://smba.trafficmanager.net/amer/T1/"},
          {"from", {{"id", "29:ann"}, {"aadObjectId", "AAAA-1"}, {"name", "ann"}}},
          {"recipient", {{"id", "28:bot"}, {"name", "Vedette"}}},
          {"conversation", {{"id", "a:1"}, {"conversationType", "personal"}, {"tenantId", "T1"}}},
          {"text", text}};
}

json in_channel(json activity, const std::string& thread = "") {
  activity["conversation"] = {{"id", "19:c@thread.tacv2" + (thread.empty() ? "" : ";messageid=" + thread)},
                              {"conversationType", "channel"},
                              {"isGroup", true}};
  activity["channelData"] = {{"tenant", {{"id", "T1"}}}, {"team", {{"id", "19:team@thread.tacv2"}}}};
  return activity;
}

json invoke(const std::string& name, json value) {
  json activity = message();
  activity.erase("text");
  activity["type"] = "invoke";
  activity["name"] = name;
  activity["id"] = "f:1";
  activity["value"] = std::move(value);
  return activity;
}

Activity read(const json& activity) { return read_activity(activity.dump()).value(); }
Meaning meaning_of(const json& activity) { return interpret(read(activity), nobody); }
template <class T>
T meaning(const json& activity) {
  const Meaning found = meaning_of(activity);
  if (const auto* wanted = std::get_if<T>(&found)) return *wanted;
  const auto* nothing = std::get_if<Ignored>(&found);
  ADD_FAILURE() << "another meaning: " << found.index() << " " << (nothing ? nothing->reason : "");
  return {};
}
std::string why_ignored(const json& activity) {
  const Meaning found = meaning_of(activity);
  const auto* nothing = std::get_if<Ignored>(&found);
  return nothing == nullptr ? "not ignored" : nothing->reason;
}

TEST(TeamsActivity, a_message_between_two_is_a_command) {
  const auto said = meaning<chat::Interaction>(message("  ack C-12 "));
  EXPECT_EQ(said.text, "ack C-12");
  EXPECT_EQ(said.who, Identity("teams", "t1", "aaaa-1"));
  EXPECT_EQ(said.channel, "a:1");
  EXPECT_EQ(said.said_ref, "1759944781430");
  EXPECT_EQ(said.thread_ref, "");
  EXPECT_TRUE(said.direct);
  EXPECT_FALSE(said.button);
}

TEST(TeamsActivity, the_same_message_has_the_same_key_whatever_its_timestamps) {
  json once = message();
  json again = message();
  once["timestamp"] = "2026-01-01T00:00:00Z";
  again["timestamp"] = "2026-01-01T00:00:16Z";
  EXPECT_EQ(meaning<chat::Interaction>(once).key, meaning<chat::Interaction>(again).key);
  again["id"] = "1759944781431";
  EXPECT_NE(meaning<chat::Interaction>(once).key, meaning<chat::Interaction>(again).key);
}

TEST(TeamsActivity, the_mention_of_us_goes_by_its_entity_and_others_become_their_ids) {
  json activity = in_channel(message("<at>Vedette</at>&nbsp;assign C-1 <at>Ben B.</at>"), "1700");
  activity["entities"] = json::array({{{"type", "mention"}, {"text", "<at>Vedette</at>"}, {"mentioned", {{"id", "28:bot"}}}},
                                      {{"type", "mention"}, {"text", "<at>Ben B.</at>"}, {"mentioned", {{"id", "29:ben"}}}},
                                      {{"type", "clientInfo"}, {"locale", "en-US"}}});
  const Activity read_one = read(activity);
  const auto object_of = [](const std::string& address) { return address == "29:ben" ? "bbbb-2" : ""; };
  EXPECT_EQ(typed_command(read_one, object_of), "assign C-1  <@bbbb-2>");
  const auto said = std::get<chat::Interaction>(interpret(read_one, object_of));
  EXPECT_EQ(said.channel, "19:c@thread.tacv2");
  EXPECT_EQ(said.thread_ref, "1700");
  EXPECT_FALSE(said.direct);
}

// Whoever is called like us is not us.
TEST(TeamsActivity, a_name_is_no_mention) {
  json activity = in_channel(message("<at>Vedette</at> ack C-1"));
  EXPECT_EQ(why_ignored(activity), "not said to us");
  activity["entities"] = json::array({{{"type", "mention"}, {"text", "<at>Vedette</at>"}, {"mentioned", {{"id", "29:x"}}}}});
  EXPECT_EQ(why_ignored(activity), "not said to us");
}

TEST(TeamsActivity, a_message_that_begins_a_thread_is_in_no_other) {
  json activity = in_channel(message("<at>V</at> status"), "1759944781430");
  activity["entities"] = json::array({{{"type", "mention"}, {"text", "<at>V</at>"}, {"mentioned", {{"id", "28:bot"}}}}});
  const auto said = meaning<chat::Interaction>(activity);
  EXPECT_EQ(said.thread_ref, "");
  EXPECT_EQ(said.said_ref, "1759944781430");
}

TEST(TeamsActivity, a_press_is_the_command_of_the_button_and_nothing_else_of_it) {
  json activity = invoke(
      "adaptiveCard/action",
      {{"trigger", "manual"},
       {"action",
        {{"type", "Action.Execute"}, {"verb", "command"}, {"data", {{"command", "ack C-12"}, {"key", "case/12/root"}}}}}});
  activity["replyToId"] = "1700";
  const auto press = meaning<CardAction>(activity);
  EXPECT_EQ(press.interaction.text, "ack C-12");
  EXPECT_TRUE(press.interaction.button);
  EXPECT_EQ(press.interaction.thread_ref, "1700");
  EXPECT_EQ(press.slot, "case/12/root");
  EXPECT_FALSE(press.refresh);
  activity["value"]["action"]["data"].erase("command");
  EXPECT_EQ(why_ignored(activity), "an action without a command");
}

// What a client asks by itself may look, whatever command it names.
TEST(TeamsActivity, nothing_is_ever_done_on_an_automatic_trigger) {
  for (const char* trigger : {"automatic", "Automatic", "", "other"}) {
    const json activity =
        invoke("adaptiveCard/action",
               {{"trigger", trigger},
                {"action", {{"verb", "command"}, {"data", {{"command", "approve R-1"}, {"key", "case/1/action/1"}}}}}});
    const auto action = meaning<CardAction>(activity);
    EXPECT_TRUE(action.refresh) << trigger;
    EXPECT_EQ(action.interaction.text, "") << trigger;
  }
}

TEST(TeamsActivity, a_client_that_only_knows_submit_presses_the_same) {
  json activity = message("");
  activity["value"] = {{"command", "ack C-12"}, {"key", "case/12/root"}};
  activity["replyToId"] = "1700";
  const auto press = meaning<CardAction>(activity);
  EXPECT_EQ(press.interaction.text, "ack C-12");
  EXPECT_EQ(press.interaction.thread_ref, "1700");
}

TEST(TeamsActivity, feedback_has_three_shapes) {
  const auto text_of = [](json feedback, const char* thumb) {
    json value = {{"actionName", "feedback"}, {"actionValue", {{"reaction", thumb}, {"feedback", std::move(feedback)}}}};
    json activity = invoke("message/submitAction", std::move(value));
    activity["replyToId"] = "1700";
    return meaning<Feedback>(activity).interaction.text;
  };
  EXPECT_EQ(text_of("wrong verdict", "dislike"), "bad «wrong verdict»");
  EXPECT_EQ(text_of("{\"feedbackText\":\"wrong verdict\"}", "dislike"), "bad «wrong verdict»");
  EXPECT_EQ(text_of({{"feedbackText", "wrong verdict"}}, "dislike"), "bad «wrong verdict»");
  EXPECT_EQ(text_of("", "dislike"), "bad");
  EXPECT_EQ(text_of(nullptr, "like"), "good");
  EXPECT_EQ(text_of("thanks", "like"), "good");
  EXPECT_EQ(text_of("C-7 --x » \\", "dislike"), "bad «C-7 --x > \\\\»") << "words stay words";
}

TEST(TeamsActivity, feedback_that_does_not_say_on_what_is_nothing) {
  json activity = invoke("message/submitAction", {{"actionName", "feedback"}, {"actionValue", {{"reaction", "like"}}}});
  EXPECT_EQ(why_ignored(activity), "feedback that does not say on what");
  activity["conversation"]["id"] = "19:c@thread.tacv2;messageid=1699";
  EXPECT_EQ(meaning<Feedback>(activity).interaction.thread_ref, "1699");
}

TEST(TeamsActivity, reactions_are_thumbs_that_the_later_one_overtakes) {
  const auto react = [](const char* change, const char* type, const char* at) {
    json activity = message();
    activity.erase("text");
    activity["type"] = "messageReaction";
    activity["replyToId"] = "1700";
    activity["timestamp"] = at;
    activity[change] = json::array({{{"type", "heart"}}, {{"type", type}}});
    return meaning<chat::Interaction>(activity);
  };
  const auto good = react("reactionsAdded", "like", "2026-01-01T00:00:01.5Z");
  const auto gone = react("reactionsRemoved", "like", "2026-01-01T00:00:02Z");
  const auto bad = react("reactionsAdded", "1f44e_thumbsdown-tone2", "2026-01-01T00:00:03.0000001Z");
  EXPECT_EQ(good.text, "good");
  EXPECT_EQ(gone.text, "retract good");
  EXPECT_EQ(bad.text, "bad");
  EXPECT_TRUE(good.reaction && gone.reaction && bad.reaction);
  const auto overtakes = [](const chat::Interaction& later, const chat::Interaction& earlier) {
    return std::any_of(earlier.moot_by.begin(), earlier.moot_by.end(),
                       [&](const chat::KeyRange& keys) { return keys.after < later.key && later.key < keys.before; });
  };
  EXPECT_TRUE(overtakes(gone, good));
  EXPECT_TRUE(overtakes(bad, good));
  EXPECT_TRUE(overtakes(bad, gone));
  EXPECT_FALSE(overtakes(good, gone));
  EXPECT_FALSE(overtakes(good, bad));
}

TEST(TeamsActivity, a_dialog_names_its_button) {
  const auto fetch = meaning<DialogFetch>(invoke("task/fetch", {{"data", {{"command", "close C-3"}}}}));
  EXPECT_EQ(fetch.interaction.text, "close C-3");
  const auto submit = meaning<DialogSubmit>(invoke("task/submit", {{"data", {{"why", "tp"}}}}));
  EXPECT_EQ(submit.data["why"].string_or(""), "tp");
}

TEST(TeamsActivity, somebody_elses_message_is_handed_over_as_plain_lines) {
  json value = {
      {"commandId", "investigate"},
      {"messagePayload",
       {{"id", "1699"},
        {"createdDateTime", "2026-11-24T03:12:09.25Z"},
        {"body",
         {{"contentType", "html"},
          {"content",
           "<div><p>Look &amp; see <b>198.51.100.7</b></p><p>at <a href=\"https://Evil.example/X\">this</a></p></div>"}}},
        {"attachments",
         json::array({{{"contentType", "application/vnd.microsoft.card.adaptive"},
                       {"content", R"({"type":"AdaptiveCard","body":[{"type":"TextBlock","text":"Malware on web01"},
                                     {"type":"FactSet","facts":[{"title":"Host","value":"web01"}]}]})"}}})}}}};
  const auto shortcut = meaning<Shortcut>(invoke("composeExtension/fetchTask", value));
  EXPECT_EQ(shortcut.text, "Look & see 198.51.100.7\nat this https://Evil.example/X\nMalware on web01\nHost: web01");
  EXPECT_EQ(shortcut.interaction.about_ref, "1699");
  EXPECT_EQ(to_rfc3339(shortcut.interaction.about_time), "2026-11-24T03:12:09.250Z");
  value["commandId"] = "other";
  EXPECT_TRUE(std::holds_alternative<UnknownInvoke>(meaning_of(invoke("composeExtension/fetchTask", value))));
}

TEST(TeamsActivity, unknown_invokes_and_those_of_nobody_are_refused) {
  EXPECT_TRUE(std::holds_alternative<UnknownInvoke>(meaning_of(invoke("composeExtension/query", json::object()))));
  json stranger = invoke("adaptiveCard/action", {{"action", {{"data", {{"command", "ack C-1"}}}}}});
  stranger["from"].erase("aadObjectId");
  EXPECT_TRUE(std::holds_alternative<UnknownInvoke>(meaning_of(stranger)));
}

TEST(TeamsActivity, messages_of_nobody_bots_and_other_types_are_ignored) {
  json activity = message();
  activity["from"].erase("aadObjectId");
  EXPECT_EQ(why_ignored(activity), "no aadObjectId");
  activity = message();
  activity["from"]["role"] = "bot";
  EXPECT_EQ(why_ignored(activity), "said by a bot");
  activity = message();
  activity["type"] = "typing";
  EXPECT_EQ(why_ignored(activity), "an activity of another type");
}

TEST(TeamsActivity, being_added_and_removed_is_told_in_two_ways) {
  json activity = in_channel(message());
  activity["type"] = "installationUpdate";
  for (const auto& [action, added] : {std::pair{"add", true}, {"add-upgrade", true}, {"remove", false}}) {
    activity["action"] = action;
    EXPECT_EQ(meaning<Membership>(activity).added, added) << action;
  }
  activity["action"] = "remove-upgrade";
  EXPECT_EQ(why_ignored(activity), "an installationUpdate of another kind");
  activity["type"] = "conversationUpdate";
  activity["membersAdded"] = json::array({{{"id", "29:ann"}}});
  EXPECT_EQ(why_ignored(activity), "a conversationUpdate about others");
  activity["membersRemoved"] = json::array({{{"id", "28:bot"}}});
  EXPECT_FALSE(meaning<Membership>(activity).added);
}

TEST(TeamsActivity, what_is_no_activity_is_an_error) {
  for (const char* bytes : {"", "[]", "null", "{\"type\":\"\"}", "{\"type\":7}", "{\"type\":\"message\"", "\xff"}) {
    EXPECT_FALSE(read_activity(bytes)) << bytes;
  }
  const auto huge = read_activity("{\"type\":\"message\",\"text\":\"" + std::string(1 << 20, 'x') + "\"}");
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().code, Code::too_large);
}

TEST(TeamsActivity, ids_without_end_are_none) {
  json activity = message();
  activity["from"]["aadObjectId"] = std::string(5000, 'a');
  EXPECT_EQ(read(activity).user, "");
}

TEST(TeamsActivity, real_payloads) {
  const auto data = test::corpus();
  if (!data) GTEST_SKIP() << test::kNoCorpus;
  const auto load = [&](const std::string& name) {
    json payload = json::parse(test::read_file(*data / "teams" / name));
    return payload.contains("body") ? payload["body"] : payload;
  };
  const auto mention = meaning<chat::Interaction>(load("message_channel_mention.json"));
  EXPECT_EQ(mention.text, "reply to thread");
  EXPECT_EQ(mention.channel, "19:6848757105754c8981c67612732d9aa7@thread.tacv2");
  EXPECT_EQ(mention.thread_ref, "1759881511856");
  EXPECT_EQ(mention.who, Identity("teams", "50612dbb-0237-4969-b378-8d42590f9c00", "b15a9416-0ad3-4172-9210-7beb711d3f70"));
  EXPECT_TRUE(meaning<chat::Interaction>(load("message_personal.json")).direct);
  EXPECT_EQ(meaning<chat::Interaction>(load("messageReaction_added.json")).text, "good");
  EXPECT_EQ(meaning<chat::Interaction>(load("messageReaction_removed.json")).text, "retract good");
  EXPECT_TRUE(meaning<Membership>(load("installationUpdate_add.json")).added);
  EXPECT_EQ(why_ignored(load("conversationUpdate_channelCreated.recorded.json")), "a conversationUpdate about others");
  EXPECT_EQ(why_ignored(load("invoke_adaptiveCard_action.json")), "an action without a command");
  const Activity added = read(load("installationUpdate_add.json"));
  const chat::Conversation place = conversation_of(added);
  EXPECT_EQ(place.kind, Kind::channel);
  EXPECT_EQ(place.id, "19:0b7f32667e064dd9b25d7969801541f4@thread.tacv2");
  EXPECT_EQ(place.bot, "28:608cacfd-1cea-40c9-b678-4b93e69bb72b");
}

}  // namespace
}  // namespace vedette::teams

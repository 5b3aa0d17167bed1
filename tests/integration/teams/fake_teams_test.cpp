// Is the fake Teams as strict as the real one, and do its people do things in the shapes that Teams has?

#include <gtest/gtest.h>

#include "bot/net/http_client.hpp"
#include "bot/net/url.hpp"
#include "integrations/teams/activity_wire.hpp"
#include "tests/fakes/fake_teams.hpp"
#include "tests/fakes/fake_teams_check.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/files.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

// The fake, and a bot that says nothing but what a test tells it to.
struct Bench {
  explicit Bench(const Executor& io, FakeTeamsOptions options = {})
      : http(net::make_http_client(io, {})), fake(io, options) {
    EXPECT_TRUE(fake.start().has_value());
    channel = fake.add_channel(fake.add_team("Security", {"ann", "ben"}), "alerts");
    const auto carry = [this](std::string activity, std::string authorization) {
      return take(std::move(activity), std::move(authorization));
    };
    fake.connect(carry, [](const std::string& service_url) { return "Bearer for " + service_url; });
  }
  boost::asio::awaitable<CarriedAnswer> take(std::string activity, std::string authorization) {
    received.push_back(json::parse(activity));
    authorizations.push_back(std::move(authorization));
    co_return answer;
  }
  boost::asio::awaitable<int> ask(std::string method, std::string path, json body = {}, std::string token = "t") {
    net::HttpRequest request(std::move(method), fake.service_url() + "v3/conversations" + path);
    if (!token.empty()) request.headers.set("Authorization", "Bearer " + token);
    if (!body.is_null()) request.headers.set("Content-Type", "application/json");
    if (!body.is_null()) request.body = body.dump();
    const auto deadline = Deadline::after(std::chrono::seconds(5));
    const auto said = co_await http->send(std::move(request), deadline);
    if (!said) co_return 0;
    last = json::parse(said->body, nullptr, false);
    co_return said->status;
  }
  std::string in(const std::string& room) const { return "/" + net::percent_encode(room) + "/activities"; }
  std::string code() const { return last.is_object() && last.contains("error") ? last["error"]["code"] : ""; }

  std::unique_ptr<net::HttpClient> http;
  FakeTeams fake;
  std::string channel;
  json last;
  CarriedAnswer answer{200, ""};
  std::vector<json> received;
  std::vector<std::string> authorizations;
};

json text(const std::string& words) { return {{"type", "message"}, {"text", words}}; }

json with_card(json card) {
  return {{"type", "message"},
          {"channelData", {{"feedbackLoop", {{"type", "default"}}}}},
          {"attachments",
           json::array({{{"contentType", "application/vnd.microsoft.card.adaptive"}, {"content", std::move(card)}}})}};
}

json sample_card() {
  const json submit = {
      {"type", "Action.Submit"}, {"title", "Acknowledge"}, {"data", {{"command", "ack C-1"}, {"key", "k"}}}};
  json execute = submit;
  execute["type"] = "Action.Execute";
  execute["verb"] = "command";
  execute["fallback"] = submit;
  const json opens = {{"type", "Action.Submit"},
                      {"title", "Close…"},
                      {"data", {{"command", "close C-1"}, {"msteams", {{"type", "task/fetch"}}}}}};
  return {{"type", "AdaptiveCard"},
          {"version", "1.5"},
          {"body",
           {{{"type", "TextBlock"}, {"text", "C-1"}},
            {{"type", "Input.Text"}, {"id", "why"}, {"value", "because"}},
            {{"type", "ActionSet"}, {"actions", {execute}}}}},
          {"actions", {opens}}};
}

json after(json value, const std::string& pointer, json change) {
  value[json::json_pointer(pointer)] = std::move(change);
  return value;
}

TEST(FakeTeamsCheck, refuses_what_teams_refuses) {
  EXPECT_EQ(activity_fault(text("x")), "");
  EXPECT_EQ(activity_fault(with_card(sample_card())), "");
  const json message = with_card(sample_card());
  const std::string content = "/attachments/0/content";
  for (const auto& [what, activity] : std::map<std::string, json>{
           {"no type", {{"text", "x"}}},
           {"nothing to show", {{"type", "message"}}},
           {"a type only people send", {{"type", "invoke"}, {"text", "x"}}},
           {"version", after(message, content + "/version", "1.6")},
           {"no card", after(message, content, "text")},
           {"fallback", after(message, content + "/body/2/actions/0/fallback/type", "Action.OpenUrl")},
           {"refresh", after(message, content + "/refresh", {{"action", {{"type", "Action.Submit"}}}})},
           {"refreshers", after(message, content + "/refresh",
                                {{"action", {{"type", "Action.Execute"}, {"verb", "refresh"}}},
                                 {"userIds", std::vector<std::string>(61, "29:1")}})},
           {"attachment", after(message, "/attachments/0/contentType", "text/html")},
           {"loop", after(message, "/channelData/feedbackLoop/type", "sometimes")},
           {"mention", after(text("x"), "/entities", {{{"type", "mention"}, {"text", "<at>ann</at>"}}})},
           {"format", after(text("x"), "/textFormat", "html")}}) {
    EXPECT_NE(activity_fault(activity), "") << what;
  }
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  EXPECT_NE(activity_fault(after(message, content + "/body/0/size", "gigantic")), "");
}

TEST(FakeTeamsCheck, knows_answers_to_invokes) {
  const json message = {{"statusCode", 200}, {"type", "application/vnd.microsoft.activity.message"}, {"value", "done"}};
  EXPECT_EQ(invoke_answer_fault("adaptiveCard/action", message.dump()), "");
  EXPECT_EQ(invoke_answer_fault("message/submitAction", "{}"), "");
  EXPECT_NE(invoke_answer_fault("message/submitAction", message.dump()), "");
  EXPECT_EQ(invoke_answer_fault("task/submit", ""), "");
  EXPECT_NE(invoke_answer_fault("adaptiveCard/action", ""), "");
  EXPECT_NE(invoke_answer_fault("adaptiveCard/action", R"({"statusCode":400,"type":"application/vnd.microsoft.error"})"),
            "");
  EXPECT_NE(invoke_answer_fault("task/fetch", R"({"task":{"type":"continue","value":{"title":"x"}}})"), "");
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  const json recorded = json::parse(read_file(*corpus() / "teams" / "response_task_continue.json"));
  EXPECT_EQ(invoke_answer_fault("task/fetch", recorded.dump()), "");
}

TEST(FakeTeamsCheck, counts_as_utf16) {
  EXPECT_EQ(utf16_size("ab"), 4u);
  EXPECT_EQ(utf16_size("ż語"), 4u);
  EXPECT_EQ(utf16_size("\xF0\x9F\x94\xA5"), 4u);
}

ASYNC_TEST(FakeTeams, keeps_its_doors) {
  FakeTeamsOptions options;
  options.token_is_good = [](const std::string& token) { return token == "t"; };
  Bench bench(io, options);
  const std::string room = bench.in(bench.channel);
  EXPECT_EQ(co_await bench.ask("POST", room, text("x"), "another"), 401);
  EXPECT_EQ(co_await bench.ask("POST", room, text("x"), ""), 401);
  EXPECT_EQ(co_await bench.ask("POST", room, text("x")), 201);
  const std::string id = bench.last["id"];
  EXPECT_EQ(co_await bench.ask("POST", room + "/" + id, text("below")), 201);
  EXPECT_EQ(bench.fake.messages().back().root, id);
  EXPECT_EQ(co_await bench.ask("POST", bench.in(bench.channel + ";messageid=17"), text("x")), 404);
  EXPECT_EQ(bench.code(), "ActivityNotFoundInConversation");
  EXPECT_EQ(co_await bench.ask("POST", bench.in("19:nowhere"), text("x")), 404);
  EXPECT_EQ(bench.code(), "ConversationNotFound");
  EXPECT_EQ(co_await bench.ask("POST", room, text(std::string(60'000, 'x'))), 413);
  EXPECT_EQ(bench.code(), "MessageSizeTooBig");
  (void)co_await bench.fake.say("ann", bench.channel, "hello");
  const std::string anns = bench.fake.messages().back().id;
  EXPECT_EQ(co_await bench.ask("PUT", room + "/" + anns, text("x")), 403);
  EXPECT_EQ(co_await bench.ask("DELETE", room + "/" + anns), 403);
  EXPECT_EQ(co_await bench.ask("PUT", room + "/" + id, text("edited")), 200);
  EXPECT_EQ(co_await bench.ask("PUT", room + "/17", text("x")), 404);
  EXPECT_EQ(co_await bench.ask("DELETE", room + "/" + id), 200);
  EXPECT_EQ(co_await bench.ask("PUT", room + "/" + id, text("x")), 404);
  json both = with_card(sample_card());
  both["text"] = "beside it";
  EXPECT_EQ(co_await bench.ask("POST", room, both), 201);
  EXPECT_FALSE(bench.last.contains("id")) << "split into two";
  bench.fake.disable_app();
  EXPECT_EQ(co_await bench.ask("POST", room, text("x")), 403);
  EXPECT_EQ(bench.code(), "BotDisabledByAdmin");
  co_await bench.fake.stop();
}

ASYNC_TEST(FakeTeams, keeps_microsofts_limits_when_told) {
  Bench bench(io);
  bench.fake.keep_limits();
  int refused = 0;
  for (int i = 0; i < 8; ++i) {
    const int status = co_await bench.ask("POST", bench.in(bench.channel), text("x"));
    refused += status == 429 ? 1 : 0;
  }
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(bench.code(), "Throttled");
  co_await bench.fake.stop();
}

json piece(const char* type, const char* kind, const std::string& words, int sequence, const std::string& stream) {
  json info = {{"type", "streaminfo"}, {"streamType", kind}};
  if (sequence > 0) info["streamSequence"] = sequence;
  if (!stream.empty()) info["streamId"] = stream;
  return {{"type", type}, {"text", words}, {"entities", {info}}};
}

ASYNC_TEST(FakeTeams, takes_streams_between_two_alone) {
  Bench bench(io);
  const std::string two = bench.in(bench.fake.direct_with("ann"));
  EXPECT_EQ(co_await bench.ask("POST", bench.in(bench.channel), piece("typing", "streaming", "a", 1, "")), 400);
  EXPECT_EQ(co_await bench.ask("POST", two, piece("typing", "streaming", "", 1, "")), 400);
  EXPECT_EQ(co_await bench.ask("POST", two, piece("message", "final", "a", 0, "")), 400);
  EXPECT_EQ(co_await bench.ask("POST", two, piece("typing", "informative", "looking", 1, "")), 201);
  const std::string id = bench.last["id"];
  EXPECT_EQ(co_await bench.ask("POST", two, piece("typing", "streaming", "a", 2, id)), 202);
  EXPECT_EQ(co_await bench.ask("POST", two, piece("typing", "streaming", "b", 3, id)), 400)
      << "not what stood there, and more";
  EXPECT_EQ(co_await bench.ask("POST", two, piece("message", "streaming", "ab", 3, id)), 400);
  EXPECT_EQ(co_await bench.ask("POST", two, piece("message", "final", "ab", 0, id)), 202);
  EXPECT_EQ(co_await bench.ask("POST", two, piece("typing", "streaming", "abc", 4, id)), 403);
  EXPECT_EQ(bench.code(), "ContentStreamNotAllowed");
  EXPECT_EQ(bench.fake.messages().size(), 1u);
  EXPECT_EQ(bench.fake.messages().front().activity["text"], "ab");
  EXPECT_FALSE(bench.fake.messages().front().streaming);
  co_await bench.fake.stop();
}

// Whether every member of the recorded activity that Teams always sends is in ours, of the same kind.
void expect_like(const json& ours, const json& recorded, const std::string& where) {
  for (const auto& [name, value] : recorded.items()) {
    if (where + name == "/localTimestamp" || name == "country" || name == "timezone") continue;
    EXPECT_TRUE(ours.contains(name)) << where << name;
    if (!ours.contains(name)) continue;
    EXPECT_EQ(ours[name].type_name(), std::string(value.type_name())) << where << name;
    if (value.is_object() && name != "data") expect_like(ours[name], value, where + name + "/");
  }
}

ASYNC_TEST(FakeTeams, people_speak_and_press_in_recorded_shapes) {
  if (!corpus()) co_return;
  Bench bench(io);
  const auto recorded = [](const char* name) { return json::parse(read_file(*corpus() / "teams" / name)); };
  CO_ASSERT_TRUE(co_await bench.ask("POST", bench.in(bench.channel), with_card(sample_card())) == 201);
  const std::string root = bench.last["id"];
  const auto said = co_await bench.fake.say("ann", bench.channel, "status <now>", root);
  expect_like(said.activity, recorded("message_channel_mention.json"), "/");
  EXPECT_EQ(said.activity["text"], "<at>Vedette</at> status <now>");
  EXPECT_EQ(said.activity["conversation"]["id"], bench.channel + ";messageid=" + root);
  EXPECT_EQ(bench.authorizations.back(), "Bearer for " + bench.fake.service_url());
  const auto unheard = co_await bench.fake.say("ann", bench.channel, "among us", root, false);
  EXPECT_TRUE(unheard.activity.is_null());
  EXPECT_EQ(bench.received.size(), 1u);

  const auto pressed = co_await bench.fake.press("ann", bench.channel, root, "Acknowledge");
  json shape = recorded("invoke_adaptiveCard_action.json");
  expect_like(pressed.activity, shape, "/");
  EXPECT_EQ(pressed.activity["value"]["action"]["data"], json({{"command", "ack C-1"}, {"key", "k"}, {"why", "because"}}));
  EXPECT_EQ(pressed.activity["value"]["trigger"], "manual");
  EXPECT_EQ(pressed.activity["replyToId"], root);
  const auto old = co_await bench.fake.press("ann", bench.channel, root, "ack C-1", {}, true);
  EXPECT_EQ(old.activity["type"], "message");
  EXPECT_EQ(old.activity["value"]["command"], "ack C-1");
  const auto opening = co_await bench.fake.press("ann", bench.channel, root, "close C-1");
  EXPECT_EQ(opening.activity["name"], "task/fetch");
  expect_like(opening.activity["value"], recorded("invoke_task_fetch.json")["value"], "/value/");

  for (const auto shaped :
       {FakeTeams::FeedbackShape::plain, FakeTeams::FeedbackShape::json_text, FakeTeams::FeedbackShape::object}) {
    const auto thumb = co_await bench.fake.thumb("ann", bench.channel, root, "dislike", "why so", shaped);
    expect_like(thumb.activity["value"]["actionValue"], {{"reaction", "dislike"}}, "/");
    const Json feedback = Json::parse(thumb.activity["value"]["actionValue"]["feedback"].dump()).value_or(Json());
    EXPECT_EQ(teams::feedback_text(feedback), "why so");
  }
  const auto liked = co_await bench.fake.react("ann", bench.channel, root);
  expect_like(liked.activity,
              after(recorded("messageReaction_added.json"), "/legacy", nullptr)
                  .patch(json::array({{{"op", "remove"}, {"path", "/legacy"}}})),
              "/");
  const auto added = co_await bench.fake.install("ann", bench.channel);
  expect_like(added.activity,
              after(recorded("installationUpdate_add.json"), "/conversation/name", nullptr)
                  .patch(json::array({{{"op", "remove"}, {"path", "/conversation/name"}},
                                      {{"op", "remove"}, {"path", "/channelData/team/aadGroupId"}},
                                      {{"op", "remove"}, {"path", "/channelData/source"}}})),
              "/");
  for (const auto& activity : bench.received) EXPECT_TRUE(teams::read_activity(activity.dump())) << activity.dump();
  co_await bench.fake.stop();
}

ASYNC_TEST(FakeTeams, shows_a_card_that_an_answer_brings_to_that_person_alone) {
  Bench bench(io);
  json card = sample_card();
  card["refresh"] = {{"action", {{"type", "Action.Execute"}, {"verb", "refresh"}, {"data", {{"key", "k"}}}}},
                     {"userIds", {bench.fake.person("ann").address}}};
  CO_ASSERT_TRUE(co_await bench.ask("POST", bench.in(bench.channel), with_card(card)) == 201);
  const std::string root = bench.last["id"];
  json own = sample_card();
  own["body"][0]["text"] = "for ann";
  bench.answer.body =
      json({{"statusCode", 200}, {"type", "application/vnd.microsoft.card.adaptive"}, {"value", own}}).dump();
  const auto looked = co_await bench.fake.look_at("ann", bench.channel, root);
  EXPECT_EQ(looked.activity["value"]["trigger"], "automatic");
  EXPECT_EQ(bench.fake.find(bench.channel, root)->shown_to.at("ann"), own);
  const auto other = co_await bench.fake.look_at("ben", bench.channel, root);
  EXPECT_TRUE(other.activity.is_null());
  EXPECT_TRUE(bench.fake.problems().empty());
  bench.answer.body = R"({"statusCode":200,"type":"application/vnd.microsoft.card.adaptive","value":{}})";
  (void)co_await bench.fake.look_at("ann", bench.channel, root);
  EXPECT_EQ(bench.fake.problems().size(), 1u) << "an answer that Teams would not show is noticed";
  co_await bench.fake.stop();
}

}  // namespace
}  // namespace vedette::test

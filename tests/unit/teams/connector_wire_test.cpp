// The Connector's requests and answers as text; the recorded ones from the public payloads among them.

#include "integrations/teams/connector_wire.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "integrations/teams/connector.hpp"
#include "tests/support/files.hpp"

namespace vedette::teams {
namespace {

using nlohmann::json;

constexpr const char* kThread = "19:6848@thread.tacv2;messageid=1759881511856";

net::HttpResponse answer(int status, std::string body, std::string retry_after = {}) {
  net::HttpResponse response(status, "application/json", std::move(body));
  if (!retry_after.empty()) response.headers.set("Retry-After", retry_after);
  return response;
}

json error_body(const std::string& code) { return {{"error", {{"code", code}, {"message", "secret text of theirs"}}}}; }

Error sorted(int status, const std::string& body, Doing doing, std::string retry_after = {}) {
  return sort_refusal(answer(status, body, std::move(retry_after)), doing, "a message", {});
}

TEST(TeamsConnectorWire, encodes_ids) {
  EXPECT_EQ(activities_path(kThread), "v3/conversations/19%3A6848%40thread.tacv2%3Bmessageid%3D1759881511856/activities");
  EXPECT_EQ(activity_path("a:1/../../x", "17?y#z"), "v3/conversations/a%3A1%2F..%2F..%2Fx/activities/17%3Fy%23z");
  EXPECT_EQ(member_path("19:a", "29:1-_x"), "v3/conversations/19%3Aa/members/29%3A1-_x");
  EXPECT_EQ(members_path("19:a", ""), "v3/conversations/19%3Aa/pagedmembers?pageSize=500");
  EXPECT_EQ(members_path("19:a", "a+b=="),
            "v3/conversations/19%3Aa/pagedmembers?pageSize=500&continuationToken=a%2Bb%3D%3D");
}

TEST(TeamsConnectorWire, takes_the_thread_off) {
  EXPECT_EQ(without_thread(kThread), "19:6848@thread.tacv2");
  EXPECT_EQ(without_thread("a:1x"), "a:1x");
}

TEST(TeamsConnectorWire, addresses_one_person) {
  const auto addressed = addressed_to(R"({"type":"message","recipient":{"id":"29:other"},"text":"x"})", "29:1\"a");
  ASSERT_TRUE(addressed);
  const json read = json::parse(*addressed);
  EXPECT_EQ(read["recipient"], json({{"id", "29:1\"a"}}));
  EXPECT_EQ(read["type"], "message");
  EXPECT_EQ(read["text"], "x");
  EXPECT_FALSE(addressed_to("[1]", "29:1"));
  EXPECT_FALSE(addressed_to("{", "29:1"));
}

TEST(TeamsConnectorWire, posts_to_a_channel_as_recorded) {
  if (!test::corpus()) GTEST_SKIP() << test::kNoCorpus;
  const json recorded =
      json::parse(test::read_file(*test::corpus() / "teams" / "connector_createConversation.recorded.json"));
  const json expected = recorded["request"]["body"];
  const std::string channel = expected["channelData"]["channel"]["id"];
  EXPECT_EQ(json::parse(channel_post(channel, expected["activity"].dump())), expected);
  const auto posted = read_posted(recorded["response"]["body"].dump());
  ASSERT_TRUE(posted);
  EXPECT_EQ(json(posted->conversation), recorded["response"]["body"]["id"]);
  EXPECT_EQ(posted->activity, "1571508432869") << "by this number presses and replies name it";
}

TEST(TeamsConnectorWire, asks_for_the_conversation_of_two) {
  EXPECT_EQ(json::parse(direct_request("28:bot", "29:1a", "tenant")),
            json::parse(R"({"isGroup":false,"bot":{"id":"28:bot"},"members":[{"id":"29:1a"}],"tenantId":"tenant",
                            "channelData":{"tenant":{"id":"tenant"}}})"));
  const auto found = read_posted(R"({"id":"a:1x"})");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->conversation, "a:1x");
  EXPECT_EQ(found->activity, "");
}

TEST(TeamsConnectorWire, reads_ids) {
  EXPECT_EQ(read_id(R"({"id":"1759944781430"})").value_or(""), "1759944781430");
  for (const char* none : {"", "{}", "[]", R"({"id":7})", R"({"id":""})", "<html>"}) {
    const auto read = read_id(none);
    ASSERT_FALSE(read) << none;
    EXPECT_EQ(read.error().code, Code::upstream);
  }
  EXPECT_FALSE(read_posted("{}"));
  EXPECT_EQ(read_posted(R"({"id":"19:a;messageid=x/y","activityId":"1:q"})")->activity, "1:q") << "no number";
}

TEST(TeamsConnectorWire, reads_members) {
  const auto member = read_member(R"({"id":"29:1a","objectId":"AB-1","name":"Ann","tenantId":"T-1","userRole":"Guest"})");
  ASSERT_TRUE(member);
  EXPECT_EQ(member->id, "29:1a");
  EXPECT_EQ(member->object, "ab-1");
  EXPECT_EQ(member->tenant, "t-1");
  EXPECT_EQ(member->name, "Ann");
  EXPECT_EQ(member->role, "guest");
  EXPECT_EQ(read_member(R"({"id":"29:1a","aadObjectId":"C","objectId":"AB","role":"user"})")->object, "c");
  EXPECT_FALSE(read_member("{}"));
  const auto page = read_members(R"({"members":[{"id":"29:1"},{"name":"no id"},{"id":"29:2"}],"continuationToken":"n=="})");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->members.size(), 2u);
  EXPECT_EQ(page->continuation, "n==");
  EXPECT_EQ(read_members(R"({"members":[]})")->continuation, "");
  EXPECT_FALSE(read_members("{}"));
}

TEST(TeamsConnectorWire, sorts_refusals_by_status) {
  struct Row {
    int status;
    Doing doing;
    Code code;
    bool retryable;
  };
  for (const Row& row : {Row{401, Doing::post, Code::unauthenticated, false},
                         {403, Doing::post, Code::forbidden, true},
                         {404, Doing::edit, Code::not_found, false},
                         {412, Doing::post, Code::rate_limited, true},
                         {413, Doing::post, Code::too_large, false},
                         {429, Doing::edit, Code::rate_limited, true},
                         {500, Doing::post, Code::unknown_outcome, true},
                         {500, Doing::edit, Code::unavailable, true},
                         {502, Doing::post, Code::unknown_outcome, true},
                         {502, Doing::edit, Code::rate_limited, true},
                         {503, Doing::post, Code::unavailable, true},
                         {504, Doing::post, Code::unknown_outcome, true},
                         {504, Doing::look_up, Code::rate_limited, true},
                         {408, Doing::post, Code::unknown_outcome, true},
                         {400, Doing::post, Code::upstream, false},
                         {405, Doing::edit, Code::upstream, false}}) {
    const Error error = sorted(row.status, error_body("SomethingNew").dump(), row.doing);
    EXPECT_EQ(error.code, row.code) << row.status << " " << error.message;
    EXPECT_EQ(error.retryable, row.retryable) << row.status;
    EXPECT_EQ(error.http_status, row.status);
    EXPECT_NE(error.message.find("SomethingNew"), std::string::npos) << "a person can look it up";
    EXPECT_EQ(error.message.find("secret"), std::string::npos) << "what they wrote stays out";
  }
}

TEST(TeamsConnectorWire, sorts_refusals_by_their_code) {
  const std::map<std::string, Code> codes = {{"BotNotInConversationRoster", Code::forbidden},
                                             {"BotDisabledByAdmin", Code::forbidden},
                                             {"ConversationBlockedByUser", Code::forbidden},
                                             {"ForbiddenOperationException", Code::forbidden},
                                             {"NotEnoughPermissions", Code::upstream},
                                             {"ContentStreamNotAllowed", Code::upstream},
                                             {"ActivityNotFoundInConversation", Code::not_found},
                                             {"ConversationNotFound", Code::not_found},
                                             {"messagesizetoobig", Code::too_large},
                                             {"Throttled", Code::rate_limited}};
  for (const auto& [code, expected] : codes) {
    for (const int status : {400, 403})
      EXPECT_EQ(sorted(status, error_body(code).dump(), Doing::post).code, expected) << code;
  }
  EXPECT_TRUE(sorted(403, error_body("BotDisabledByAdmin").dump(), Doing::post).retry_after.has_value());
}

TEST(TeamsConnectorWire, reads_the_recorded_refusal) {
  if (!test::corpus()) GTEST_SKIP() << test::kNoCorpus;
  const json recorded = json::parse(test::read_file(*test::corpus() / "teams" / "error_403_MessageWritesBlocked.json"));
  const Error error = sorted(recorded["status"], recorded["body"].dump(), Doing::post);
  EXPECT_EQ(error.code, Code::forbidden);
  EXPECT_TRUE(error.retryable);
  EXPECT_NE(error.message.find("MessageWritesBlocked"), std::string::npos) << error.message;
}

TEST(TeamsConnectorWire, takes_what_is_not_teams_for_not_done) {
  for (const int status : {302, 400, 407, 418}) {
    const Error error = sorted(status, "<html>Sign in to the network</html>", Doing::post);
    EXPECT_EQ(error.code, Code::unavailable) << status;
    EXPECT_TRUE(error.retryable);
  }
}

TEST(TeamsConnectorWire, hears_when_to_come_back) {
  EXPECT_EQ(sorted(429, "{}", Doing::post, "7").retry_after, std::chrono::seconds(7));
  EXPECT_EQ(sorted(503, "{}", Doing::post, "7").retry_after, std::chrono::seconds(7));
  EXPECT_FALSE(sorted(429, "{}", Doing::post).retry_after.has_value());
}

TEST(TeamsConnectorWire, shows_no_more_of_a_code_than_is_safe) {
  const Error error = sorted(400, error_body("Bad<script>\n" + std::string(500, 'x')).dump(), Doing::post);
  EXPECT_LT(error.message.size(), 150u);
  EXPECT_EQ(error.message.find('<'), std::string::npos);
  EXPECT_EQ(error.message.find('\n'), std::string::npos);
}

TEST(TeamsConnectorWire, sorts_calls_without_an_answer) {
  EXPECT_EQ(sort_failure(Error(Code::timeout, "x"), Doing::post).code, Code::unavailable);
  EXPECT_EQ(sort_failure(Error(Code::unknown_outcome, "x"), Doing::post).code, Code::unknown_outcome);
  EXPECT_EQ(sort_failure(Error(Code::unknown_outcome, "x"), Doing::edit).code, Code::unavailable);
  EXPECT_EQ(sort_failure(Error(Code::too_large, "x"), Doing::post).code, Code::unknown_outcome)
      << "the answer was too large, not the message";
  EXPECT_FALSE(sort_failure(Error(Code::cancelled, "x", true), Doing::post).retryable);
  EXPECT_TRUE(sort_failure(Error(Code::unavailable, "x"), Doing::post).retryable);
}

TEST(TeamsConnectorWire, knows_what_gets_no_id) {
  EXPECT_TRUE(goes_unnamed(R"({"type":"typing"})"));
  EXPECT_TRUE(goes_unnamed(R"({"type":"message","entities":[{"type":"streaminfo","streamId":"1","streamType":"final"}]})"));
  EXPECT_FALSE(goes_unnamed(R"({"type":"message","text":"\"streamId\":\"1\""})"));
  EXPECT_FALSE(goes_unnamed("nothing"));
}

}  // namespace
}  // namespace vedette::teams

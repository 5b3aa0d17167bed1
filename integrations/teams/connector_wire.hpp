#pragma once
// The Connector's requests and answers as text. Pure. Shapes:
// learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference, and of errors
// learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability#status-codes-from-bot-conversational-apis

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/result.hpp"
#include "bot/net/http.hpp"

namespace vedette::teams {

struct Member;
struct Posted;

// Paths below a service address; ids are percent-encoded.
std::string conversations_path();
std::string activities_path(std::string_view conversation);
std::string activity_path(std::string_view conversation, std::string_view activity);
std::string member_path(std::string_view conversation, std::string_view member);
std::string members_path(std::string_view conversation, const std::string& continuation);  // empty: the first page
// A channel's thread is the channel with ";messageid=ROOT" behind it.
std::string without_thread(std::string_view conversation);

// `activity` with this recipient. invalid_input when it is no JSON object.
Result<std::string> addressed_to(std::string_view activity, std::string_view member);
std::string channel_post(std::string_view channel, std::string_view activity);
std::string direct_request(const std::string& bot, const std::string& member, const std::string& tenant);

// What Teams takes without giving it an id: "typing", and whatever goes on with or ends a stream, which has one already
// (learn.microsoft.com/microsoftteams/platform/bots/streaming-ux).
bool goes_unnamed(std::string_view activity);

// Answers; upstream where they are not what they should be.
Result<std::string> read_id(std::string_view body);
Result<Posted> read_posted(std::string_view body);  // of a new conversation with a first message
Result<Member> read_member(std::string_view body);
struct MemberPage {
  std::vector<Member> members;
  std::string continuation;  // empty: the last page
};
Result<MemberPage> read_members(std::string_view body);

// What kind of call it was decides what an ambiguous answer means.
enum class Doing {
  post,    // doing it twice would show twice
  edit,    // the same again changes nothing
  look_up  // reads, or creates what is created only once
};
// An answer that is no success. retry_after is set only where the answer tells one. `what` names the call for the message.
Error sort_refusal(const net::HttpResponse& answer, Doing doing, std::string_view what,
                   std::chrono::system_clock::time_point now);
// A call that was not answered.
Error sort_failure(Error error, Doing doing);

}  // namespace vedette::teams

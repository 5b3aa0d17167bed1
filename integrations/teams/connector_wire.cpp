#include "integrations/teams/connector_wire.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "bot/net/url.hpp"
#include "integrations/teams/connector.hpp"

namespace vedette::teams {
namespace {

constexpr std::string_view kThread = ";messageid=";
// Somebody has to let us in again: asking every minute is enough.
constexpr std::chrono::minutes kMendingTakes(1);

enum class Class { token, blocked, gone, large, limit, content };

struct KnownCode {
  std::string_view code;
  Class kind;
  std::string_view advice;
};

// The codes of the page named in the header; MessageWritesBlocked from its page on proactive messages.
constexpr std::array kKnown = {
    KnownCode{"BotNotRegistered", Class::token, "there is no bot registration for this app id"},
    KnownCode{"MessageWritesBlocked", Class::blocked, "we were blocked or removed there"},
    KnownCode{"BotNotInConversationRoster", Class::blocked, "we are not in this conversation; add the app there"},
    KnownCode{"ConversationBlockedByUser", Class::blocked, "the person or a moderator has blocked us"},
    KnownCode{"BotDisabledByAdmin", Class::blocked, "an administrator has disabled the app"},
    KnownCode{"ForbiddenOperationException", Class::blocked, "the app is not installed for this person"},
    KnownCode{"NotEnoughPermissions", Class::content, "the app lacks a permission"},
    KnownCode{"ContentStreamNotAllowed", Class::content, "nothing can be streamed there"},
    KnownCode{"InvalidBotApiHost", Class::content, "this tenant is in another cloud; set the cloud in the config"},
    KnownCode{"ActivityNotFoundInConversation", Class::gone, "the message is gone"},
    KnownCode{"ConversationNotFound", Class::gone, "there is no such conversation"},
    KnownCode{"MessageSizeTooBig", Class::large, "the message is too large"},
    KnownCode{"Throttled", Class::limit, "too many calls"},
    KnownCode{"PreconditionFailed", Class::limit, "something else changed the conversation at the same moment"},
};

std::string conversation_path(std::string_view conversation) {
  return conversations_path() + "/" + net::percent_encode(conversation);
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Error no_answer_of(std::string_view what) {
  return Error(Code::upstream, fmt::format("Teams answered {} with something that is not its usual answer.", what));
}

// What could not be told apart is shown, but never more of the answer than this.
std::string safe_code(std::string_view code) {
  std::string out;
  for (const char c : code.substr(0, 60)) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ' ') out += c;
  }
  return out;
}

// {"error":{"code":…}}, or the older {"errorCode":209,"message":"{\"subCode\":…}"}. `ours`: it is Teams that speaks.
std::string error_code(const Json& body) {
  if (auto code = body.at("/error/code").string()) return *code;
  if (auto code = body["code"].string()) return *code;
  if (const auto inner = Json::parse(body["message"].text()); inner) {
    if (auto code = (*inner)["subCode"].string()) return *code;
    return (*inner)["errorSubCode"].string_or("");
  }
  return {};
}

const KnownCode* find_code(std::string_view code) {
  for (const auto& known : kKnown) {
    if (text::iequals(known.code, code)) return &known;
  }
  return nullptr;
}

Class class_of(int status) {
  switch (status) {
    case 401: return Class::token;
    case 403: return Class::blocked;
    case 404: return Class::gone;
    case 413: return Class::large;
    case 412:
    case 429: return Class::limit;
    default: return Class::content;
  }
}

Error of_class(Class kind, std::string message) {
  switch (kind) {
    case Class::token: return Error(Code::unauthenticated, std::move(message), false);
    case Class::blocked: {
      Error error(Code::forbidden, std::move(message), true);
      error.retry_after = kMendingTakes;
      return error;
    }
    case Class::gone: return Error(Code::not_found, std::move(message), false);
    case Class::large: return Error(Code::too_large, std::move(message), false);
    case Class::limit: return Error(Code::rate_limited, std::move(message), true);
    case Class::content: return Error(Code::upstream, std::move(message), false);
  }
  return Error(Code::internal, std::move(message));
}

// Of a server error nobody knows what was done before it. 503 is refused before anything is done.
Error of_server_error(int status, Doing doing, std::string message) {
  if (status == 503) return Error(Code::unavailable, std::move(message), true);
  if (doing == Doing::post) return Error(Code::unknown_outcome, std::move(message), true);
  if (status == 502 || status == 504) return Error(Code::rate_limited, std::move(message), true);
  return Error(Code::unavailable, std::move(message), true);
}

Member member_of(const Json& json) {
  Member member;
  member.id = json["id"].string_or("");
  member.object = text::lower(json["aadObjectId"].string_or(json["objectId"].string_or("")));
  member.tenant = text::lower(json["tenantId"].string_or(""));
  member.name = json["name"].string_or("");
  member.role = text::lower(json["userRole"].string_or(json["role"].string_or("")));
  return member;
}

Result<Json> parse_object(std::string_view body, std::string_view what) {
  JsonLimits limits;
  limits.bytes = 8 << 20;
  auto parsed = Json::parse(body, limits);
  if (!parsed || !parsed->is_object()) return no_answer_of(what);
  return *std::move(parsed);
}

}  // namespace

std::string conversations_path() { return "v3/conversations"; }

std::string activities_path(std::string_view conversation) { return conversation_path(conversation) + "/activities"; }

std::string activity_path(std::string_view conversation, std::string_view activity) {
  return activities_path(conversation) + "/" + net::percent_encode(activity);
}

std::string member_path(std::string_view conversation, std::string_view member) {
  return conversation_path(conversation) + "/members/" + net::percent_encode(member);
}

std::string members_path(std::string_view conversation, const std::string& continuation) {
  std::string path = conversation_path(conversation) + "/pagedmembers?pageSize=500";
  if (!continuation.empty()) path += "&continuationToken=" + net::percent_encode(continuation);
  return path;
}

std::string without_thread(std::string_view conversation) {
  return std::string(conversation.substr(0, conversation.find(kThread)));
}

Result<std::string> addressed_to(std::string_view activity, std::string_view member) {
  JsonLimits limits;
  auto parsed = Json::parse(activity, limits);
  if (!parsed || !parsed->is_object()) return Error(Code::invalid_input, "An activity must be a JSON object.");
  JsonWriter out;
  out.begin_object();
  for (const auto& [name, value] : parsed->members()) {
    if (name != "recipient") out.key(name).json(value.dump());
  }
  out.key("recipient").begin_object().field("id", member).end_object();
  out.end_object();
  return out.take();
}

std::string channel_post(std::string_view channel, std::string_view activity) {
  JsonWriter out;
  out.begin_object().field("isGroup", true);
  out.key("channelData").begin_object().key("channel").begin_object().field("id", channel).end_object().end_object();
  out.key("activity").json(activity).end_object();
  return out.take();
}

std::string direct_request(const std::string& bot, const std::string& member, const std::string& tenant) {
  JsonWriter out;
  out.begin_object().field("isGroup", false);
  out.key("bot").begin_object().field("id", bot).end_object();
  out.key("members").begin_array().begin_object().field("id", member).end_object().end_array();
  out.field("tenantId", tenant);
  out.key("channelData").begin_object().key("tenant").begin_object().field("id", tenant).end_object().end_object();
  out.end_object();
  return out.take();
}

bool goes_unnamed(std::string_view activity) {
  const auto parsed = Json::parse(activity);
  if (!parsed || !parsed->is_object()) return false;
  if ((*parsed)["type"].text() == "typing") return true;
  const auto entities = (*parsed)["entities"].elements();
  return std::any_of(entities.begin(), entities.end(), [](const Json& entity) { return entity["streamId"].is_string(); });
}

Result<std::string> read_id(std::string_view body) {
  TRY(const Json answer, parse_object(body, "a message"));
  std::string id = answer["id"].string_or("");
  if (id.empty()) return no_answer_of("a message");
  return id;
}

Result<Posted> read_posted(std::string_view body) {
  TRY(const Json answer, parse_object(body, "a new conversation"));
  Posted posted;
  posted.conversation = answer["id"].string_or("");
  posted.activity = answer["activityId"].string_or("");
  // What people press names the message by the number that its thread has; the answer may name it otherwise.
  const auto at = posted.conversation.find(kThread);
  if (at != std::string::npos) {
    const std::string root = posted.conversation.substr(at + kThread.size());
    if (is_number(root)) posted.activity = root;
  }
  if (posted.conversation.empty()) return no_answer_of("a new conversation");
  return posted;
}

Result<Member> read_member(std::string_view body) {
  TRY(const Json answer, parse_object(body, "the question for a member"));
  Member member = member_of(answer);
  if (member.id.empty()) return no_answer_of("the question for a member");
  return member;
}

Result<MemberPage> read_members(std::string_view body) {
  TRY(const Json answer, parse_object(body, "the question for members"));
  if (!answer["members"].is_array()) return no_answer_of("the question for members");
  MemberPage page;
  for (const auto& one : answer["members"].elements()) {
    Member member = member_of(one);
    if (!member.id.empty()) page.members.push_back(std::move(member));
  }
  page.continuation = answer["continuationToken"].string_or("");
  return page;
}

Error sort_refusal(const net::HttpResponse& answer, Doing doing, std::string_view what,
                   std::chrono::system_clock::time_point now) {
  const auto body = Json::parse(answer.body);
  const bool object = body && body->is_object();
  const std::string code = object ? error_code(*body) : std::string();
  const KnownCode* known = find_code(code);
  std::string message = fmt::format("Teams answered {} to {}", answer.status, what);
  if (const std::string shown = safe_code(code); !shown.empty()) message += " (" + shown + ")";
  if (known) message += ": " + std::string(known->advice);

  Error error;
  if (answer.status >= 500) {
    error = of_server_error(answer.status, doing, std::move(message));
  } else if (answer.status == 408) {
    error = of_server_error(500, doing, std::move(message));
  } else if (known) {
    error = of_class(known->kind, std::move(message));
  } else if (!object && class_of(answer.status) == Class::content) {
    // Not Teams, but something in between: it did not get there.
    error = Error(Code::unavailable, std::move(message), true);
  } else {
    error = of_class(class_of(answer.status), std::move(message));
  }
  error.http_status = answer.status;
  if (error.code == Code::rate_limited || error.code == Code::unavailable) {
    error.retry_after = net::parse_retry_after(answer.headers.get("Retry-After"), now);
  }
  return error;
}

Error sort_failure(Error error, Doing doing) {
  if (error.code == Code::timeout) error.code = Code::unavailable;        // by the client's contract nothing was sent
  if (error.code == Code::too_large) error.code = Code::unknown_outcome;  // the answer was, not what we sent
  if (error.code == Code::unknown_outcome && doing != Doing::post) error.code = Code::unavailable;
  error.retryable = error.code == Code::unavailable || error.code == Code::unknown_outcome;
  return error;
}

}  // namespace vedette::teams

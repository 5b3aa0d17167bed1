#include "integrations/slack/web_api.hpp"

#include <algorithm>
#include <array>

#include "bot/base/log.hpp"
#include "bot/net/url.hpp"

namespace vedette::slack {
namespace {

constexpr auto kDefaultRetryAfter = std::chrono::seconds(30);
// Somebody has to invite the bot or open the channel: asking every minute is enough.
constexpr std::chrono::minutes kMendingTakes(1);

// Of a response_url; a little less than Slack allows, for what the way there takes.
constexpr int kResponses = 5;
constexpr std::chrono::minutes kResponsesFor(29);
constexpr const char* kResponseUrl = "response_url";

enum class Class { token, right, limit, missing, mendable, content, later, ambiguous, frozen, refused };

struct KnownError {
  std::string_view name;
  Class kind;
  std::string_view advice;
};

// Names from the method pages of docs.slack.dev/reference/methods.
constexpr std::array kKnown = {
    KnownError{"not_authed", Class::token, "no token was sent; set the Slack tokens in the config"},
    KnownError{"invalid_auth", Class::token, "the token is not valid; copy it again from the app's settings"},
    KnownError{"account_inactive", Class::token, "the token belongs to a removed user or workspace; install the app again"},
    KnownError{"user_removed_from_team", Class::token, "the bot was removed from the workspace; install the app again"},
    KnownError{"team_disabled", Class::token, "the workspace is disabled"},
    KnownError{"token_revoked", Class::token, "the token was revoked; install the app again"},
    KnownError{"token_expired", Class::token, "the token has expired; create a new one"},
    KnownError{"org_login_required", Class::token, "the organisation is being moved; sign in to Slack again"},
    KnownError{"missing_scope", Class::right, "the token lacks a scope; add the scopes of the manifest and install again"},
    KnownError{"no_permission", Class::right, "the token lacks a permission"},
    KnownError{"not_allowed_token_type", Class::right,
               "this is the wrong kind of token; app_token starts with xapp-, bot_token with xoxb-"},
    KnownError{"access_denied", Class::right, "the workspace does not allow this"},
    KnownError{"team_access_not_granted", Class::right, "the app is not installed in this workspace"},
    KnownError{"ekm_access_denied", Class::right, "the administrators have suspended posting"},
    KnownError{"enterprise_is_restricted", Class::right, "the organisation does not allow this"},
    KnownError{"ratelimited", Class::limit, "too many calls"},
    KnownError{"rate_limited", Class::limit, "too many calls"},
    KnownError{"message_limit_exceeded", Class::limit, "too many messages in this workspace"},
    KnownError{"channel_not_found", Class::mendable,
               "no such channel, or the bot is not in it; use the channel id and invite the bot"},
    KnownError{"message_not_found", Class::missing, "the message is gone"},
    KnownError{"thread_not_found", Class::missing, "the thread is gone"},
    KnownError{"no_such_subteam", Class::missing, "no such user group"},
    KnownError{"user_not_found", Class::missing, "no such user"},
    KnownError{"invalid_blocks", Class::content, "a block is not accepted"},
    KnownError{"invalid_blocks_format", Class::content, "a block is not accepted"},
    KnownError{"msg_blocks_too_long", Class::content, "the blocks are too long"},
    KnownError{"msg_too_long", Class::content, "the text is too long"},
    KnownError{"view_too_large", Class::content, "the view is too large"},
    KnownError{"not_enabled", Class::refused,
               "the Home tab is switched off; switch it on under App Home in the app's settings"},
    KnownError{"no_text", Class::content, "there is no text"},
    KnownError{"service_unavailable", Class::later, "Slack is not available at the moment"},
    KnownError{"team_added_to_org", Class::later, "the workspace is being moved"},
    KnownError{"request_timeout", Class::later, "the request did not arrive whole"},
    KnownError{"internal_error", Class::ambiguous, "Slack had an error of its own"},
    KnownError{"fatal_error", Class::ambiguous, "Slack had an error of its own"},
    KnownError{"not_in_channel", Class::mendable, "the bot is not in this channel; invite it"},
    KnownError{"user_not_in_channel", Class::refused, "this person is not in the channel"},
    KnownError{"is_archived", Class::mendable, "the channel is archived"},
    KnownError{"cant_update_message", Class::frozen, "the message cannot be edited"},
    KnownError{"edit_window_closed", Class::frozen, "the workspace does not allow edits this late"},
    KnownError{"restricted_action", Class::mendable, "a workspace setting forbids posting here"},
};

Error ambiguous(std::string message, Repeat repeat, int status) {
  Error error(repeat == Repeat::once ? Code::unknown_outcome : Code::unavailable, std::move(message), true);
  error.http_status = status;
  return error;
}

Error transport_error(Error error, Repeat repeat) {
  if (error.code == Code::timeout) error.code = Code::unavailable;  // by the client's contract nothing was sent
  if (error.code == Code::unknown_outcome && repeat == Repeat::repeatable) error.code = Code::unavailable;
  if (error.code == Code::too_large) error = ambiguous(std::move(error.message), repeat, 0);
  error.retryable = error.code != Code::cancelled && error.code != Code::invalid_input;
  return error;
}

// What could not be told apart by a name is shown, but never more of Slack's answer than this.
std::string safe_name(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, 60)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') out += c;
  }
  return out.empty() ? "no reason given" : out;
}

Error refusal(const std::string& method, std::string_view raw_name, Repeat repeat) {
  const std::string name = safe_name(raw_name);
  const auto* known = std::find_if(kKnown.begin(), kKnown.end(), [&](const KnownError& item) { return item.name == name; });
  const Class kind = known == kKnown.end() ? Class::refused : known->kind;
  std::string message = "Slack refused " + method + " (" + name + ")";
  if (known != kKnown.end()) message += ": " + std::string(known->advice);
  Error error;
  switch (kind) {
    case Class::token:
    case Class::right: error = Error(Code::unauthenticated, std::move(message), false); break;
    case Class::limit: error = Error(Code::rate_limited, std::move(message), true); break;
    case Class::missing: error = Error(Code::not_found, std::move(message), false); break;
    case Class::mendable:
      error = Error(Code::forbidden, std::move(message), true);
      error.retry_after = kMendingTakes;
      break;
    case Class::content: error = Error(Code::too_large, std::move(message), false); break;
    case Class::later: error = Error(Code::unavailable, std::move(message), true); break;
    case Class::ambiguous: error = ambiguous(std::move(message), repeat, 200); break;
    case Class::frozen: error = Error(Code::expired, std::move(message), false); break;
    case Class::refused: error = Error(Code::upstream, std::move(message), false); break;
  }
  error.http_status = 200;  // Slack's word, not a proxy's
  return error;
}

std::string form_body(const Fields& fields) {
  std::string body;
  for (const auto& [name, value] : fields) {
    if (!body.empty()) body += '&';
    body += net::form_encode(name) + "=" + net::form_encode(value);
  }
  return body;
}

// Slack's own host for it, or, where another API address is configured (an emulator), that address itself.
bool is_response_url(const std::string& text, const std::string& api_url) {
  const auto url = net::parse_url(text);
  const auto api = net::parse_url(api_url);
  if (!url || !api) return false;
  for (const char* domain : {"slack.com", "slack-gov.com"}) {
    if (api->host != domain && api->host != std::string("www.") + domain) continue;
    return url->scheme == "https" && url->port == 443 && url->host == std::string("hooks.") + domain;
  }
  return url->scheme == api->scheme && url->host == api->host && url->port == api->port;
}

// Emulators, which live on loopback addresses, have none.
bool has_tiers(const std::string& api_url) {
  const auto url = net::parse_url(api_url);
  return !url || !url->loopback();
}

Fields message_fields(const NewMessage& message) {
  // parse=none and no link_names: Slack looks for nothing in `text`; mrkdwn=false: it formats nothing there either.
  Fields fields = {{"channel", message.channel}, {"text", message.text},   {"blocks", message.blocks},
                   {"mrkdwn", "false"},          {"parse", "none"},        {"link_names", "false"},
                   {"unfurl_links", "false"},    {"unfurl_media", "false"}};
  if (!message.thread_ts.empty()) fields.emplace_back("thread_ts", message.thread_ts);
  if (!message.key.empty()) fields.emplace_back("metadata", delivery_metadata(message.key));
  return fields;
}

}  // namespace

bool is_final(const Error& error) { return error.http_status == 200 && error.code == Code::unauthenticated; }

WebApi::WebApi(net::HttpClient& http, const Clock& clock, SlackOptions options)
    : http_(http), clock_(clock), options_(std::move(options)), budget_(clock, has_tiers(options_.api_url)) {}

Error WebApi::hold_back(const std::string& method, std::optional<std::chrono::milliseconds> retry_after) {
  const auto wait = retry_after.value_or(kDefaultRetryAfter);
  budget_.hold_back(method, wait);
  Error error(Code::rate_limited, "Slack asks to wait before the next " + method, true);
  error.retry_after = wait;
  return error;
}

Result<Json> WebApi::sort_answer(const std::string& method, const net::HttpResponse& answer, Repeat repeat) {
  if (answer.status == 429) {
    const auto now = std::chrono::system_clock::time_point(clock_.now());
    Error error = hold_back(method, net::parse_retry_after(answer.headers.get("Retry-After"), now));
    error.http_status = 429;
    return error;
  }
  JsonLimits limits;
  limits.bytes = 8 << 20;
  auto parsed = Json::parse(answer.body, limits);
  const bool object = parsed && parsed->is_object() && (*parsed)["ok"].is_boolean();
  if (object && !(*parsed)["ok"].boolean_or(false)) {
    Error error = refusal(method, (*parsed)["error"].string_or(""), repeat);
    if (error.code != Code::rate_limited) return error;
    return hold_back(method, net::parse_retry_after(answer.headers.get("Retry-After"),
                                                    std::chrono::system_clock::time_point(clock_.now())));
  }
  if (object && answer.status == 200) return std::move(parsed).value();
  std::string message = fmt::format("Slack answered {} to {}", answer.status, method);
  if (answer.status == 200) message += " with something that is not its usual answer";
  // A server error says nothing about what was done before it. A client error comes from something in between: not done.
  if (answer.status == 200 || answer.status >= 500 || answer.status == 408)
    return ambiguous(std::move(message), repeat, answer.status);
  Error error(Code::unavailable, std::move(message), true);
  error.http_status = answer.status;
  return error;
}

// Why the method is not to be called yet.
std::optional<Error> WebApi::held_back(const std::string& method) {
  const auto wait = budget_.take(method);
  if (wait.count() == 0) return std::nullopt;
  Error error(Code::rate_limited, "Slack takes no " + method + " at the moment: too many calls", true);
  error.retry_after = wait;
  return error;
}

Async<HeadedAnswer> WebApi::exchange(std::string method, Fields fields, const Secret& token, Repeat repeat,
                                     Deadline deadline) {
  if (const auto held = held_back(method)) co_return *held;
  net::HttpRequest request("POST", net::join_url(options_.api_url, method));
  request.headers.set("Authorization", "Bearer " + token.reveal());
  request.headers.set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  request.body = form_body(fields);
  auto answer = co_await http_.send(std::move(request), deadline);
  if (!answer) co_return transport_error(std::move(answer).error(), repeat);
  HeadedAnswer result;
  auto sorted = sort_answer(method, *answer, repeat);
  if (!sorted) co_return std::move(sorted).error();
  result.json = std::move(*sorted);
  result.headers = std::move(answer->headers);
  co_return result;
}

Async<Json> WebApi::send(std::string method, Fields fields, const Secret& token, Repeat repeat, Deadline deadline) {
  CO_TRY(HeadedAnswer answer, exchange(std::move(method), std::move(fields), token, repeat, deadline));
  co_return std::move(answer.json);
}

Async<HeadedAnswer> WebApi::test_bot_token(Deadline deadline) {
  Fields none;
  co_return co_await exchange("auth.test", std::move(none), options_.bot_token, Repeat::repeatable, deadline);
}

Async<Json> WebApi::call(std::string method, Fields fields, Repeat repeat, Deadline deadline) {
  co_return co_await send(std::move(method), std::move(fields), options_.bot_token, repeat, deadline);
}

Async<Self> WebApi::self(Deadline deadline) {
  if (!self_.user.empty()) co_return self_;
  Fields none;
  CO_TRY(const Json answer, call("auth.test", std::move(none), Repeat::repeatable, deadline));
  Self self;
  self.user = answer["user_id"].string_or("");
  self.bot = answer["bot_id"].string_or("");
  self.team = answer["team_id"].string_or("");
  self.enterprise = answer["enterprise_id"].string_or("");
  if (self.user.empty()) co_return Error(Code::upstream, "Slack's auth.test did not say who the bot is");
  self_ = self;
  co_return self;
}

Async<std::string> WebApi::open_connection(Deadline deadline) {
  Fields none;
  CO_TRY(const Json answer,
         send("apps.connections.open", std::move(none), options_.app_token, Repeat::repeatable, deadline));
  std::string url = answer["url"].string_or("");
  if (url.empty()) co_return Error(Code::unavailable, "Slack named no address for the socket", true);
  co_return url;
}

Async<std::string> WebApi::post_message(NewMessage message, Deadline deadline) {
  Fields fields = message_fields(message);
  CO_TRY(const Json answer, call("chat.postMessage", std::move(fields), Repeat::once, deadline));
  std::string ts = answer["ts"].string_or("");
  if (ts.empty()) co_return Error(Code::unknown_outcome, "Slack took a message without saying which it became");
  co_return ts;
}

Async<void> WebApi::update_message(NewMessage message, std::string ts, Deadline deadline) {
  message.key.clear();  // the metadata of the post stay when none are given
  message.thread_ts.clear();
  Fields fields = message_fields(message);  // blocks always among them: `text` alone would delete them
  fields.emplace_back("ts", std::move(ts));
  CO_TRY_VOID(call("chat.update", std::move(fields), Repeat::repeatable, deadline));
  co_return Status();
}

Async<std::string> WebApi::post_ephemeral(NewMessage message, std::string user, Deadline deadline) {
  message.key.clear();
  Fields fields = message_fields(message);
  fields.emplace_back("user", std::move(user));
  CO_TRY(const Json answer, call("chat.postEphemeral", std::move(fields), Repeat::once, deadline));
  co_return answer["message_ts"].string_or("");
}

bool WebApi::works(const ResponseUrl& way) const {
  return !way.url.empty() && way.uses < kResponses && clock_.now() - way.from < kResponsesFor &&
         is_response_url(way.url, options_.api_url);
}

// expired: the URL takes nothing any more.
Result<void> WebApi::sort_response(const net::HttpResponse& answer) {
  if (answer.status == 429) return sort_answer(kResponseUrl, answer, Repeat::once).error();
  if (answer.status >= 500 || answer.status == 408)
    return ambiguous(fmt::format("Slack answered {} to an answer", answer.status), Repeat::once, answer.status);
  const auto parsed = Json::parse(answer.body);
  const bool object = parsed && parsed->is_object();
  if (answer.status == 200 && (!object || (*parsed)["ok"].boolean_or(true))) return {};
  Error error = refusal(kResponseUrl, object ? (*parsed)["error"].string_or("") : answer.body, Repeat::once);
  if (error.code != Code::too_large && error.code != Code::unknown_outcome) error.code = Code::expired;
  return error;
}

Async<void> WebApi::respond(NewMessage message, std::string url, Deadline deadline) {
  if (const auto held = held_back(kResponseUrl)) co_return *held;
  JsonWriter body;
  body.begin_object()
      .field("response_type", "ephemeral")
      .field("replace_original", false)
      .field("delete_original", false)
      .field("text", message.text)
      .field("mrkdwn", false)
      .field("parse", "none")
      .field("unfurl_links", false)
      .field("unfurl_media", false);
  if (!message.thread_ts.empty()) body.field("thread_ts", message.thread_ts);
  body.key("blocks").json(message.blocks).end_object();
  net::HttpRequest request("POST", std::move(url));  // no token: the address is the right to speak
  request.headers.set("Content-Type", "application/json; charset=utf-8");
  request.body = body.take();
  auto answer = co_await http_.send(std::move(request), deadline);
  if (!answer) co_return transport_error(std::move(answer).error(), Repeat::once);
  co_return sort_response(*answer);
}

Async<std::string> WebApi::answer(NewMessage message, std::string user, ResponseUrl way, Deadline deadline) {
  // A person in the channel's place is their direct conversation with us: nobody else reads it.
  if (message.channel == user) co_return co_await post_message(std::move(message), deadline);
  const bool works_now = works(way);
  const bool threaded = !message.thread_ts.empty();
  if (works_now && !threaded) {
    NewMessage copy = message;
    auto told = co_await respond(std::move(copy), way.url, deadline);
    if (told) co_return std::string();
    if (told.error().code != Code::expired) co_return std::move(told).error();
  }
  NewMessage copy = message;
  auto posted = co_await post_ephemeral(std::move(copy), std::move(user), deadline);
  const bool outside = !posted && (posted.error().code == Code::forbidden || posted.error().code == Code::upstream);
  if (!outside || way.url.empty()) co_return posted;
  if (works_now && threaded) {
    CO_TRY_VOID(respond(std::move(message), std::move(way.url), deadline));
    co_return std::string();
  }
  // Nobody is waiting for it any more: it must not be tried for ever.
  Error error = std::move(posted).error();
  error.code = Code::upstream;
  error.retryable = false;
  error.message += "; and the command cannot be answered directly any more";
  co_return error;
}

Async<std::set<std::string>> WebApi::group_members(std::string group, Deadline deadline) {
  Fields fields = {{"usergroup", std::move(group)}};
  CO_TRY(const Json answer, call("usergroups.users.list", std::move(fields), Repeat::repeatable, deadline));
  if (!answer["users"].is_array()) co_return Error(Code::upstream, "Slack's usergroups.users.list named no users");
  std::set<std::string> users;
  for (const auto& user : answer["users"].elements()) users.insert(user.string_or(""));
  users.erase("");
  co_return users;
}

Async<void> WebApi::publish_home(NewView view, Deadline deadline) {
  JsonWriter home;
  home.begin_object().field("type", "home").key("blocks").json(view.blocks);
  home.field("private_metadata", view.private_metadata).end_object();
  Fields fields = {{"user_id", std::move(view.user)}, {"view", home.take()}};
  auto done = co_await call("views.publish", std::move(fields), Repeat::repeatable, deadline);
  if (done) co_return Status();
  Error error = std::move(done).error();
  // Of a view, Slack says it this way when it does not accept a block.
  if (error.message.find("(invalid_arguments)") != std::string::npos) error.code = Code::too_large;
  co_return error;
}

Async<User> WebApi::user_info(std::string user, Deadline deadline) {
  Fields fields = {{"user", user}};
  CO_TRY(const Json answer, call("users.info", std::move(fields), Repeat::repeatable, deadline));
  const Json found = answer["user"];
  if (found["id"].string_or("") != user) co_return Error(Code::upstream, "Slack's users.info described somebody else");
  User result;
  result.id = user;
  result.team = found["team_id"].string_or("");
  result.enterprise = found.at("/enterprise_user/enterprise_id").string_or("");
  result.deleted = found["deleted"].boolean_or(false);
  result.bot = found["is_bot"].boolean_or(false) || found["is_workflow_bot"].boolean_or(false);
  result.guest = found["is_restricted"].boolean_or(false) || found["is_ultra_restricted"].boolean_or(false);
  result.stranger = found["is_stranger"].boolean_or(false);
  co_return result;
}

}  // namespace vedette::slack

#include "integrations/teams/connector.hpp"

#include <set>

#include "bot/net/url.hpp"
#include "integrations/teams/connector_wire.hpp"
#include "integrations/teams/trust.hpp"

namespace vedette::teams {
namespace {

// No conversation has more pages of 500 than this; Teams' largest teams have 25,000 members.
constexpr size_t kMostPages = 200;

Call call_of(Doing doing) {
  switch (doing) {
    case Doing::post: return Call::post;
    case Doing::edit: return Call::edit;
    case Doing::look_up: return Call::look_up;
  }
  return Call::post;
}

Error not_trusted() {
  return Error(Code::invalid_input, "This service address is not one of Microsoft's: nothing was sent there.");
}

// The message went, and which it became is not known.
template <class T>
Result<T> of_post(Result<T> read) {
  if (!read) return Error(Code::unknown_outcome, std::move(read).error().message, true);
  return read;
}

}  // namespace

struct Connector::Request {
  Request(std::string method_, const Place& place, const std::string& path, Doing doing_, const char* what_)
      : method(std::move(method_)),
        service_url(place.service_url),
        url(net::join_url(place.service_url, path)),
        tenant(place.tenant),
        conversation(without_thread(place.conversation)),
        doing(doing_),
        what(what_) {}
  std::string method;
  std::string service_url;
  std::string url;
  std::string tenant;
  std::string conversation;  // whose limits hold
  std::string body;
  Doing doing;
  const char* what;

  net::HttpRequest with_token(const std::string& token) const {
    net::HttpRequest http(method, url);
    http.headers.set("Authorization", "Bearer " + token);
    http.headers.set("Accept", "application/json");
    if (!body.empty()) http.headers.set("Content-Type", "application/json; charset=utf-8");
    http.body = body;
    return http;
  }
};

Connector::Connector(net::HttpClient& http, TokenSource& tokens, const Clock& clock, TeamsOptions options,
                     bool limits_on_loopback)
    : http_(http),
      tokens_(tokens),
      clock_(clock),
      options_(std::move(options)),
      limits_on_loopback_(limits_on_loopback),
      budget_(clock) {}

namespace {

// Without a token nothing has left, however that ended: safe to repeat, and nothing to look up.
Error nothing_left(Error error) {
  if (error.code == Code::timeout || error.code == Code::cancelled) error.code = Code::unavailable;
  error.retryable = true;
  return error;
}

}  // namespace

Async<std::string> Connector::call(Request request, Deadline deadline) {
  const auto service = net::parse_url(request.service_url);
  // A query would swallow the path, and with it what is asked for.
  const bool plain = request.service_url.find_first_of("?#") == std::string::npos;
  if (!service || !plain || !is_trusted(*service, options_)) co_return not_trusted();
  const bool windows = limits_on_loopback_ || !service->loopback();
  const auto wait = budget_.take(request.tenant, request.conversation, call_of(request.doing), windows);
  if (wait.count() > 0) {
    Error error(Code::rate_limited, "Teams takes no more there at the moment: too many calls", true);
    error.retry_after = wait;
    co_return error;
  }
  for (int attempt = 0;; ++attempt) {
    auto given = co_await tokens_.token(options_.cloud.scope, deadline);
    if (!given) co_return nothing_left(std::move(given).error());
    std::string token = std::move(*given);
    auto answer = co_await http_.send(request.with_token(token), deadline);
    if (!answer) co_return sort_failure(std::move(answer).error(), request.doing);
    if (answer->status >= 200 && answer->status < 300) {
      budget_.succeeded(request.conversation);
      co_return std::move(answer->body);
    }
    Error error = sort_refusal(*answer, request.doing, request.what, std::chrono::system_clock::time_point(clock_.now()));
    if (answer->status == 401) {
      tokens_.refused(options_.cloud.scope, token);
      if (attempt == 0) continue;  // nothing was done: at once again, with another
    }
    if (error.code == Code::rate_limited) error.retry_after = budget_.hold_back(request.conversation, error.retry_after);
    co_return error;
  }
}

Async<Posted> Connector::send(Place place, std::string activity, std::string only_for, Deadline deadline) {
  std::string path = activities_path(place.conversation);
  // learn.microsoft.com/microsoftteams/platform/agents-in-teams/targeted-messages
  if (!only_for.empty()) {
    path += "?isTargetedActivity=true";
    auto addressed = addressed_to(activity, only_for);
    if (!addressed) co_return std::move(addressed).error();
    activity = std::move(*addressed);
  }
  Request request("POST", place, path, Doing::post, "a message");
  request.body = activity;
  CO_TRY(const std::string body, call(std::move(request), deadline));
  Posted posted;
  posted.conversation = std::move(place.conversation);
  auto id = of_post(read_id(body));
  if (id) {
    posted.activity = std::move(*id);
  } else if (!goes_unnamed(activity)) {
    co_return std::move(id).error();
  }
  co_return posted;
}

Async<void> Connector::update(Place place, std::string activity_id, std::string activity, Deadline deadline) {
  Request request("PUT", place, activity_path(place.conversation, activity_id), Doing::edit, "an edit");
  request.body = std::move(activity);
  CO_TRY_VOID(call(std::move(request), deadline));
  co_return Status();
}

Async<void> Connector::remove(Place place, std::string activity_id, Deadline deadline) {
  Request request("DELETE", place, activity_path(place.conversation, activity_id), Doing::edit, "a deletion");
  CO_TRY_VOID(call(std::move(request), deadline));
  co_return Status();
}

Async<Posted> Connector::post_to_channel(Place place, std::string activity, Deadline deadline) {
  place.conversation = without_thread(place.conversation);
  Request request("POST", place, conversations_path(), Doing::post, "a message");
  request.body = channel_post(place.conversation, activity);
  CO_TRY(const std::string body, call(std::move(request), deadline));
  auto posted = of_post(read_posted(body));
  if (posted && posted->activity.empty())
    co_return Error(Code::unknown_outcome, "Teams took a message without saying which it became.", true);
  co_return posted;
}

Async<std::string> Connector::direct_with(Place place, std::string bot, std::string member, Deadline deadline) {
  place.conversation = member;
  Request request("POST", place, conversations_path(), Doing::look_up, "the question for a conversation of two");
  request.body = direct_request(bot, member, place.tenant);
  CO_TRY(const std::string body, call(std::move(request), deadline));
  auto posted = read_posted(body);
  if (!posted) co_return std::move(posted).error();
  co_return std::move(posted->conversation);
}

Async<Member> Connector::member(Place place, std::string member, Deadline deadline) {
  const std::string path = member_path(without_thread(place.conversation), member);
  Request request("GET", place, path, Doing::look_up, "the question for a member");
  CO_TRY(const std::string body, call(std::move(request), deadline));
  co_return read_member(body);
}

Async<std::vector<Member>> Connector::members(Place place, size_t most, Deadline deadline) {
  std::vector<Member> all;
  std::set<std::string> seen;
  std::string continuation;
  for (size_t page = 0; page < kMostPages; ++page) {
    const std::string path = members_path(without_thread(place.conversation), continuation);
    Request request("GET", place, path, Doing::look_up, "the question for members");
    CO_TRY(const std::string body, call(std::move(request), deadline));
    auto read = read_members(body);
    if (!read) co_return std::move(read).error();
    if (all.size() + read->members.size() > most) co_return Error(Code::too_large, "The conversation has too many members.");
    for (auto& one : read->members) all.push_back(std::move(one));
    continuation = std::move(read->continuation);
    if (continuation.empty()) co_return all;
    if (!seen.insert(continuation).second) break;
  }
  co_return Error(Code::upstream, "Teams' list of members does not end.");
}

}  // namespace vedette::teams

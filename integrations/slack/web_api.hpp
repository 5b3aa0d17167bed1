#pragma once
// Slack's Web API over the HTTP client: form-encoded calls whose nested values are JSON text, bearer token, `ok` decides
// (docs.slack.dev/apis/web-api). Lives as long as the app; io thread only; never waits or retries by itself.
//
// Errors of every call, beside those of net::HttpClient:
//   rate_limited with retry_after (429, "ratelimited", "rate_limited", or the method's tier is used up: rate_budget.hpp);
//   the method is then not called before that time
//   unauthenticated: the token is refused or lacks a right, see is_final(); no fault of the message
//   forbidden, retryable: a person can mend it (invite the bot, open the channel)
//   not_found: message, thread or user;  too_large with http_status 200: Slack will not show this content
//   unavailable, retryable: surely not done;  unknown_outcome: may have been done (only where doing it twice would matter)
//   expired: of an edit, the message can no longer be changed
//   upstream: anything else Slack refuses

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/base/json.hpp"
#include "bot/net/http_client.hpp"
#include "integrations/slack/events_wire.hpp"
#include "integrations/slack/options.hpp"
#include "integrations/slack/rate_budget.hpp"

namespace vedette::slack {

using Fields = std::vector<std::pair<std::string, std::string>>;

// What an ambiguous failure means for the caller: `once` makes it unknown_outcome, `repeatable` makes it unavailable.
enum class Repeat { repeatable, once };

struct NewMessage {
  std::string channel;
  std::string thread_ts;  // empty: top level
  std::string text;
  std::string blocks;  // JSON array
  std::string key;     // delivery key, kept in the message's metadata; empty: none
};

// A Home tab (docs.slack.dev/reference/views/home-tab-views).
struct NewView {
  std::string user;
  std::string blocks;            // JSON array
  std::string private_metadata;  // comes back with every click; 3000 characters at most
};

// The response_url of a command or click: takes up to five messages within half an hour, whether the bot is in the channel
// or not (docs.slack.dev/interactivity/handling-user-interaction#message_responses). Whoever has it may speak there: it is
// never logged and never shown.
struct ResponseUrl {
  std::string url;  // empty: none
  Time from;        // when the interaction came in
  int uses = 0;     // messages it may have taken already
};

struct User {
  std::string id;
  std::string team;
  std::string enterprise;
  bool deleted = false;
  bool bot = false;
  bool guest = false;     // is_restricted or is_ultra_restricted
  bool stranger = false;  // of another organisation (Slack Connect)
};

struct HeadedAnswer {
  Json json;
  net::Headers headers;
};

class WebApi {
 public:
  // All three outlive this object, except the options, which are copied.
  WebApi(net::HttpClient& http, const Clock& clock, SlackOptions options);

  net::HttpClient& http() { return http_; }
  const Clock& clock() const { return clock_; }

  // Any method with the bot token. The answer has "ok": true.
  Async<Json> call(std::string method, Fields fields, Repeat repeat, Deadline deadline);

  // auth.test asked anew, with what only its header fields tell: the token's scopes and Slack's clock.
  Async<HeadedAnswer> test_bot_token(Deadline deadline);
  // auth.test; asked once, then remembered.
  Async<Self> self(Deadline deadline);
  const Self& known_self() const { return self_; }  // empty before self() has answered
  // apps.connections.open: the address for one socket. Uses the app token.
  Async<std::string> open_connection(Deadline deadline);
  // Answers the message's ts.
  Async<std::string> post_message(NewMessage message, Deadline deadline);
  Async<void> update_message(NewMessage message, std::string ts, Deadline deadline);
  // Shown to `user` alone; can be neither edited nor looked up afterwards.
  Async<std::string> post_ephemeral(NewMessage message, std::string user, Deadline deadline);
  // The same in answer to an interaction: by its response_url where the bot need not be in the channel, by
  // chat.postEphemeral where the URL is used up or the answer belongs into a thread.
  Async<std::string> answer(NewMessage message, std::string user, ResponseUrl way, Deadline deadline);
  // The ts of our own message that carries `key`, among those from shortly before `since` on; nothing when there is none.
  Async<std::optional<std::string>> find_message(std::string channel, std::string thread_ts, std::string key, Time since,
                                                 Deadline deadline);
  // The same of a message of ours with a block of this id.
  Async<std::optional<std::string>> find_block(std::string channel, std::string thread_ts, std::string block_id, Time since,
                                               Deadline deadline);
  Async<User> user_info(std::string user, Deadline deadline);
  // Who is in a user group (scope usergroups:read).
  Async<std::set<std::string>> group_members(std::string group, Deadline deadline);
  Async<void> publish_home(NewView view, Deadline deadline);

 private:
  using Wanted = std::function<bool(const Json& message)>;
  Async<std::optional<std::string>> look_up(std::string channel, std::string thread_ts, Wanted wanted, Time since,
                                            Deadline deadline);
  Async<HeadedAnswer> exchange(std::string method, Fields fields, const Secret& token, Repeat repeat, Deadline deadline);
  Async<Json> send(std::string method, Fields fields, const Secret& token, Repeat repeat, Deadline deadline);
  Result<Json> sort_answer(const std::string& method, const net::HttpResponse& answer, Repeat repeat);
  std::optional<Error> held_back(const std::string& method);
  Async<void> respond(NewMessage message, std::string url, Deadline deadline);
  Result<void> sort_response(const net::HttpResponse& answer);
  bool works(const ResponseUrl& way) const;
  Error hold_back(const std::string& method, std::optional<std::chrono::milliseconds> retry_after);

  net::HttpClient& http_;
  const Clock& clock_;
  SlackOptions options_;
  Self self_;
  RateBudget budget_;
};

// The metadata by which a message of ours is known again, as JSON.
std::string delivery_metadata(const std::string& key);

// Slack refused the token or its rights: trying again will not help before a person has done something. Asking again every
// few minutes notices when they have.
bool is_final(const Error& error);

}  // namespace vedette::slack

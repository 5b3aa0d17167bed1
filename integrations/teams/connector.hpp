#pragma once
// The Bot Connector's REST interface
// (learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference). Lives as long as the app; io
// thread only; never waits or retries by itself.
//
// Every call takes the address from `Place`, which comes from a verified activity or the config, and refuses one that is not
// trusted before anything leaves. Errors beside those of net::HttpClient:
//   rate_limited with retry_after (429, 412, 502 and 504 of an edit, or the conversation's or tenant's budget is used up);
//   unknown_outcome (a post answered 500, 502 or 504, or not at all: it may stand there)
//   forbidden, retryable: we were blocked or removed (MessageWritesBlocked, BotNotInConversationRoster, bot disabled)
//   not_found: of an edit, the message is gone; of a post, the conversation
//   too_large (413, MessageSizeTooBig);  unauthenticated: our token is refused, no fault of the message
//   unavailable, retryable: surely not done;  upstream: anything else it refuses

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/base/json.hpp"
#include "bot/net/http_client.hpp"
#include "integrations/teams/options.hpp"
#include "integrations/teams/rate_budget.hpp"
#include "integrations/teams/tokens.hpp"

namespace vedette::teams {

// Where something is said.
struct Place {
  std::string service_url;
  std::string tenant;
  std::string conversation;  // with ";messageid=ROOT" for a channel's thread
};

// Where a message stands afterwards.
struct Posted {
  std::string conversation;  // of a new channel thread or 1:1: its id
  std::string activity;      // empty: it has none of its own ("typing", a further piece of a stream)
};

struct Member {
  std::string id;      // "29:…"
  std::string object;  // aadObjectId
  std::string tenant;
  std::string name;
  std::string role;  // "user", "guest", "anonymous"; may be empty
};

class Connector {
 public:
  // All outlive it, except the options, which are copied. Microsoft's limits (rate_budget.hpp) are kept beforehand, but not
  // towards loopback addresses unless a test asks for it.
  Connector(net::HttpClient& http, TokenSource& tokens, const Clock& clock, TeamsOptions options,
            bool limits_on_loopback = false);

  // `activity` is the JSON of an Activity; `only_for` (a member's id, "29:…"): the only one who sees it.
  Async<Posted> send(Place place, std::string activity, std::string only_for, Deadline deadline);
  Async<void> update(Place place, std::string activity_id, std::string activity, Deadline deadline);
  Async<void> remove(Place place, std::string activity_id, Deadline deadline);
  // A new thread in a channel: its root message. `place.conversation` is the channel's id.
  Async<Posted> post_to_channel(Place place, std::string activity, Deadline deadline);
  // The conversation between us (`bot`, "28:…") and one person; the same each time. Posts nothing.
  Async<std::string> direct_with(Place place, std::string bot, std::string member, Deadline deadline);
  Async<Member> member(Place place, std::string member, Deadline deadline);  // by id or aadObjectId
  // Everybody of the conversation, page by page; too_large beyond `most`.
  Async<std::vector<Member>> members(Place place, size_t most, Deadline deadline);

  const Clock& clock() const { return clock_; }

 private:
  struct Request;

  // One call: limits, token, request; once more with another token where ours is not taken. Answers the body.
  Async<std::string> call(Request request, Deadline deadline);

  net::HttpClient& http_;
  TokenSource& tokens_;
  const Clock& clock_;
  TeamsOptions options_;
  bool limits_on_loopback_;
  RateBudget budget_;
};

}  // namespace vedette::teams

#pragma once
// The other way in: Slack calls Vedette's own server (Events API over HTTP) in place of Socket Mode, or beside it. Each
// request is checked (v0 signature over the raw body, both sides of the time window), turned into the envelope that Socket
// Mode would have brought, and handed to the same taker. The answer goes out after that has stored it: 200 and an empty
// body, or 503, upon which Slack sends an event again (after a click or a command it tells the person that it failed).
// X-Slack-No-Retry is never sent: what was not stored shall come again.
//
// Lives as long as the app and longer than the server; io thread only.

#include <cstdint>

#include "bot/net/http_server.hpp"
#include "integrations/slack/http_wire.hpp"
#include "integrations/slack/inbound.hpp"

namespace vedette::slack {

struct HttpEntryCounts {
  uint64_t taken = 0;       // stored, seen before or of no interest; answered 200
  uint64_t refused = 0;     // not signed, or not now
  uint64_t malformed = 0;   // signed but not understood
  uint64_t not_stored = 0;  // answered 503
  uint64_t repeats = 0;     // among all signed ones: those Slack says it sends again
};

class HttpEntry {
 public:
  // `taker` and `clock` outlive it.
  HttpEntry(EnvelopeTaker& taker, const Clock& clock, Secret signing_secret);
  // Adds /slack/events, /slack/interactions and /slack/commands.
  void add_routes(net::HttpServer& server);
  const HttpEntryCounts& counts() const { return counts_; }

 private:
  using Answer = boost::asio::awaitable<net::HttpResponse>;
  Answer receive(Entrance entrance, net::HttpRequest request);
  Answer take(Envelope envelope);

  EnvelopeTaker& taker_;
  const Clock& clock_;
  Secret signing_secret_;
  HttpEntryCounts counts_;
  std::optional<SteadyTime> refusal_said_;  // in the log
};

}  // namespace vedette::slack

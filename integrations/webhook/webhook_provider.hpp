#pragma once
// Actions carried out by a service of the organisation's own: one signed HTTP request an action.
//
//   POST <url>
//   Content-Type: application/json
//   Idempotency-Key: R-9/1a2b3c4d                 the same for every attempt at one action
//   X-Vedette-Timestamp: 1795494111               Unix seconds
//   X-Vedette-Signature: v1=<hex>                 HMAC-SHA256 with the shared secret over "<timestamp>.<body>"
//   {"key", "verb", "title", "provider", "target": {"type", "value"}, "parameters": {…}}
//
// Answers: 2xx done, 3xx and 4xx not done, 5xx, 408 or no answer unknown; 429 not done yet, tried again later. A JSON body
// {"outcome": "done"|"not_done"|"unknown", "message": "…"} on a 2xx says it more exactly, and its message is shown to
// people. 202 with a status_url means: accepted, look it up.
//
// look_up: GET <status_url>?key=<key> with the same headers (the signed body is empty); its answer must be such a JSON body,
// anything else stays unknown. Without a status_url the outcome of a lost answer stays unknown until a person checks.
// Used from the io thread; the HTTP client and clock outlive it.

#include <memory>
#include <string>
#include <vector>

#include "bot/base/secret.hpp"
#include "bot/net/http_client.hpp"
#include "bot/respond/action_provider.hpp"

namespace vedette::webhook {

struct WebhookOptions {
  std::string name;
  std::string url;
  std::string status_url;          // may be empty
  Secret secret;                   // at least 16 bytes
  std::vector<std::string> verbs;  // what the service offers
};

// invalid_input for a bad URL, a short secret or no verbs.
Result<std::unique_ptr<respond::ActionProvider>> make_webhook_provider(net::HttpClient& client, WebhookOptions options,
                                                                       const Clock& clock = system_clock());

}  // namespace vedette::webhook

#pragma once
// Requests that Slack sends to us over HTTP (docs.slack.dev/apis/events-api/using-http-request-urls,
// docs.slack.dev/authentication/verifying-requests-from-slack), as the same envelopes that Socket Mode brings. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "bot/base/clock.hpp"
#include "bot/base/secret.hpp"
#include "bot/net/http.hpp"
#include "integrations/slack/events_wire.hpp"

namespace vedette::slack {

// The three addresses an app has: /slack/events, /slack/interactions, /slack/commands.
enum class Entrance { events, interactions, commands };

// Slack's own rule, for both sides: a request signed longer ago may be a recorded one, one from the future could be kept for
// later.
inline constexpr std::chrono::seconds kSignatureTolerance(300);
// Bytes of a body. Slack's largest payloads are some hundred kB once they are form-encoded.
inline constexpr size_t kEntranceBytes = 1 << 20;

// "v0=" and the hexadecimal HMAC-SHA256 of "v0:TIMESTAMP:BODY".
std::string request_signature(const Secret& signing_secret, std::string_view timestamp, std::string_view body);
// Whether the raw body is signed, and now. Errors: unauthenticated, with a sentence that says nothing about the secret, and
// about our clock only to a holder of it.
Result<void> check_signature(const Secret& signing_secret, const net::HttpRequest& request, Time now);

struct Challenge {
  std::string text;  // of url_verification: to be sent back as it is
};
// Slack looks whether our certificate is in order, now and then; it need not be signed and asks for nothing.
struct SslCheck {};
using Delivery = std::variant<Challenge, SslCheck, Envelope>;

// The body by its address and content type. Errors: invalid_input; too_large; http_status 415 for another content type.
Result<Delivery> read_delivery(Entrance entrance, const net::HttpRequest& request);

// X-Slack-Retry-Num and -Reason of an event that is delivered again.
struct Retry {
  int64_t number = 0;
  std::string reason;  // http_timeout, http_error, …; letters and underscores only
};
std::optional<Retry> retry_of(const net::HttpRequest& request);

}  // namespace vedette::slack

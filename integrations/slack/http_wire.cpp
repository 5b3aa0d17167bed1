#include "integrations/slack/http_wire.hpp"

#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/text.hpp"
#include "bot/net/url.hpp"

namespace vedette::slack {
namespace {

constexpr const char* kTimestamp = "X-Slack-Request-Timestamp";
constexpr const char* kSignature = "X-Slack-Signature";
constexpr size_t kFormFields = 100;
constexpr size_t kChallenge = 1000;
constexpr size_t kSecondsDigits = 12;  // enough for some thirty thousand years

Error malformed(std::string message) { return Error(Code::invalid_input, std::move(message)); }

JsonLimits payload_limits() {
  JsonLimits limits;
  limits.bytes = kEntranceBytes;
  return limits;
}

using Form = std::vector<std::pair<std::string, std::string>>;

// Each name once: of two, a proxy or a program behind us might believe the other one.
Result<Form> parse_form(std::string_view body) {
  Form form;
  std::set<std::string> names;
  while (!body.empty()) {
    const size_t end = body.find('&');
    const std::string_view pair = body.substr(0, end);
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    const std::string_view raw = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    std::string name = net::percent_decode(pair.substr(0, equals), true);
    std::string value = net::percent_decode(raw, true);
    if (!text::valid_utf8(name) || !text::valid_utf8(value)) return malformed("The form holds text that is not UTF-8.");
    if (form.size() == kFormFields) return Error(Code::too_large, "The form has too many fields.");
    if (!names.insert(name).second) return malformed("A field of the form stands twice.");
    form.emplace_back(std::move(name), std::move(value));
  }
  return form;
}

const std::string* field(const Form& form, std::string_view name) {
  for (const auto& [key, value] : form) {
    if (key == name) return &value;
  }
  return nullptr;
}

// The media type without parameters.
bool has_type(const net::HttpRequest& request, std::string_view wanted) {
  const std::string_view given = request.headers.get("Content-Type");
  return text::iequals(text::trim(given.substr(0, given.find(';'))), wanted);
}

Error other_type(std::string_view expected) {
  Error error = malformed(fmt::format("This address takes {}.", expected));
  error.http_status = 415;
  return error;
}

Result<Delivery> event_delivery(const net::HttpRequest& request) {
  if (!has_type(request, "application/json")) return other_type("application/json");
  TRY(const Json body, Json::parse(request.body, payload_limits()));
  if (!body.is_object()) return malformed("The body is not a JSON object.");
  if (body["type"].string_or("") == "url_verification") {
    std::string challenge = body["challenge"].string_or("");
    if (challenge.empty() || challenge.size() > kChallenge) return malformed("The challenge is missing or too long.");
    return Delivery(Challenge{std::move(challenge)});
  }
  Envelope envelope;
  envelope.id = body["event_id"].string_or("");
  envelope.type = "events_api";
  envelope.payload = body;
  if (const auto retry = retry_of(request)) envelope.retry = retry->number;
  return Delivery(std::move(envelope));
}

Result<Delivery> form_delivery(Entrance entrance, const net::HttpRequest& request) {
  if (!has_type(request, "application/x-www-form-urlencoded")) return other_type("application/x-www-form-urlencoded");
  TRY(const Form form, parse_form(request.body));
  if (const auto* check = field(form, "ssl_check"); check != nullptr && *check == "1") return Delivery(SslCheck());
  Envelope envelope;
  if (entrance == Entrance::interactions) {
    const std::string* payload = field(form, "payload");
    if (payload == nullptr) return malformed("The form has no field payload.");
    TRY(envelope.payload, Json::parse(*payload, payload_limits()));
    if (!envelope.payload.is_object()) return malformed("The payload is not a JSON object.");
    envelope.type = "interactive";
    envelope.id = envelope.payload["trigger_id"].string_or("");
    return Delivery(std::move(envelope));
  }
  if (field(form, "command") == nullptr) return malformed("The form has no field command.");
  JsonWriter writer;
  writer.begin_object();
  for (const auto& [name, value] : form) writer.field(name, value);
  writer.end_object();
  TRY(envelope.payload, Json::parse(writer.take(), payload_limits()));
  envelope.type = "slash_commands";
  envelope.id = envelope.payload["trigger_id"].string_or("");
  return Delivery(std::move(envelope));
}

}  // namespace

std::string request_signature(const Secret& signing_secret, std::string_view timestamp, std::string_view body) {
  std::string content = "v0:";
  content.reserve(content.size() + timestamp.size() + 1 + body.size());
  content.append(timestamp).append(":").append(body);
  return "v0=" + crypto::hmac_sha256_hex(signing_secret.reveal(), content);
}

Result<void> check_signature(const Secret& signing_secret, const net::HttpRequest& request, Time now) {
  const std::string_view timestamp = request.headers.get(kTimestamp);
  const std::string_view given = request.headers.get(kSignature);
  const auto refused = [](std::string message) { return Error(Code::unauthenticated, std::move(message)); };
  if (request.headers.count(kTimestamp) != 1 || request.headers.count(kSignature) != 1)
    return refused(fmt::format("The request needs the headers {} and {} once each.", kTimestamp, kSignature));
  const bool digits = !timestamp.empty() && timestamp.size() <= kSecondsDigits &&
                      timestamp.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits) return refused(fmt::format("{} must be the seconds since 1970, in digits.", kTimestamp));
  const std::string expected = request_signature(signing_secret, timestamp, request.body);
  if (signing_secret.empty() || !crypto::constant_time_equal(given, expected))
    return refused("The signature does not fit the body, the timestamp and the signing secret of this app.");
  // Only a holder of the secret learns what our clock says.
  const auto signed_at = std::chrono::seconds(*text::parse_integer(timestamp));
  const auto age = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch() - signed_at;
  const auto gap = age.count() < 0 ? -age : age;
  if (gap > kSignatureTolerance)
    return refused(fmt::format("The request was signed {} {} this server's clock; {} are allowed.", format_duration(gap),
                               age.count() < 0 ? "ahead of" : "behind", format_duration(kSignatureTolerance)));
  return {};
}

Result<Delivery> read_delivery(Entrance entrance, const net::HttpRequest& request) {
  if (request.body.size() > kEntranceBytes)
    return Error(Code::too_large, fmt::format("A body may have at most {} KiB.", kEntranceBytes >> 10));
  return entrance == Entrance::events ? event_delivery(request) : form_delivery(entrance, request);
}

std::optional<Retry> retry_of(const net::HttpRequest& request) {
  const std::string_view number = request.headers.get("X-Slack-Retry-Num");
  if (number.empty() || number.size() > 4 || number.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  Retry retry;
  retry.number = *text::parse_integer(number);
  for (const char c : request.headers.get("X-Slack-Retry-Reason").substr(0, 40)) {
    if ((c >= 'a' && c <= 'z') || c == '_') retry.reason += c;
  }
  return retry;
}

}  // namespace vedette::slack

#include "bot/intake/auth.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/text.hpp"

namespace vedette::intake {
namespace {

AuthFailure failure(std::string title, std::string detail, std::string challenge = {}) {
  AuthFailure result;
  result.title = std::move(title);
  result.detail = std::move(detail);
  result.challenge = std::move(challenge);
  return result;
}

std::string bytes_of(const crypto::Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

// Digests have one length, so that comparing tells nothing about that of the secret.
bool same_secret(const crypto::Digest& given, std::string_view secret) {
  return crypto::constant_time_equal(bytes_of(given), bytes_of(crypto::sha256(secret)));
}

std::string signed_text(std::string_view timestamp, std::string_view body) {
  std::string text;
  text.reserve(timestamp.size() + 1 + body.size());
  text.append(timestamp).append(".").append(body);
  return text;
}

// The part behind "Bearer " or "Basic ".
std::string_view credentials(const IntakeRequest& request, std::string_view scheme) {
  const std::string_view header = request.header("Authorization");
  if (header.size() <= scheme.size() || !text::iequals(header.substr(0, scheme.size()), scheme)) return {};
  if (header[scheme.size()] != ' ') return {};
  return text::trim(header.substr(scheme.size()));
}

std::optional<AuthFailure> check_hmac(const HmacAuth& auth, const IntakeRequest& request, Time now) {
  const std::string_view timestamp_text = request.header(auth.timestamp_header);
  const auto given = parse_signature(request.header(auth.signature_header));
  const auto timestamp = parse_timestamp(timestamp_text);
  const std::string content = signed_text(timestamp_text, request.body);
  bool genuine = false;
  for (size_t i = 0; i < 2 && !auth.keys.empty(); ++i) {
    const Secret& key = auth.keys[i < auth.keys.size() ? i : 0];
    const std::string expected = bytes_of(crypto::hmac_sha256(key.reveal(), content));
    genuine |= crypto::constant_time_equal(given.value_or(std::string()), expected);
  }
  if (request.count(auth.timestamp_header) != 1 || request.count(auth.signature_header) != 1) {
    return failure("Signature missing", fmt::format("The request needs the headers {} and {} once each.",
                                                    auth.timestamp_header, auth.signature_header));
  }
  if (!timestamp) {
    return failure("Timestamp unreadable",
                   fmt::format("{} must be the seconds since 1970, in digits.", auth.timestamp_header));
  }
  if (!given) {
    return failure("Signature unreadable",
                   fmt::format("{} must read \"v1=\" and 64 hexadecimal digits.", auth.signature_header));
  }
  if (!genuine) {
    return failure("Wrong signature", "The signature does not fit the body, the timestamp and the key of this source.");
  }
  // Only a holder of the key learns what our clock says.
  const auto ahead = std::chrono::floor<std::chrono::seconds>(*timestamp - now);
  const auto gap = ahead.count() < 0 ? -ahead : ahead;
  if (*timestamp - now > auth.tolerance || now - *timestamp > auth.tolerance) {
    return failure(
        "Timestamp too far off",
        fmt::format("The request was signed for {}, which is {} {} this server's clock; {} are allowed. Check both "
                    "clocks, or sign again.",
                    to_rfc3339(*timestamp), format_duration(gap), *timestamp > now ? "ahead of" : "behind",
                    format_duration(auth.tolerance)));
  }
  return std::nullopt;
}

std::optional<AuthFailure> check_bearer(const BearerAuth& auth, const IntakeRequest& request) {
  const std::string_view given = credentials(request, "Bearer");
  const crypto::Digest digest = crypto::sha256(given);
  bool genuine = false;
  for (size_t i = 0; i < 2 && !auth.tokens.empty(); ++i) {
    genuine |= same_secret(digest, auth.tokens[i < auth.tokens.size() ? i : 0].reveal());
  }
  if (genuine && !given.empty()) return std::nullopt;
  return failure(
      "Not authenticated",
      given.empty() ? "This source needs \"Authorization: Bearer <token>\"." : "The token is not that of this source.",
      "Bearer");
}

std::optional<AuthFailure> check_basic(const BasicAuth& auth, const IntakeRequest& request) {
  const std::string_view given = credentials(request, "Basic");
  const std::string decoded = crypto::from_base64(given).value_or(std::string());
  const bool genuine = same_secret(crypto::sha256(decoded), auth.user + ":" + auth.password.reveal());
  if (genuine && !given.empty()) return std::nullopt;
  // Amazon SNS sends its credentials only after such a challenge.
  return failure(
      "Not authenticated",
      given.empty() ? "This source needs a user name and password (HTTP Basic)." : "User name or password is wrong.",
      "Basic realm=\"vedette\", charset=\"UTF-8\"");
}

}  // namespace

std::string_view IntakeRequest::header(std::string_view wanted) const {
  for (const auto& [header_name, value] : headers) {
    if (text::iequals(header_name, wanted)) return value;
  }
  return {};
}

size_t IntakeRequest::count(std::string_view wanted) const {
  return static_cast<size_t>(
      std::count_if(headers.begin(), headers.end(), [&](const auto& field) { return text::iequals(field.first, wanted); }));
}

std::optional<std::string> parse_signature(std::string_view header) {
  header = text::trim(header);
  if (!header.starts_with("v1=") || header.size() != 3 + 64) return std::nullopt;
  return crypto::from_hex(header.substr(3));
}

std::optional<Time> parse_timestamp(std::string_view header) {
  header = text::trim(header);
  if (header.empty() || header.size() > 12 || header.front() == '-') return std::nullopt;
  const auto seconds = text::parse_integer(header);
  if (!seconds) return std::nullopt;
  return Time(std::chrono::seconds(*seconds));
}

std::optional<AuthFailure> check_request(const Auth& auth, const IntakeRequest& request, Time now) {
  if (const auto* hmac = std::get_if<HmacAuth>(&auth)) return check_hmac(*hmac, request, now);
  if (const auto* bearer = std::get_if<BearerAuth>(&auth)) return check_bearer(*bearer, request);
  if (const auto* basic = std::get_if<BasicAuth>(&auth)) return check_basic(*basic, request);
  return std::nullopt;
}

void check_nobody(const IntakeRequest& request) {
  static const std::string nobody = crypto::random_bytes(32);
  const std::string content = signed_text(request.header("X-Vedette-Timestamp"), request.body);
  const std::string given = parse_signature(request.header("X-Vedette-Signature")).value_or(std::string());
  bool genuine = false;
  for (int i = 0; i < 2; ++i) {
    genuine |= crypto::constant_time_equal(given, bytes_of(crypto::hmac_sha256(nobody, content)));
    genuine |= same_secret(crypto::sha256(request.header("Authorization")), nobody);
  }
  // What is computed must be used, or it may be left out.
  [[maybe_unused]] volatile bool used = genuine;
}

}  // namespace vedette::intake

#include "integrations/teams/token_wire.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/json.hpp"
#include "bot/base/text.hpp"

namespace vedette::teams {
namespace {

constexpr size_t kLongestDocument = 1 << 20;
constexpr size_t kMostKeys = 256;
constexpr size_t kMostEndorsements = 256;
constexpr size_t kLongestName = 256;          // of a key or a channel
constexpr size_t kLongestGranted = 32 << 10;  // a token for us; it goes into a header
constexpr int64_t kLongestLife = int64_t{7} * 24 * 3600;

Error refuse(std::string text) { return Error(Code::unauthenticated, std::move(text)); }
Error wrong(std::string text) { return Error(Code::upstream, std::move(text), true); }

JsonLimits limits(size_t bytes) {
  JsonLimits limits;
  limits.bytes = bytes;
  limits.depth = 16;
  limits.values = 100'000;
  return limits;
}

Result<Json> read_part(std::string_view part) {
  const auto bytes = crypto::from_base64url(part);
  if (!bytes) return refuse("The token is not proper base64url.");
  auto parsed = Json::parse(*bytes, limits(kLongestToken));
  if (!parsed || !parsed->is_object()) return refuse("The token does not hold JSON objects.");
  return parsed;
}

TokenClaims read_claims(const Json& claims) {
  TokenClaims out;
  out.issuer = claims["iss"].string_or("");
  out.audience = claims["aud"].string_or("");
  out.expires = claims["exp"].integer();
  out.not_before = claims["nbf"].integer();
  out.service_url = claims["serviceurl"].string_or("");
  out.version = claims["ver"].string_or("");
  out.app = claims["appid"].string_or("");
  out.party = claims["azp"].string_or("");
  out.tenant = claims["tid"].string_or("");
  return out;
}

// Nothing that could end a header or hide in a log.
bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// Both services write numbers as strings now and then.
std::optional<int64_t> number_of(const Json& value) {
  if (const auto number = value.integer()) return number;
  return text::parse_integer(value.text());
}

std::string new_guid() {
  std::string bytes = crypto::random_bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);  // RFC 9562: version 4, variant 10
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  const std::string hex = crypto::to_hex(bytes);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                     hex.substr(20));
}

}  // namespace

Result<SignedToken> read_bearer(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (authorization.empty()) return refuse("There is no token.");
  if (!authorization.starts_with(kScheme)) return refuse("The Authorization header is no bearer token.");
  const std::string_view token = authorization.substr(kScheme.size());
  if (token.size() > kLongestToken) return refuse("The token is too long.");
  const size_t first = token.find('.');
  const size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return refuse("The token does not have three parts.");
  }
  TRY(const Json header, read_part(token.substr(0, first)));
  // Fixed here and never chosen by the token: neither "none" nor a key of another kind gets any further.
  if (header["alg"].text() != "RS256") return refuse("The token is not signed with RS256.");
  if (header["crit"].exists()) return refuse("The token demands an extension that is not known.");
  SignedToken out;
  out.key = header["kid"].string_or("");
  if (out.key.empty() || out.key.size() > kLongestName) return refuse("The token does not name its key.");
  TRY(const Json claims, read_part(token.substr(first + 1, second - first - 1)));
  out.claims = read_claims(claims);
  auto signature = crypto::from_base64url(token.substr(second + 1));
  if (!signature || signature->empty()) return refuse("The token's signature is missing or not proper base64url.");
  out.signature = std::move(*signature);
  out.signed_part = token.substr(0, second);
  return out;
}

Result<std::string> read_keys_address(std::string_view metadata) {
  const auto parsed = Json::parse(metadata, limits(kLongestDocument));
  if (!parsed) return wrong("The OpenID metadata is not proper JSON.");
  std::string address = (*parsed)["jwks_uri"].string_or("");
  if (address.empty()) return wrong("The OpenID metadata does not say where the keys are.");
  return address;
}

Result<SigningKeys> read_keys(std::string_view document) {
  const auto parsed = Json::parse(document, limits(kLongestDocument));
  if (!parsed || !(*parsed)["keys"].is_array()) return wrong("The list of keys is not proper JSON.");
  SigningKeys keys;
  for (const Json& entry : (*parsed)["keys"].elements()) {
    if (keys.size() >= kMostKeys) break;
    const std::string kid = entry["kid"].string_or("");
    if (entry["kty"].text() != "RSA" || kid.empty() || kid.size() > kLongestName) continue;
    if (entry["use"].exists() && entry["use"].text() != "sig") continue;
    if (entry["alg"].exists() && entry["alg"].text() != "RS256") continue;
    auto key = crypto::RsaPublicKey::from_jwk(entry["n"].text(), entry["e"].text());
    if (!key) continue;
    SigningKey signing{std::move(*key), {}};
    for (const Json& endorsement : entry["endorsements"].elements()) {
      if (signing.endorsements.size() >= kMostEndorsements) break;
      if (endorsement.is_string() && endorsement.text().size() <= kLongestName) {
        signing.endorsements.emplace_back(endorsement.text());
      }
    }
    keys.emplace(kid, std::move(signing));
  }
  if (keys.empty()) return wrong("The list of keys holds none that can be used.");
  return keys;
}

Result<GrantedToken> read_grant(std::string_view body, Time now) {
  const auto parsed = Json::parse(body, limits(kLongestDocument));
  if (!parsed) return wrong("The answer to the request for a token is not proper JSON.");
  GrantedToken granted;
  granted.token = (*parsed)["access_token"].string_or("");
  if (granted.token.empty() || granted.token.size() > kLongestGranted || !is_visible(granted.token)) {
    return wrong("The answer to the request for a token holds none.");
  }
  if ((*parsed)["token_type"].exists() && !text::iequals((*parsed)["token_type"].text(), "Bearer")) {
    return wrong("The token is of a kind that is not known.");
  }
  auto life = number_of((*parsed)["expires_in"]);
  if (!life) {
    const auto end = number_of((*parsed)["expires_on"]);
    if (end && *end > 0 && *end < (int64_t{1} << 40)) life = *end - to_micros(now) / 1'000'000;
  }
  if (!life || *life <= 0) return wrong("The answer to the request for a token does not say how long it lasts.");
  granted.life = std::chrono::seconds(std::min(*life, kLongestLife));
  return granted;
}

Refusal read_refusal(std::string_view body) {
  Refusal refusal;
  const auto parsed = Json::parse(body, limits(kLongestDocument));
  if (!parsed) return refusal;
  const std::string error = (*parsed)["error"].string_or("");
  const bool plain = std::all_of(error.begin(), error.end(), [](char c) { return c == '_' || (c >= 'a' && c <= 'z'); });
  if (plain && error.size() <= 64) refusal.error = error;
  refusal.number = (*parsed)["error_codes"][size_t{0}].integer_or(0);
  return refusal;
}

Result<std::string> write_assertion(const crypto::RsaPrivateKey& key, std::string_view thumbprint, std::string_view app,
                                    std::string_view audience, Time now) {
  constexpr int64_t kLife = 600;    // Entra asks for five to ten minutes
  constexpr int64_t kEarlier = 60;  // our clock may be ahead of theirs
  const int64_t seconds = to_micros(now) / 1'000'000;
  JsonWriter header;
  header.begin_object()
      .field("alg", "PS256")
      .field("typ", "JWT")
      .field("x5t#S256", crypto::to_base64url(thumbprint))
      .end_object();
  JsonWriter claims;
  claims.begin_object().field("aud", std::string(audience)).field("iss", std::string(app)).field("sub", std::string(app));
  claims.field("jti", new_guid())
      .field("nbf", seconds - kEarlier)
      .field("iat", seconds)
      .field("exp", seconds - kEarlier + kLife);
  claims.end_object();
  std::string token = crypto::to_base64url(header.take()) + "." + crypto::to_base64url(claims.take());
  TRY(const std::string signature, key.sign(crypto::RsaScheme::ps256, token));
  token += "." + crypto::to_base64url(signature);
  return token;
}

}  // namespace vedette::teams

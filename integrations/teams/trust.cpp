#include "integrations/teams/trust.hpp"

#include <algorithm>
#include <map>

#include "bot/base/crypto.hpp"
#include "bot/base/text.hpp"
#include "integrations/teams/keys.hpp"
#include "integrations/teams/token_wire.hpp"

namespace vedette::teams {
namespace {

Error refuse(std::string why) { return Error(Code::unauthenticated, std::move(why)); }
Error forbid(std::string why) { return Error(Code::forbidden, std::move(why)); }

std::string_view without_slash(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

// Case and a slash at the end make no other address.
bool same_address(std::string_view a, std::string_view b) {
  return !a.empty() && text::iequals(without_slash(a), without_slash(b));
}

bool same_origin(const net::Url& url, std::string_view address) {
  const auto other = net::parse_url(address);
  return other && other->host == url.host && other->port == url.port;
}

// What Entra writes into tokens for our own app, which the Emulator sends: for each tenant one issuer of both versions
// (botframework-connector, tokenValidationParameters and emulatorValidation).
bool is_entra_issuer(const TokenClaims& claims, const Cloud& cloud) {
  if (claims.tenant.empty() || claims.issuer.empty()) return false;
  return claims.issuer == "https://sts.windows.net/" + claims.tenant + "/" ||
         claims.issuer == net::join_url(cloud.login_url, claims.tenant + "/") ||
         claims.issuer == net::join_url(cloud.login_url, claims.tenant + "/v2.0");
}

// Keys of every tenant are in one set. The government's cloud has no "common" one that its SDK would name; the tenant in
// it is Microsoft's own (botframework-connector, governmentConstants).
std::string entra_metadata(const Cloud& cloud) {
  const bool government = cloud.issuer == us_government_cloud().issuer;
  const std::string tenant = government ? "cab8a31a-1906-4287-a0d8-4eef66b95f6e" : "common";
  return net::join_url(cloud.login_url, tenant + "/v2.0/.well-known/openid-configuration");
}

class TokenTrust final : public Trust {
 public:
  TokenTrust(const Executor& executor, net::HttpClient& http, const Clock& clock, const TeamsOptions& options)
      : clock_(clock),
        options_(options),
        channel_keys_(executor, http, clock, options, options.cloud.openid_url),
        entra_keys_(executor, http, clock, options, entra_metadata(options.cloud)) {}

  Async<void> check(std::string authorization, ClaimedOrigin origin, Deadline deadline) override;
  Status check_origin(const ClaimedOrigin& origin) const override;

 private:
  Status check_times(const TokenClaims& claims) const;
  Status check_tenant(const std::string& tenant) const;
  Async<void> check_channel_token(SignedToken token, ClaimedOrigin origin, Deadline deadline);
  Async<void> check_entra_token(SignedToken token, ClaimedOrigin origin, Deadline deadline);
  bool signed_by(const SigningKeyPtr& key, const SignedToken& token);

  const Clock& clock_;
  TeamsOptions options_;
  Keys channel_keys_;
  Keys entra_keys_;
  // Teams sends the same token for an hour: what was found good is not computed again. By the digest of all that is signed
  // and the signature; good for this very key alone, as it was fetched. Nothing else about a token is remembered.
  std::map<crypto::Digest, SigningKeyPtr> verified_;
};

bool TokenTrust::signed_by(const SigningKeyPtr& key, const SignedToken& token) {
  constexpr size_t kMost = 256;
  const crypto::Digest digest = crypto::sha256(token.signed_part + "." + token.signature);
  const auto known = verified_.find(digest);
  if (known != verified_.end() && known->second == key) return true;
  if (!key->key.verify(crypto::RsaScheme::rs256, token.signed_part, token.signature)) return false;
  if (verified_.size() >= kMost) verified_.clear();
  verified_.insert_or_assign(digest, key);
  return true;
}

Status TokenTrust::check_times(const TokenClaims& claims) const {
  constexpr int64_t kEndOfTime = int64_t{1} << 40;  // far beyond any date, and safe to add to
  if (!claims.expires || !claims.not_before) return refuse("The token does not say from when until when it is good.");
  for (const int64_t time : {*claims.expires, *claims.not_before}) {
    if (time < 0 || time > kEndOfTime) return refuse("The token's times are no times.");
  }
  const int64_t now = to_micros(clock_.now()) / 1'000'000;
  const int64_t skew = options_.skew.count();
  if (now >= *claims.expires + skew) return refuse("The token has expired.");
  if (now < *claims.not_before - skew) return refuse("The token is not good yet.");
  return {};
}

Status TokenTrust::check_tenant(const std::string& tenant) const {
  if (tenant.empty()) return forbid("The activity does not say which tenant it is from.");
  const auto is_it = [&](const std::string& allowed) { return text::iequals(allowed, tenant); };
  const auto& allowed = options_.allowed_tenants;
  const bool good = allowed.empty() ? is_it(options_.tenant) : std::any_of(allowed.begin(), allowed.end(), is_it);
  if (!good) return forbid("The activity is from a tenant that is not allowed here.");
  return {};
}

Status TokenTrust::check_origin(const ClaimedOrigin& origin) const {
  // The same bot may be open to other channels, where whoever writes says himself who he is: Direct Line, Web Chat.
  const bool emulator = options_.development_tokens && origin.channel == "emulator";
  if (origin.channel != "msteams" && !emulator) return forbid("The activity does not come from Teams.");
  TRY_VOID(check_tenant(origin.tenant));
  const auto url = net::parse_url(origin.service_url);
  if (!url || !is_trusted(*url, options_)) return forbid("The activity's service address is not one of Microsoft's.");
  return {};
}

Async<void> TokenTrust::check(std::string authorization, ClaimedOrigin origin, Deadline deadline) {
  auto token = read_bearer(authorization);
  if (!token) co_return std::move(token).error();
  const TokenClaims& claims = token->claims;
  const bool from_channel = claims.issuer == options_.cloud.issuer;
  // Entra gives other apps tokens for us too, skills for one: without the flag none of its tokens opens the door.
  const bool from_entra = !from_channel && options_.development_tokens && is_entra_issuer(claims, options_.cloud);
  if (!from_channel && !from_entra) co_return refuse("The token is of an issuer that is not trusted.");
  if (!text::iequals(claims.audience, options_.app_id) || claims.audience.empty()) {
    co_return refuse("The token is for another app.");
  }
  const auto times = check_times(claims);
  if (!times) co_return times;
  if (from_channel) {
    CO_TRY_VOID(check_channel_token(std::move(*token), std::move(origin), deadline));
  } else {
    CO_TRY_VOID(check_entra_token(std::move(*token), std::move(origin), deadline));
  }
  co_return Status();
}

Async<void> TokenTrust::check_channel_token(SignedToken token, ClaimedOrigin origin, Deadline deadline) {
  auto key = co_await channel_keys_.find(token.key, deadline);
  if (!key && key.error().code == Code::not_found) co_return refuse(key.error().message);
  if (!key) co_return std::move(key).error();
  if (!signed_by(*key, token)) co_return refuse("The token's signature is wrong.");
  if (!same_address(token.claims.service_url, origin.service_url)) {
    co_return refuse("The token is for another service address than the activity's.");
  }
  const auto& endorsed = (*key)->endorsements;
  if (origin.channel.empty() || std::find(endorsed.begin(), endorsed.end(), origin.channel) == endorsed.end()) {
    co_return forbid("The token's key may not speak for this channel.");
  }
  co_return check_origin(origin);
}

Async<void> TokenTrust::check_entra_token(SignedToken token, ClaimedOrigin origin, Deadline deadline) {
  const TokenClaims& claims = token.claims;
  // The app is where the version says it is; ours alone, talking to itself.
  const bool first = claims.version.empty() || claims.version == "1.0";
  const std::string& app = first ? claims.app : claims.party;
  if ((!first && claims.version != "2.0") || !text::iequals(app, options_.app_id)) {
    co_return refuse("The token was given to another app.");
  }
  auto key = co_await entra_keys_.find(token.key, deadline);
  if (!key && key.error().code == Code::not_found) co_return refuse(key.error().message);
  if (!key) co_return std::move(key).error();
  if (!(*key)->key.verify(crypto::RsaScheme::rs256, token.signed_part, token.signature)) {
    co_return refuse("The token's signature is wrong.");
  }
  const auto tenant = check_tenant(claims.tenant);
  if (!tenant) co_return tenant;
  if (origin.tenant.empty()) origin.tenant = claims.tenant;  // the Emulator's activities name none
  co_return check_origin(origin);
}

}  // namespace

bool names_host(std::string_view entry, const net::Url& url) {
  const size_t colon = entry.rfind(':');
  const bool has_port = colon != std::string_view::npos && entry.find(':') == colon;
  const auto port = has_port ? text::parse_integer(entry.substr(colon + 1)) : std::nullopt;
  if (has_port && (!port || *port != url.port)) return false;
  // A service of Microsoft's is on the usual port; on loopback, where tests run, any will do.
  if (!has_port && !url.loopback() && url.port != 443) return false;
  const std::string_view name = has_port ? entry.substr(0, colon) : entry;
  if (!name.starts_with("*.")) return text::iequals(name, url.host);
  const std::string_view below = name.substr(1);  // with its dot
  return url.host.size() > below.size() &&
         text::iequals(std::string_view(url.host).substr(url.host.size() - below.size()), below);
}

std::unique_ptr<Trust> make_trust(Executor executor, net::HttpClient& http, const Clock& clock,
                                  const TeamsOptions& options) {
  return std::make_unique<TokenTrust>(executor, http, clock, options);
}

bool is_trusted(const net::Url& url, const TeamsOptions& options) {
  const auto& hosts = options.cloud.trusted_hosts;
  const auto names_it = [&](const std::string& entry) { return names_host(entry, url); };
  const bool listed = std::any_of(hosts.begin(), hosts.end(), names_it);
  if (!url.loopback()) return url.tls() && listed;
  // Nobody outside this machine can point us at loopback: the config has to name the place.
  return listed || same_origin(url, options.cloud.service_url) || same_origin(url, options.cloud.socket_url);
}

}  // namespace vedette::teams

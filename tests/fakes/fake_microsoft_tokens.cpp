// The tokens that a fake Microsoft signs, good and bad.

#include "bot/base/crypto.hpp"
#include "tests/fakes/fake_microsoft.hpp"

namespace vedette::test {

using nlohmann::json;

namespace {

using Change = std::function<void(json& header, json& claims)>;

std::string part(const json& content) { return crypto::to_base64url(content.dump()); }

}  // namespace

json FakeMicrosoft::header_for(const std::string& kid) const {
  return {{"typ", "JWT"}, {"alg", "RS256"}, {"kid", kid}, {"x5t", kid}};
}

json FakeMicrosoft::claims_of(const TokenWish& wish) const {
  return {{"serviceurl", wish.service_url},
          {"nbf", now() - wish.age.count()},
          {"exp", now() + wish.life.count()},
          {"iss", wish.issuer.empty() ? teams::public_cloud().issuer : wish.issuer},
          {"aud", wish.audience.empty() ? options_.app_id : wish.audience}};
}

std::string FakeMicrosoft::signature(const std::string& kid, const std::string& signed_part) const {
  const auto found = keys_.find(kid);
  const auto& key = found == keys_.end() ? keys_.at("connector").key : found->second.key;
  return crypto::to_base64url(key.sign(crypto::RsaScheme::rs256, signed_part).value());
}

std::string FakeMicrosoft::sign(const json& header, const json& claims, const std::string& kid) const {
  const std::string signed_part = part(header) + "." + part(claims);
  return "Bearer " + signed_part + "." + signature(kid, signed_part);
}

std::string FakeMicrosoft::sign_activity_token(const std::string& service_url) const {
  TokenWish wish;
  wish.service_url = service_url;
  return sign_activity_token(wish);
}

std::string FakeMicrosoft::sign_activity_token(const TokenWish& wish) const {
  const std::string kid = wish.key.empty() ? signing_ : wish.key;
  json header = header_for(kid);
  json claims = claims_of(wish);
  if (wish.change) wish.change(header, claims);
  return sign(header, claims, kid);
}

std::string FakeMicrosoft::sign_emulator_token(const std::string& version,
                                               const std::function<void(json& claims)>& change) const {
  TokenWish wish;
  wish.issuer =
      version == "2.0" ? url() + "/" + options_.tenant + "/v2.0" : "https://sts.windows.net/" + options_.tenant + "/";
  json claims = claims_of(wish);
  claims.erase("serviceurl");
  claims["tid"] = options_.tenant;
  claims["ver"] = version;
  claims[version == "2.0" ? "azp" : "appid"] = options_.app_id;
  if (change) change(claims);
  return sign(header_for("entra"), claims, "entra");
}

std::vector<JudgedToken> FakeMicrosoft::token_table(const std::string& service_url) const {
  std::vector<JudgedToken> table;
  const auto row = [&](const std::string& name, int status, std::string authorization) {
    table.push_back({name, std::move(authorization), status});
  };
  const auto changed = [&](const std::string& name, int status, const Change& change, const std::string& key = "") {
    TokenWish wish;
    wish.service_url = service_url;
    wish.key = key;
    wish.change = change;
    row(name, status, sign_activity_token(wish));
  };
  const auto claim = [&](const std::string& name, int status, const std::string& which, const json& value) {
    changed(name, status, [&](json&, json& claims) { claims[which] = value; });
  };
  const auto header = [&](const std::string& name, int status, const std::string& which, const json& value) {
    changed(name, status, [&](json& head, json&) { head[which] = value; });
  };
  const auto without = [&](const std::string& name, int status, const std::string& which) {
    changed(name, status, [&](json& head, json& claims) { head.erase(which), claims.erase(which); });
  };
  const std::string good = sign_activity_token(service_url);
  const std::string token = good.substr(7);
  const size_t first = token.find('.');
  const size_t second = token.rfind('.');

  row("good", 200, good);
  row("no header", 401, "");
  row("no token", 401, "Bearer ");
  row("no scheme", 401, token);
  row("another scheme", 401, "Basic " + token);
  row("the token twice", 401, good + " " + token);
  row("a space in front of the token", 401, "Bearer  " + token);
  row("two parts", 401, "Bearer " + token.substr(0, second));
  row("four parts", 401, good + ".e30");
  row("only dots", 401, "Bearer ..");
  row("no JSON", 401, "Bearer " + crypto::to_base64url("no") + "." + crypto::to_base64url("json") + ".AAAA");

  claim("expired four minutes ago", 200, "exp", now() - 240);
  claim("expired six minutes ago", 401, "exp", now() - 360);
  claim("good in four minutes", 200, "nbf", now() + 240);
  claim("good in six minutes", 401, "nbf", now() + 360);
  without("no exp", 401, "exp");
  without("no nbf", 401, "nbf");
  claim("exp as text", 401, "exp", std::to_string(now() + 3600));
  claim("exp null", 401, "exp", nullptr);
  claim("exp beyond all time", 401, "exp", 1e300);
  claim("exp negative", 401, "exp", -1);
  claim("nbf as text", 401, "nbf", "now");

  claim("another audience", 401, "aud", "99999999-0000-4000-8000-000000000009");
  claim("a list of audiences", 401, "aud", json::array({options_.app_id}));
  claim("an empty audience", 401, "aud", "");
  without("no audience", 401, "aud");
  claim("another issuer", 401, "iss", "https://sts.windows.net/" + options_.tenant + "/");
  claim("the government's issuer", 401, "iss", teams::us_government_cloud().issuer);
  claim("the issuer with a slash", 401, "iss", teams::public_cloud().issuer + "/");
  claim("a list of issuers", 401, "iss", json::array({teams::public_cloud().issuer}));
  without("no issuer", 401, "iss");

  claim("another service address", 401, "serviceurl", "https://smba.trafficmanager.net/elsewhere/");
  claim("an attacker's service address", 401, "serviceurl", "https://attacker.example/");
  claim("a longer service address", 401, "serviceurl", service_url + "x/");
  claim("an empty service address", 401, "serviceurl", "");
  claim("the service address without its slash", 200, "serviceurl", service_url.substr(0, service_url.size() - 1));
  changed("the service address under another name", 401, [&](json&, json& claims) {
    claims.erase("serviceurl");
    claims["serviceUrl"] = service_url;
  });
  without("no service address", 401, "serviceurl");

  changed("an unknown key", 401, {}, "nobody");
  without("no key id", 401, "kid");
  header("a key id that is a number", 401, "kid", 7);
  header("another key's id", 401, "kid", "webchat");
  changed("a key for another channel", 403, {}, "webchat");
  changed("a key without endorsements", 403, {}, "bare");
  changed("Entra's key", 401, {}, "entra");

  for (const std::string alg : {"none", "None", "", "HS256", "RS384", "RS512", "PS256", "ES256", "rs256"}) {
    header("alg " + alg, 401, "alg", alg);
  }
  without("no alg", 401, "alg");
  json unsigned_header = header_for(signing_);
  unsigned_header["alg"] = "none";
  row("unsigned", 401, "Bearer " + part(unsigned_header) + token.substr(first, second - first) + ".");
  json symmetric = header_for(signing_);
  symmetric["alg"] = "HS256";
  const std::string symmetric_part = part(symmetric) + token.substr(first, second - first);
  const auto mac = crypto::hmac_sha256(keys_.at(signing_).key.public_key().n(), symmetric_part);
  row("HS256 with the public key", 401,
      "Bearer " + symmetric_part + "." + crypto::to_base64url(std::string(mac.begin(), mac.end())));
  header("an extension that must be understood", 401, "crit", json::array({"exp"}));
  // Signed by the attacker, who brings the key along.
  const auto& other = keys_.at("bare").key;
  json own_key = header_for(signing_);
  own_key["jwk"] = {{"kty", "RSA"}, {"n", other.public_key().n()}, {"e", other.public_key().e()}};
  own_key["jku"] = "https://attacker.example/keys";
  const std::string own_part = part(own_key) + token.substr(first, second - first);
  row("a key of its own in the header", 401, "Bearer " + own_part + "." + signature("bare", own_part));

  TokenWish richer;
  richer.service_url = service_url;
  richer.life = std::chrono::hours(24);
  const std::string changed_claims = part(claims_of(richer));
  row("changed claims", 401, "Bearer " + token.substr(0, first + 1) + changed_claims + token.substr(second));
  json changed_header = header_for(signing_);
  changed_header["x"] = 1;
  row("a changed header", 401, "Bearer " + part(changed_header) + token.substr(first));
  row("no signature", 401, "Bearer " + token.substr(0, second + 1));
  row("half a signature", 401, good.substr(0, good.size() - 170));
  row("a signature of zeros", 401, "Bearer " + token.substr(0, second + 1) + std::string(342, 'A'));
  std::string flipped = good;
  char& somewhere = flipped[flipped.size() - 100];
  somewhere = somewhere == 'A' ? 'B' : 'A';
  row("a flipped signature", 401, flipped);
  row("a padded signature", 401, good + "==");
  row("a line break at the end", 401, good + "\n");
  const std::string doubled = R"({"exp":)" + std::to_string(now() + 3600) + "," + json(claims_of(richer)).dump().substr(1);
  const std::string doubled_part = token.substr(0, first + 1) + crypto::to_base64url(doubled);
  row("a claim twice", 401, "Bearer " + doubled_part + "." + signature(signing_, doubled_part));
  claim("longer than any token", 401, "more", std::string(20'000, 'x'));
  json deep = 1;
  for (int i = 0; i < 200; ++i) deep = json::array({deep});
  claim("claims too deep to read", 401, "more", deep);
  return table;
}

}  // namespace vedette::test

#include "integrations/teams/token_wire.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bot/base/crypto.hpp"

namespace vedette::teams {
namespace {

using nlohmann::json;

std::string bearer(const json& header, const json& claims, const std::string& signature = "AAAA") {
  return "Bearer " + crypto::to_base64url(header.dump()) + "." + crypto::to_base64url(claims.dump()) + "." + signature;
}

TEST(TeamsTokenWire, takes_a_token_apart) {
  const json header = {{"alg", "RS256"}, {"kid", "k1"}, {"typ", "JWT"}};
  const json claims = {{"iss", "i"}, {"aud", "a"},   {"exp", 7},     {"nbf", 3},       {"serviceurl", "s"},
                       {"tid", "t"}, {"ver", "2.0"}, {"azp", "app"}, {"extra", {1, 2}}};
  const std::string text = bearer(header, claims);
  const auto token = read_bearer(text);
  ASSERT_TRUE(token.has_value()) << token.error().message;
  EXPECT_EQ(token->key, "k1");
  EXPECT_EQ(token->claims.issuer, "i");
  EXPECT_EQ(token->claims.audience, "a");
  EXPECT_EQ(token->claims.expires, 7);
  EXPECT_EQ(token->claims.not_before, 3);
  EXPECT_EQ(token->claims.service_url, "s");
  EXPECT_EQ(token->claims.tenant, "t");
  EXPECT_EQ(token->claims.version, "2.0");
  EXPECT_EQ(token->claims.party, "app");
  EXPECT_EQ(token->claims.app, "");
  EXPECT_EQ(token->signed_part + ".AAAA", text.substr(7));
  EXPECT_EQ(token->signature, std::string(3, '\0'));
}

TEST(TeamsTokenWire, claims_of_another_type_are_not_there) {
  const json header = {{"alg", "RS256"}, {"kid", "k1"}};
  const auto token =
      read_bearer(bearer(header, {{"iss", {"i"}}, {"aud", {"a"}}, {"exp", "7"}, {"nbf", 1.5}, {"serviceurl", 1}}));
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->claims.issuer, "");
  EXPECT_EQ(token->claims.audience, "");
  EXPECT_FALSE(token->claims.expires.has_value());
  EXPECT_FALSE(token->claims.not_before.has_value());
  EXPECT_EQ(token->claims.service_url, "");
}

TEST(TeamsTokenWire, reads_keys_and_leaves_out_what_it_cannot_use) {
  const auto pair = crypto::RsaPrivateKey::generate();
  ASSERT_TRUE(pair.has_value());
  const auto key = pair->public_key();
  const json good = {{"kty", "RSA"}, {"kid", "good"}, {"n", key.n()}, {"e", key.e()}, {"endorsements", {"msteams", 7, "x"}}};
  const auto changed = [&](const char* kid, const char* name, const json& value) {
    json entry = good;
    entry["kid"] = kid;
    entry[name] = value;
    return entry;
  };
  json keys = json::array({good, changed("use", "use", "enc"), changed("alg", "alg", "RS512"), changed("kty", "kty", "EC"),
                           changed("short", "n", "AQAB"), changed("odd", "e", "AA"), changed("n", "n", 7),
                           changed("fine", "use", "sig"), 7, "text", nullptr, json::object()});
  const auto read = read_keys(json{{"keys", keys}}.dump());
  ASSERT_TRUE(read.has_value()) << read.error().message;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->at("good").endorsements, (std::vector<std::string>{"msteams", "x"}));
  EXPECT_TRUE(read->contains("fine"));
  // A flood of keys is cut, not kept.
  json flood = json::array();
  for (int i = 0; i < 1000; ++i) flood.push_back(changed(std::to_string(i).c_str(), "use", "sig"));
  const auto many = read_keys(json{{"keys", flood}}.dump());
  ASSERT_TRUE(many.has_value());
  EXPECT_EQ(many->size(), 256U);
}

TEST(TeamsTokenWire, says_why_a_token_was_refused_without_their_prose) {
  const auto refusal =
      read_refusal(R"({"error":"invalid_client","error_description":"AADSTS7000215: …","error_codes":[7000215]})");
  EXPECT_EQ(refusal.error, "invalid_client");
  EXPECT_EQ(refusal.number, 7000215);
  for (const std::string body :
       {"", "[]", "<html>", R"({"error":{"code":"x"}})", R"({"error":"Bad\nthings","error_codes":"x"})"}) {
    const auto none = read_refusal(body);
    EXPECT_EQ(none.error, "") << body;
    EXPECT_EQ(none.number, 0) << body;
  }
}

TEST(TeamsTokenWire, tells_the_life_of_a_token_by_its_end_where_that_is_all) {
  const Time now = *parse_time("2026-11-24T03:00:00Z");
  const int64_t seconds = to_micros(now) / 1'000'000;
  const auto at = [&](const json& end) { return read_grant(json{{"access_token", "t"}, {"expires_on", end}}.dump(), now); };
  EXPECT_EQ(at(std::to_string(seconds + 60))->life, std::chrono::seconds(60));
  EXPECT_EQ(at(seconds + 60)->life, std::chrono::seconds(60));
  EXPECT_EQ(at(seconds + 100'000'000)->life, std::chrono::hours(24 * 7));
  for (const json& end :
       {json(seconds), json(seconds - 1), json("tomorrow"), json(INT64_MAX), json(INT64_MIN), json(nullptr)}) {
    EXPECT_FALSE(at(end).has_value()) << end;
  }
}

TEST(TeamsTokenWire, an_assertion_is_as_entra_documents_it) {
  const auto key = crypto::RsaPrivateKey::generate();
  ASSERT_TRUE(key.has_value());
  const Time now = *parse_time("2026-11-24T03:00:00Z");
  const int64_t seconds = to_micros(now) / 1'000'000;
  const std::string url = "https://login.microsoftonline.com/t/oauth2/v2.0/token";
  const auto made = write_assertion(*key, std::string(32, '\x01'), "app", url, now);
  ASSERT_TRUE(made.has_value());
  const size_t first = made->find('.');
  const size_t second = made->rfind('.');
  const json header = json::parse(*crypto::from_base64url(made->substr(0, first)));
  const json claims = json::parse(*crypto::from_base64url(made->substr(first + 1, second - first - 1)));
  EXPECT_EQ(header, (json{{"alg", "PS256"}, {"typ", "JWT"}, {"x5t#S256", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"}}));
  EXPECT_EQ(claims["aud"], url);
  EXPECT_EQ(claims["iss"], "app");
  EXPECT_EQ(claims["sub"], "app");
  EXPECT_LE(claims["nbf"], seconds);
  EXPECT_GT(claims["exp"], seconds + 300);
  EXPECT_LE(claims["exp"].get<int64_t>() - claims["nbf"].get<int64_t>(), 600);
  EXPECT_EQ(claims["jti"].get<std::string>().size(), 36U);
  EXPECT_TRUE(key->public_key().verify(crypto::RsaScheme::ps256, made->substr(0, second),
                                       *crypto::from_base64url(made->substr(second + 1))));
  const auto another = write_assertion(*key, std::string(32, '\x01'), "app", url, now);
  EXPECT_NE(*another, *made);
}

}  // namespace
}  // namespace vedette::teams

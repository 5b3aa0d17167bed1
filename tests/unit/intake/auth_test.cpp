#include "bot/intake/auth.hpp"

#include <gtest/gtest.h>

#include "bot/base/crypto.hpp"

namespace vedette::intake {
namespace {

const Time kNow = *parse_time("2026-11-24T03:00:00Z");
const std::string kKey = "0123456789abcdef0123456789abcdef";
const std::string kOldKey = "fedcba9876543210fedcba9876543210";
const std::string kBody = R"({"rule":{"level":12}})";

std::string seconds(Time time) { return std::to_string(to_micros(time) / 1'000'000); }

HmacAuth hmac_auth() {
  HmacAuth auth;
  auth.keys = {Secret(kKey), Secret(kOldKey)};
  return auth;
}

IntakeRequest signed_request(const std::string& key, const std::string& timestamp, const std::string& body = kBody) {
  IntakeRequest request("s", body);
  request.headers = {{"Content-Type", "application/json"},
                     {"x-vedette-timestamp", timestamp},
                     {"x-vedette-signature", "v1=" + crypto::hmac_sha256_hex(key, timestamp + "." + body)}};
  return request;
}

std::string title_of(const std::optional<AuthFailure>& failure) { return failure ? failure->title : "accepted"; }

// Computed with `printf '1795489200.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef`.
TEST(HmacAuth, known_vector) {
  IntakeRequest request("s", R"({"a":1})");
  request.headers = {{"X-Vedette-Timestamp", "1795489200"},
                     {"X-Vedette-Signature", "v1=7d6436fb34ba1dc853fe6bafad8635c0fdfb364f7b47339fd41263ce107dbeb3"}};
  EXPECT_EQ("accepted", title_of(check_request(hmac_auth(), request, Time(std::chrono::seconds(1795489200)))));
}

TEST(HmacAuth, both_keys_are_live) {
  EXPECT_EQ("accepted", title_of(check_request(hmac_auth(), signed_request(kKey, seconds(kNow)), kNow)));
  EXPECT_EQ("accepted", title_of(check_request(hmac_auth(), signed_request(kOldKey, seconds(kNow)), kNow)));
  EXPECT_EQ("Wrong signature", title_of(check_request(hmac_auth(), signed_request(kKey + "x", seconds(kNow)), kNow)));
}

TEST(HmacAuth, one_key_is_enough) {
  HmacAuth auth;
  auth.keys = {Secret(kKey)};
  EXPECT_EQ("accepted", title_of(check_request(auth, signed_request(kKey, seconds(kNow)), kNow)));
  EXPECT_EQ("Wrong signature", title_of(check_request(auth, signed_request(kOldKey, seconds(kNow)), kNow)));
  auth.keys.clear();
  EXPECT_EQ("Wrong signature", title_of(check_request(auth, signed_request(kKey, seconds(kNow)), kNow)));
}

TEST(HmacAuth, every_flipped_byte_is_refused) {
  const auto good = signed_request(kKey, seconds(kNow));
  for (size_t i = 0; i < good.body.size(); ++i) {
    auto bad = good;
    bad.body[i] = static_cast<char>(bad.body[i] ^ 1);
    EXPECT_EQ("Wrong signature", title_of(check_request(hmac_auth(), bad, kNow))) << "body byte " << i;
  }
  const std::string& signature = good.headers[2].second;
  for (size_t i = 0; i < signature.size(); ++i) {
    auto bad = good;
    bad.headers[2].second[i] = static_cast<char>(signature[i] ^ 1);
    EXPECT_NE("accepted", title_of(check_request(hmac_auth(), bad, kNow))) << "signature byte " << i;
  }
  for (size_t i = 0; i < good.headers[1].second.size(); ++i) {
    auto bad = good;
    bad.headers[1].second[i] = static_cast<char>(bad.headers[1].second[i] ^ 1);
    EXPECT_NE("accepted", title_of(check_request(hmac_auth(), bad, kNow))) << "timestamp byte " << i;
  }
}

TEST(HmacAuth, the_dot_belongs_to_what_is_signed) {
  // Moving a byte from the timestamp to the body must not give the same signature.
  auto request = signed_request(kKey, seconds(kNow), "1" + kBody);
  request.headers[1].second += "1";
  request.body = kBody;
  EXPECT_NE("accepted", title_of(check_request(hmac_auth(), request, kNow)));
}

TEST(HmacAuth, both_sides_of_the_window) {
  struct Row {
    int64_t offset;
    bool accepted;
  };
  for (const auto& [offset, accepted] :
       {Row{0, true}, {-300, true}, {300, true}, {-301, false}, {301, false}, {86400, false}, {-86400, false}}) {
    const auto request = signed_request(kKey, seconds(kNow + std::chrono::seconds(offset)));
    const auto failure = check_request(hmac_auth(), request, kNow);
    EXPECT_EQ(accepted, !failure) << offset;
    EXPECT_EQ(accepted ? "accepted" : "Timestamp too far off", title_of(failure)) << offset;
  }
}

TEST(HmacAuth, a_clock_a_day_off_is_told_so) {
  const auto failure = check_request(hmac_auth(), signed_request(kKey, seconds(kNow + std::chrono::hours(24))), kNow);
  ASSERT_TRUE(failure);
  EXPECT_EQ(401, failure->status);
  EXPECT_NE(std::string::npos, failure->detail.find("2026-11-25T03:00:00Z, which is 1 d ahead of this server's clock"))
      << failure->detail;
  const auto behind = check_request(hmac_auth(), signed_request(kKey, seconds(kNow - std::chrono::hours(24))), kNow);
  EXPECT_NE(std::string::npos, behind->detail.find("1 d behind")) << behind->detail;
  // Strangers learn nothing about our clock.
  const auto stranger =
      check_request(hmac_auth(), signed_request("not the key at all", seconds(kNow - std::chrono::hours(24))), kNow);
  EXPECT_EQ("Wrong signature", stranger->title);
}

TEST(HmacAuth, headers_missing_doubled_or_odd) {
  auto request = signed_request(kKey, seconds(kNow));
  request.headers.push_back(request.headers[2]);
  EXPECT_EQ("Signature missing", title_of(check_request(hmac_auth(), request, kNow)));
  request.headers.resize(2);
  EXPECT_EQ("Signature missing", title_of(check_request(hmac_auth(), request, kNow)));
  EXPECT_EQ("Signature missing", title_of(check_request(hmac_auth(), IntakeRequest("s", kBody), kNow)));
  for (const char* odd : {"", "abc", "-1", "1e9", "99999999999999999999", "1795489200.0", "0x10"}) {
    EXPECT_EQ("Timestamp unreadable", title_of(check_request(hmac_auth(), signed_request(kKey, odd), kNow))) << odd;
  }
  auto no_version = signed_request(kKey, seconds(kNow));
  no_version.headers[2].second.erase(0, 3);
  EXPECT_EQ("Signature unreadable", title_of(check_request(hmac_auth(), no_version, kNow)));
}

TEST(HmacAuth, header_names_can_be_set) {
  HmacAuth auth = hmac_auth();
  auth.signature_header = "X-Tool-Signature";
  auth.timestamp_header = "X-Tool-Time";
  auto request = signed_request(kKey, seconds(kNow));
  EXPECT_EQ("Signature missing", title_of(check_request(auth, request, kNow)));
  request.headers[1].first = "x-tool-time";
  request.headers[2].first = "X-TOOL-SIGNATURE";
  EXPECT_EQ("accepted", title_of(check_request(auth, request, kNow)));
}

TEST(BearerAuth, tokens) {
  BearerAuth auth;
  auth.tokens = {Secret("token-one-0123456789"), Secret("token-two-0123456789")};
  const auto with = [&](const char* header) {
    IntakeRequest request("s", kBody);
    if (header != nullptr) request.headers = {{"authorization", header}};
    return check_request(auth, request, kNow);
  };
  EXPECT_FALSE(with("Bearer token-one-0123456789"));
  EXPECT_FALSE(with("bearer  token-two-0123456789 "));
  for (const char* wrong : {"Bearer token-one-012345678", "Bearer token-one-0123456789x", "Basic token-one-0123456789",
                            "Bearer", "Bearer ", "", "token-one-0123456789", "Bearertoken-one-0123456789"}) {
    const auto failure = with(wrong);
    ASSERT_TRUE(failure) << wrong;
    EXPECT_EQ(401, failure->status);
    EXPECT_EQ("Bearer", failure->challenge);
    EXPECT_EQ(std::string::npos, failure->detail.find("token-one")) << failure->detail;
  }
  EXPECT_TRUE(with(nullptr));
  auth.tokens.clear();
  EXPECT_TRUE(with("Bearer "));
}

TEST(BasicAuth, user_and_password) {
  BasicAuth auth;
  auth.user = "sns";
  auth.password = Secret("correct:horse:battery");
  const auto with = [&](const std::string& pair) {
    IntakeRequest request("s", kBody);
    request.headers = {{"Authorization", "Basic " + crypto::to_base64(pair)}};
    return check_request(auth, request, kNow);
  };
  EXPECT_FALSE(with("sns:correct:horse:battery"));
  EXPECT_TRUE(with("sns:wrong"));
  EXPECT_TRUE(with("other:correct:horse:battery"));
  EXPECT_TRUE(with(""));
  IntakeRequest plain("s", kBody);
  const auto failure = check_request(auth, plain, kNow);
  ASSERT_TRUE(failure);
  EXPECT_TRUE(failure->challenge.starts_with("Basic realm="));
  plain.headers = {{"Authorization", "Basic not base64!"}};
  EXPECT_TRUE(check_request(auth, plain, kNow));
}

TEST(NoAuth, only_where_it_is_chosen) {
  EXPECT_FALSE(check_request(NoAuth{}, IntakeRequest("s", kBody), kNow));
  // A source for which nothing was said must not be open.
  EXPECT_TRUE(check_request(SourceConfig{}.auth, IntakeRequest("s", kBody), kNow));
  EXPECT_TRUE(check_request(EventSourceConfig{}.auth, IntakeRequest("s", kBody), kNow));
}

TEST(SourceCheck, says_what_is_wrong) {
  SourceConfig good;
  good.name = "wazuh-prod";
  good.format = "wazuh";
  good.auth = NoAuth{};
  EXPECT_TRUE(check(std::vector<SourceConfig>{good}));
  const auto message = [](std::vector<SourceConfig> sources) {
    const auto status = check(sources);
    return status ? "" : status.error().message;
  };
  EXPECT_NE(std::string::npos, message({good, good}).find("two sources are called"));
  auto bad = good;
  bad.format = "wazoo";
  EXPECT_NE(std::string::npos, message({bad}).find("unknown format \"wazoo\""));
  bad = good;
  bad.name = "a/b";
  EXPECT_NE(std::string::npos, message({bad}).find("no name for a source"));
  bad = good;
  bad.auth = BearerAuth{};
  EXPECT_NE(std::string::npos, message({bad}).find("one or two tokens"));
  BearerAuth shorty;
  shorty.tokens = {Secret("hunter2")};
  bad.auth = shorty;
  EXPECT_NE(std::string::npos, message({bad}).find("shorter than 16"));
  EXPECT_EQ(std::string::npos, message({bad}).find("hunter2"));
  bad = good;
  bad.format = "mapped";
  EXPECT_NE(std::string::npos, message({bad}).find("needs a title or a rule"));
  bad.mapping.title = "/title";
  bad.mapping.entities.push_back({EntityType::host, "host"});
  EXPECT_NE(std::string::npos, message({bad}).find("not a JSON pointer: \"host\""));
}

}  // namespace
}  // namespace vedette::intake

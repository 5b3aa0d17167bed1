// What Slack sends over HTTP: signatures, forms, challenges.

#include "integrations/slack/http_wire.hpp"

#include <gtest/gtest.h>

#include "tests/support/files.hpp"

namespace vedette::slack {
namespace {

constexpr const char* kSecret = "8f742231b10e8888abcd99yyyzzz85a5";
constexpr const char* kForm = "application/x-www-form-urlencoded";

net::HttpRequest request(std::string type, std::string body) {
  net::HttpRequest result("POST", "/slack/events");
  result.headers.set("Content-Type", std::move(type));
  result.body = std::move(body);
  return result;
}

net::HttpRequest signed_request(std::string timestamp, std::string body) {
  net::HttpRequest result = request(kForm, std::move(body));
  result.headers.set("X-Slack-Signature", request_signature(Secret(kSecret), timestamp, result.body));
  result.headers.set("X-Slack-Request-Timestamp", std::move(timestamp));
  return result;
}

Time at(int64_t seconds) { return from_micros(seconds * 1'000'000); }

TEST(SlackSignature, slacks_own_example) {
  if (!test::corpus()) GTEST_SKIP() << test::kNoCorpus;
  const auto vector = Json::parse(test::read_file(*test::corpus() / "slack" / "signature.vector.json"));
  ASSERT_TRUE(vector);
  const Secret secret((*vector)["signing_secret"].string_or(""));
  const std::string timestamp = (*vector)["timestamp"].string_or("");
  const std::string body = (*vector)["body"].string_or("");
  EXPECT_EQ(request_signature(secret, timestamp, body), (*vector)["signature"].string_or(""));

  net::HttpRequest good = request(kForm, body);
  good.headers.set("X-Slack-Signature", (*vector)["signature"].string_or(""));
  good.headers.set("X-Slack-Request-Timestamp", timestamp);
  EXPECT_TRUE(check_signature(secret, good, at(1531420618)));
  const auto delivery = read_delivery(Entrance::commands, good);
  ASSERT_TRUE(delivery) << delivery.error().message;
  const auto& envelope = std::get<Envelope>(*delivery);
  EXPECT_EQ(envelope.payload["command"].string_or(""), "/webhook-collect");
  EXPECT_EQ(envelope.payload["response_url"].string_or(""),
            "https://hooks.slack.com/commands/T1DC2JH3J/397700885554/96rGlfmibIGlgcZRskXaIFfN");
  const Meaning meaning = interpret(envelope.type, envelope.payload, Self());
  ASSERT_TRUE(std::holds_alternative<chat::Interaction>(meaning));
  EXPECT_EQ(std::get<chat::Interaction>(meaning).who.text(), "slack:T1DC2JH3J/U2CERLKJA");
}

TEST(SlackSignature, the_window_has_two_sides) {
  const auto good = signed_request("1531420618", "a=b");
  for (const int64_t offset : {0, 299, 300, -299, -300}) {
    EXPECT_TRUE(check_signature(Secret(kSecret), good, at(1531420618 + offset))) << offset;
  }
  for (const int64_t offset : {301, -301, 86'400, -86'400}) {
    const auto checked = check_signature(Secret(kSecret), good, at(1531420618 + offset));
    ASSERT_FALSE(checked) << offset;
    EXPECT_EQ(checked.error().code, Code::unauthenticated);
    EXPECT_NE(checked.error().message.find(offset > 0 ? "behind" : "ahead of"), std::string::npos)
        << checked.error().message;
  }
  // The last microsecond of the window is in it, the next one is not.
  EXPECT_TRUE(check_signature(Secret(kSecret), good, at(1531420918) + Duration(999'999)));
}

TEST(SlackSignature, only_digits_are_a_timestamp) {
  const std::string long_number(400, '9');
  for (const std::string& timestamp : {std::string("abc"), std::string(""), std::string("-1531420618"),
                                       std::string("+1531420618"), std::string("1531420618.0"), std::string("0x5b4793ca"),
                                       std::string(" 1531420618"), std::string("NaN"), long_number}) {
    const auto checked = check_signature(Secret(kSecret), signed_request(timestamp, "a=b"), at(1531420618));
    ASSERT_FALSE(checked) << timestamp;
    EXPECT_NE(checked.error().message.find("in digits"), std::string::npos) << checked.error().message;
  }
}

TEST(SlackSignature, what_does_not_fit_is_refused) {
  const Time now = at(1531420618);
  const auto refused = [&](const net::HttpRequest& wrong) {
    const auto checked = check_signature(Secret(kSecret), wrong, now);
    EXPECT_FALSE(checked);
    if (!checked) EXPECT_EQ(checked.error().message.find(kSecret), std::string::npos);
    return !checked;
  };
  const auto good = signed_request("1531420618", "a=b&c=d");
  EXPECT_TRUE(check_signature(Secret(kSecret), good, now));
  auto changed = good;
  changed.body = "a=b&c=e";
  EXPECT_TRUE(refused(changed));
  auto reordered = good;  // the same form, other bytes
  reordered.body = "c=d&a=b";
  EXPECT_TRUE(refused(reordered));
  auto later = good;
  later.headers.set("X-Slack-Request-Timestamp", "1531420619");
  EXPECT_TRUE(refused(later));
  const std::string signature(good.headers.get("X-Slack-Signature"));
  for (const std::string& other : {signature.substr(3), signature.substr(0, signature.size() - 1), signature + "0",
                                   "v1=" + signature.substr(3), std::string(), std::string("v0=")}) {
    auto wrong = good;
    wrong.headers.set("X-Slack-Signature", other);
    EXPECT_TRUE(refused(wrong)) << other;
  }
  auto twice = good;
  twice.headers.add("X-Slack-Signature", signature);
  EXPECT_TRUE(refused(twice));
  // Nobody can sign with a secret that is not there.
  auto unset = request(kForm, "a=b");
  unset.headers.set("X-Slack-Request-Timestamp", "1531420618");
  unset.headers.set("X-Slack-Signature", request_signature(Secret(), "1531420618", "a=b"));
  EXPECT_FALSE(check_signature(Secret(), unset, now));
}

TEST(SlackDelivery, events) {
  auto json = request("application/json; charset=utf-8",
                      R"({"type":"event_callback","event_id":"Ev1","event":{"type":"app_mention"}})");
  json.headers.set("X-Slack-Retry-Num", "2");
  json.headers.set("X-Slack-Retry-Reason", "http_timeout");
  const auto event = read_delivery(Entrance::events, json);
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(std::get<Envelope>(*event).type, "events_api");
  EXPECT_EQ(std::get<Envelope>(*event).id, "Ev1");
  EXPECT_EQ(std::get<Envelope>(*event).retry, 2);
  EXPECT_EQ(retry_of(json)->reason, "http_timeout");

  const auto challenge = read_delivery(
      Entrance::events, request("application/json", R"({"token":"t","challenge":"3eZbrw1a","type":"url_verification"})"));
  ASSERT_TRUE(challenge);
  EXPECT_EQ(std::get<Challenge>(*challenge).text, "3eZbrw1a");
}

TEST(SlackDelivery, forms) {
  const auto click =
      read_delivery(Entrance::interactions,
                    request(kForm, "payload=%7B%22type%22%3A%22block_actions%22%2C%22trigger_id%22%3A%221.2%22%7D"));
  ASSERT_TRUE(click) << click.error().message;
  EXPECT_EQ(std::get<Envelope>(*click).type, "interactive");
  EXPECT_EQ(std::get<Envelope>(*click).payload["type"].string_or(""), "block_actions");
  EXPECT_EQ(std::get<Envelope>(*click).id, "1.2");

  const auto command = read_delivery(
      Entrance::commands,
      request(kForm, "command=%2Fsoc&text=why+C-1+%26+%22more%22%0A&team_id=T1&user_id=U1&trigger_id=7&empty="));
  ASSERT_TRUE(command) << command.error().message;
  const auto& payload = std::get<Envelope>(*command).payload;
  EXPECT_EQ(payload["text"].string_or(""), "why C-1 & \"more\"\n");
  EXPECT_EQ(payload["empty"].string_or("missing"), "");
  EXPECT_EQ(std::get<Envelope>(*command).type, "slash_commands");

  const auto check = read_delivery(Entrance::commands, request(kForm, "token=x&ssl_check=1"));
  ASSERT_TRUE(check);
  EXPECT_TRUE(std::holds_alternative<SslCheck>(*check));
}

TEST(SlackDelivery, what_is_not_understood) {
  const struct {
    Entrance entrance;
    const char* type;
    std::string body;
    Code code;
    int status;
  } cases[] = {
      {Entrance::events, kForm, "{}", Code::invalid_input, 415},
      {Entrance::events, "", "{}", Code::invalid_input, 415},
      {Entrance::events, "application/json-seq", "{}", Code::invalid_input, 415},
      {Entrance::events, "application/json", "", Code::invalid_input, 0},
      {Entrance::events, "application/json", "[]", Code::invalid_input, 0},
      {Entrance::events, "application/json", R"({"type":"url_verification"})", Code::invalid_input, 0},
      {Entrance::events, "application/json", R"({"type":"url_verification","challenge":")" + std::string(2000, 'a') + "\"}",
       Code::invalid_input, 0},
      {Entrance::events, "application/json", "\"" + std::string(kEntranceBytes, 'a') + "\"", Code::too_large, 0},
      {Entrance::interactions, "application/json", "{}", Code::invalid_input, 415},
      {Entrance::interactions, kForm, "", Code::invalid_input, 0},
      {Entrance::interactions, kForm, "payload=", Code::invalid_input, 0},
      {Entrance::interactions, kForm, "payload=%5B%5D", Code::invalid_input, 0},
      {Entrance::interactions, kForm, "payload=%7B%7D&payload=%7B%7D", Code::invalid_input, 0},
      {Entrance::interactions, kForm, "command=%2Fsoc", Code::invalid_input, 0},
      {Entrance::commands, kForm, "payload=%7B%7D", Code::invalid_input, 0},
      {Entrance::commands, kForm, "command=%2Fsoc&text=a&text=b", Code::invalid_input, 0},
      {Entrance::commands, kForm, "command=%2Fsoc&text=%FF", Code::invalid_input, 0},
  };
  for (const auto& [entrance, type, body, code, status] : cases) {
    const auto delivery = read_delivery(entrance, request(type, body));
    ASSERT_FALSE(delivery) << body.substr(0, 60);
    EXPECT_EQ(delivery.error().code, code) << body.substr(0, 60);
    EXPECT_EQ(delivery.error().http_status, status) << body.substr(0, 60);
  }
  std::string many = "command=%2Fsoc";
  for (int i = 0; i < 200; ++i) many += "&f" + std::to_string(i) + "=1";
  EXPECT_EQ(read_delivery(Entrance::commands, request(kForm, many)).error().code, Code::too_large);
}

TEST(SlackDelivery, retries_are_read_with_care) {
  const auto with = [](const char* number, const char* reason) {
    auto result = request("application/json", "{}");
    result.headers.set("X-Slack-Retry-Num", number);
    result.headers.set("X-Slack-Retry-Reason", reason);
    return retry_of(result);
  };
  EXPECT_EQ(with("1", "http_error")->number, 1);
  EXPECT_EQ(with("1",
                 "a\nb \x1b[31m"
                 "c")
                ->reason,
            "abmc");
  for (const char* wrong : {"", "-1", "one", "99999", "1 "}) EXPECT_FALSE(with(wrong, "")) << wrong;
  EXPECT_FALSE(retry_of(request("application/json", "{}")));
}

}  // namespace
}  // namespace vedette::slack

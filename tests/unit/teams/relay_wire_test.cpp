#include "integrations/teams/relay_wire.hpp"

#include <gtest/gtest.h>

#include "bot/base/json.hpp"
#include "tests/support/files.hpp"

namespace vedette::teams {
namespace {

RelayAddress address_of(std::string ns, std::string connection = "vedette") {
  RelayOptions options;
  options.namespace_url = std::move(ns);
  options.connection = std::move(connection);
  auto address = relay_address(options);
  if (!address) {
    ADD_FAILURE() << address.error().message;
    return {};
  }
  return std::move(*address);
}
const char* const kContoso = "https://contoso.servicebus.windows.net";

RelayRequest request_of(std::string_view text) {
  auto message = parse_relay_message(text);
  if (!message) {
    ADD_FAILURE() << message.error().message;
    return {};
  }
  const auto* request = std::get_if<RelayRequest>(&*message);
  if (request == nullptr) ADD_FAILURE() << "no request: " << text;
  return request == nullptr ? RelayRequest() : *request;
}

std::string sample(const std::string& name) { return test::read_file(*test::corpus() / "teams/relay" / name); }

// ---- signatures: made with Node's crypto module and, the first, with hyco-https' createRelayToken() too

TEST(TeamsRelayWire, a_signature_is_the_one_microsofts_library_makes) {
  const std::chrono::sys_seconds until{std::chrono::seconds(1'795'492'800)};
  EXPECT_EQ(
      shared_access_signature(address_of(kContoso).resource, "listener", "bGlzdGVuZXIta2V5LW9mLXRoZS10ZXN0cw==", until),
      "SharedAccessSignature sr=http%3A%2F%2Fcontoso.servicebus.windows.net%2Fvedette"
      "&sig=J1QErwv%2Bj%2FLl5bjiANB1lA36J7VCYNtWmQeBi46C2cU%3D&se=1795492800&skn=listener");
  EXPECT_EQ(shared_access_signature(address_of(kContoso, "soc/vedette-1").resource, "RootManageSharedAccessKey", "abc+/=def",
                                    std::chrono::sys_seconds(std::chrono::seconds(1))),
            "SharedAccessSignature sr=http%3A%2F%2Fcontoso.servicebus.windows.net%2Fsoc%2Fvedette-1"
            "&sig=nWcWG09QZz9pvwg4WXO2sIN1j%2Bi2vmhn1yVRWnMkMxI%3D&se=1&skn=RootManageSharedAccessKey");
}

// ---- addresses

TEST(TeamsRelayWire, addresses_come_from_the_options) {
  EXPECT_EQ(relay_listen_url(address_of(kContoso), "abc-1"),
            "wss://contoso.servicebus.windows.net/$hc/vedette?sb-hc-action=listen&sb-hc-id=abc-1");
  EXPECT_EQ(relay_listen_url(address_of("https://contoso.servicebus.windows.net/", "/a/b/"), "1"),
            "wss://contoso.servicebus.windows.net/$hc/a/b?sb-hc-action=listen&sb-hc-id=1");
  EXPECT_EQ(relay_listen_url(address_of("http://127.0.0.1:8080"), "1"),
            "ws://127.0.0.1:8080/$hc/vedette?sb-hc-action=listen&sb-hc-id=1");
  EXPECT_EQ(address_of("http://127.0.0.1:8080").resource, "http://127.0.0.1/vedette");
}

TEST(TeamsRelayWire, options_that_cannot_be_right_are_told) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"", "vedette"},
      {"contoso.servicebus.windows.net", "vedette"},
      {"wss://contoso.servicebus.windows.net", "vedette"},
      {"http://contoso.servicebus.windows.net", "vedette"},
      {kContoso, ""},
      {kContoso, "/"},
      {kContoso, "a b"},
      {kContoso, "a?b"},
      {kContoso, "a%2Fb"},
      {kContoso, std::string(300, 'a')},
  };
  for (const auto& [ns, connection] : bad) {
    RelayOptions options;
    options.namespace_url = ns;
    options.connection = connection;
    const auto address = relay_address(options);
    ASSERT_FALSE(address) << ns << " " << connection;
    EXPECT_EQ(address.error().code, Code::invalid_input);
  }
}

TEST(TeamsRelayWire, only_addresses_of_the_namespaces_service_are_met_at) {
  struct Row {
    const char* ns;
    const char* met_at;
    bool allowed;
  };
  const std::vector<Row> rows = {
      {kContoso, "wss://contoso.servicebus.windows.net/$hc/vedette?sb-hc-action=request", true},
      {kContoso, "wss://contoso.servicebus.windows.net:443/$hc/vedette?x", true},
      {kContoso, "wss://dc-node.servicebus.windows.net:443/$hc/vedette?x", true},
      {kContoso, "wss://G1-PROD-AM3-001.servicebus.windows.net:443/$hc/vedette", true},
      {kContoso, "wss://a.b.servicebus.windows.net/$hc/vedette", true},
      {kContoso, "ws://dc-node.servicebus.windows.net/$hc/vedette", false},
      {kContoso, "https://dc-node.servicebus.windows.net/$hc/vedette", false},
      {kContoso, "wss://dc-node.servicebus.windows.net:8443/$hc/vedette", false},
      {kContoso, "wss://dc-node.servicebus.windows.net/vedette", false},
      {kContoso, "wss://dc-node.servicebus.windows.net", false},
      {kContoso, "wss://servicebus.windows.net/$hc/vedette", false},
      {kContoso, "wss://evilservicebus.windows.net/$hc/vedette", false},
      {kContoso, "wss://.servicebus.windows.net/$hc/vedette", false},
      {kContoso, "wss://contoso.windows.net/$hc/vedette", false},
      {kContoso, "wss://contoso.servicebus.windows.net.evil.example/$hc/vedette", false},
      {kContoso, "wss://evil.example/$hc/vedette?contoso.servicebus.windows.net", false},
      {kContoso, "wss://contoso.servicebus.windows.net@evil.example/$hc/vedette", false},
      {kContoso, "wss://evil.example#.servicebus.windows.net/$hc/vedette", false},
      {kContoso, "wss://evil.example\\.servicebus.windows.net/$hc/vedette", false},
      {kContoso, "wss://127.0.0.1/$hc/vedette", false},
      {kContoso, "wss://[::1]/$hc/vedette", false},
      {kContoso, "wss://169.254.169.254/$hc/vedette", false},
      {kContoso, "", false},
      {"https://relay.contoso.com", "wss://relay.contoso.com/$hc/vedette", true},
      {"https://relay.contoso.com", "wss://evil.contoso.com/$hc/vedette",
       false},  // a domain of two labels is nobody's service
      {"https://contoso.servicebus.usgovcloudapi.net", "wss://node.servicebus.usgovcloudapi.net/$hc/vedette", true},
      {"https://contoso.servicebus.usgovcloudapi.net", "wss://node.servicebus.windows.net/$hc/vedette", false},
      {"http://127.0.0.1:8080", "ws://127.0.0.1:8080/$hc/vedette", true},
      {"http://127.0.0.1:8080", "ws://127.0.0.1:8081/$hc/vedette", false},
      {"http://127.0.0.1:8080", "ws://127.0.0.2:8080/$hc/vedette", false},
      {"http://127.0.0.1:8080", "ws://localhost:8080/$hc/vedette", false},
      {"https://10.0.0.1", "wss://9.0.0.1/$hc/vedette", false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(check_rendezvous(address_of(row.ns), row.met_at).has_value(), row.allowed) << row.ns << " " << row.met_at;
  }
}

TEST(TeamsRelayWire, a_rejection_is_the_address_with_status_and_reason) {
  EXPECT_EQ(rejection_url("wss://n/$hc/v?sb-hc-action=accept&sb-hc-id=1", 400, "not here"),
            "wss://n/$hc/v?sb-hc-action=accept&sb-hc-id=1&sb-hc-statusCode=400&sb-hc-statusDescription=not%20here");
}

// ---- messages

TEST(TeamsRelayWire, reads_the_samples) {
  if (!test::corpus()) GTEST_SKIP() << test::kNoCorpus;
  const auto small = request_of(sample("request_small.json"));
  EXPECT_TRUE(small.here);
  EXPECT_EQ(small.id, "42c34cb5-7a04-4d40-a19f-bdc66441e736");
  EXPECT_EQ(small.method, "POST");
  EXPECT_EQ(small.target, "/bot/api/messages");
  EXPECT_EQ(small.authorization, "Bearer <connector jwt>");
  EXPECT_TRUE(small.body);
  EXPECT_FALSE(small.ambiguous);
  EXPECT_EQ(misdirected(small, "bot"), 0);
  EXPECT_TRUE(check_rendezvous(address_of(kContoso, "bot"), small.met_at));
  const auto large = request_of(sample("request_large_rendezvous.json"));
  EXPECT_FALSE(large.here);
  EXPECT_EQ(large.id, small.id);
  EXPECT_EQ(large.met_at, small.met_at);
}

TEST(TeamsRelayWire, the_authorization_is_found_whatever_its_case_and_only_one_is_taken) {
  const auto with = [](const std::string& headers) {
    return request_of(R"({"request":{"id":"1","address":"ws://a","method":"POST","requestTarget":"/","requestHeaders":)" +
                      headers + "}}");
  };
  EXPECT_EQ(with(R"({"authorization":"Bearer a"})").authorization, "Bearer a");
  EXPECT_EQ(with(R"({"AUTHORIZATION":"Bearer b"})").authorization, "Bearer b");
  EXPECT_EQ(with(R"({"X-Authorization":"no"})").authorization, "");
  EXPECT_FALSE(with("{}").ambiguous);
  EXPECT_TRUE(with(R"({"authorization":"Bearer a","Authorization":"Bearer b"})").ambiguous);
  EXPECT_TRUE(with(R"({"Authorization":["Bearer a"]})").ambiguous);
  EXPECT_TRUE(with("{\"Authorization\":\"" + std::string(20'000, 'x') + "\"}").ambiguous);
  EXPECT_FALSE(with("5").body);
}

TEST(TeamsRelayWire, accept_and_unknown_messages) {
  auto message = parse_relay_message(R"({"accept":{"address":"wss://n/$hc/v?x","id":"7","connectHeaders":{"Host":"h"}}})");
  ASSERT_TRUE(message);
  const auto* accept = std::get_if<RelayAccept>(&*message);
  ASSERT_NE(accept, nullptr);
  EXPECT_EQ(accept->met_at, "wss://n/$hc/v?x");
  EXPECT_EQ(accept->id, "7");
  message = parse_relay_message(R"({"something":{"new":1}})");
  ASSERT_TRUE(message);
  EXPECT_TRUE(std::holds_alternative<RelayOther>(*message));
}

TEST(TeamsRelayWire, messages_are_bounded) {
  const std::vector<std::string> bad = {
      "",
      "[]",
      "nonsense",
      R"({"request":{}})",
      R"({"request":{"id":"1"}})",
      R"({"request":{"address":"ws://a"}})",
      R"({"request":{"id":"","address":"ws://a"}})",
      R"({"request":{"id":"a\nb","address":"ws://a"}})",
      R"({"request":{"id":7,"address":"ws://a"}})",
      R"({"request":{"id":"1","address":"ws://a","method":5}})",
      R"({"request":{"id":"1","address":"ws://a","method":"POST"}})",
      R"({"accept":{"id":"1"}})",
      R"({"request":{"id":")" + std::string(257, '1') + R"(","address":"ws://a"}})",
      R"({"request":{"id":"1","address":"ws://)" + std::string(9000, 'a') + R"("}})",
      R"({"request":{"id":"1","address":"ws://a","method":"POST","requestTarget":"/)" + std::string(9000, 'a') + R"("}})",
      R"({"request":{"id":"1","address":"ws://a","x":")" + std::string(200'000, 'a') + R"("}})",
      std::string(40, '[') + std::string(40, ']'),
  };
  for (const auto& text : bad) EXPECT_FALSE(parse_relay_message(text)) << text.substr(0, 80);
}

TEST(TeamsRelayWire, what_is_for_us) {
  struct Row {
    const char* method;
    const char* target;
    int status;
  };
  const std::vector<Row> rows = {
      {"POST", "/vedette/api/messages", 0},
      {"POST", "/Vedette/api/messages?a=b", 0},
      {"POST", "/vedette/api%2Fmessages", 0},
      {"post", "/vedette/api/messages", 405},
      {"GET", "/vedette/api/messages", 405},
      {"CONNECT", "/vedette/api/messages", 405},
      {"POST", "/vedette/API/messages", 404},
      {"POST", "/vedette/api/messages/x", 404},
      {"POST", "/vedette/api/messages/../messages", 404},
      {"POST", "vedette/api/messages", 404},
      {"POST", "/other/api/messages", 404},
      {"POST", "/", 404},
      {"POST", "?", 404},
      {"POST", "https://contoso.servicebus.windows.net/vedette/api/messages", 404},
  };
  for (const auto& row : rows) {
    RelayRequest request;
    request.method = row.method;
    request.target = row.target;
    EXPECT_EQ(misdirected(request, "vedette"), row.status) << row.method << " " << row.target;
  }
  RelayRequest deep;
  deep.method = "POST";
  deep.target = "/soc/vedette/api/messages";
  EXPECT_EQ(misdirected(deep, "soc/vedette"), 0);
}

TEST(TeamsRelayWire, answers_have_the_shape_of_the_sample) {
  if (!test::corpus()) GTEST_SKIP() << test::kNoCorpus;
  const auto wanted = Json::parse(sample("response.json"));
  ASSERT_TRUE(wanted);
  ActivityAnswer answer(200, "{}");
  const auto said = Json::parse(relay_response("42c34cb5-7a04-4d40-a19f-bdc66441e736", answer));
  ASSERT_TRUE(said);
  for (const auto& [name, value] : (*wanted)["response"].members()) {
    if (name == "responseHeaders") continue;
    EXPECT_EQ((*said)["response"][name].dump(), value.dump()) << name;
  }
  EXPECT_EQ((*said)["response"]["responseHeaders"].dump(), R"({"Content-Type":"application/json; charset=utf-8"})");
  EXPECT_EQ(
      relay_response("1", ActivityAnswer(202)),
      R"({"response":{"requestId":"1","statusCode":202,"statusDescription":"Accepted","responseHeaders":{},"body":false}})");
  answer = ActivityAnswer(429);
  answer.retry_after = 3;
  EXPECT_EQ(relay_response("1", answer),
            R"({"response":{"requestId":"1","statusCode":429,"statusDescription":"Too Many Requests",)"
            R"("responseHeaders":{"Retry-After":"3"},"body":false}})");
  const auto status_of = [](int status) {
    const auto json = Json::parse(relay_response("1", ActivityAnswer(status)));
    return json ? (*json)["response"]["statusCode"].integer_or(0) : 0;
  };
  EXPECT_EQ(status_of(502), 503);
  EXPECT_EQ(status_of(504), 503);
  for (const int senseless : {-1, 0, 100, 101, 199, 600, 1000}) EXPECT_EQ(status_of(senseless), 500) << senseless;
}

TEST(TeamsRelayWire, a_renewal_has_the_shape_of_the_sample) {
  if (!test::corpus()) GTEST_SKIP() << test::kNoCorpus;
  const auto wanted = Json::parse(sample("renewToken.json"));
  ASSERT_TRUE(wanted);
  const auto said = Json::parse(relay_renewal((*wanted)["renewToken"]["token"].text()));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->dump(), wanted->dump());
}

}  // namespace
}  // namespace vedette::teams

#include "integrations/teams/socket_wire.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/files.hpp"

namespace vedette::teams {
namespace {

using json = nlohmann::json;

json sample(const std::string& name) { return json::parse(test::read_file(*test::corpus() / "teams/socketmode" / name)); }

SocketFrame frame_of(const std::string& text) {
  auto frame = parse_socket_frame(text);
  EXPECT_TRUE(frame.has_value()) << text;
  return frame ? *frame : SocketFrame(SocketOther{"nothing", ""});
}

json without_end(std::string frame) {
  EXPECT_TRUE(frame.ends_with('\x1e'));
  frame.pop_back();
  EXPECT_EQ(frame.find('\x1e'), std::string::npos);
  return json::parse(frame);
}

// Every name with a capital, or all in small letters: but not inside the activity.
json renamed(const json& value, bool capital) {
  json out = value;
  if (value.is_array()) {
    for (auto& each : out) each = renamed(each, capital);
  } else if (value.is_object()) {
    out = json::object();
    for (const auto& [name, content] : value.items()) {
      std::string other = name;
      for (size_t at = 0; at < (capital ? 1 : other.size()); ++at)
        other[at] = static_cast<char>(capital ? std::toupper(other[at]) : std::tolower(other[at]));
      out[other] = name == "payload" ? content : renamed(content, capital);
    }
  }
  return out;
}

TEST(TeamsSocketWire, reads_the_samples_of_connect_and_negotiate) {
  if (!test::corpus()) GTEST_SKIP() << test::kNoCorpus;
  const auto ticket = parse_ticket(sample("1_connect_response.json").dump());
  ASSERT_TRUE(ticket.has_value());
  EXPECT_EQ(ticket->url, "https://<signalr-host>/client/?hub=<hub>");
  EXPECT_EQ(ticket->token, "<jwt>");
  EXPECT_EQ(ticket->lifetime, std::chrono::hours(1));
  const auto negotiated = parse_negotiated(sample("2_signalr_negotiate_response.json").dump());
  ASSERT_TRUE(negotiated.has_value());
  EXPECT_EQ(negotiated->connection, "ctok");
  EXPECT_EQ(negotiated->redirect, "");
  EXPECT_EQ(json::parse(kHandshake.substr(0, kHandshake.size() - 1)), sample("3_handshake_request.json"));
  EXPECT_EQ(without_end(std::string(kPing)), sample("9_ping_close.json")[0]);
}

TEST(TeamsSocketWire, reads_the_samples_of_frames_however_their_names_are_written) {
  if (!test::corpus()) GTEST_SKIP() << test::kNoCorpus;
  const json ready = sample("4_socketready.json");
  const json message = sample("5_activity_message.json");
  const json invoke = sample("6_activity_invoke.json");
  for (const auto& change : {+[](const json& j) { return j; }, +[](const json& j) { return renamed(j, true); },
                             +[](const json& j) { return renamed(j, false); }}) {
    EXPECT_EQ(std::get<SocketReady>(frame_of(change(ready).dump())).bot_key, "<appId>");
    const auto first = std::get<SocketEnvelope>(frame_of(change(message).dump()));
    EXPECT_EQ(first.invocation, "1");
    EXPECT_EQ(first.id, "env-1");
    EXPECT_EQ(first.bot_key, "<appId>");
    EXPECT_EQ(first.version, 1);
    EXPECT_EQ(first.deadline_ms, 15000);
    EXPECT_FALSE(first.invoke);
    EXPECT_EQ(json::parse(first.activity.dump()), message["arguments"][0]["payload"]);
    const auto second = std::get<SocketEnvelope>(frame_of(change(invoke).dump()));
    EXPECT_TRUE(second.invoke);
    EXPECT_EQ(json::parse(second.activity.dump()), invoke["arguments"][0]["payload"]);
  }
  json shouted = message;
  shouted["target"] = "ACTIVITY";
  EXPECT_EQ(std::get<SocketEnvelope>(frame_of(shouted.dump())).id, "env-1");
}

TEST(TeamsSocketWire, writes_the_samples_of_completions) {
  if (!test::corpus()) GTEST_SKIP() << test::kNoCorpus;
  for (const char* name : {"7_completion_ack.json", "8_completion_invoke.json"}) {
    const json wanted = sample(name);
    const json& result = wanted["result"];
    SocketAnswer answer;
    answer.envelope = result["envelopeId"];
    answer.bot_key = result["botKey"];
    answer.status = result["status"];
    answer.received_at = result["recvAt"];
    answer.answered_at = result["ts"];
    if (result.contains("body")) answer.body = result["body"].dump();
    EXPECT_EQ(without_end(completion_frame(std::string(wanted["invocationId"]), answer)), wanted);
  }
  EXPECT_EQ(without_end(failure_frame("7", "no \"such\" thing\x1e")),
            (json{{"type", 3}, {"invocationId", "7"}, {"error", "no \"such\" thing\x1e"}}));
}

TEST(TeamsSocketWire, reads_pings_and_closes) {
  EXPECT_TRUE(std::holds_alternative<SocketPing>(frame_of(R"({"type":6})")));
  const auto close = std::get<SocketClose>(frame_of(R"({"type":7,"error":"gone\u202e","allowReconnect":true})"));
  EXPECT_EQ(close.error, "gone");
  EXPECT_TRUE(close.reconnect);
  EXPECT_FALSE(std::get<SocketClose>(frame_of(R"({"type":7})")).reconnect);
}

TEST(TeamsSocketWire, takes_the_activity_from_where_it_is) {
  const auto envelope = [](const std::string& argument) {
    return std::get<SocketEnvelope>(frame_of(R"({"type":1,"target":"Activity","arguments":[)" + argument + "]}"));
  };
  EXPECT_EQ(envelope(R"({"activity":{"type":"message"}})").activity["type"].text(), "message");
  EXPECT_EQ(envelope(R"({"payload":"text","activity":{"type":"event"}})").activity["type"].text(), "event");
  EXPECT_TRUE(envelope(R"({"activity":{"type":"Invoke"}})").invoke) << "the activity itself says so";
  EXPECT_FALSE(envelope(R"({"type":"message","activity":{"type":"invoke"}})").invoke);
  for (const char* none : {"", "5", "{}", "[]", "null", R"({"payload":{}})", R"({"payload":{"type":5}})"}) {
    const auto read = envelope(none);
    EXPECT_FALSE(read.activity.exists()) << none;
    EXPECT_EQ(read.id, "");
  }
  EXPECT_EQ(envelope(R"({"envelopeId":17})").id, "17");
  EXPECT_EQ(envelope(R"({"envelopeId":")" + std::string(201, 'x') + "\"}").id, "");
  EXPECT_EQ(envelope(R"({"deadlineMs":-5})").deadline_ms, 0);
  EXPECT_EQ(envelope(R"({"deadlineMs":99999999999})").deadline_ms, 600'000);
}

TEST(TeamsSocketWire, knows_a_newer_protocol) {
  const auto version = [](const std::string& value) {
    const auto frame = frame_of(R"({"type":1,"target":"Activity","arguments":[{"protocolVersion":)" + value + "}]}");
    return std::get<SocketEnvelope>(frame).version;
  };
  for (const char* newer : {"2", "1.5", "2.0", "1000000000000000000000"})
    EXPECT_GT(version(newer), kSocketProtocol) << newer;
  for (const char* ours : {"1", "1.0", "0", "-3", "null", "\"1\"", "0.5"}) EXPECT_LE(version(ours), kSocketProtocol) << ours;
}

TEST(TeamsSocketWire, ignores_what_it_does_not_know) {
  EXPECT_EQ(std::get<SocketOther>(frame_of(R"({"type":1,"target":"Dance","invocationId":"9","arguments":[]})")).invocation,
            "9");
  EXPECT_EQ(std::get<SocketOther>(frame_of(R"({"type":1})")).invocation, "");
  for (const char* type : {"2", "3", "5", "8", "9", "77", "-1"})
    EXPECT_TRUE(std::holds_alternative<SocketOther>(frame_of(std::string(R"({"type":)") + type + "}"))) << type;
  for (const char* bad : {"", "nonsense", "[1]", "{}", "5", R"({"type":"1"})", R"({"type":1,"type":6})", "\xff"})
    EXPECT_FALSE(parse_socket_frame(bad).has_value()) << bad;
}

TEST(TeamsSocketWire, cuts_frames_however_they_come) {
  const std::string all = "{}\x1e\x1e{\"type\":6}\x1e{\"type\":7}\x1e{\"ty";
  for (size_t step = 1; step <= all.size(); ++step) {
    FrameCutter cutter(1000);
    std::vector<std::string> frames;
    for (size_t at = 0; at < all.size(); at += step) {
      ASSERT_TRUE(cutter.feed(std::string_view(all).substr(at, step)).has_value());
      while (auto frame = cutter.next()) frames.push_back(*frame);
    }
    EXPECT_EQ(frames, (std::vector<std::string>{"{}", "{\"type\":6}", "{\"type\":7}"})) << step;
    ASSERT_TRUE(cutter.feed("pe\":6}\x1e").has_value());
    EXPECT_EQ(cutter.next(), "{\"type\":6}");
  }
}

TEST(TeamsSocketWire, a_frame_without_end_does_not_grow_for_ever) {
  FrameCutter cutter(100);
  for (int n = 0; n < 10; ++n) ASSERT_TRUE(cutter.feed(std::string(10, 'x')).has_value()) << n;
  const auto full = cutter.feed("x");
  ASSERT_FALSE(full.has_value());
  EXPECT_EQ(full.error().code, Code::too_large);
  FrameCutter other(100);
  for (int n = 0; n < 1000; ++n) {
    ASSERT_TRUE(other.feed(std::string(59, 'x') + "\x1e").has_value()) << n;
    EXPECT_TRUE(other.next().has_value());
  }
}

TEST(TeamsSocketWire, refuses_answers_of_connect_that_make_no_sense) {
  for (const char* bad : {"", "<html>", "[]", "{}", R"({"url":"https://a/"})", R"({"accessToken":"t"})",
                          R"({"url":"","accessToken":"t"})", R"({"url":5,"accessToken":"t"})"})
    EXPECT_EQ(parse_ticket(bad).error().code, Code::upstream) << bad;
  const auto life = [](const std::string& value) {
    return parse_ticket(R"({"Url":"https://a/","AccessToken":"t","ExpiresIn":)" + value + "}")->lifetime.count();
  };
  EXPECT_EQ(life("0.25"), 250);
  for (const char* none : {"0", "-5", "\"3600\"", "null"}) EXPECT_EQ(life(none), 0) << none;
  EXPECT_EQ(life("1e300"), 30ll * 86400 * 1000);
}

TEST(TeamsSocketWire, refuses_negotiations_that_lead_nowhere) {
  const auto code = [](const std::string& body) { return parse_negotiated(body).error().code; };
  const std::string transports = R"("availableTransports":[{"transport":"WebSockets","transferFormats":["Text"]}])";
  EXPECT_EQ(code(R"({"error":"hub is full"})"), Code::upstream);
  EXPECT_EQ(code("{" + transports + "}"), Code::upstream);
  EXPECT_EQ(code(R"({"connectionToken":"c"})"), Code::upstream);
  EXPECT_EQ(
      code(R"({"connectionToken":"c","availableTransports":[{"transport":"LongPolling","transferFormats":["Text"]}]})"),
      Code::upstream);
  EXPECT_EQ(
      code(R"({"connectionToken":"c","availableTransports":[{"transport":"WebSockets","transferFormats":["Binary"]}]})"),
      Code::upstream);
  EXPECT_EQ(parse_negotiated(R"({"connectionId":"old",)" + transports + "}")->connection, "old");
  const auto redirect = parse_negotiated(R"({"url":"https://b/","accessToken":"t2"})");
  ASSERT_TRUE(redirect.has_value());
  EXPECT_EQ(redirect->redirect, "https://b/");
  EXPECT_EQ(redirect->token, "t2");
  EXPECT_EQ(code(R"({"url":"https://b/)" + std::string(40'000, 'x') + "\"}"), Code::too_large);
}

TEST(TeamsSocketWire, makes_the_addresses) {
  EXPECT_EQ(negotiate_address("https://h/client/?hub=b"), "https://h/client/negotiate?hub=b&negotiateVersion=1");
  EXPECT_EQ(negotiate_address("https://h/client?hub=b&negotiateVersion=0&x=%2F#top"),
            "https://h/client/negotiate?hub=b&x=%2F&negotiateVersion=1");
  EXPECT_EQ(negotiate_address("https://h"), "https://h/negotiate?negotiateVersion=1");
  EXPECT_EQ(websocket_address("https://h/client/?hub=b", "c+/=", "t&x"),
            "wss://h/client/?hub=b&id=c%2B%2F%3D&access_token=t%26x");
  EXPECT_EQ(websocket_address("http://127.0.0.1:1/client/?id=1&access_token=2", "c", "t"),
            "ws://127.0.0.1:1/client/?id=c&access_token=t");
  EXPECT_EQ(websocket_address("wss://h", "", "t"), "wss://h/?access_token=t");
}

TEST(TeamsSocketWire, knows_a_refused_handshake) {
  EXPECT_TRUE(parse_handshake("{}").has_value());
  EXPECT_TRUE(parse_handshake(R"({"minorVersion":0})").has_value());
  EXPECT_NE(parse_handshake(R"({"error":"no such protocol"})").error().message.find("no such protocol"), std::string::npos);
  for (const char* bad : {"", "[]", "5"}) EXPECT_FALSE(parse_handshake(bad).has_value()) << bad;
}

}  // namespace
}  // namespace vedette::teams

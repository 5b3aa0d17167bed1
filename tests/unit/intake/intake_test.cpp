#include "bot/intake/intake.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/unit/intake/fake_store.hpp"

namespace vedette::intake {
namespace {

using test::FakeClock;
using test::FakeStore;

const std::string kToken = "a-token-nobody-may-see";
const std::string kAlert =
    R"({"timestamp":"2026-11-24T02:59:00.000+0000","rule":{"level":12,"id":"5712","description":"Too many failed logins"},)"
    R"("agent":{"id":"003","name":"web-1","ip":"10.0.0.9"},"manager":{"name":"m"},"data":{"srcip":"203.0.113.7"},"id":"171.42"})";

std::vector<SourceConfig> sources() {
  BearerAuth bearer;
  bearer.tokens = {Secret(kToken)};
  SourceConfig wazuh;
  wazuh.name = "wazuh-prod";
  wazuh.format = "wazuh";
  wazuh.auth = bearer;
  SourceConfig suricata = wazuh;
  suricata.name = "ids";
  suricata.format = "suricata";
  SourceConfig guardduty = wazuh;
  guardduty.name = "aws";
  guardduty.format = "guardduty";
  return {wazuh, suricata, guardduty};
}

std::vector<EventSourceConfig> event_sources() {
  BearerAuth bearer;
  bearer.tokens = {Secret(kToken)};
  EventSourceConfig ecs;
  ecs.dataset = "mail";
  ecs.format = "ecs";
  ecs.auth = bearer;
  return {ecs};
}

IntakeRequest request(const std::string& name, const std::string& body) {
  IntakeRequest made(name, body);
  made.headers = {{"Authorization", "Bearer " + kToken}};
  return made;
}

std::string gzipped(const std::string& plain) {
  z_stream stream{};
  EXPECT_EQ(Z_OK, deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY));
  std::string packed(compressBound(plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(Z_STREAM_END, deflate(&stream, Z_FINISH));
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

ASYNC_TEST(Intake, accepts_an_alert_and_keeps_its_bytes) {
  FakeStore store;
  FakeClock clock;
  Intake intake(store, sources(), event_sources(), clock);
  const auto answer = co_await intake.receive_alerts(request("wazuh-prod", kAlert));
  EXPECT_EQ(202, answer.status);
  EXPECT_EQ(R"({"accepted":[{"id":"A-1","duplicate":false}],"ignored":0})", answer.json);
  const Alert& alert = store.all_alerts.at(1);
  EXPECT_EQ("wazuh-prod", alert.source);
  EXPECT_EQ("wazuh", alert.format);
  EXPECT_EQ(kAlert, alert.raw);
  EXPECT_EQ(clock.now(), alert.received);
  EXPECT_EQ(1, intake.counts().accepted);
}

ASYNC_TEST(Intake, a_repeat_is_one_alert_and_no_error) {
  FakeStore store;
  FakeClock clock;
  Intake intake(store, sources(), event_sources(), clock);
  for (int i = 0; i < 3; ++i) {
    const auto answer = co_await intake.receive_alerts(request("wazuh-prod", kAlert));
    EXPECT_EQ(202, answer.status);
    EXPECT_NE(std::string::npos, answer.json.find(i == 0 ? R"("duplicate":false)" : R"("duplicate":true)")) << answer.json;
    EXPECT_NE(std::string::npos, answer.json.find("\"A-1\""));
  }
  EXPECT_EQ(1u, store.all_alerts.size());
  EXPECT_EQ(2, intake.counts().duplicates);
}

ASYNC_TEST(Intake, a_store_that_cannot_write_is_503_and_says_why) {
  FakeStore store;
  store.disturb = [](std::string_view) { return Error(Code::unavailable, "the disk is full"); };
  FakeClock clock;
  Intake intake(store, sources(), event_sources(), clock);
  const auto answer = co_await intake.receive_alerts(request("wazuh-prod", kAlert));
  EXPECT_EQ(503, answer.status);
  EXPECT_EQ("The disk is full. Nothing was stored; please send again.", answer.detail);
  EXPECT_TRUE(answer.retry_after);
  store.disturb = [](std::string_view) { return Error(Code::internal, "SQL text with details"); };
  const auto broken = co_await intake.receive_alerts(request("wazuh-prod", kAlert));
  EXPECT_EQ(500, broken.status);
  EXPECT_EQ(std::string::npos, broken.detail.find("SQL"));
  EXPECT_TRUE(store.all_alerts.empty());
}

ASYNC_TEST(Intake, events_that_were_stored_in_part_are_to_be_sent_again) {
  FakeStore store;
  store.disturb = [](std::string_view) { return Error(Code::unavailable, "the disk is full"); };
  FakeClock clock;
  Intake intake(store, sources(), event_sources(), clock);
  const auto answer =
      co_await intake.receive_events(request("mail", R"({"@timestamp":"2026-11-24T03:00:00Z","event":{"id":"1"}})"));
  EXPECT_EQ(503, answer.status);
  EXPECT_EQ("The disk is full. Not all of it was stored; send all of it again.", answer.detail);
  EXPECT_TRUE(answer.retry_after);
}

struct BadInput {
  const char* what;
  IntakeRequest request;
  int status;
  const char* title;
};

std::vector<BadInput> bad_inputs() {
  const auto nested = std::string(10'000, '[') + std::string(10'000, ']');
  auto unsigned_request = request("wazuh-prod", kAlert);
  unsigned_request.headers.clear();
  auto wrong_token = request("wazuh-prod", kAlert);
  wrong_token.headers[0].second = "Bearer wrong";
  auto brotli = request("wazuh-prod", kAlert);
  brotli.headers.emplace_back("Content-Encoding", "br");
  auto bomb = request("wazuh-prod", gzipped(std::string(30 << 20, ' ')));
  bomb.headers.emplace_back("Content-Encoding", "gzip");
  auto cut_off = request("wazuh-prod", gzipped(kAlert).substr(0, 60));
  cut_off.headers.emplace_back("Content-Encoding", "gzip");
  std::string many = "[0";
  for (int i = 0; i < 250'000; ++i) many += ",0";
  return {
      {"empty body", request("wazuh-prod", ""), 400, "Not valid JSON"},
      {"not JSON", request("wazuh-prod", "SECRET-PAYLOAD {"), 400, "Not valid JSON"},
      {"cut off", request("wazuh-prod", kAlert.substr(0, 100)), 400, "Not valid JSON"},
      {"trailing bytes", request("wazuh-prod", kAlert + "x"), 400, "Not valid JSON"},
      {"a key twice", request("wazuh-prod", R"({"rule":{"level":1,"level":2,"description":"SECRET-PAYLOAD"}})"), 400,
       "Not valid JSON"},
      {"invalid UTF-8", request("wazuh-prod", "{\"rule\":{\"level\":1,\"description\":\"\xC3\x28\"}}"), 400,
       "Not valid UTF-8"},
      {"10,000 deep", request("wazuh-prod", nested), 400, "JSON beyond the limits"},
      {"too many values", request("wazuh-prod", many + "]"), 400, "JSON beyond the limits"},
      {"2 MiB", request("wazuh-prod", std::string(2 << 20, ' ')), 413, "Too large"},
      {"gzip bomb", bomb, 413, "Too large"},
      {"gzip cut off", cut_off, 400, "Not valid gzip"},
      {"brotli", brotli, 415, "Unknown content coding"},
      {"nothing to authenticate with", unsigned_request, 401, "Not authenticated"},
      {"wrong token", wrong_token, 401, "Not authenticated"},
      {"unknown source", request("nobody", kAlert), 404, "Unknown source"},
      {"another format", request("ids", kAlert), 422, "No alert found"},
      {"an alert of nothing", request("wazuh-prod", "{}"), 422, "No alert found"},
      {"a scalar", request("wazuh-prod", "7"), 422, "No alert found"},
  };
}

ASYNC_TEST(Intake, bad_input_is_a_clear_problem_and_stores_nothing) {
  FakeStore store;
  FakeClock clock;
  Intake intake(store, sources(), event_sources(), clock);
  for (const auto& bad : bad_inputs()) {
    const auto answer = co_await intake.receive_alerts(bad.request);
    EXPECT_EQ(bad.status, answer.status) << bad.what;
    EXPECT_EQ(bad.title, answer.title) << bad.what;
    EXPECT_FALSE(answer.detail.empty()) << bad.what;
    EXPECT_TRUE(answer.json.empty()) << bad.what;
    for (const char* secret : {"SECRET-PAYLOAD", kToken.c_str(), "203.0.113.7"}) {
      EXPECT_EQ(std::string::npos, (answer.title + answer.detail).find(secret)) << bad.what;
    }
  }
  EXPECT_EQ(0, store.writes);
  EXPECT_EQ(static_cast<int64_t>(bad_inputs().size()), intake.counts().refused);
}

ASYNC_TEST(Intake, gzip_is_taken_off) {
  FakeStore store;
  FakeClock clock;
  Intake intake(store, sources(), event_sources(), clock);
  auto packed = request("wazuh-prod", gzipped(kAlert));
  packed.headers.emplace_back("content-encoding", "gzip");
  const auto answer = co_await intake.receive_alerts(packed);
  EXPECT_EQ(202, answer.status) << answer.detail;
  EXPECT_EQ(kAlert, store.all_alerts.at(1).raw);
}

ASYNC_TEST(Intake, a_batch_is_stored_whole_and_in_order) {
  FakeStore store;
  FakeClock clock;
  Intake intake(store, sources(), event_sources(), clock);
  std::string second = kAlert;
  second.replace(second.find("171.42"), 6, "171.43");
  const auto answer =
      co_await intake.receive_alerts(request("wazuh-prod", "[" + kAlert + "," + second + "," + kAlert + "]"));
  EXPECT_EQ(
      R"({"accepted":[{"id":"A-1","duplicate":false},{"id":"A-2","duplicate":false},{"id":"A-1","duplicate":true}],"ignored":0})",
      answer.json);
  EXPECT_EQ(1, store.writes);
}

ASYNC_TEST(Intake, records_that_are_no_alerts_are_counted) {
  FakeStore store;
  FakeClock clock;
  Intake intake(store, sources(), event_sources(), clock);
  const auto answer = co_await intake.receive_alerts(request(
      "ids", R"({"timestamp":"2026-11-24T02:59:00.000000+0000","event_type":"flow","flow_id":1,"src_ip":"10.0.0.1"})"));
  EXPECT_EQ(202, answer.status);
  EXPECT_EQ(R"({"accepted":[],"ignored":1})", answer.json);
  EXPECT_EQ(0, store.writes);
}

ASYNC_TEST(Intake, an_sns_confirmation_is_handed_on_only_for_sns) {
  FakeStore store;
  FakeClock clock;
  Intake intake(store, sources(), event_sources(), clock);
  const auto body = [](const std::string& url) {
    return R"({"Type":"SubscriptionConfirmation","MessageId":"m","TopicArn":"arn:aws:sns:eu-west-1:1:t","Token":"x","SubscribeURL":")" +
           url + R"("})";
  };
  const std::string url =
      "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-west-1:1:t&Token=x";
  const auto good = co_await intake.receive_alerts(request("aws", body(url)));
  EXPECT_EQ(202, good.status);
  EXPECT_EQ(url, good.confirm_url);
  const auto bad =
      co_await intake.receive_alerts(request("aws", body("https://169.254.169.254/?Action=ConfirmSubscription")));
  EXPECT_EQ(422, bad.status);
  EXPECT_TRUE(bad.confirm_url.empty());
}

ASYNC_TEST(Intake, the_quota_holds_back_a_flood_but_never_what_is_urgent) {
  FakeStore store;
  FakeClock clock;
  auto limited = sources();
  limited[0].quota.per_minute = 60;
  limited[0].quota.burst = 5;
  Intake intake(store, limited, event_sources(), clock);
  int refused = 0;
  const auto alert = [](int number, int level) {
    return R"({"rule":{"level":)" + std::to_string(level) + R"(,"id":"1","description":"x"},"agent":{"name":"h"},"id":")" +
           std::to_string(number) + R"("})";
  };
  for (int i = 0; i < 20; ++i) {
    const auto answer = co_await intake.receive_alerts(request("wazuh-prod", alert(i, 7)));
    if (answer.status == 429) {
      ++refused;
      EXPECT_TRUE(answer.retry_after);
      EXPECT_LE(answer.retry_after->count(), 60);
    }
  }
  EXPECT_EQ(15, refused);
  for (int i = 100; i < 120; ++i) {
    const auto answer = co_await intake.receive_alerts(request("wazuh-prod", alert(i, 13)));
    EXPECT_EQ(202, answer.status);
  }
  // Also in company of what is not urgent.
  const auto mixed = co_await intake.receive_alerts(request("wazuh-prod", "[" + alert(150, 7) + "," + alert(151, 13) + "]"));
  EXPECT_EQ(202, mixed.status);
  clock.advance(std::chrono::seconds(2));
  const auto again = co_await intake.receive_alerts(request("wazuh-prod", alert(200, 7)));
  EXPECT_EQ(202, again.status);
  // Another source is not affected.
  const auto other = co_await intake.receive_alerts(request("ids", "{}"));
  EXPECT_EQ(422, other.status);
}

ASYNC_TEST(IntakeEvents, lines_lists_and_objects) {
  FakeStore store;
  FakeClock clock;
  Intake intake(store, sources(), event_sources(), clock);
  const std::string one = R"({"@timestamp":"2026-11-24T02:00:00Z","event":{"id":"1","action":"sent"},"host":{"name":"mx"}})";
  const std::string two = R"({"@timestamp":"2026-11-24T02:00:01Z","event":{"id":"2"},"host":{"name":"mx"}})";
  const auto lines = co_await intake.receive_events(request("mail", one + "\n" + two + "\n"));
  EXPECT_EQ(202, lines.status) << lines.detail;
  EXPECT_EQ(R"({"accepted":2,"new":2,"unreadable":0})", lines.json);
  const auto list = co_await intake.receive_events(request("mail", "[" + one + ",\n" + two + "]"));
  EXPECT_EQ(R"({"accepted":2,"new":0,"unreadable":0})", list.json);
  auto packed = request("mail", gzipped(one));
  packed.headers.emplace_back("Content-Encoding", "gzip");
  const auto object = co_await intake.receive_events(packed);
  EXPECT_EQ(R"({"accepted":1,"new":0,"unreadable":0})", object.json);
  EXPECT_EQ("mail", store.all_events.at("mail/1").dataset);
  EXPECT_EQ("sent", store.all_events.at("mail/1").get("event.action"));
}

ASYNC_TEST(IntakeEvents, bad_input_stores_nothing) {
  FakeStore store;
  FakeClock clock;
  Intake intake(store, sources(), event_sources(), clock);
  const std::string one = R"({"@timestamp":"2026-11-24T02:00:00Z","event":{"id":"1"},"host":{"name":"mx"}})";
  struct Row {
    IntakeRequest request;
    int status;
  };
  auto unauthenticated = request("mail", one);
  unauthenticated.headers.clear();
  auto bomb = request("mail", gzipped(std::string(40 << 20, '\n')));
  bomb.headers.emplace_back("Content-Encoding", "gzip");
  const std::vector<Row> rows = {{request("mail", one + "\n{broken\n" + one), 400},
                                 {request("mail", one + "\n{\"a\":\"\xFF\"}\n"), 400},
                                 {request("mail", R"([{"@timestamp":"2026-11-24T02:00:00Z","host":{)"), 400},
                                 {request("mail", ""), 422},
                                 {request("mail", R"({"no":"event"})"), 422},
                                 {request("syslog", one), 404},
                                 {request("mail", std::string(2 << 20, ' ')), 413},
                                 {unauthenticated, 401},
                                 {bomb, 413}};
  for (const auto& row : rows) {
    const auto answer = co_await intake.receive_events(row.request);
    EXPECT_EQ(row.status, answer.status) << row.request.body.substr(0, 80) << ": " << answer.title << " " << answer.detail;
    EXPECT_FALSE(answer.detail.empty());
  }
  EXPECT_EQ(0, store.writes);
}

ASYNC_TEST(IntakeEvents, a_large_body_is_read_on_the_pool) {
  FakeStore store;
  FakeClock clock;
  BlockingPool pool(1);
  Intake intake(store, sources(), event_sources(), clock, &pool);
  std::string lines;
  for (int i = 0; i < 1500; ++i) {
    lines +=
        R"({"@timestamp":"2026-11-24T02:00:00Z","event":{"id":")" + std::to_string(i) + R"("},"host":{"name":"mx"}})" + "\n";
  }
  const auto answer = co_await intake.receive_events(request("mail", lines));
  EXPECT_EQ(R"({"accepted":1500,"new":1500,"unreadable":0})", answer.json);
}

}  // namespace
}  // namespace vedette::intake

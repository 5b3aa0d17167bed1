// What comes in through the door and is wrong: a clear answer each, nothing stored, nothing secret in the log.

#include <gtest/gtest.h>

#include "bot/base/clock.hpp"
#include "bot/base/crypto.hpp"
#include "bot/store/sqlite_store.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/bot.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;

struct BadRequest {
  std::string what;
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  int status;
  std::string says;  // in title or detail
};

constexpr const char* kEvent =
    R"({"EventID":1,"@timestamp":"2026-11-24T03:00:00Z","Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"host-1","Image":"C:\\a.exe"})";

std::string bearer() { return std::string("Bearer ") + kSourceToken; }

std::vector<std::pair<std::string, std::string>> signed_headers(const std::string& body, std::chrono::seconds skew,
                                                                const std::string& key) {
  const auto seconds = std::to_string(to_micros(system_clock().now() + skew) / 1'000'000);
  return {{"X-Vedette-Timestamp", seconds},
          {"X-Vedette-Signature", "v1=" + crypto::hmac_sha256_hex(key, seconds + "." + body)}};
}

std::vector<BadRequest> bad_requests() {
  const std::string good = wazuh_alert(1);
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  std::string twice = good;
  twice.insert(1, "\"id\":\"x\",");
  return {
      {"not JSON", "/v1/alerts/wazuh", {{"Authorization", bearer()}}, "{\"rule\": hunter2-hunter2", 400, "JSON"},
      {"empty", "/v1/alerts/wazuh", {{"Authorization", bearer()}}, "", 400, ""},
      {"another format", "/v1/alerts/wazuh", {{"Authorization", bearer()}}, "{\"hello\":\"hunter2-hunter2\"}", 422, "Wazuh"},
      {"a key twice", "/v1/alerts/wazuh", {{"Authorization", bearer()}}, twice, 400, "twice"},
      {"10,000 deep", "/v1/alerts/wazuh", {{"Authorization", bearer()}}, deep, 400, "64 levels"},
      {"2 MiB", "/v1/alerts/wazuh", {{"Authorization", bearer()}}, "[" + std::string(2 << 20, ' ') + "]", 413, ""},
      {"invalid UTF-8", "/v1/alerts/wazuh", {{"Authorization", bearer()}}, "{\"rule\":\"\xff\"}", 400, "JSON"},
      {"no token", "/v1/alerts/wazuh", {}, good, 401, ""},
      {"wrong token", "/v1/alerts/wazuh", {{"Authorization", "Bearer hunter2-hunter2-hunter2"}}, good, 401, ""},
      {"unknown source", "/v1/alerts/nobody", {{"Authorization", bearer()}}, good, 404, "source"},
      {"unknown dataset", "/v1/events/nothing", {{"Authorization", bearer()}}, "{}", 404, ""},
      {"events: not JSON",
       "/v1/events/windows",
       {{"Authorization", bearer()}},
       "{\"EventID\": hunter2-hunter2",
       400,
       "JSON"},
      {"events: empty", "/v1/events/windows", {{"Authorization", bearer()}}, "", 422, "no record"},
      {"events: another format",
       "/v1/events/windows",
       {{"Authorization", bearer()}},
       "{\"hello\":\"hunter2-hunter2\"}",
       422,
       ""},
      {"events: 10,000 deep", "/v1/events/windows", {{"Authorization", bearer()}}, deep, 400, "64 levels"},
      {"events: 2 MiB", "/v1/events/windows", {{"Authorization", bearer()}}, "[" + std::string(2 << 20, ' ') + "]", 413, ""},
      {"events: invalid UTF-8", "/v1/events/windows", {{"Authorization", bearer()}}, "{\"EventID\":\"\xff\"}", 400, "JSON"},
      {"events: no token", "/v1/events/windows", {}, kEvent, 401, ""},
      {"events: wrong token", "/v1/events/windows", {{"Authorization", "Bearer hunter2-hunter2-hunter2"}}, kEvent, 401, ""},
      {"events: the token of the API",
       "/v1/events/windows",
       {{"Authorization", std::string("Bearer ") + kApiToken}},
       kEvent,
       401,
       ""},
      {"no signature", "/v1/alerts/signed", {}, good, 401, "X-Vedette"},
      {"wrong signature", "/v1/alerts/signed", signed_headers(good, std::chrono::seconds(0), "hunter2-hunter2-hunter2"),
       good, 401, ""},
      {"signed something else", "/v1/alerts/signed", signed_headers(good + " ", std::chrono::seconds(0), kHmacKey), good,
       401, ""},
      {"a clock a day behind", "/v1/alerts/signed", signed_headers(good, -std::chrono::hours(24), kHmacKey), good, 401,
       "clock"},
      {"a clock a day ahead", "/v1/alerts/signed", signed_headers(good, std::chrono::hours(24), kHmacKey), good, 401,
       "clock"},
      {"wrong method's path", "/v1/cases", {}, good, 405, ""},
      {"no such address", "/v1/nothing", {}, good, 404, ""},
  };
}

void expect_no_secret(const std::string& log) {
  for (const char* secret : {"hunter2", kSourceToken, kHmacKey, kApiToken})
    EXPECT_EQ(log.find(secret), std::string::npos) << log;
}

// How many log records the program has stored; after its end.
Async<int64_t> stored_events(Executor io, const TempDir& folder) {
  SqliteOptions options;
  options.path = folder.file("vedette.sqlite");
  auto opened = open_sqlite_store(io, options);
  if (!opened) co_return opened.error();
  const auto store = std::move(*opened);
  const auto count = co_await store->events().count();
  store->close();
  if (!count) co_return count.error();
  co_return static_cast<int64_t>(*count);
}

ASYNC_TEST(BadInput, is_answered_clearly_and_changes_nothing) {
  TempDir folder;
  const BotOptions options;
  Bot bot(folder, options);
  const auto client = net::make_http_client(io, {});
  for (auto& bad : bad_requests()) {
    net::HttpRequest request("POST", bot.url(bad.path));
    for (auto& [name, value] : bad.headers) request.headers.set(name, value);
    request.body = bad.body;
    const Deadline deadline = Deadline::after(std::chrono::seconds(10));
    const auto answer = co_await client->send(std::move(request), deadline);
    if (!answer) {
      ADD_FAILURE() << bad.what << ": " << answer.error().message;
      continue;
    }
    EXPECT_EQ(answer->status, bad.status) << bad.what << ": " << answer->body;
    EXPECT_EQ(answer->headers.get("Content-Type"), "application/problem+json") << bad.what;
    const json problem = json::parse(answer->body, nullptr, false);
    EXPECT_TRUE(problem.is_object() && problem["status"] == bad.status && !problem["title"].get<std::string>().empty())
        << bad.what << ": " << answer->body;
    EXPECT_NE(answer->body.find(bad.says), std::string::npos) << bad.what << ": " << answer->body;
    EXPECT_EQ(answer->body.find("hunter2"), std::string::npos) << bad.what << " repeats the input: " << answer->body;
  }
  const json coverage = co_await get_json(*client, bot.url("/v1/coverage"));
  EXPECT_EQ(coverage["received"], 0);

  EXPECT_EQ(bot.process().terminate(), 0);
  const auto nothing = co_await stored_events(io, folder);
  CO_ASSERT_OK(nothing);
  EXPECT_EQ(*nothing, 0) << "log records were stored";
  expect_no_secret(bot.log());
}

ASYNC_TEST(BadInput, does_not_shut_the_door) {
  TempDir folder;
  const BotOptions options;
  Bot bot(folder, options);
  const auto client = net::make_http_client(io, {});
  // An honest repeat is the same alert, and a good log record is stored.
  for (const bool repeat : {false, true}) {
    net::HttpRequest request("POST", bot.url("/v1/alerts/signed"));
    request.body = wazuh_alert(1);
    for (auto& [name, value] : signed_headers(request.body, std::chrono::seconds(0), kHmacKey))
      request.headers.set(name, value);
    const Deadline deadline = Deadline::after(std::chrono::seconds(10));
    const auto answer = co_await client->send(std::move(request), deadline);
    CO_ASSERT_OK(answer);
    EXPECT_EQ(answer->status, 202) << answer->body;
    const json said = json::parse(answer->body);
    EXPECT_EQ(said["accepted"][0]["id"], "A-1");
    EXPECT_EQ(said["accepted"][0]["duplicate"], repeat);
  }
  std::string event = kEvent;
  const auto answer = co_await post(*client, bot.url("/v1/events/windows"), kSourceToken, std::move(event));
  CO_ASSERT_OK(answer);
  EXPECT_EQ(answer->status, 202) << answer->body;
  EXPECT_EQ(bot.process().terminate(), 0);
  const auto one = co_await stored_events(io, folder);
  CO_ASSERT_OK(one);
  EXPECT_EQ(*one, 1);
  expect_no_secret(bot.log());
}

TEST(BadConfiguration, is_refused_with_its_place) {
  TempDir folder;
  write_file(folder.file("vedette.yaml"), "server:\n  listen: 127.0.0.1:0\nsuorces: []\n");
  for (const char* verb : {"run", "check"}) {
    Process vedette({VEDETTE_BINARY, verb, "--config", folder.file("vedette.yaml")}, folder.file("log"));
    EXPECT_EQ(vedette.wait(), 2);
  }
  const std::string said = read_file(folder.file("log"));
  EXPECT_NE(said.find("vedette.yaml:3:1: the configuration: unknown key 'suorces'; did you mean 'sources'?"),
            std::string::npos)
      << said;
}

}  // namespace
}  // namespace vedette::test

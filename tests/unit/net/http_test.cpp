#include "bot/net/http.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bot/net/http_client.hpp"
#include "bot/net/http_codec.hpp"

namespace vedette::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Headers, compare_names_without_case_and_keep_order) {
  Headers headers;
  headers.add("Set-Cookie", "a=1");
  headers.add("X-One", "1");
  headers.add("set-cookie", "b=2");
  EXPECT_EQ(headers.get("SET-COOKIE"), "a=1");
  EXPECT_EQ(headers.count("Set-Cookie"), 2u);
  EXPECT_EQ(headers.get("absent"), "");
  headers.set("SET-cookie", "c=3");
  EXPECT_EQ(headers.count("set-cookie"), 1u);
  ASSERT_EQ(headers.all().size(), 2u);
  EXPECT_EQ(headers.all()[0].first, "X-One");
  EXPECT_EQ(headers.all()[1].second, "c=3");
}

TEST(Problem, is_rfc_9457) {
  const auto response = problem(404, "Not Found", "There is no case C-7.");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.headers.get("content-type"), "application/problem+json");
  const auto json = nlohmann::json::parse(response.body);
  EXPECT_EQ(json["type"], "about:blank");
  EXPECT_EQ(json["title"], "Not Found");
  EXPECT_EQ(json["status"], 404);
  EXPECT_EQ(json["detail"], "There is no case C-7.");
  EXPECT_FALSE(nlohmann::json::parse(problem(400, "Bad Request").body).contains("detail"));
}

TEST(Problem, of_an_error_has_its_status_and_retry_after) {
  Error error(Code::rate_limited, "Slow down.");
  error.retry_after = milliseconds(1200);
  const auto response = problem(error);
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.headers.get("Retry-After"), "2");
  EXPECT_EQ(nlohmann::json::parse(response.body)["detail"], "Slow down.");
  EXPECT_EQ(problem(Error(Code::not_found, "x")).headers.count("Retry-After"), 0u);
}

TEST(Problem, every_code_has_a_status) {
  const std::pair<Code, int> table[] = {
      {Code::invalid_input, 400}, {Code::unauthenticated, 401}, {Code::forbidden, 403},       {Code::not_found, 404},
      {Code::conflict, 409},      {Code::expired, 410},         {Code::too_large, 413},       {Code::rate_limited, 429},
      {Code::timeout, 504},       {Code::unavailable, 503},     {Code::unknown_outcome, 502}, {Code::cancelled, 503},
      {Code::upstream, 502},      {Code::internal, 500},
  };
  for (const auto& [code, status] : table) EXPECT_EQ(http_status_of(code), status) << to_string(code);
}

TEST(RetryAfter, reads_seconds_and_the_three_dates) {
  // Sunday, 6 November 1994, 08:49:37 GMT: the example of RFC 9110 section 5.6.7.
  const auto event = std::chrono::system_clock::time_point(seconds(784111777));
  const auto now = event - seconds(90);
  struct {
    const char* text;
    std::optional<milliseconds> wait;
  } table[] = {
      {"0", milliseconds(0)},
      {"120", seconds(120)},
      {"  7 ", seconds(7)},
      {"Sun, 06 Nov 1994 08:49:37 GMT", seconds(90)},
      {"Sunday, 06-Nov-94 08:49:37 GMT", seconds(90)},
      {"Sun Nov  6 08:49:37 1994", seconds(90)},
      {"Sun, 06 Nov 1994 08:00:00 GMT", milliseconds(0)},
      {"999999999999999999999999", std::chrono::hours(24)},
      {"100000", std::chrono::hours(24)},
      {"Sun, 06 Nov 2094 08:49:37 GMT", std::chrono::hours(24)},
      {"Sat, 06 Nov 9999 08:49:37 GMT", std::chrono::hours(24)},
      {"Mon Jul  5 00:00:01 0000", milliseconds(0)},
      {"", std::nullopt},
      {"-1", std::nullopt},
      {"1.5", std::nullopt},
      {"soon", std::nullopt},
      {"Sun, 31 Feb 1994 08:49:37 GMT", std::nullopt},
      {"Sun, 06 Nov 1994 24:49:37 GMT", std::nullopt},
      {"Sun, 06 Nov 1994 08:49:37 CET", std::nullopt},
      {"Sun, 06 Foo 1994 08:49:37 GMT", std::nullopt},
  };
  for (const auto& row : table) {
    const auto wait = parse_retry_after(row.text, now);
    EXPECT_EQ(wait.has_value(), row.wait.has_value()) << row.text;
    if (wait && row.wait) {
      EXPECT_EQ(wait->count(), row.wait->count()) << row.text;
    }
  }
}

TEST(RequireSuccess, sorts_answers) {
  struct {
    int status;
    Code code;
    bool retryable;
  } table[] = {
      {400, Code::upstream, false},    {401, Code::unauthenticated, false}, {403, Code::forbidden, false},
      {404, Code::not_found, false},   {408, Code::unavailable, true},      {409, Code::upstream, false},
      {429, Code::rate_limited, true}, {500, Code::upstream, true},         {502, Code::unavailable, true},
      {503, Code::unavailable, true},  {504, Code::unavailable, true},      {301, Code::upstream, false},
  };
  for (const auto& row : table) {
    HttpResponse response(row.status, "text/plain", "secret body");
    response.headers.add("Retry-After", "3");
    const auto result = require_success(std::move(response), "Posting a message");
    ASSERT_FALSE(result) << row.status;
    EXPECT_EQ(result.error().code, row.code) << row.status;
    EXPECT_EQ(result.error().retryable, row.retryable) << row.status;
    EXPECT_EQ(result.error().http_status, row.status);
    EXPECT_EQ(result.error().retry_after.has_value(), row.retryable) << row.status;
    EXPECT_NE(result.error().message.find("Posting a message"), std::string::npos);
    EXPECT_EQ(result.error().message.find("secret"), std::string::npos);
  }
  for (const int status : {200, 201, 202, 204, 206}) EXPECT_TRUE(require_success(HttpResponse(status), "x")) << status;
}

TEST(HttpDate, is_imf_fixdate) {
  EXPECT_EQ(http_date(std::chrono::system_clock::time_point(seconds(784111777))), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace vedette::net

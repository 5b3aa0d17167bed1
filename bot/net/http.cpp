#include "bot/net/http.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "bot/net/http_client.hpp"
#include "bot/net/status.hpp"

namespace vedette::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::system_clock;

// A server that asks for more than a day is asking for a person.
constexpr seconds kLongestRetryAfter = std::chrono::hours(24);

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};

std::optional<int> number_in(std::string_view text, int64_t low, int64_t high) {
  const auto number = text::parse_integer(text);
  if (!number || *number < low || *number > high) return std::nullopt;
  return static_cast<int>(*number);
}

std::optional<seconds> time_of_day(std::string_view text) {
  const auto parts = text::split(text, ':');
  if (parts.size() != 3) return std::nullopt;
  const auto hour = number_in(parts[0], 0, 23);
  const auto minute = number_in(parts[1], 0, 59);
  const auto second = number_in(parts[2], 0, 60);
  if (!hour || !minute || !second) return std::nullopt;
  return seconds(*hour * 3600 + *minute * 60 + *second);
}

// In seconds: the clock's own nanoseconds do not reach the years 0 to 9999.
std::optional<std::chrono::sys_seconds> to_time(std::string_view day, std::string_view month, std::string_view year,
                                                std::string_view clock) {
  const auto name = std::find(kMonths.begin(), kMonths.end(), text::lower(month));
  const auto d = number_in(day, 1, 31);
  const auto time = time_of_day(clock);
  auto y = number_in(year, 0, 9999);
  if (name == kMonths.end() || !d || !time || !y) return std::nullopt;
  if (year.size() == 2) *y += *y < 70 ? 2000 : 1900;  // RFC 850 dates have two digits
  const std::chrono::year_month_day date{std::chrono::year(*y),
                                         std::chrono::month(static_cast<unsigned>(name - kMonths.begin()) + 1),
                                         std::chrono::day(static_cast<unsigned>(*d))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + *time;
}

// The three date forms of RFC 9110 section 5.6.7: IMF-fixdate, RFC 850 and asctime.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
  std::vector<std::string> words;
  for (auto& word : text::split(text, ' ')) {
    if (!word.empty()) words.push_back(std::move(word));
  }
  if (words.size() == 6 && words[5] == "GMT") return to_time(words[1], words[2], words[3], words[4]);
  if (words.size() == 4 && words[3] == "GMT") {
    const auto date = text::split(words[1], '-');
    if (date.size() == 3) return to_time(date[0], date[1], date[2], words[2]);
  }
  if (words.size() == 5) return to_time(words[2], words[1], words[4], words[3]);
  return std::nullopt;
}

}  // namespace

void Headers::add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }

void Headers::set(std::string name, std::string value) {
  std::erase_if(fields_, [&](const auto& field) { return text::iequals(field.first, name); });
  add(std::move(name), std::move(value));
}

std::string_view Headers::get(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (text::iequals(key, name)) return value;
  }
  return {};
}

size_t Headers::count(std::string_view name) const {
  size_t found = 0;
  for (const auto& field : fields_) found += text::iequals(field.first, name) ? 1 : 0;
  return found;
}

HttpResponse::HttpResponse(int code, std::string content_type, std::string content)
    : status(code), body(std::move(content)) {
  headers.add("Content-Type", std::move(content_type));
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "";
  }
}

HttpResponse problem(int status, std::string_view title, std::string_view detail) {
  JsonWriter json;
  json.begin_object().field("type", "about:blank").field("title", title).field("status", status);
  if (!detail.empty()) json.field("detail", detail);
  json.end_object();
  return HttpResponse(status, "application/problem+json", json.take());
}

HttpResponse problem(const Error& error) {
  const int status = http_status_of(error.code);
  HttpResponse response = problem(status, reason_phrase(status), error.message);
  if (error.retry_after) {
    const auto wait = std::max<int64_t>(1, std::chrono::ceil<seconds>(*error.retry_after).count());
    response.headers.add("Retry-After", fmt::format("{}", wait));
  }
  return response;
}

int http_status_of(Code code) {
  switch (code) {
    case Code::invalid_input: return 400;
    case Code::unauthenticated: return 401;
    case Code::forbidden: return 403;
    case Code::not_found: return 404;
    case Code::conflict: return 409;
    case Code::expired: return 410;
    case Code::too_large: return 413;
    case Code::rate_limited: return 429;
    case Code::timeout: return 504;
    case Code::unavailable: return 503;
    case Code::unknown_outcome: return 502;
    case Code::cancelled: return 503;
    case Code::upstream: return 502;
    case Code::internal: return 500;
  }
  return 500;
}

std::optional<milliseconds> parse_retry_after(std::string_view value, system_clock::time_point now) {
  value = text::trim(value);
  if (value.empty() || value.size() > 64) return std::nullopt;
  if (value.find_first_not_of("0123456789") == std::string_view::npos) {
    const auto number = text::parse_integer(value);
    if (!number) return kLongestRetryAfter;  // more digits than fit
    return seconds(std::min<int64_t>(*number, kLongestRetryAfter.count()));
  }
  const auto date = parse_http_date(value);
  if (!date) return std::nullopt;
  const milliseconds wait = *date - std::chrono::floor<milliseconds>(now);
  return std::clamp<milliseconds>(wait, milliseconds(0), kLongestRetryAfter);
}

Error error_for_answer(const HttpResponse& response, std::string_view what) {
  const int status = response.status;
  Error error(Code::upstream, fmt::format("{} was answered with HTTP {}{}{}.", what, status,
                                          reason_phrase(status).empty() ? "" : " ", reason_phrase(status)));
  error.http_status = status;
  switch (status) {
    case 401: error.code = Code::unauthenticated; break;
    case 403: error.code = Code::forbidden; break;
    case 404: error.code = Code::not_found; break;
    case 429: error.code = Code::rate_limited; break;
    case 408:
    case 502:
    case 503:
    case 504: error.code = Code::unavailable; break;
    default: break;
  }
  error.retryable = error.code == Code::rate_limited || error.code == Code::unavailable || status >= 500;
  if (error.retryable) error.retry_after = parse_retry_after(response.headers.get("Retry-After"), system_clock::now());
  return error;
}

Result<HttpResponse> require_success(HttpResponse response, std::string_view what) {
  if (response.status >= 200 && response.status < 300) return response;
  return error_for_answer(response, what);
}

}  // namespace vedette::net

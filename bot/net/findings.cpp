#include "bot/net/findings.hpp"

#include <fmt/format.h>

#include "bot/net/proxy.hpp"

namespace vedette::net {
namespace {

using Kind = Finding::Kind;

// A clock this far off still works, but is on its way out.
constexpr std::chrono::seconds kClockTolerance(30);
constexpr std::chrono::hours kClockWindow(12);

}  // namespace

Finding proxy_finding(const Url& url, const std::string& proxy, const std::string& no_proxy) {
  const auto found = proxy_for(url, proxy, no_proxy);
  if (!found) {
    return {Kind::problem, "proxy", "HTTPS_PROXY is not the address of a proxy: " + found.error().message,
            "Write it as http://HOST:PORT, or take it out of the environment."};
  }
  if (*found) return {Kind::ok, "proxy", fmt::format("{} is reached through {}.", url.host, (*found)->text()), ""};
  return {Kind::ok, "proxy", fmt::format("none: {} is reached directly.", url.host), ""};
}

// The Date field is parsed as Retry-After's other form, counted from well before now.
Finding clock_finding(const Headers& headers, Time now, std::string_view whose, std::string_view what_then) {
  const auto here = std::chrono::system_clock::time_point(now);
  const auto distance = parse_retry_after(headers.get("Date"), here - kClockWindow);
  if (!distance || headers.get("Date").size() < 20)
    return {Kind::note, "clock", fmt::format("{} answer has no date to compare with.", whose), ""};
  const auto ahead = std::chrono::floor<std::chrono::seconds>(kClockWindow - *distance);
  const auto gap = std::chrono::seconds(ahead.count() < 0 ? -ahead.count() : ahead.count());
  if (gap <= kClockTolerance) return {Kind::ok, "clock", fmt::format("agrees with {}.", whose), ""};
  const bool beyond = gap >= kClockWindow - std::chrono::seconds(1);
  return {Kind::problem, "clock",
          fmt::format("{}{} {} {}.", beyond ? "at least " : "", format_duration(gap),
                      ahead.count() > 0 ? "ahead of" : "behind", whose),
          fmt::format("Keep NTP running (timedatectl set-ntp true). {}", what_then)};
}

}  // namespace vedette::net

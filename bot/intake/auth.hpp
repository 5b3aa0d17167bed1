#pragma once
// Is this request from the sender it claims to be? Pure; thread-safe.
//
// Every comparison of a secret takes constant time, both keys are always tried, and an unknown source costs the same work as
// a known one, so that response times tell nothing.
//
// Replays. A captured request can be sent again within the tolerance of its timestamp, and does nothing: its body gives the
// same alerts with the same dedup keys, which the store knows (also after a restart) and answers as duplicates. A sender's
// honest retry after a lost answer looks exactly the same and must not be an error, so the repeat gets the same 202 with the
// same ids. After the tolerance the timestamp is stale and the request is refused; a new timestamp needs the key.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bot/base/clock.hpp"
#include "bot/intake/source.hpp"

namespace vedette::intake {

// What arrived, without HTTP: header names compare without regard to case.
struct IntakeRequest {
  IntakeRequest() = default;
  IntakeRequest(std::string name_, std::string body_) : name(std::move(name_)), body(std::move(body_)) {}
  std::string name;  // source or dataset, from the path
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;

  std::string_view header(std::string_view wanted) const;  // the first, or ""
  size_t count(std::string_view wanted) const;
};

struct AuthFailure {
  int status = 401;
  std::string title;
  std::string detail;
  std::string challenge;  // for WWW-Authenticate; may be empty
};

// Nothing when the request is genuine. `now` is UTC.
std::optional<AuthFailure> check_request(const Auth& auth, const IntakeRequest& request, Time now);
// Spends the time of a check, for a source that does not exist.
void check_nobody(const IntakeRequest& request);

// "v1=<64 hex digits>" → the 32 bytes.
std::optional<std::string> parse_signature(std::string_view header);
// Seconds since 1970 in 1 to 12 decimal digits.
std::optional<Time> parse_timestamp(std::string_view header);

}  // namespace vedette::intake

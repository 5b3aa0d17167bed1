#pragma once
// Time behind an interface, so that a test can run a day in a second.
// `Time` is UTC with microseconds; durations for waiting are measured on the steady clock only.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace vedette {

using Duration = std::chrono::microseconds;
using Time = std::chrono::sys_time<Duration>;
using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
  virtual SteadyTime steady_now() const = 0;
};

// The machine's clocks. Thread-safe.
const Clock& system_clock();

// A point on the steady clock by which work must be over. Passed down unchanged: a callee gets the time that is left.
class Deadline {
 public:
  static Deadline after(std::chrono::milliseconds wait);
  static Deadline at(SteadyTime when) { return Deadline(when); }
  static Deadline never() { return Deadline(SteadyTime::max()); }
  SteadyTime time() const { return when_; }
  bool passed() const;
  std::chrono::milliseconds left() const;  // 0 when passed
  Deadline earlier_of(Deadline other) const { return Deadline(when_ < other.when_ ? when_ : other.when_); }

 private:
  explicit Deadline(SteadyTime when) : when_(when) {}
  SteadyTime when_;
};

// RFC 3339 in UTC with as many fractional digits as needed (0, 3 or 6): 2026-11-24T03:12:09.250Z
std::string to_rfc3339(Time time);
// Reads RFC 3339 / ISO 8601 with 'T' or space, 'Z', '+hh:mm' or '+hhmm' offsets, up to nine fractional digits (cut to six).
// A time without an offset is taken as UTC. Nothing outside years 1970 to 9999.
std::optional<Time> parse_time(std::string_view text);
// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size.
std::optional<Time> from_epoch(double value);
inline int64_t to_micros(Time time) { return time.time_since_epoch().count(); }
inline Time from_micros(int64_t micros) { return Time(Duration(micros)); }
// "30m", "4h", "2d", "90s"; nothing else.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);
// "2 d 3 h", "4 min", "12 s": the two largest units, for people.
std::string format_duration(std::chrono::seconds duration);

}  // namespace vedette

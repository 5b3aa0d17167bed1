#pragma once
// What a webhook does with a request, without HTTP: authenticate, parse, normalise, commit, answer. 202 is answered only
// when all of the request is on disk. Every other answer means that nothing of it was stored; of events, that not all of it
// was: sent again, each is stored once.
//
// Lives as long as the app; used from the io thread only.

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/intake/auth.hpp"
#include "bot/intake/events/event_format.hpp"
#include "bot/intake/format.hpp"
#include "bot/intake/source.hpp"
#include "bot/store/store.hpp"

namespace vedette::intake {

// Either a JSON body (202) or a problem in the sense of RFC 9457. Never holds a secret or a part of the payload.
struct IntakeAnswer {
  int status = 202;
  std::string
      json;  // {"accepted":[{"id":"A-12","duplicate":false}],"ignored":0}; for events {"accepted":9,"new":9,"unreadable":0}
  std::string title;  // of the problem, when status is not 202
  std::string detail;
  std::string challenge;  // WWW-Authenticate; may be empty
  std::optional<std::chrono::seconds> retry_after;
  // Amazon SNS wants the subscription confirmed: GET this (already checked to be SNS itself). Empty otherwise.
  std::string confirm_url;
};

struct IntakeCounts {
  int64_t accepted = 0;  // new alerts on disk
  int64_t duplicates = 0;
  int64_t ignored = 0;  // records that are no alerts
  int64_t refused = 0;  // requests not answered 202
  int64_t events = 0;   // new events on disk
};

class Intake {
 public:
  // `pool` unpacks and parses large event bodies off the io thread; without one that happens in place.
  Intake(Store& store, std::vector<SourceConfig> sources, std::vector<EventSourceConfig> event_sources,
         const Clock& clock = system_clock(), BlockingPool* pool = nullptr);
  ~Intake();
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  // POST /v1/alerts/{name}
  boost::asio::awaitable<IntakeAnswer> receive_alerts(IntakeRequest request);
  // POST /v1/events/{name}: JSON, a list, or JSON lines; Content-Encoding gzip.
  boost::asio::awaitable<IntakeAnswer> receive_events(IntakeRequest request);
  const IntakeCounts& counts() const { return counts_; }

 private:
  struct Source;
  struct EventSource;
  IntakeAnswer refuse(IntakeAnswer answer);
  std::optional<IntakeAnswer> over_quota(Source& source, const std::vector<Alert>& alerts);

  Store& store_;
  const Clock& clock_;
  BlockingPool* pool_;
  std::map<std::string, std::unique_ptr<Source>, std::less<>> sources_;
  std::map<std::string, std::unique_ptr<EventSource>, std::less<>> event_sources_;
  IntakeCounts counts_;
};

// Bodies above this are refused, before and after unpacking an alert's.
inline constexpr size_t kBodyBytes = 1 << 20;
inline constexpr size_t kAlertsInRequest = 2000;

}  // namespace vedette::intake

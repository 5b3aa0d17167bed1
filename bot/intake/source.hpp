#pragma once
// What is configured about a sender of alerts or events. Plain values.

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bot/base/result.hpp"
#include "bot/base/secret.hpp"
#include "bot/intake/mapping.hpp"

namespace vedette::intake {

// Anybody who reaches the port may send. Only where the configuration says so in words.
struct NoAuth {};

// The sender signs: hex HMAC-SHA256 with the shared key over "<timestamp>.<raw body>", where <timestamp> is the text of the
// timestamp header, seconds since 1970. By default
//   X-Vedette-Timestamp: 1795489200
//   X-Vedette-Signature: v1=5257a869e7ec…
// Both keys are tried, so that one can be replaced while the other still works.
struct HmacAuth {
  std::vector<Secret> keys;  // one or two
  std::string signature_header = "X-Vedette-Signature";
  std::string timestamp_header = "X-Vedette-Timestamp";
  std::chrono::seconds tolerance{300};  // both ways
};

struct BearerAuth {
  std::vector<Secret> tokens;  // one or two
};

struct BasicAuth {
  std::string user;
  Secret password;
};

using Auth = std::variant<NoAuth, HmacAuth, BearerAuth, BasicAuth>;

// How many alerts below `high` a source may send; more are answered 429 and stay with the sender. Alerts of severity high
// and critical always pass. 0: no limit.
struct Quota {
  int per_minute = 0;
  int burst = 0;  // at once; 0: as many as in a minute
};

struct SourceConfig {
  std::string name;    // in the path: POST /v1/alerts/{name}
  std::string format;  // "wazuh", "suricata", "guardduty", "sentinel", "alertmanager", "ecs", "ocsf", "mapped"
  Auth auth = BearerAuth{};
  Mapping mapping;  // for "mapped"
  Quota quota;
};

struct EventSourceConfig {
  std::string dataset;  // in the path: POST /v1/events/{dataset}
  std::string format;   // "cloudtrail", "windows", "suricata", "ecs"; empty: the dataset's name
  Auth auth = BearerAuth{};
};

// What is wrong with a source, if anything: unknown format, no key, an empty or short secret, two sources of one name.
Status check(const std::vector<SourceConfig>& sources);
Status check(const std::vector<EventSourceConfig>& sources);

}  // namespace vedette::intake

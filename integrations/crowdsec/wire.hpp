#pragma once
// JSON of CrowdSec's Local API, as version 1.4.6 reads and writes it (its models in pkg/models/localapi_swagger.yaml). Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/clock.hpp"
#include "bot/base/result.hpp"

namespace vedette::crowdsec {

struct Login {
  std::string token;
  Time expires;
};

struct Decision {
  std::string origin;
  std::string type;   // "ban", "captcha", …
  std::string scope;  // "Ip", "Range", …
  std::string value;
  std::string scenario;
  std::string duration;  // what is left, in Go's notation: "3h59m59.98s"; negative when over
  bool simulated = false;
  bool active() const { return !duration.starts_with('-') && !simulated; }
};

std::string login_body(std::string_view machine_id, std::string_view password);
Result<Login> parse_login(std::string_view body);

// One alert with one ban on one address.
std::string ban_body(std::string_view address, std::string_view scenario, std::string_view message,
                     std::chrono::seconds duration, Time now);
// The decisions in an answer of GET /v1/alerts (inside alerts) or GET /v1/decisions; `null` is none.
Result<std::vector<Decision>> parse_alert_decisions(std::string_view body);
Result<std::vector<Decision>> parse_decisions(std::string_view body);
// {"nbDeleted":"1"}; newer versions may write a number.
Result<int64_t> parse_deleted(std::string_view body);
// The reason when GET /v1/allowlists/check/{ip} says the address is on an allow list.
std::optional<std::string> parse_allowlisted(std::string_view body);
// The `message` of an error answer, made safe to show; may be empty.
std::string parse_error(std::string_view body);

}  // namespace vedette::crowdsec

#include "integrations/crowdsec/wire.hpp"

#include "bot/base/json.hpp"
#include "bot/base/secret.hpp"
#include "bot/base/text.hpp"

namespace vedette::crowdsec {
namespace {

Error unreadable(std::string_view what) {
  return {Code::upstream, "CrowdSec answered " + std::string(what) + " in a form that Vedette does not know."};
}

Decision read_decision(const Json& json) {
  Decision decision;
  decision.origin = json["origin"].string_or("");
  decision.type = json["type"].string_or("");
  decision.scope = json["scope"].string_or("");
  decision.value = json["value"].string_or("");
  decision.scenario = json["scenario"].string_or("");
  decision.duration = json["duration"].string_or("");
  decision.simulated = json["simulated"].boolean_or(false);
  return decision;
}

Result<Json> parse_list(std::string_view body, std::string_view what) {
  JsonLimits limits;
  limits.bytes = 4 << 20;
  auto document = Json::parse(body, limits);
  if (!document) return unreadable(what);
  if (!document->is_array() && !document->is_null()) return unreadable(what);
  return document;
}

}  // namespace

std::string login_body(std::string_view machine_id, std::string_view password) {
  JsonWriter w;
  w.begin_object().field("machine_id", machine_id).field("password", password);
  w.key("scenarios").begin_array().end_array().end_object();
  return w.take();
}

Result<Login> parse_login(std::string_view body) {
  const auto document = Json::parse(body);
  if (!document) return unreadable("the sign-in");
  Login login;
  login.token = (*document)["token"].string_or("");
  const auto expires = parse_time((*document)["expire"].string_or(""));
  if (login.token.empty() || !expires) return unreadable("the sign-in");
  login.expires = *expires;
  return login;
}

std::string ban_body(std::string_view address, std::string_view scenario, std::string_view message,
                     std::chrono::seconds duration, Time now) {
  const std::string stamp = to_rfc3339(now);
  const std::string seconds = std::to_string(duration.count()) + "s";  // Go's time.ParseDuration; it knows no days
  JsonWriter w;
  w.begin_array().begin_object();
  // All of these are required by 1.4.6, whatever their value.
  w.field("capacity", 0).field("events_count", 1).field("leakspeed", "0").field("simulated", false);
  w.field("scenario", scenario).field("scenario_hash", "").field("scenario_version", "");
  w.field("message", message).field("start_at", stamp).field("stop_at", stamp);
  w.key("events").begin_array().end_array();
  w.key("source").begin_object().field("scope", "Ip").field("value", address).field("ip", address).end_object();
  w.key("decisions").begin_array().begin_object();
  w.field("origin", "vedette").field("type", "ban").field("scope", "Ip").field("value", address);
  w.field("duration", seconds).field("scenario", scenario).field("simulated", false);
  w.end_object().end_array();
  w.end_object().end_array();
  return w.take();
}

Result<std::vector<Decision>> parse_alert_decisions(std::string_view body) {
  TRY(const auto list, parse_list(body, "the alerts"));
  std::vector<Decision> decisions;
  for (const auto& alert : list.elements()) {
    for (const auto& decision : alert["decisions"].elements()) decisions.push_back(read_decision(decision));
  }
  return decisions;
}

Result<std::vector<Decision>> parse_decisions(std::string_view body) {
  TRY(const auto list, parse_list(body, "the decisions"));
  std::vector<Decision> decisions;
  for (const auto& decision : list.elements()) decisions.push_back(read_decision(decision));
  return decisions;
}

Result<int64_t> parse_deleted(std::string_view body) {
  const auto document = Json::parse(body);
  if (!document) return unreadable("the deletion");
  const auto count = text::parse_integer((*document)["nbDeleted"].scalar_text());
  if (!count) return unreadable("the deletion");
  return *count;
}

std::optional<std::string> parse_allowlisted(std::string_view body) {
  const auto document = Json::parse(body);
  if (!document || !(*document)["allowlisted"].boolean_or(false)) return std::nullopt;
  return text::ellipsize(redact(text::displayable((*document)["reason"].string_or(""))), 200);
}

std::string parse_error(std::string_view body) {
  const auto document = Json::parse(body);
  if (!document) return {};
  return text::ellipsize(redact(text::displayable((*document)["message"].string_or(""))), 200);
}

}  // namespace vedette::crowdsec

#include "integrations/webhook/wire.hpp"

#include "bot/base/crypto.hpp"
#include "bot/base/json.hpp"
#include "bot/base/secret.hpp"
#include "bot/base/text.hpp"

namespace vedette::webhook {

std::string request_body(const ActionPlan& plan, std::string_view key) {
  JsonWriter w;
  w.begin_object().field("key", key).field("verb", plan.verb).field("title", plan.title()).field("provider", plan.provider);
  w.key("target").begin_object().field("type", to_string(plan.target.type)).field("value", plan.target.value).end_object();
  w.key("parameters").begin_object();
  for (const auto& [name, value] : plan.parameters) w.field(name, value);
  w.end_object().end_object();
  return w.take();
}

std::string signature(std::string_view secret, std::string_view timestamp, std::string_view body) {
  std::string signed_bytes(timestamp);
  signed_bytes += '.';
  signed_bytes += body;
  return "v1=" + crypto::hmac_sha256_hex(secret, signed_bytes);
}

std::optional<respond::Receipt> parse_receipt(std::string_view body) {
  constexpr size_t kMessageCharacters = 300;
  JsonLimits limits;
  limits.bytes = 64 << 10;
  const auto document = Json::parse(body, limits);
  if (!document) return std::nullopt;
  const auto outcome = (*document)["outcome"].string();
  respond::Receipt receipt;
  if (outcome == "done") {
    receipt.outcome = respond::Outcome::done;
  } else if (outcome == "not_done") {
    receipt.outcome = respond::Outcome::not_done;
  } else if (outcome == "unknown") {
    receipt.outcome = respond::Outcome::unknown;
  } else {
    return std::nullopt;
  }
  receipt.message = text::ellipsize(redact(text::displayable((*document)["message"].string_or(""))), kMessageCharacters);
  return receipt;
}

}  // namespace vedette::webhook

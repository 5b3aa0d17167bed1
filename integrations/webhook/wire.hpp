#pragma once
// The bytes of the webhook action protocol, see webhook_provider.hpp. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "bot/respond/action_provider.hpp"

namespace vedette::webhook {

std::string request_body(const ActionPlan& plan, std::string_view key);
// "v1=<hex>" for X-Vedette-Signature.
std::string signature(std::string_view secret, std::string_view timestamp, std::string_view body);
// The receipt in an answer's body; nothing where the body is not one. Its message is safe to show.
std::optional<respond::Receipt> parse_receipt(std::string_view body);

}  // namespace vedette::webhook

#pragma once
// Amazon SNS over HTTPS: Notification, SubscriptionConfirmation, UnsubscribeConfirmation, alone or as Lambda hands them on
// (Records[].Sns). Source: Amazon SNS Developer Guide, "Parsing message formats".

#include <string>
#include <string_view>

#include "bot/base/json.hpp"
#include "bot/base/result.hpp"

namespace vedette::intake {

enum class SnsType { none, notification, subscription_confirmation, unsubscribe_confirmation };
SnsType sns_type(const Json& document);

// The URL that confirms the subscription. invalid_input unless it is https to sns.<region>.amazonaws.com (or .com.cn)
// with no user, no port other than 443 and the action ConfirmSubscription: nobody may make us fetch anything else.
Result<std::string> sns_confirm_url(const Json& document);
bool is_sns_confirm_url(std::string_view url);

}  // namespace vedette::intake

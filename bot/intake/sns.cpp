#include "bot/intake/sns.hpp"

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {
namespace {

// The message itself, out of the Lambda wrapping where there is one.
Json message_of(const Json& document) {
  const Json wrapped = document.at("/Records/0/Sns");
  return wrapped.is_object() ? wrapped : document;
}

}  // namespace

SnsType sns_type(const Json& document) {
  const Json message = message_of(document);
  if (!message["TopicArn"].is_string() || !message["MessageId"].is_string()) return SnsType::none;
  const std::string type = text_of(message["Type"]);
  if (type == "Notification") return SnsType::notification;
  if (type == "SubscriptionConfirmation") return SnsType::subscription_confirmation;
  if (type == "UnsubscribeConfirmation") return SnsType::unsubscribe_confirmation;
  return SnsType::none;
}

bool is_sns_confirm_url(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  constexpr size_t kLongest = 2048;
  if (!url.starts_with(kScheme) || url.size() > kLongest) return false;
  const bool printable = std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '\\'; });
  if (!printable) return false;
  url.remove_prefix(kScheme.size());
  const size_t end = url.find_first_of("/?#");
  if (end == std::string_view::npos || url.find('#') != std::string_view::npos) return false;
  std::string_view authority = url.substr(0, end);
  const std::string_view rest = url.substr(end);
  if (authority.ends_with(":443")) authority.remove_suffix(4);
  // No user part, no other port: only letters, digits, dots and hyphens are left.
  const auto host_character = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  if (!std::all_of(authority.begin(), authority.end(), host_character)) return false;
  if (!authority.starts_with("sns.")) return false;
  authority.remove_prefix(4);
  if (authority.ends_with(".amazonaws.com.cn"))
    authority.remove_suffix(17);
  else if (authority.ends_with(".amazonaws.com"))
    authority.remove_suffix(14);
  else
    return false;
  if (authority.empty() || authority.find('.') != std::string_view::npos) return false;
  const size_t query = rest.find('?');
  if (query == std::string_view::npos || (rest.substr(0, query) != "/" && query != 0)) return false;
  const auto parameters = text::split(rest.substr(query + 1), '&');
  return std::find(parameters.begin(), parameters.end(), "Action=ConfirmSubscription") != parameters.end();
}

Result<std::string> sns_confirm_url(const Json& document) {
  std::string url = text_of(message_of(document)["SubscribeURL"]);
  if (!is_sns_confirm_url(url)) {
    return Error(Code::invalid_input, "the SubscribeURL does not lead to Amazon SNS; the subscription was not confirmed");
  }
  return url;
}

}  // namespace vedette::intake

#pragma once
// What `vedette doctor` can tell about the way to another service, whichever service it is. Pure.

#include <string>
#include <string_view>

#include "bot/base/clock.hpp"
#include "bot/base/finding.hpp"
#include "bot/net/http.hpp"
#include "bot/net/url.hpp"

namespace vedette::net {

// Whether this address is reached directly or through which proxy.
Finding proxy_finding(const Url& url, const std::string& proxy, const std::string& no_proxy);
// Our clock against the Date of an answer. `whose`: "Slack's"; `what_then`: what happens when it is far off.
Finding clock_finding(const Headers& headers, Time now, std::string_view whose, std::string_view what_then);

}  // namespace vedette::net

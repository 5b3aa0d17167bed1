#pragma once
// Inside bot/net: what an HTTP status code means for the caller. RFC 9110 section 15.

#include <string_view>

#include "bot/net/http.hpp"

namespace vedette::net {

std::string_view reason_phrase(int status);  // "" for codes without a registered phrase
// The error that an answer other than the wanted one stands for; `what` names the call in the message.
Error error_for_answer(const HttpResponse& response, std::string_view what);

}  // namespace vedette::net

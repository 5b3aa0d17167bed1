// Any bytes as the headers and body of a request, against every kind of authentication. Nothing may get in.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "bot/intake/auth.hpp"
#include "bot/intake/sns.hpp"

using namespace vedette;
using namespace vedette::intake;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  // Lines are header values, the rest is the body.
  IntakeRequest request("fuzz", "");
  size_t at = 0;
  for (const char* name : {"X-Vedette-Timestamp", "X-Vedette-Signature", "Authorization"}) {
    const size_t end = bytes.find('\n', at);
    request.headers.emplace_back(name, bytes.substr(at, end == std::string::npos ? end : end - at));
    at = end == std::string::npos ? bytes.size() : end + 1;
  }
  request.body = bytes.substr(at);
  HmacAuth hmac;
  hmac.keys = {Secret("0123456789abcdef-fuzz-key-one"), Secret("0123456789abcdef-fuzz-key-two")};
  BearerAuth bearer;
  bearer.tokens = {Secret("a-bearer-token-for-fuzzing")};
  BasicAuth basic;
  basic.user = "user";
  basic.password = Secret("a-password-for-fuzzing");
  const Time now = from_micros(1795489200000000);
  for (const Auth& auth : {Auth(hmac), Auth(bearer), Auth(basic)}) {
    const auto failure = check_request(auth, request, now);
    if (!failure || failure->status != 401 || failure->detail.empty()) std::abort();
  }
  check_nobody(request);
  if (const auto signature = parse_signature(request.body); signature && signature->size() != 32) std::abort();
  (void)parse_timestamp(request.body);
  if (is_sns_confirm_url(request.body)) {
    const size_t path = request.body.find_first_of("/?", 8);
    const std::string host = request.body.substr(8, path - 8);
    if (!host.starts_with("sns.") || host.find(".amazonaws.com") == std::string::npos || host.find('@') != std::string::npos)
      std::abort();
  }
  return 0;
}

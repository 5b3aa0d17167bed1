// Any bytes as a request from Slack: nothing gets in without the secret, nothing crashes, and what is read stays in bounds.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "integrations/slack/http_wire.hpp"

using namespace vedette;
using namespace vedette::slack;

// The first lines are the timestamp, the signature and the content type; the rest is the body.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  net::HttpRequest request("POST", "/slack/events");
  size_t at = 0;
  for (const char* name : {"X-Slack-Request-Timestamp", "X-Slack-Signature", "Content-Type"}) {
    const size_t end = bytes.find('\n', at);
    request.headers.set(name, bytes.substr(at, end == std::string::npos ? end : end - at));
    at = end == std::string::npos ? bytes.size() : end + 1;
  }
  request.headers.set("X-Slack-Retry-Num", std::string(request.headers.get("X-Slack-Request-Timestamp")));
  request.body = bytes.substr(at);
  static const Secret secret("0123456789abcdef-fuzz-signing-secret");
  if (check_signature(secret, request, from_micros(1795489200000000))) std::abort();
  if (const auto retry = retry_of(request); retry && (retry->number < 0 || retry->number > 9999)) std::abort();
  for (const char* type : {"application/json", "application/x-www-form-urlencoded", ""}) {
    if (*type != 0) request.headers.set("Content-Type", type);
    for (const auto entrance : {Entrance::events, Entrance::interactions, Entrance::commands}) {
      const auto delivery = read_delivery(entrance, request);
      if (!delivery) continue;
      const auto* envelope = std::get_if<Envelope>(&*delivery);
      if (envelope == nullptr) continue;
      if (!envelope->payload.is_object()) std::abort();
      (void)interpret(envelope->type, envelope->payload, {"U0BOT", "B0BOT", "T1", ""});
    }
  }
  return 0;
}

// Bytes from a server that may be anybody through the client's answer reader.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "bot/net/http_client.hpp"
#include "bot/net/http_codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vedette::net;
  if (size == 0) return 0;
  const bool head_request = (data[0] & 1) != 0;
  const size_t step = 1 + (data[0] >> 1);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  MessageLimits limits;
  limits.header_bytes = 2048;
  limits.body_bytes = 4096;
  ResponseReader reader(limits, head_request);
  std::string pending;
  for (size_t at = 0; at < bytes.size() && !reader.done() && !reader.malformed() && !reader.too_large();) {
    const size_t count = std::min(step, bytes.size() - at);
    pending += bytes.substr(at, count);
    at += count;
    const size_t used = reader.feed(pending);
    if (used > pending.size()) std::abort();
    pending.erase(0, used);
  }
  reader.feed_end();
  if (!reader.done()) return 0;
  HttpResponse response = reader.take();
  if (response.body.size() > limits.body_bytes) std::abort();
  (void)require_success(std::move(response), "Fuzzing");
  return 0;
}

// Any text as a URL: it is refused, or what it became reads back as the same thing and is safe to put into a request.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bot/net/proxy.hpp"
#include "bot/net/url.hpp"

namespace {
void must(bool holds) {
  if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vedette::net;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  must(percent_decode(percent_encode(text)) == text);
  must(percent_decode(form_encode(text), true) == text);
  (void)percent_decode(text, true);
  (void)parse_proxy(text);
  const auto url = parse_url(text);
  if (!url) return 0;
  must(url->tls() || url->loopback());
  must(url->target.starts_with('/') && url->port != 0 && !url->host.empty());
  for (const char c : url->text()) must(c > 0x20 && c < 0x7f);
  const auto again = parse_url(url->text());
  must(again && again->host == url->host && again->port == url->port && again->target == url->target);
  (void)bypasses_proxy(text, *url);
  return 0;
}

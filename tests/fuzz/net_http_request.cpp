// Bytes from a stranger through the server's request reader, router and answer writer, as they come from a socket: in one
// piece and in small ones. Both must see the same requests, and no limit may be passed.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "bot/net/http_codec.hpp"
#include "bot/net/router.hpp"

namespace {

using namespace vedette::net;

void must(bool holds) {
  if (!holds) std::abort();
}

const Router& router() {
  static const Router made = [] {
    Router routes;
    for (const char* pattern : {"/", "/v1/alerts/{source}", "/v1/cases/{id}/evidence/{n}", "/assets/{path...}"}) {
      routes.add("GET", pattern, Target());
      routes.add("POST", pattern, Target());
    }
    return routes;
  }();
  return made;
}

constexpr size_t kHeader = 2048;
constexpr size_t kBody = 4096;

// What was seen, as text, so that two ways of reading can be compared.
std::vector<std::string> read_all(std::string_view bytes, size_t step) {
  MessageLimits limits;
  limits.header_bytes = kHeader;
  limits.body_bytes = kBody;
  RequestReader reader(limits);
  std::vector<std::string> seen;
  std::string pending;
  for (size_t at = 0; at < bytes.size();) {
    const size_t count = std::min(step, bytes.size() - at);
    pending += bytes.substr(at, count);
    at += count;
    for (;;) {
      const size_t used = reader.feed(pending);
      must(used <= pending.size());
      pending.erase(0, used);
      if (reader.failed() != 0) {
        seen.push_back("failed");
        return seen;
      }
      if (!reader.done()) break;
      (void)reader.keep_alive();
      HttpRequest request = reader.take();
      must(request.body.size() <= kBody);
      for (const auto& [name, value] : request.headers.all()) must(value.find('\n') == std::string::npos);
      if (split_target(request)) must(request.path.find('\0') == std::string::npos);
      (void)router().find(request);
      seen.push_back(request.method + " " + request.target + " " + request.body);
      reader.reset();
      if (pending.empty()) break;
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = read_all(bytes, bytes.size() + 1);
  const auto pieces = read_all(bytes, 7);
  // Where the bytes are refused may differ by the moment a limit is noticed; what was accepted before may not.
  const size_t common = std::min(whole.size(), pieces.size());
  for (size_t i = 0; i < common; ++i) {
    if (whole[i] == "failed" || pieces[i] == "failed") break;
    must(whole[i] == pieces[i]);
  }
  return 0;
}

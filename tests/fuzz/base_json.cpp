// Any bytes: what our reader takes is what nlohmann/json takes (but for names that stand twice and the limits), with the
// same content, and what is written reads back the same.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <nlohmann/json.hpp>

#include "bot/base/json.hpp"

using namespace vedette;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto ours = Json::parse(bytes);
  const auto theirs = nlohmann::json::parse(bytes, nullptr, false);
  if (!ours) {
    if (ours.error().message.starts_with("not valid JSON") && !theirs.is_discarded()) std::abort();
    return 0;
  }
  if (theirs.is_discarded() || ours->dump() != theirs.dump()) std::abort();
  const auto again = Json::parse(ours->dump());
  if (!again || again->dump() != ours->dump()) std::abort();
  return 0;
}

// Any bytes through the record reader and every event format.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bot/base/text.hpp"
#include "bot/intake/events/event_format.hpp"
#include "bot/intake/gzip.hpp"
#include "bot/intake/records.hpp"

using namespace vedette;
using namespace vedette::intake;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  GzipLimits limits;
  limits.bytes = 1 << 20;
  if (const auto unpacked = gunzip(bytes, limits); unpacked && unpacked->size() > limits.bytes) std::abort();
  auto reader = RecordReader::over(bytes, 4096);
  for (size_t records = 0; records <= size; ++records) {
    auto record = reader.next();
    if (!record && record.error().code != Code::too_large) return 0;
    if (record && !*record) return 0;
    if (!record) continue;
    const auto document = Json::parse((*record)->text);
    if (!document) continue;
    for (const auto& format : event_formats()) {
      const auto parsed = parse_events(format, "", *document);
      if (!parsed) continue;
      for (const auto& event : parsed->events) {
        if (event.id.empty() || event.dataset.empty() || !Json::parse(event.raw)) std::abort();
        for (const auto& [name, value] : event.fields) {
          if (value.empty() || value.size() > 4096 || !text::valid_utf8(value)) std::abort();
        }
      }
    }
  }
  std::abort();  // more records than bytes
}

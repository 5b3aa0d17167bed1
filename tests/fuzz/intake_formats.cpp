// Any bytes through every alert format, up to what would be stored.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bot/base/text.hpp"
#include "bot/intake/format.hpp"

using namespace vedette;
using namespace vedette::intake;

namespace {

const Mapping& mapping() {
  static const Mapping made = [] {
    Mapping m;
    m.title = "/title";
    m.time = "/time";
    m.severity = "/severity";
    m.rule = "/rule/id";
    m.techniques = "/tags";
    m.link = "/link";
    m.entities = {
        {EntityType::host, "/host"}, {EntityType::ip, "/ips"}, {EntityType::url, "/url"}, {EntityType::user, "/users"}};
    m.fields = {{"event.action", "/action"}};
    return m;
  }();
  return made;
}

void store(Result<Parsed> parsed, std::string_view format) {
  if (!parsed) return;
  if (parsed->alerts.size() != parsed->records.size()) std::abort();
  for (size_t i = 0; i < parsed->alerts.size(); ++i) {
    Alert& alert = parsed->alerts[i];
    complete(alert, parsed->records[i], "fuzz", format, from_micros(1795489200000000));
    if (alert.title.empty() || alert.rule.empty() || alert.dedup_key.empty() || alert.entities.size() > 200) std::abort();
    if (alert.time == Time{} || !text::valid_utf8(alert.title) || text::characters(alert.title) > 300) std::abort();
    if (!Json::parse(alert.raw)) std::abort();
    if (!alert.link.empty() && !alert.link.starts_with("http")) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto document = Json::parse({reinterpret_cast<const char*>(data), size});
  if (!document) return 0;
  for (const auto& format : formats()) {
    const bool recognised = format.recognise(*document);
    auto parsed = format.parse(*document);
    if (parsed && !recognised && !parsed->alerts.empty() && format.name != "suricata") std::abort();
    store(std::move(parsed), format.name);
  }
  store(parse_mapped(mapping(), *document), "mapped");
  return 0;
}

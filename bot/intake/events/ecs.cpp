// Records that use Elastic Common Schema names already, nested or dotted. Source: ECS reference, "Base fields" and "Event
// fields".

#include <array>

#include "bot/intake/events/event_format.hpp"
#include "bot/intake/reading.hpp"

namespace vedette::intake {

bool is_ecs_record(const Json& record) {
  if (!record["@timestamp"].exists()) return false;
  constexpr std::array<std::string_view, 16> kSets = {"event", "host",    "source", "destination", "user",  "process",
                                                      "file",  "ecs",     "url",    "dns",         "cloud", "agent",
                                                      "email", "network", "log",    "message"};
  for (const auto& [name, member] : record.members()) {
    for (const auto set : kSets) {
      if (name == set || (name.size() > set.size() && name.starts_with(set) && name[set.size()] == '.')) return true;
    }
  }
  return false;
}

Result<Event> parse_ecs(const Json& record) {
  Event event;
  flatten(record, "", event.fields, 400);
  const auto time = time_of(record["@timestamp"]);
  if (!time) return Error(Code::invalid_input, "an ECS record without a readable @timestamp");
  event.time = *time;
  event.fields.erase("@timestamp");
  event.id = std::string(get(event.fields, "event.id"));
  if (event.id.empty()) event.id = text_of(record["_id"]);
  if (event.id.empty()) event.id = digest_id(record);
  // What the log's indexes need, from fields that mean the same.
  const auto copy = [&](const char* to, const char* from) {
    const std::string value(get(event.fields, from));
    put_if_absent(event.fields, to, value);
  };
  copy("host.name", "host.hostname");
  copy("source.ip", "client.ip");
  copy("destination.ip", "server.ip");
  copy("url.full", "url.original");
  return event;
}

}  // namespace vedette::intake

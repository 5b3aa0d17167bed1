#pragma once
// Something an alert or a log is about. The value is normalised, so that equal things compare equal.

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vedette {

enum class EntityType { host, user, ip, domain, url, hash, mail, process, key, resource };

struct Entity {
  Entity() = default;
  Entity(EntityType entity_type, std::string normalised) : type(entity_type), value(std::move(normalised)) {}
  EntityType type = EntityType::host;
  std::string value;
  auto operator<=>(const Entity&) const = default;
};

std::string_view to_string(EntityType type);
std::optional<EntityType> entity_type_from(std::string_view name);

// Normalises (lower case where the type has none, no trailing dot, IPv6 in its short form, DOMAIN\user kept as user) and
// validates; nothing for an empty, over-long (512 bytes) or placeholder value ("-", "N/A", "unknown", "::").
std::optional<Entity> make_entity(EntityType type, std::string_view value);

// "ip:1.2.3.4". Reads the same back; a bare value gets the type it looks like (ip, hash, url, mail, key AKIA…, domain,
// host).
std::string to_text(const Entity& entity);
std::optional<Entity> parse_entity(std::string_view text);

// Loopback, private, link-local, shared, reserved or multicast (RFC 6890), so not a host on the internet. The documentation
// ranges (RFC 5737) count as external, which is what examples and tests use them for. False for what is not an address.
bool is_internal_ip(std::string_view address);
bool is_ip(std::string_view text);

// Adds unless already there.
void add_unique(std::vector<Entity>& entities, std::optional<Entity> entity);

}  // namespace vedette

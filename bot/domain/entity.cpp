#include "bot/domain/entity.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "bot/base/text.hpp"

namespace vedette {
namespace {

namespace ip = boost::asio::ip;

constexpr std::array<std::pair<EntityType, std::string_view>, 10> kTypes = {{
    {EntityType::host, "host"},
    {EntityType::user, "user"},
    {EntityType::ip, "ip"},
    {EntityType::domain, "domain"},
    {EntityType::url, "url"},
    {EntityType::hash, "hash"},
    {EntityType::mail, "mail"},
    {EntityType::process, "process"},
    {EntityType::key, "key"},
    {EntityType::resource, "resource"},
}};

bool is_placeholder(std::string_view value) {
  constexpr std::array<std::string_view, 14> kPlaceholders = {
      "-", "--", "n/a", "na", "none", "null", "(null)", "unknown", "undefined", "::", "0.0.0.0", "*", "?", "not available"};
  return std::any_of(kPlaceholders.begin(), kPlaceholders.end(), [&](auto word) { return text::iequals(word, value); });
}

std::optional<ip::address> address_of(std::string_view text) {
  // Most of what is asked about are names: told by a letter that no address has.
  if (text.find_first_not_of("0123456789abcdefABCDEF:.%") < text.find('%')) return std::nullopt;
  boost::system::error_code error;
  auto address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

bool all_hex(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

bool looks_like_hash(std::string_view text) {
  return (text.size() == 32 || text.size() == 40 || text.size() == 64) && all_hex(text);
}

bool looks_like_access_key(std::string_view text) {
  return text.size() >= 16 && text.size() <= 128 && (text.starts_with("AKIA") || text.starts_with("ASIA")) &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string_view::npos;
}

bool looks_like_domain(std::string_view text) {
  const size_t dot = text.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || text.size() - dot < 3) return false;
  const auto top = text.substr(dot + 1);
  const bool letters = std::all_of(top.begin(), top.end(), [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; });
  return letters && text.find_first_of(" /\\:@,;\"'") == std::string_view::npos;
}

std::string_view without_trailing_dot(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  return text;
}

// The scheme and host of a URL are the same in any case; the path is not.
std::string normalised_url(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url);
  const size_t path = std::min(url.find_first_of("/?#", scheme + 3), url.size());
  return text::lower(url.substr(0, path)) + std::string(url.substr(path));
}

std::string normalised_user(std::string_view value) {
  const size_t backslash = value.rfind('\\');
  if (backslash != std::string_view::npos) value.remove_prefix(backslash + 1);
  return text::lower(value);
}

}  // namespace

std::string_view to_string(EntityType type) {
  for (const auto& [value, name] : kTypes) {
    if (value == type) return name;
  }
  return "host";
}

std::optional<EntityType> entity_type_from(std::string_view name) {
  for (const auto& [value, word] : kTypes) {
    if (text::iequals(word, name)) return value;
  }
  return std::nullopt;
}

bool is_ip(std::string_view text) { return address_of(text).has_value(); }

std::optional<Entity> make_entity(EntityType type, std::string_view given) {
  constexpr size_t kLongest = 512;
  const std::string clean = text::displayable(text::trim(given));
  const std::string_view value = text::trim(clean);
  if (value.empty() || value.size() > kLongest || is_placeholder(value)) return std::nullopt;
  switch (type) {
    case EntityType::ip: {
      const auto address = address_of(value);
      if (!address || address->is_unspecified()) return std::nullopt;
      return Entity(type, address->to_string());
    }
    case EntityType::host:
    case EntityType::domain: {
      // A name is kept whole; an address given as a name is an address.
      if (is_ip(value)) return make_entity(EntityType::ip, value);
      return Entity(type, text::lower(without_trailing_dot(value)));
    }
    case EntityType::user: return Entity(type, normalised_user(value));
    case EntityType::hash:
      if (!all_hex(value)) return std::nullopt;
      return Entity(type, text::lower(value));
    case EntityType::mail:
      if (value.find('@') == std::string_view::npos) return std::nullopt;
      return Entity(type, text::lower(value));
    case EntityType::url: return Entity(type, normalised_url(value));
    case EntityType::process:
    case EntityType::key:
    case EntityType::resource: return Entity(type, std::string(value));
  }
  return std::nullopt;
}

std::string to_text(const Entity& entity) { return std::string(to_string(entity.type)) + ":" + entity.value; }

std::optional<Entity> parse_entity(std::string_view given) {
  const std::string_view value = text::trim(given);
  const size_t colon = value.find(':');
  if (colon != std::string_view::npos) {
    if (const auto type = entity_type_from(value.substr(0, colon))) return make_entity(*type, value.substr(colon + 1));
  }
  if (is_ip(value)) return make_entity(EntityType::ip, value);
  if (looks_like_hash(value)) return make_entity(EntityType::hash, value);
  if (looks_like_access_key(value)) return make_entity(EntityType::key, value);
  if (value.find("://") != std::string_view::npos) return make_entity(EntityType::url, value);
  if (value.find('@') != std::string_view::npos) return make_entity(EntityType::mail, value);
  if (value.starts_with("arn:")) return make_entity(EntityType::resource, value);
  if (looks_like_domain(value)) return make_entity(EntityType::domain, value);
  if (value.find(' ') != std::string_view::npos) return std::nullopt;
  return make_entity(EntityType::host, value);
}

bool is_internal_ip(std::string_view text) {
  const auto address = address_of(text);
  if (!address) return false;
  if (address->is_loopback() || address->is_multicast() || address->is_unspecified()) return true;
  if (address->is_v4()) {
    static const std::array<ip::network_v4, 9> kInternal = {
        ip::make_network_v4("10.0.0.0/8"),    ip::make_network_v4("172.16.0.0/12"),  ip::make_network_v4("192.168.0.0/16"),
        ip::make_network_v4("100.64.0.0/10"), ip::make_network_v4("169.254.0.0/16"), ip::make_network_v4("0.0.0.0/8"),
        ip::make_network_v4("192.0.0.0/24"),  ip::make_network_v4("240.0.0.0/4"),    ip::make_network_v4("127.0.0.0/8")};
    return std::any_of(kInternal.begin(), kInternal.end(), [&](const ip::network_v4& network) {
      return ip::network_v4(address->to_v4(), network.prefix_length()).canonical() == network.canonical();
    });
  }
  const auto bytes = address->to_v6().to_bytes();
  const bool unique_local = (bytes[0] & 0xFE) == 0xFC;
  return unique_local || address->to_v6().is_link_local();
}

void add_unique(std::vector<Entity>& entities, std::optional<Entity> entity) {
  if (!entity || std::find(entities.begin(), entities.end(), *entity) != entities.end()) return;
  entities.push_back(std::move(*entity));
}

}  // namespace vedette

#include "bot/intake/placing/joining_entities.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "bot/base/text.hpp"

namespace vedette::intake {
namespace {

template <size_t N>
bool among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool shared_account(std::string_view user) {
  constexpr std::array<std::string_view, 17> kAccounts = {
      "system", "local service", "network service", "anonymous logon", "root",    "administrator",
      "admin",  "guest",         "nobody",          "www-data",        "daemon",  "localsystem",
      "iusr",   "default",       "defaultaccount",  "service",         "everyone"};
  return among(kAccounts, user) || user.ends_with('$') || user.starts_with("dwm-") || user.starts_with("umfd-");
}

bool everyones_address(std::string_view address) {
  constexpr std::array<std::string_view, 8> kResolvers = {"8.8.8.8", "8.8.4.4",        "1.1.1.1",        "1.0.0.1",
                                                          "9.9.9.9", "208.67.222.222", "208.67.220.220", "149.112.112.112"};
  if (among(kResolvers, address)) return true;
  if (address.find(':') != std::string_view::npos) {
    return address == "::1" || address.starts_with("fe80:") || address.starts_with("ff");
  }
  if (address.starts_with("127.") || address.starts_with("169.254.") || address.starts_with("255.")) return true;
  const auto first = text::parse_integer(address.substr(0, address.find('.')));
  if (first && *first >= 224) return true;
  const auto last = text::parse_integer(address.substr(address.rfind('.') + 1));
  return is_internal_ip(address) && last && (*last <= 1 || *last >= 254);
}

bool empty_file(std::string_view hash) {
  constexpr std::array<std::string_view, 3> kEmpty = {"d41d8cd98f00b204e9800998ecf8427e",
                                                      "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                                                      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"};
  return among(kEmpty, hash);
}

bool broad_resource(std::string_view resource) {
  constexpr std::array<std::string_view, 6> kBroad = {"aws-account/", "cloud-account/", "namespace/",
                                                      "job/",         "app/",           "alertname/"};
  return std::any_of(kBroad.begin(), kBroad.end(), [&](auto prefix) { return resource.starts_with(prefix); });
}

}  // namespace

bool may_join(const Entity& entity) {
  switch (entity.type) {
    case EntityType::process: return false;
    case EntityType::user: return !shared_account(entity.value);
    case EntityType::ip: return !everyones_address(entity.value);
    case EntityType::host:
    case EntityType::domain: return entity.value != "localhost" && entity.value != "localhost.localdomain";
    case EntityType::hash: return !empty_file(entity.value);
    case EntityType::resource: return !broad_resource(entity.value);
    case EntityType::url:
    case EntityType::mail:
    case EntityType::key: return true;
  }
  return false;
}

std::vector<Entity> joining_entities(const Alert& alert) {
  constexpr size_t kMost = 40;
  std::vector<Entity> joining;
  for (const auto& entity : alert.entities) {
    if (joining.size() < kMost && may_join(entity)) joining.push_back(entity);
  }
  return joining;
}

}  // namespace vedette::intake

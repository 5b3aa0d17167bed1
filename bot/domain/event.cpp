#include "bot/domain/event.hpp"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "bot/base/text.hpp"

namespace vedette {

std::string_view Event::get(std::string_view field) const {
  const auto found = fields.find(std::string(field));
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

const std::vector<std::string_view>& indexed_fields() {
  static const std::vector<std::string_view> fields = {
      "host.name",          "user.name",        "user.target.name",   "source.ip",
      "destination.ip",     "event.action",     "event.category",     "event.code",
      "event.outcome",      "process.name",     "process.executable", "process.parent.name",
      "file.path",          "file.hash.sha256", "dns.question.name",  "url.domain",
      "email.from.address", "email.to.address", "cloud.account.id",   "aws.cloudtrail.user_identity.access_key_id",
      "user_agent.original"};
  return fields;
}

const std::vector<std::string_view>& fields_of(EntityType type) {
  static const std::vector<std::string_view> host = {"host.name", "host.hostname", "destination.domain"};
  static const std::vector<std::string_view> user = {"user.name", "user.target.name", "user.effective.name"};
  static const std::vector<std::string_view> ip = {"source.ip", "destination.ip", "host.ip", "client.ip", "server.ip"};
  static const std::vector<std::string_view> domain = {"dns.question.name", "url.domain", "destination.domain",
                                                       "tls.client.server_name"};
  static const std::vector<std::string_view> url = {"url.full", "url.original"};
  static const std::vector<std::string_view> hash = {"file.hash.sha256",    "file.hash.sha1",    "file.hash.md5",
                                                     "process.hash.sha256", "process.hash.sha1", "process.hash.md5"};
  static const std::vector<std::string_view> mail = {"email.from.address", "email.to.address", "user.email"};
  static const std::vector<std::string_view> process = {"process.name", "process.executable"};
  static const std::vector<std::string_view> key = {"aws.cloudtrail.user_identity.access_key_id"};
  static const std::vector<std::string_view> resource = {"cloud.resource.id", "cloud.instance.id"};
  switch (type) {
    case EntityType::host: return host;
    case EntityType::user: return user;
    case EntityType::ip: return ip;
    case EntityType::domain: return domain;
    case EntityType::url: return url;
    case EntityType::hash: return hash;
    case EntityType::mail: return mail;
    case EntityType::process: return process;
    case EntityType::key: return key;
    case EntityType::resource: return resource;
  }
  return host;
}

namespace {

// What a field's values are, and where they stand in the order of a case's entities.
struct Role {
  size_t rank;
  EntityType type;
};

const std::unordered_multimap<std::string_view, Role>& entity_fields() {
  static const auto table = [] {
    std::unordered_multimap<std::string_view, Role> roles;
    for (const auto type :
         {EntityType::host, EntityType::user, EntityType::ip, EntityType::domain, EntityType::url, EntityType::hash,
          EntityType::mail, EntityType::key, EntityType::resource, EntityType::process}) {
      for (const auto field : fields_of(type)) roles.emplace(field, Role{roles.size(), type});
    }
    return roles;
  }();
  return table;
}

}  // namespace

std::vector<Entity> entities_of(const std::map<std::string, std::string>& fields) {
  struct Found {
    size_t rank;
    EntityType type;
    const std::string* values;
  };
  std::vector<Found> found;
  found.reserve(fields.size());
  const auto& roles = entity_fields();
  for (const auto& [name, values] : fields) {
    const auto [first, last] = roles.equal_range(name);
    for (auto role = first; role != last; ++role) found.push_back({role->second.rank, role->second.type, &values});
  }
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.rank < b.rank; });
  std::vector<Entity> entities;
  for (const auto& [rank, type, values] : found) {
    for (const auto& value : text::split(*values, ',')) add_unique(entities, make_entity(type, value));
  }
  return entities;
}

std::string_view to_string(Op op) {
  switch (op) {
    case Op::equals: return "=";
    case Op::not_equals: return "!=";
    case Op::any_of: return "in";
    case Op::prefix: return "starts with";
    case Op::contains: return "contains";
    case Op::exists: return "exists";
    case Op::missing: return "is missing";
    case Op::cidr: return "in network";
  }
  return "=";
}

namespace {

std::string to_text(const Condition& condition) {
  if (condition.op == Op::exists || condition.op == Op::missing) {
    return fmt::format("{} {}", condition.field, to_string(condition.op));
  }
  std::vector<std::string> values;
  values.reserve(condition.values.size());
  for (const auto& value : condition.values) values.push_back(fmt::format("\"{}\"", value));
  const std::string list = values.size() == 1 ? values.front() : "(" + text::join(values, ", ") + ")";
  return fmt::format("{} {} {}", condition.field, to_string(condition.op), list);
}

}  // namespace

std::string to_text(const EventQuery& query) {
  std::vector<std::string> parts;
  if (!query.dataset.empty()) parts.push_back("dataset:" + query.dataset);
  for (const auto& condition : query.all) parts.push_back(to_text(condition));
  if (!query.any.empty()) {
    std::vector<std::string> alternatives;
    alternatives.reserve(query.any.size());
    for (const auto& condition : query.any) alternatives.push_back(to_text(condition));
    parts.push_back(alternatives.size() == 1 ? alternatives.front() : "(" + text::join(alternatives, " or ") + ")");
  }
  if (!query.text.empty()) parts.push_back(fmt::format("text \"{}\"", query.text));
  std::string line = parts.empty() ? "everything" : text::join(parts, " and ");
  if (!query.group_by.empty()) line += " by " + query.group_by;
  return line;
}

}  // namespace vedette

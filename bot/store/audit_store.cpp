#include "bot/store/audit_store.hpp"

#include "bot/base/crypto.hpp"

namespace vedette {

namespace {
void add_part(std::string& bytes, std::string_view part) {
  bytes += std::to_string(part.size());
  bytes += ':';
  bytes += part;
}
}  // namespace

// The order of the parts is part of the format: previous, sequence, at, actor, identity, action, subject, detail, cause;
// the sequence in decimal, the time as RFC 3339 in UTC (to_rfc3339).
std::string audit_hash(const AuditRow& row) {
  std::string bytes;
  add_part(bytes, row.previous);
  add_part(bytes, std::to_string(row.sequence));
  add_part(bytes, to_rfc3339(row.at));
  add_part(bytes, row.entry.actor);
  add_part(bytes, row.entry.identity);
  add_part(bytes, row.entry.action);
  add_part(bytes, row.entry.subject);
  add_part(bytes, row.entry.detail);
  add_part(bytes, row.entry.cause);
  return crypto::sha256_hex(bytes);
}

}  // namespace vedette

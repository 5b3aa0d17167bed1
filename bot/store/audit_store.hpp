#pragma once
// Append-only record of who did what, chained: hash = SHA-256(previous hash ‖ the row's fields). Anyone can verify it
// offline. Rows cut off at the end leave a sound chain: to notice that, compare with a hash that was kept elsewhere.

#include <cstdint>
#include <string>
#include <vector>

#include "bot/base/async.hpp"

namespace vedette {

struct AuditEntry {
  std::string actor;     // Person::id, "vedette", or "system"
  std::string identity;  // Identity::text() of the actor at that moment; may be empty
  std::string action;    // "case.ack", "action.approve", "verdict", ...
  std::string subject;   // "C-12", "R-3"
  std::string detail;    // JSON object; never a secret
  std::string cause;  // key of the interaction that led here; a second row with the same (cause, action, subject) is refused
                      // with `conflict` and the whole transaction undone: a redelivered click changes nothing. May be empty.
};

struct AuditRow {
  int64_t sequence = 0;  // 1, 2, 3, … without a gap
  Time at;
  AuditEntry entry;
  std::string previous;  // hex; 64 zeros for the first
  std::string hash;      // hex
};

// The hash of a row, as stored: SHA-256 over the previous hash and each field, every part preceded by its length in decimal
// and ':'.
std::string audit_hash(const AuditRow& row);

struct AuditCheck {
  bool intact = true;
  int64_t rows = 0;
  int64_t first_bad = 0;  // sequence of the first row that does not fit
  std::string reason;
};

class AuditStore {
 public:
  virtual ~AuditStore() = default;
  virtual Async<void> append(AuditEntry entry) = 0;
  virtual Async<std::vector<AuditRow>> rows(int64_t after, size_t limit) = 0;
  virtual Async<AuditCheck> verify() = 0;
};

}  // namespace vedette

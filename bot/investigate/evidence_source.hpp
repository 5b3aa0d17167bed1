#pragma once
// The port through which questions reach a store of records.

#include <string>

#include "bot/base/async.hpp"
#include "bot/domain/event.hpp"

namespace vedette::investigate {

class EvidenceSource {
 public:
  virtual ~EvidenceSource() = default;
  virtual std::string name() const = 0;  // "event log"
  // An Error becomes a line in "not checked"; it never stops the case.
  virtual Async<EventResult> query(EventQuery query, Deadline deadline) = 0;
};

}  // namespace vedette::investigate

#pragma once
// The built-in event log as an evidence source.

#include "bot/investigate/evidence_source.hpp"
#include "bot/store/event_store.hpp"

namespace vedette::investigate {

class EventLogSource final : public EvidenceSource {
 public:
  // `log` must outlive this.
  explicit EventLogSource(EventStore& log) : log_(log) {}
  std::string name() const override { return "event log"; }
  Async<EventResult> query(EventQuery query, Deadline deadline) override;

 private:
  EventStore& log_;
};

}  // namespace vedette::investigate

#pragma once
#include <chrono>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/domain/case.hpp"

namespace vedette {

struct AcceptedAlert {
  AlertId id;
  bool duplicate = false;  // this source sent it before; `id` is the first one
};

// received = investigated + merged + suppressed + queued + failed, at any moment.
struct Coverage {
  int64_t received = 0;
  int64_t investigated = 0;
  int64_t merged = 0;
  int64_t suppressed = 0;
  int64_t queued = 0;
  int64_t failed = 0;
};

class AlertStore {
 public:
  virtual ~AlertStore() = default;
  // Records alerts as `queued`, all or none. (source, dedup_key) is unique.
  virtual Async<std::vector<AcceptedAlert>> accept(std::vector<Alert> alerts) = 0;
  // Queued alerts that belong to no case yet, oldest first.
  virtual Async<std::vector<Alert>> unplaced(size_t limit) = 0;
  virtual Async<Alert> get(AlertId id) = 0;
  // Cases not closed that share one of the entities with an alert no older than `since`; newest first. For joining.
  virtual Async<std::vector<Case>> joinable(std::vector<Entity> entities, Time since) = 0;
  // Opens a case for the alert (which stays `queued` until the verdict) and queues its investigation. One transaction.
  // conflict when the alert has a case already.
  virtual Async<CaseId> open_case(AlertId id) = 0;
  // Adds the alert to the case as `merged`, adds its entities, raises the case's severity to the alert's if that is higher,
  // and queues the investigation again. conflict when the alert has a case already or the case was closed meanwhile.
  virtual Async<void> join_case(AlertId id, CaseId into) = 0;
  virtual Async<void> suppress(AlertId id, std::string reason) = 0;
  // For an alert that nothing else can be done with. conflict when it has a case or ended already.
  virtual Async<void> fail(AlertId id, std::string reason) = 0;
  virtual Async<Coverage> coverage() = 0;
  virtual Async<Coverage> coverage_since(Time received) = 0;  // of the alerts received at that time or later
};

}  // namespace vedette

#pragma once
#include <vector>

#include "bot/base/async.hpp"
#include "bot/domain/event.hpp"

namespace vedette {

// The built-in event log: indexed ECS fields plus full text.
class EventStore {
 public:
  virtual ~EventStore() = default;
  // Durable when it returns; (dataset, id) is unique, repeats are ignored. Answers how many were new.
  virtual Async<int64_t> append(std::vector<Event> events) = 0;
  // Runs on a reading thread of its own: a slow query does not hold up writes. timeout when the deadline passes.
  virtual Async<EventResult> query(EventQuery query, Deadline deadline) = 0;
  virtual Async<int64_t> count() = 0;
  // First and last time of what is stored, per dataset: what a "not seen before" answer rests on.
  struct Span {
    std::string dataset;
    int64_t events = 0;
    Time first;
    Time last;
  };
  virtual Async<std::vector<Span>> spans() = 0;
};

}  // namespace vedette

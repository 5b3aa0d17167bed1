#include "bot/investigate/event_log_source.hpp"

namespace vedette::investigate {

Async<EventResult> EventLogSource::query(EventQuery query, Deadline deadline) {
  co_return co_await log_.query(std::move(query), deadline);
}

}  // namespace vedette::investigate

#include "bot/store/outbox_store.hpp"

namespace vedette {

std::string_view to_string(DeliveryState state) {
  switch (state) {
    case DeliveryState::queued: return "queued";
    case DeliveryState::sending: return "sending";
    case DeliveryState::sent: return "sent";
    case DeliveryState::unknown: return "unknown";
    case DeliveryState::failed: return "failed";
  }
  return "unknown";
}

}  // namespace vedette

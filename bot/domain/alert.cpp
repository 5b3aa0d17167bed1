#include "bot/domain/alert.hpp"

namespace vedette {

std::string_view to_string(AlertState state) {
  switch (state) {
    case AlertState::queued: return "queued";
    case AlertState::investigated: return "investigated";
    case AlertState::merged: return "merged";
    case AlertState::suppressed: return "suppressed";
    case AlertState::failed: return "failed";
  }
  return "queued";
}

}  // namespace vedette

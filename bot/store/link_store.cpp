#include "bot/store/link_store.hpp"

namespace vedette {

std::string_view to_string(LinkState state) {
  switch (state) {
    case LinkState::offered: return "offered";
    case LinkState::used: return "used";
    case LinkState::linked: return "linked";
    case LinkState::refused: return "refused";
    case LinkState::withdrawn: return "withdrawn";
  }
  return "withdrawn";
}

std::string_view to_string(LinkTry::Outcome outcome) {
  switch (outcome) {
    case LinkTry::Outcome::good: return "good";
    case LinkTry::Outcome::again: return "again";
    case LinkTry::Outcome::wrong: return "wrong";
    case LinkTry::Outcome::spent: return "spent";
    case LinkTry::Outcome::expired: return "expired";
    case LinkTry::Outcome::paused: return "paused";
  }
  return "wrong";
}

}  // namespace vedette

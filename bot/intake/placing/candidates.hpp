#pragma once
// Asks the store which open cases an alert might join.

#include <vector>

#include "bot/base/async.hpp"
#include "bot/intake/placing/choose.hpp"
#include "bot/store/store.hpp"

namespace vedette::intake {

// Cases not closed that share a joining entity in the window, or the alert's subject at any time.
Async<std::vector<Candidate>> find_candidates(Store& store, Alert alert, PlacingOptions options);

}  // namespace vedette::intake

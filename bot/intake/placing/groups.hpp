#pragma once
// Cuts a batch of alerts into groups that cannot meet in one case through what they carry: no entity stands in two groups.
// Alerts of a group are placed one after the other, groups at the same time, so that their commits share an fsync. Pure.

#include <vector>

#include "bot/domain/alert.hpp"

namespace vedette::intake {

// Within a group the order of the batch is kept; groups are ordered by their first alert.
std::vector<std::vector<Alert>> independent_groups(std::vector<Alert> batch);

}  // namespace vedette::intake

#pragma once
// The ordinary weeks of the simulated company: what its logs hold when nothing is wrong.

#include <vector>

#include "bot/app/demo/company.hpp"

namespace vedette::app::demo {

// Records of the `days` before `now`, oldest first: sign-ins, programs, web, mail, deployments, backups, scans.
std::vector<Record> ordinary_activity(const Company& company, uint64_t seed, Time now, int days);

}  // namespace vedette::app::demo

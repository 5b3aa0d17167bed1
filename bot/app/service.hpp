#pragma once
// Runs an App until it is told to stop by SIGINT or SIGTERM.

#include <chrono>
#include <functional>

#include "bot/app/app.hpp"

namespace vedette::app {

// `started` is called once everything runs, with the App; a job it returns runs beside it and may be null.
// Answers the exit code. What has not ended `stop_within` after the signal is left behind: the process ends without it.
int run_service(Config config, const std::function<void(App&, TaskGroup&)>& started,
                std::chrono::milliseconds stop_within = std::chrono::seconds(10));

}  // namespace vedette::app

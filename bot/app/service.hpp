#pragma once
// Runs an App until it is told to stop by SIGINT or SIGTERM.

#include <functional>

#include "bot/app/app.hpp"

namespace vedette::app {

// `started` is called once everything runs, with the App; a job it returns runs beside it and may be null.
// Answers the exit code.
int run_service(Config config, const std::function<void(App&, TaskGroup&)>& started);

}  // namespace vedette::app

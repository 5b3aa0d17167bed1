#pragma once
// The command line. Answers the exit code: 0 ok, 1 found wanting, 2 usage or configuration.

namespace vedette::app {

int run_cli(int argc, char** argv);

}  // namespace vedette::app

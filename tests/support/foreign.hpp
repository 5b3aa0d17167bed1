#pragma once
// The npm packages of tests/foreign: programs by others that tests run. Installed when first needed.

#include <filesystem>
#include <optional>
#include <string>

namespace vedette::test {

struct Foreign {
  std::filesystem::path folder;  // tests/foreign, with node_modules
  std::string why_not;           // a sentence for GTEST_SKIP when they cannot be had; empty: they are there
};

// Runs `npm ci` without install scripts where that was not done for this package-lock.json; one process at a time.
Foreign foreign_packages();

}  // namespace vedette::test

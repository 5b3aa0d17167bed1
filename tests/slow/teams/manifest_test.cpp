// Does Teams take the app package? Microsoft's schemas of the npm package @microsoft/app-manifest judge it.

#include <gtest/gtest.h>

#include "tests/support/files.hpp"
#include "tests/support/foreign.hpp"
#include "tests/support/process.hpp"

namespace vedette::test {
namespace {

TEST(TeamsManifest, fits_microsofts_schema) {
  const Foreign foreign = foreign_packages();
  if (!foreign.why_not.empty()) GTEST_SKIP() << foreign.why_not;
  TempDir folder;
  const std::string package = folder.file("vedette-teams.zip");
  Process vedette(
      {VEDETTE_BINARY, "manifest", "teams", "--app-id", "0e9c0e9c-1111-4222-8333-0123456789ab", "--output", package},
      folder.file("vedette.log"));
  EXPECT_NE(vedette.rest_of_output().find("for Teams"), std::string::npos);
  ASSERT_EQ(vedette.wait(), 0) << read_file(folder.file("vedette.log"));
  const std::string log = folder.file("node.log");
  Process node({"/usr/bin/env", "node", (foreign.folder / "teams" / "manifest.mjs").string(), package}, log);
  const std::string said = node.rest_of_output(std::chrono::minutes(1));
  EXPECT_EQ(node.wait(), 0) << said << read_file(log);
  EXPECT_NE(said.find("holds: "), std::string::npos);
  std::fputs(said.c_str(), stdout);
}

}  // namespace
}  // namespace vedette::test

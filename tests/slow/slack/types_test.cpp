// Do Slack's own types accept what Vedette sends? Every golden message and view goes through the TypeScript compiler.

#include <gtest/gtest.h>

#include "tests/support/files.hpp"
#include "tests/support/foreign.hpp"
#include "tests/support/process.hpp"

namespace vedette::test {
namespace {

TEST(SlackTypes, every_golden_message_and_view_has_the_types_of_slack) {
  const Foreign foreign = foreign_packages();
  if (!foreign.why_not.empty()) GTEST_SKIP() << foreign.why_not;
  TempDir folder;
  const std::string log = folder.file("node.log");
  Process node({"/usr/bin/env", "node", (foreign.folder / "slack/types.mjs").string(), VEDETTE_SOURCE_DIR "/tests/golden"},
               log);
  const std::string said = node.rest_of_output(std::chrono::minutes(3));
  EXPECT_EQ(node.wait(), 0) << said << read_file(log);
  EXPECT_NE(said.find("messages and views have the types of Slack"), std::string::npos) << said;
  std::fputs(said.c_str(), stdout);
}

}  // namespace
}  // namespace vedette::test

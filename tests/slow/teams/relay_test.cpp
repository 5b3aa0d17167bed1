// Is the fake relay honest? hyco-https, Microsoft's own listener, which knows nothing of Vedette, listens on it.

#include <gtest/gtest.h>

#include "tests/support/files.hpp"
#include "tests/support/foreign.hpp"
#include "tests/support/process.hpp"

namespace vedette::test {
namespace {

TEST(TeamsRelayClients, microsofts_listener_works_with_the_fake_relay) {
  const Foreign foreign = foreign_packages();
  if (!foreign.why_not.empty()) GTEST_SKIP() << foreign.why_not;
  TempDir folder;
  const std::string fake_log = folder.file("fake.log");
  Process fake({std::string(VEDETTE_FAKES_DIR) + "/fake_relay", "--port", "0"}, fake_log);
  const auto port = fake.wait_for_line("port=");
  ASSERT_TRUE(port.has_value()) << read_file(fake_log);
  const std::string log = folder.file("node.log");
  Process node({"/usr/bin/env", "node", (foreign.folder / "teams/relay.mjs").string(), "http://127.0.0.1:" + *port}, log);
  const std::string said = node.rest_of_output(std::chrono::minutes(1));
  EXPECT_EQ(node.wait(), 0) << said << read_file(log);
  EXPECT_NE(said.find("holds: forty requests"), std::string::npos) << said << read_file(log);
  std::fputs(said.c_str(), stdout);
  EXPECT_EQ(fake.terminate(), 0) << read_file(fake_log);  // it saw nothing that Azure Relay would not stand
}

}  // namespace
}  // namespace vedette::test

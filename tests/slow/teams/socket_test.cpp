// Is the fake Socket Mode service honest? Microsoft's SignalR client, which knows nothing of Vedette, is run against it.

#include <gtest/gtest.h>

#include "tests/support/files.hpp"
#include "tests/support/foreign.hpp"
#include "tests/support/process.hpp"

namespace vedette::test {
namespace {

TEST(TeamsClients, microsofts_signalr_client_works_with_the_fake_socket_service) {
  const Foreign foreign = foreign_packages();
  if (!foreign.why_not.empty()) GTEST_SKIP() << foreign.why_not;
  TempDir folder;
  const std::string program = std::string(VEDETTE_FAKES_DIR) + "/fake_teams_socket";
  Process fake({program, "--token", "bot-token", "--ping", "300"}, folder.file("fake.log"));
  const auto port = fake.wait_for_line("port=");
  ASSERT_TRUE(port.has_value()) << read_file(folder.file("fake.log"));
  const std::string log = folder.file("node.log");
  const std::string script = (foreign.folder / "teams/socket.mjs").string();
  Process node({"/usr/bin/env", "node", script, "http://127.0.0.1:" + *port}, log);
  const std::string said = node.rest_of_output(std::chrono::minutes(2));
  EXPECT_EQ(node.wait(), 0) << said << read_file(log);
  EXPECT_NE(said.find("nothing against"), std::string::npos);
  std::fputs(said.c_str(), stdout);
  EXPECT_EQ(fake.terminate(), 0);
}

}  // namespace
}  // namespace vedette::test

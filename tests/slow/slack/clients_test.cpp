// Is the fake Slack honest? Slack's own JavaScript clients, which know nothing of Vedette, are run against it. Where one of
// them disagrees with the fake, the fake is wrong.

#include <gtest/gtest.h>

#include "tests/support/files.hpp"
#include "tests/support/foreign.hpp"
#include "tests/support/process.hpp"

namespace vedette::test {
namespace {

// Runs tests/foreign/slack/SCRIPT against a fresh fake.
void run_script(const std::string& script) {
  const Foreign foreign = foreign_packages();
  if (!foreign.why_not.empty()) GTEST_SKIP() << foreign.why_not;
  TempDir folder;
  const std::string program = std::string(VEDETTE_FAKES_DIR) + "/fake_slack";
  Process fake({program, "--retry-after", "1500"}, folder.file("fake.log"));
  const auto port = fake.wait_for_line("port=");
  ASSERT_TRUE(port.has_value()) << read_file(folder.file("fake.log"));
  const std::string log = folder.file("node.log");
  Process node({"/usr/bin/env", "node", (foreign.folder / "slack" / script).string(), "http://127.0.0.1:" + *port}, log);
  const std::string said = node.rest_of_output(std::chrono::minutes(3));
  EXPECT_EQ(node.wait(), 0) << said << read_file(log);
  EXPECT_NE(said.find("holds: "), std::string::npos);
  std::fputs(said.c_str(), stdout);
  EXPECT_EQ(fake.terminate(), 0);
}

TEST(SlackClients, the_web_client_of_slack_works_with_the_fake) { run_script("web_api.mjs"); }
TEST(SlackClients, the_streams_of_slacks_web_client_work_with_the_fake) { run_script("streams.mjs"); }
TEST(SlackClients, the_socket_mode_client_of_slack_works_with_the_fake) { run_script("socket_mode.mjs"); }
TEST(SlackClients, a_bot_made_with_bolt_works_with_the_fake) { run_script("bolt.mjs"); }

}  // namespace
}  // namespace vedette::test

// Is the fake Microsoft honest, and do we judge as Microsoft does? Its own libraries, which know nothing of Vedette, are run
// against the fake: where they disagree with it, it is wrong; where they disagree with us, it is by intent and stands here.

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bot/net/url.hpp"
#include "integrations/teams/trust.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/client_certificate.hpp"
#include "tests/support/files.hpp"
#include "tests/support/foreign.hpp"
#include "tests/support/process.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;

constexpr const char* kService = "https://smba.trafficmanager.net/amer/";

// Our verdicts on the table of the running fake.
std::map<std::string, int> judge_table(const std::string& url) {
  static std::map<std::string, int> verdicts;
  static std::string at;
  verdicts.clear();
  at = url;
  run_async([](Executor io) -> Job {
    const auto http = net::make_http_client(io, {});
    const auto deadline = Deadline::after(std::chrono::seconds(20));
    net::HttpRequest request("GET", at + "/test/tokens?service_url=" + net::percent_encode(kService));
    const auto answer = co_await http->send(std::move(request), deadline);
    CO_ASSERT_OK(answer);
    const json table = json::parse(answer->body);
    teams::TeamsOptions options;
    options.app_id = table["app"];
    options.tenant = table["tenant"];
    options.cloud.openid_url = at + "/v1/.well-known/openidconfiguration";
    const auto trust = teams::make_trust(io, *http, system_clock(), options);
    for (const auto& row : table["tokens"]) {
      const std::string authorization = row["authorization"];
      const teams::ClaimedOrigin origin{"msteams", kService, options.tenant};
      const auto checked = co_await trust->check(authorization, origin, deadline);
      const int status = checked ? 200 : net::http_status_of(checked.error().code);
      verdicts[row["name"]] = status;
      EXPECT_EQ(status, row["status"].get<int>()) << row["name"];
    }
  });
  return verdicts;
}

TEST(TeamsClients, microsofts_libraries_agree_with_the_fake_and_with_us) {
  const Foreign foreign = foreign_packages();
  if (!foreign.why_not.empty()) GTEST_SKIP() << foreign.why_not;
  TempDir folder;
  const auto certificate = make_client_certificate();
  write_file(folder.file("app.pem"), certificate.certificate);
  write_file(folder.file("app.key"), certificate.key);
  const std::string header = "header-of-this-test";
  const std::string program = std::string(VEDETTE_FAKES_DIR) + "/fake_microsoft";
  Process fake({program, "--certificate", folder.file("app.pem"), "--identity-header", header}, folder.file("fake.log"));
  const auto port = fake.wait_for_line("port=");
  ASSERT_TRUE(port.has_value()) << read_file(folder.file("fake.log"));
  const std::string url = "http://127.0.0.1:" + *port;
  const std::string log = folder.file("node.log");
  Process node({"/usr/bin/env", "node", (foreign.folder / "teams/tokens.mjs").string(), url, kService,
                folder.file("app.pem"), folder.file("app.key"), header},
               log);
  const std::string said = node.rest_of_output(std::chrono::minutes(3));
  EXPECT_EQ(node.wait(), 0) << said << read_file(log);
  EXPECT_NE(said.find("holds: Azure Identity gets a token from a machine's metadata service"), std::string::npos);

  // What we refuse and the SDK takes: it knows no end that has to be, no list of channels that has to be, no bounds.
  std::set<std::string> stricter = {"no exp",
                                    "no nbf",
                                    "exp beyond all time",
                                    "a key without endorsements",
                                    "an extension that must be understood",
                                    "a claim twice",
                                    "longer than any token",
                                    "claims too deep to read"};
  // What we take and the SDK refuses: Microsoft's other SDKs (teams.ts) do not look at case and the last slash either.
  std::set<std::string> kinder = {"the service address without its slash"};
  const auto ours = judge_table(url);
  std::istringstream lines(said);
  std::string line;
  size_t compared = 0;
  while (std::getline(lines, line)) {
    constexpr std::string_view kVerdict = "verdict ";
    if (!line.starts_with(kVerdict)) {
      if (line.starts_with("holds: ")) std::puts(line.c_str());
      continue;
    }
    const bool sdk = line.substr(kVerdict.size(), 3) == "200";
    const std::string name = line.substr(kVerdict.size() + 4);
    ASSERT_TRUE(ours.contains(name)) << name;
    const bool us = ours.at(name) == 200;
    if (stricter.erase(name) > 0) {
      EXPECT_TRUE(sdk && !us) << name;
    } else if (kinder.erase(name) > 0) {
      EXPECT_TRUE(!sdk && us) << name;
    } else {
      EXPECT_EQ(us, sdk) << name;
    }
    ++compared;
  }
  EXPECT_EQ(compared, ours.size());
  EXPECT_TRUE(stricter.empty() && kinder.empty());
  std::printf("%zu tokens judged by both\n", compared);
  EXPECT_EQ(fake.terminate(), 0);
}

}  // namespace
}  // namespace vedette::test

// Every token of the public corpus, judged by us and by Microsoft's own SDK (its verdicts are in oracle.txt).

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "integrations/teams/trust.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/files.hpp"

namespace vedette::teams {
namespace {

using nlohmann::json;
using test::corpus;
using test::kNoCorpus;

// Serves the corpus' keys as Microsoft would.
class KeyServer final : public net::HttpClient {
 public:
  explicit KeyServer(std::string keys) : keys_(std::move(keys)) {}
  Async<net::HttpResponse> send(net::HttpRequest request, Deadline) override {
    if (request.target == "https://login.botframework.com/v1/.well-known/openidconfiguration") {
      co_return net::HttpResponse(200, "application/json", test::read_file(*corpus() / "teams/openid_metadata.json"));
    }
    EXPECT_EQ(request.target, "https://login.botframework.com/v1/.well-known/keys");
    co_return net::HttpResponse(200, "application/json", keys_);
  }

 private:
  std::string keys_;
};

Job judge_all(Executor io) {
  const auto folder = *corpus() / "teams/jwt";
  const json content = json::parse(test::read_file(folder / "corpus.json"));
  KeyServer http(content["jwks"].dump());
  test::FakeClock clock(from_micros(content["now"].get<int64_t>() * 1'000'000));
  TeamsOptions options;
  options.app_id = content["aud"];
  options.tenant = "t";
  const auto trust = make_trust(io, http, clock, options);
  // Where we differ, and why: no token is good for ever; a slash makes no other address; a good token of the wrong channel
  // is forbidden, not unknown.
  const std::map<std::string, int> deviations = {{"no_exp", 401}, {"su_noslash", 200}, {"not_endorsed", 403}};
  std::istringstream oracle(test::read_file(folder / "oracle.txt"));
  std::string line;
  size_t judged = 0;
  while (std::getline(oracle, line)) {
    std::istringstream words(line);
    std::string name;
    std::string verdict;
    words >> name >> verdict;
    const std::string token = content["tokens"].at(name);
    ClaimedOrigin origin{"msteams", content["serviceUrl"], "t"};
    const auto deadline = Deadline::after(std::chrono::seconds(5));
    const auto checked = co_await trust->check("Bearer " + token, std::move(origin), deadline);
    const int status = checked ? 200 : net::http_status_of(checked.error().code);
    const auto deviation = deviations.find(name);
    const int expected = deviation != deviations.end() ? deviation->second : verdict == "ACCEPT" ? 200 : 401;
    EXPECT_EQ(status, expected) << name << (checked ? "" : ": " + checked.error().message);
    ++judged;
  }
  EXPECT_EQ(judged, content["tokens"].size());
  EXPECT_EQ(judged, 21U);
}

TEST(TeamsTokenCorpus, is_judged_as_microsofts_sdk_does_but_for_three_tokens) {
  if (!corpus()) GTEST_SKIP() << kNoCorpus;
  test::run_async(judge_all);
}

}  // namespace
}  // namespace vedette::teams

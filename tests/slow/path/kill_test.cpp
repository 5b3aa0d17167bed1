// Vedette is killed at random moments while alerts come in and messages go out. Whatever was accepted must have a case with
// a verdict, and each case exactly one message in Slack. VEDETTE_KILLS changes the number of kills (200), VEDETTE_SEED the
// moments.

#include <csignal>
#include <random>

#include <gtest/gtest.h>

#include "tests/fakes/fake_slack.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/bot.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;
constexpr int kAlerts = 300;

int number_from(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::atoi(text);
}

struct Campaign {
  explicit Campaign(Executor io)
      : slack(io, FakeSlackOptions()), client(net::make_http_client(io, {})), jobs(io, "campaign") {}
  TempDir folder;
  FakeSlack slack;
  std::unique_ptr<net::HttpClient> client;
  TaskGroup jobs;
  BotOptions options;
  std::unique_ptr<Bot> bot;
  std::map<std::string, int> accepted;  // alert id → number of the alert
  int kills = 0;
  bool sending = true;
};

// A sender as detectors are: sends each alert until somebody answers 202.
Job send_all(Campaign& campaign) {
  for (int number = 1; number <= kAlerts;) {
    std::string body = wazuh_alert(number);
    const auto answer =
        co_await post(*campaign.client, "http://127.0.0.1:" + std::to_string(campaign.options.port) + "/v1/alerts/wazuh",
                      kSourceToken, std::move(body));
    if (answer && answer->status == 202) {
      const json said = json::parse(answer->body);
      campaign.accepted[said["accepted"][0]["id"].get<std::string>()] = number++;
    } else {
      co_await sleep_for(std::chrono::milliseconds(10));
    }
    // Spread over the kills, so that they meet every stage.
    co_await sleep_for(std::chrono::milliseconds(60));
  }
  campaign.sending = false;
}

Job kill_many(Campaign& campaign, int kills, uint32_t seed) {
  std::mt19937 random(seed);
  for (; campaign.kills < kills; ++campaign.kills) {
    // Slack keeps the next message and is slow to say so: the kill may fall between the two.
    FakeFault slow;
    slow.method = "chat.postMessage";
    slow.kind = "store_then_hang";
    slow.hold = std::chrono::milliseconds(300);
    campaign.slack.add_fault(slow);
    const int lived = static_cast<int>(random() % 350);
    co_await sleep_for(std::chrono::milliseconds(lived));
    campaign.bot->process().signal(SIGKILL);
    campaign.bot->process().wait();
    campaign.bot = std::make_unique<Bot>(campaign.folder, campaign.options);
  }
}

boost::asio::awaitable<std::vector<json>> all_cases(Campaign& campaign) {
  std::vector<json> cases;
  std::string before;
  while (true) {
    const json page = co_await get_json(*campaign.client, campaign.bot->url("/v1/cases?limit=200" + before));
    if (page.is_null() || page["cases"].empty()) co_return cases;
    for (const auto& one : page["cases"]) cases.push_back(one);
    before = "&before=" + cases.back()["id"].get<std::string>().substr(2);
  }
}

// Until nothing is left to do: every case has its verdict and every case's card is in Slack.
boost::asio::awaitable<bool> settled(Campaign& campaign) {
  const Deadline deadline = Deadline::after(std::chrono::minutes(5));
  while (!deadline.passed()) {
    const json coverage = co_await get_json(*campaign.client, campaign.bot->url("/v1/coverage"));
    if (coverage.is_object() && coverage["received"] == kAlerts && coverage["queued"] == 0) {
      std::set<std::string> roots;
      for (const auto& message : campaign.slack.messages()) {
        if (message.thread_ts.empty() && message.blocks.dump().find("[E") != std::string::npos)
          roots.insert(message.metadata.dump());
      }
      const bool all_told = roots.size() >= (co_await all_cases(campaign)).size();
      // Then the threads, until Slack hears nothing new.
      const size_t before = campaign.slack.messages().size();
      co_await sleep_for(std::chrono::seconds(5));
      if (all_told && campaign.slack.messages().size() == before) co_return true;
    }
    co_await sleep_for(std::chrono::milliseconds(200));
  }
  co_return false;
}

Job run_campaign(Executor io) {
  const int kills = number_from("VEDETTE_KILLS", 200);
  const auto seed = static_cast<uint32_t>(number_from("VEDETTE_SEED", 1));
  Campaign campaign(io);
  CO_ASSERT_OK(campaign.slack.start());
  campaign.options.slack_api_url = campaign.slack.api_url();
  campaign.options.port = free_port();
  campaign.bot = std::make_unique<Bot>(campaign.folder, campaign.options);
  campaign.jobs.spawn("sender", send_all(campaign));
  campaign.jobs.spawn("killer", kill_many(campaign, kills, seed));
  co_await campaign.jobs.drain();
  EXPECT_EQ(campaign.kills, kills);
  EXPECT_EQ(campaign.accepted.size(), static_cast<size_t>(kAlerts));
  EXPECT_TRUE(co_await settled(campaign)) << campaign.bot->log();

  // Every accepted alert is in exactly one case, and the case has a verdict.
  std::map<std::string, int> seen;
  const std::vector<json> cases = co_await all_cases(campaign);
  for (const auto& one : cases) {
    const std::string id = one["id"].get<std::string>();
    EXPECT_TRUE(one.contains("verdict")) << id;
    const json view = co_await get_json(*campaign.client, campaign.bot->url("/v1/cases/" + id));
    for (const auto& alert : view["alerts"]) ++seen[alert["id"].get<std::string>()];
  }
  for (const auto& [id, number] : campaign.accepted) EXPECT_EQ(seen[id], 1) << id;
  EXPECT_EQ(seen.size(), campaign.accepted.size());

  // Exactly one message a slot in Slack, and one at the top level a case.
  std::map<std::string, int> posted;
  size_t roots = 0;
  for (const auto& message : campaign.slack.messages()) {
    if (message.bot_id.empty()) continue;
    ++posted[message.metadata.dump()];
    roots += message.thread_ts.empty() ? 1 : 0;
  }
  int twice = 0;
  for (const auto& [key, count] : posted) twice += count > 1 ? 1 : 0;
  EXPECT_EQ(twice, 0);
  EXPECT_EQ(roots, cases.size());
  std::printf("kills: %d; alerts accepted: %zu; cases: %zu; messages in Slack: %zu; lost: %zu; posted twice: %d\n",
              campaign.kills, campaign.accepted.size(), cases.size(), posted.size(),
              cases.size() - std::min(cases.size(), roots), twice);
  EXPECT_EQ(campaign.bot->process().terminate(), 0);
  co_await campaign.slack.stop();
}

TEST(KillCampaign, nothing_is_lost_and_nothing_comes_twice) { run_async(run_campaign, std::chrono::minutes(20)); }

}  // namespace
}  // namespace vedette::test

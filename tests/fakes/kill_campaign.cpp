#include "tests/fakes/kill_campaign.hpp"

#include <csignal>
#include <random>

#include <gtest/gtest.h>

#include "tests/fakes/fake_slack.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/bot.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;
constexpr int kInAdvance = 3;

struct Campaign {
  Campaign(Executor io, const CampaignPlan& wanted)
      : plan(wanted), slack(io, FakeSlackOptions()), client(net::make_http_client(io, {})), jobs(io, "campaign") {}
  CampaignPlan plan;
  TempDir folder;
  FakeSlack slack;
  std::unique_ptr<net::HttpClient> client;
  TaskGroup jobs;
  BotOptions options;
  std::unique_ptr<Bot> bot;
  std::map<std::string, int> accepted;  // alert id → number of the alert
  int kills = 0;
  int kills_while_sending = 0;  // before the last alert was accepted
  bool sending = true;
};

// A sender as detectors are: sends each alert until somebody answers 202. The alerts are spread over the kills, with a few
// in advance, so that kills meet every stage of them.
Job send_all(Campaign& campaign) {
  const auto& plan = campaign.plan;
  for (int number = 1; number <= plan.alerts;) {
    const int due = kInAdvance + static_cast<int>(int64_t{campaign.kills + 1} * plan.alerts / std::max(plan.kills, 1));
    if (number > due) {
      co_await sleep_for(std::chrono::milliseconds(5));
      continue;
    }
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
  }
  campaign.sending = false;
}

Job kill_many(Campaign& campaign) {
  std::mt19937 random(campaign.plan.seed);
  const auto longest = static_cast<uint32_t>(campaign.plan.longest_life.count());
  for (; campaign.kills < campaign.plan.kills; ++campaign.kills) {
    // Slack keeps the next message and is slow to say so: the kill may fall between the two.
    FakeFault slow;
    slow.method = "chat.postMessage";
    slow.kind = "store_then_hang";
    slow.hold = std::chrono::milliseconds(300);
    campaign.slack.add_fault(slow);
    const int lived = static_cast<int>(random() % longest);
    co_await sleep_for(std::chrono::milliseconds(lived));
    campaign.bot->process().signal(SIGKILL);
    campaign.bot->process().wait();
    campaign.kills_while_sending += campaign.sending ? 1 : 0;
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
    if (coverage.is_object() && coverage["received"] == campaign.plan.alerts && coverage["queued"] == 0) {
      std::set<std::string> roots;
      for (const auto& message : campaign.slack.messages()) {
        if (message.thread_ts.empty() && message.blocks.dump().find("[E") != std::string::npos)
          roots.insert(message.metadata.dump());
      }
      const bool all_told = roots.size() >= (co_await all_cases(campaign)).size();
      // Then the threads, until Slack hears nothing new.
      const size_t before = campaign.slack.messages().size();
      co_await sleep_for(campaign.plan.quiet);
      if (all_told && campaign.slack.messages().size() == before) co_return true;
    }
    co_await sleep_for(std::chrono::milliseconds(200));
  }
  co_return false;
}

}  // namespace

Job kill_campaign(Executor io, CampaignPlan plan) {
  Campaign campaign(io, plan);
  CO_ASSERT_OK(campaign.slack.start());
  campaign.options.slack_api_url = campaign.slack.api_url();
  campaign.options.port = free_port();
  campaign.bot = std::make_unique<Bot>(campaign.folder, campaign.options);
  campaign.jobs.spawn("sender", send_all(campaign));
  campaign.jobs.spawn("killer", kill_many(campaign));
  co_await campaign.jobs.drain();
  EXPECT_EQ(campaign.kills, plan.kills);
  EXPECT_GE(campaign.kills_while_sending * 10, plan.kills * 8) << "the kills must fall while alerts come in";
  EXPECT_EQ(campaign.accepted.size(), static_cast<size_t>(plan.alerts));
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

  // Exactly one message a slot in Slack (files have no metadata: one a name), and one at the top level a case.
  std::map<std::string, int> posted;
  size_t roots = 0;
  for (const auto& message : campaign.slack.messages()) {
    if (message.bot_id.empty()) continue;
    ++posted[name_of(message)];
    roots += message.thread_ts.empty() ? 1 : 0;
  }
  int twice = 0;
  for (const auto& [key, count] : posted) twice += count > 1 ? 1 : 0;
  EXPECT_EQ(twice, 0);
  EXPECT_EQ(roots, cases.size());
  std::printf(
      "kills: %d, of them before the last alert was accepted: %d; alerts accepted: %zu; cases: %zu; messages in Slack: %zu; "
      "lost: %zu; posted twice: %d\n",
      campaign.kills, campaign.kills_while_sending, campaign.accepted.size(), cases.size(), posted.size(),
      cases.size() - std::min(cases.size(), roots), twice);
  EXPECT_EQ(campaign.bot->process().terminate(), 0);
  co_await campaign.slack.stop();
}

}  // namespace vedette::test
